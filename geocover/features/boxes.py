"""The parameter bbox: a box of four or six numbers in a system, and what it touches."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import shapely

from geocover.features.errors import FeatureQueryError
from geocover.features.systems import farthest, is_geographic, north_first

if TYPE_CHECKING:
    from collections.abc import Sequence

EXAMPLE = "105.2,21.2,105.5,21.4"


def parse_numbers(asked: str) -> list[float]:
    """Numbers of a bbox.

    Raises
    ------
    FeatureQueryError
        It is not four or six finite numbers.
    """
    try:
        numbers = [float(part) for part in asked.split(",")]
    except ValueError:
        numbers = []
    if len(numbers) not in (4, 6) or not all(map(math.isfinite, numbers)):
        raise _wrong(asked, f"write four numbers, as {EXAMPLE}", f"hãy ghi bốn số, ví dụ {EXAMPLE}")
    return numbers


def box_of(numbers: Sequence[float], system: str) -> shapely.Geometry:
    """Box of a bbox in a system, x or longitude first; two where it crosses the 180th meridian.

    Heights are left out of six numbers: the features have none.

    Raises
    ------
    FeatureQueryError
        It does not lie in the system, or is upside down.
    """
    half = len(numbers) // 2
    low, high = list(numbers[:2]), list(numbers[half : half + 2])
    if north_first(system):
        low, high = low[::-1], high[::-1]
    asked = ",".join(f"{value:g}" for value in numbers)
    if any(abs(value) > most for value, most in zip([*low, *high], farthest(system) * 2, strict=True)):
        raise _wrong(
            asked,
            "it lies outside the system; say which by bbox-crs, or mind the order of the axes",
            "nằm ngoài hệ toạ độ; hãy ghi bbox-crs, hoặc xem lại thứ tự hai trục",
        )
    if low[1] > high[1] or (low[0] > high[0] and not is_geographic(system)):
        raise _wrong(asked, "the lower corner comes first", "góc dưới bên trái phải đứng trước")
    if low[0] > high[0]:
        return shapely.union_all(
            [shapely.box(low[0], low[1], 180.0, high[1]), shapely.box(-180.0, low[1], high[0], high[1])]
        )
    return shapely.box(*low, *high)


def _wrong(asked: str, remedy: str, vi: str) -> FeatureQueryError:
    return FeatureQueryError(f"bbox: {asked}: {remedy}", f"bbox: {asked}: {vi}")
