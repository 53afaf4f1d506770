"""Plausible ends of assumed heights and powers, by technology and surroundings, each with its source."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocover.errors import ScenarioError

if TYPE_CHECKING:
    from collections.abc import Mapping

PLAUSIBLE = Path(__file__).with_suffix(".toml")

Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Plausible:
    """Ends of the assumed values of one technology in one kind of surroundings.

    Attributes
    ----------
    height_m
        Lowest and highest antenna above ground.
    height_source
        Where these come from.
    eirp_db
        What is added to an assumed EIRP at the low and at the high end.
    eirp_source
        Where these come from.
    """

    height_m: Ends
    height_source: str
    eirp_db: Ends
    eirp_source: str

    def __post_init__(self) -> None:
        for name, (low, high) in (("height_m", self.height_m), ("eirp_db", self.eirp_db)):
            if not (math.isfinite(low) and math.isfinite(high) and low <= high):
                raise ValueError(f"{name} = [{low}, {high}]: two numbers, the lower first")
        if self.height_m[0] <= 0 or not self.eirp_db[0] <= 0 <= self.eirp_db[1]:
            raise ValueError("height_m lies above 0; eirp_db holds 0")
        if not (self.height_source.strip() and self.eirp_source.strip()):
            raise ValueError("height_source and eirp_source name where the ends come from")


Ranges = dict[str, dict[str, Plausible]]


def read_plausible(path: str | Path = PLAUSIBLE) -> Ranges:
    """Read ranges by technology and surroundings ("urban", "suburban", "open").

    Raises
    ------
    ScenarioError
        The file is unreadable, an entry is missing, unknown or of the wrong kind, or low ends lie above high.
    """
    path = Path(path)
    try:
        loaded = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ScenarioError(
            f"{path}: cannot be read as TOML ({error})", f"{path}: không đọc được TOML ({error})"
        ) from error
    return {
        technology: {where: _one(path, f'"{technology}".{where}', entry) for where, entry in by_where.items()}
        for technology, by_where in loaded.items()
    }


def _one(path: Path, name: str, entry: Mapping[str, Any]) -> Plausible:
    try:
        pairs = {key: tuple(map(float, entry[key])) for key in ("height_m", "eirp_db")}
        return Plausible(**{**entry, **pairs})
    except (TypeError, KeyError, ValueError, AttributeError) as error:
        raise ScenarioError(
            f"{path}: [{name}]: an entry is missing, unknown or of the wrong kind: {error}",
            f"{path}: [{name}]: có mục thiếu, lạ hoặc sai: {error}",
        ) from error
