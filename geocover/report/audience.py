"""Who reads a snapshot, and a snapshot as that reader may see it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.coverage import ALL, ANY
from geocover.register.operators import operator_key
from geocover.store import Snapshot

if TYPE_CHECKING:
    import pandas as pd

CACHED = 64
NEAREST = ("nearest_station", "nearest_operator", "nearest_km")
OPEN_VI = "máy chủ mở: ai xem được trang này cũng thấy vị trí trạm"
OPEN_EN = "open server: whoever sees this page sees the positions of stations"


@dataclass(frozen=True)
class Audience:
    """Whose things a reader may see beside what all operators give together.

    Attributes
    ----------
    coverage
        Operators whose own coverage may be told, by `operator_key`; None for all.
    stations
        Operators whose stations may be told; None for all.
    everybody
        Whether everybody is let in, which then is said with every answer.
    """

    coverage: frozenset[str] | None = frozenset()
    stations: frozenset[str] | None = frozenset()
    everybody: bool = False

    def told_level(self, level_dbm: Any) -> Any:  # noqa: ANN401 - a number or a column of them
        """Level of the best operator as it may be told: to whole dB where not every operator's may be.

        Beside a partner's own level the best one would give away a rival's to the last digit.
        """
        return level_dbm if self.coverage is None else round(level_dbm)

    @property
    def name(self) -> str:
        """Names the audience in a tag of a cached answer."""
        told = ("*" if one is None else "+".join(sorted(one)) for one in (self.coverage, self.stations))
        return "/".join([*told, str(self.everybody)])

    def as_list(self) -> list[Any]:
        """All fields in their order as plain JSON values; `Audience.of_list` undoes it."""
        told = [None if one is None else sorted(one) for one in (self.coverage, self.stations)]
        return [*told, self.everybody]

    @classmethod
    def of_list(cls, told: list[Any]) -> Audience:
        """Audience that `as_list` told of."""
        coverage, stations = (None if one is None else frozenset(one) for one in told[:2])
        return cls(coverage, stations, told[2])


PUBLIC = Audience()
ALL_OF_IT = Audience(None, None)


def audience_of(operator: str) -> Audience:
    """Audience of a partner: what is its own."""
    own = frozenset([operator_key(operator)])
    return Audience(own, own)


@lru_cache(maxsize=CACHED)
def seen_by(snapshot: Snapshot, audience: Audience) -> Snapshot:
    """Snapshot without the operators that an audience may not see, in any table or error.

    Its figures of stations and its "all" rasters are those of the operators left: take these of the whole
    snapshot, they tell of no single operator. Everything else that is made of it is fit for the audience.
    """
    if audience == ALL_OF_IT:
        return snapshot
    seen = Snapshot(snapshot.path, _manifest(snapshot, audience))
    tables = {
        "shares": _of(snapshot.shares, audience.coverage),
        "totals": _of(snapshot.totals, audience.coverage),
        "reach": _told_reach(snapshot.reach, audience),
        "reach_totals": _of(snapshot.reach_totals, audience.coverage),
        "stations": _of(snapshot.stations, audience.stations),
        "cells": _of(snapshot.cells, audience.stations),
        "gaps": _without_neighbours(snapshot.gaps, audience.stations),
        "communes": snapshot.communes,
        "places": snapshot.places,
    }
    vars(seen).update(tables)
    return seen


def _manifest(snapshot: Snapshot, audience: Audience) -> dict[str, Any]:
    told = dict(snapshot.manifest)
    told["operators"] = {
        technology: [name for name in names if _sees(audience.coverage, name)]
        for technology, names in snapshot.operators.items()
    }
    if audience.everybody:
        parameters = told["parameters"]
        notes = {"note_vi": OPEN_VI, "note_en": OPEN_EN}
        joined = {key: "; ".join(filter(None, [parameters[key], note])) for key, note in notes.items()}
        told["parameters"] = {**parameters, **joined}
    return told


def note_of_data(snapshot: Snapshot, language: str) -> str:
    """What is said of a snapshot's data, without who may see it: as it belongs on paper."""
    told: str = snapshot.manifest["parameters"][f"note_{language}"]
    return told.removesuffix(OPEN_VI if language == "vi" else OPEN_EN).removesuffix("; ")


def _told_reach(reach: pd.DataFrame, audience: Audience) -> pd.DataFrame:
    """Reach of the operators that may be told: no level of "all", and of "any" as it may be told."""
    told: pd.DataFrame = _of(reach, audience.coverage)
    if audience.coverage is not None:
        levels = told["level_dbm"].mask(told["operator"] == ALL)
        told = told.assign(level_dbm=levels.mask(told["operator"] == ANY, audience.told_level(levels)))
    return told


def _sees(operators: frozenset[str] | None, name: str) -> bool:
    return operators is None or name in (ANY, ALL) or operator_key(name) in operators


def _of(table: pd.DataFrame, operators: frozenset[str] | None) -> Any:  # noqa: ANN401 - also a GeoDataFrame
    """Rows of the operators that may be told, and of "any" and "all"."""
    seen = {name: _sees(operators, str(name)) for name in table["operator"].unique()}
    return table[table["operator"].map(seen).astype(bool)].reset_index(drop=True)


def _without_neighbours(gaps: pd.DataFrame, operators: frozenset[str] | None) -> pd.DataFrame:
    """Gaps, whose nearest station, its operator and distance are left empty where they may not be told."""
    if operators is None or "nearest_operator" not in gaps:
        return gaps
    hidden = ~gaps["nearest_operator"].map(lambda name: _sees(operators, str(name))).astype(bool)
    return gaps.assign(**{name: gaps[name].mask(hidden) for name in NEAREST if name in gaps})
