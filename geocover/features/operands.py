"""What CQL2 computes with: values of all features at once, and truth that may be unknown."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from geocover.features.columns import MOMENTS, NUMBERS, Column, moment_us
from geocover.features.errors import FeatureQueryError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

Sort = Literal["text", "number", "boolean", "moment"]
Array = Any  # values of all features, or a single one for all: numpy makes both the same
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq, "<>": operator.ne,
    "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
}  # fmt: skip
EXAMPLE = "DATE('2025-12-31'), TIMESTAMP('2025-12-31T00:00:00Z')"
SORTS_VI = {"text": "văn bản", "number": "số", "boolean": "đúng/sai", "moment": "ngày giờ"}
# What an operation may be called, and what may stand in it, besides the names of CQL2.
PHRASES_VI = {
    **SORTS_VI,
    "a condition": "điều kiện",
    "a comparison": "phép so sánh",
    "a spatial function": "hàm không gian",
    "a temporal function": "hàm thời gian",
    "a pattern that is no plain text": "mẫu không phải văn bản",
    "something else than a list": "thứ không phải danh sách",
    "this": "giá trị này",
}


@dataclass(frozen=True, eq=False)
class Truth:
    """Of each feature whether something holds, does not hold, or is unknown (neither): SQL's logic.

    Attributes
    ----------
    yes, no
        Shape ``(n,)``; never both.
    """

    yes: NDArray[np.bool_]
    no: NDArray[np.bool_]

    def __and__(self, other: Truth) -> Truth:
        return Truth(self.yes & other.yes, self.no | other.no)

    def __or__(self, other: Truth) -> Truth:
        return Truth(self.yes | other.yes, self.no & other.no)

    def __invert__(self) -> Truth:
        return Truth(self.no, self.yes)


def truth(holds: Array, missing: Array, count: int) -> Truth:
    """Truth of ``count`` features, unknown where something is missing."""
    known = ~np.broadcast_to(np.asarray(missing, dtype=bool), (count,))
    holds = np.broadcast_to(np.asarray(holds, dtype=bool), (count,))
    return Truth(holds & known, ~holds & known)


@dataclass(frozen=True, eq=False)
class Operand:
    """Values of one sort.

    Attributes
    ----------
    sort
        Of what sort.
    values
        Of each feature, or one for all; of a column of texts the distinct ones.
    missing
        Where there is none.
    codes
        Of a column of texts: which of ``values`` each feature has.
    """

    sort: Sort
    values: Array
    missing: Array = False
    codes: NDArray[np.int32] | None = None

    @property
    def full(self) -> Array:
        """Values of each feature, or one for all."""
        return self.values if self.codes is None else self.values[self.codes]

    def texts(self, change: Callable[[str], str]) -> Operand:
        """Texts, each changed."""
        if isinstance(self.values, str):
            return Operand("text", change(self.values), self.missing)
        changed = np.array([change(text) for text in self.values], dtype=object)
        return Operand("text", changed, self.missing, self.codes)

    def holds(self, test: Callable[[str], bool]) -> Array:
        """Whether texts pass a test: of each feature, or one for all."""
        if isinstance(self.values, str):
            return test(self.values)
        passed = np.fromiter((test(text) for text in self.values), dtype=bool, count=len(self.values))
        return passed if self.codes is None else passed[self.codes]


def operand_of(column: Column) -> Operand:
    """Operand of a property."""
    if column.kind in NUMBERS:
        return Operand("number", column.values, column.missing)
    if column.kind in MOMENTS:
        return Operand("moment", column.values, column.missing)
    sort: Sort = "boolean" if column.kind == "boolean" else "text"
    return Operand(sort, column.values, column.missing, column.codes)


def compare(name: str, left: Operand, right: Operand, count: int) -> Truth:
    """Compare two operands, a text with a date too where it can be read as one.

    Parameters
    ----------
    name
        One of `COMPARE`.
    left, right
        The operands.
    count
        The number of features.

    Raises
    ------
    FeatureQueryError
        They are of two sorts, or truths are to be ordered.
    """
    left, right = alike(name, left, right)
    if left.sort == "boolean" and name not in ("=", "<>"):
        raise mismatch(name, "boolean", "text, number, date", "văn bản, số, ngày")
    test = COMPARE[name]
    missing = left.missing | np.asarray(right.missing)
    if left.sort != "text":
        return truth(test(left.values, right.values), missing, count)
    if isinstance(right.values, str):
        wanted = right.values
        return truth(left.holds(lambda text: bool(test(text, wanted))), missing, count)
    if isinstance(left.values, str):
        wanted = left.values
        return truth(right.holds(lambda text: bool(test(wanted, text))), missing, count)
    pairs = zip(left.full, right.full, strict=True)
    return truth(np.fromiter((test(a, b) for a, b in pairs), dtype=bool, count=count), missing, count)


def alike(name: str, left: Operand, right: Operand) -> tuple[Operand, Operand]:
    """Two operands of one sort.

    Raises
    ------
    FeatureQueryError
        They are not, and none is a text that can be read as a date.
    """
    if left.sort == "moment":
        right = as_moment(right)
    if right.sort == "moment":
        left = as_moment(left)
    if left.sort != right.sort:
        raise mismatch(name, right.sort, left.sort, SORTS_VI[left.sort])
    return left, right


def as_moment(operand: Operand) -> Operand:
    """Read a single text as a date or time; anything else is left as it is.

    Raises
    ------
    FeatureQueryError
        It is no date.
    """
    if operand.sort != "text" or not isinstance(operand.values, str):
        return operand
    return Operand("moment", read_moment(operand.values))


def read_moment(text: str) -> int:
    """Microseconds since 1970 of a date or time; a date is its midnight, UTC.

    Raises
    ------
    FeatureQueryError
        It is no date.
    """
    try:
        return moment_us(text)
    except (ValueError, OverflowError) as error:
        raise FeatureQueryError(
            f"filter: {text!r} is no date or time; write {EXAMPLE}",
            f"filter: “{text}” không phải ngày giờ; hãy ghi {EXAMPLE}",
        ) from error


def mismatch(name: str, found: str, wanted: str, wanted_vi: str) -> FeatureQueryError:
    """Say that an operation has operands of the wrong sort."""
    return FeatureQueryError(
        f"filter: {name} cannot be done with {found}; it wants {wanted}. "
        "Texts stand in single quotes, numbers in none",
        f"filter: {PHRASES_VI.get(name, name)} không dùng được với {PHRASES_VI.get(found, found)}; "
        f"cần {wanted_vi}. "
        "Văn bản đặt trong nháy đơn, số thì không",
    )
