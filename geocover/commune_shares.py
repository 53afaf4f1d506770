"""Shares: which part of each commune's area and people has coverage, per operator, any and all operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.coverage import ALL, ANY, FLOOR_DBM
from geocover.errors import GridError, ProfileError
from geocover.kernels.zones import sum_reached
from geocover.population import label_communes
from geocover.profiles import profile as find_profile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geocover.areas import Areas
    from geocover.coverage import Coverage
    from geocover.profiles import Profile
    from geocover.raster import Raster

EVIDENCE = "predicted"
KEYS = ["operator", "technology", "profile", "basis"]
COLUMNS = [
    "code", *KEYS, "covered", "total", "share", "share_low", "share_high", "evidence", "assumed_share",
    "illustrative",
]  # fmt: skip


@dataclass(frozen=True)
class _Basis:
    """What is counted: a weight a pixel, its sum by commune, and that in the figure's unit."""

    name: str
    weights: NDArray[np.float64]
    weight: NDArray[np.float64]
    totals: NDArray[np.float64]


def shares(
    coverage: Coverage, areas: Areas, profile: str | Profile, *, population: Raster | None = None
) -> pd.DataFrame:
    """Share of every commune that is covered, by area and (with a population raster) by people.

    Parameters
    ----------
    coverage
        Levels per operator and technology.
    areas
        Communes.
    profile
        Definition of "covered", or its name; it chooses the technology.
    population
        People per pixel on the coverage's grid.

    Returns
    -------
    One row a commune, operator (each, "any", "all") and basis, with ``covered``, ``total`` in km² or people,
    ``share`` between 0 and 1 (NaN for a commune that holds no pixel centre or nobody), ``share_low`` and
    ``share_high`` with every level lowered and raised by the profile's level error, the evidence, the
    share of the operator's cells with an assumed parameter, and whether stations or boundaries are made up.

    Raises
    ------
    ProfileError
        The profile's technology was not predicted, or it needs less than the floor of the prediction.
    GridError
        The population stands on another grid.
    """
    definition = find_profile(profile)
    check_profile(coverage, definition)
    if population is not None and population.grid != coverage.grid:
        raise GridError("the population stands on another grid than the coverage")
    labels = label_communes(areas, coverage.grid)
    rows = [
        table
        for basis in _bases(areas, labels, population)
        for table in _operator_tables(coverage, definition, areas, labels, basis)
    ]
    return pd.concat(rows, ignore_index=True)[COLUMNS]


def check_profile(coverage: Coverage, definition: Profile) -> None:
    """Refuse a profile that a coverage cannot answer.

    Raises
    ------
    ProfileError
        Its technology was not predicted, or its level lies below the floor.
    """
    name, wanted = definition.name, definition.technology
    if wanted not in coverage.technologies:
        raise ProfileError(
            f"profile {name} speaks of {wanted}; predicted: {coverage.technologies}",
            f"chuẩn {name} nói về {wanted}; đã tính: {coverage.technologies}",
        )
    if definition.required_dbm - definition.level_error_db < FLOOR_DBM:
        raise ProfileError(
            f"profile {name} needs {definition.required_dbm:.1f} dBm, below the floor of {FLOOR_DBM} dBm",
            f"chuẩn {name} cần {definition.required_dbm:.1f} dBm, thấp hơn mức sàn {FLOOR_DBM} dBm",
        )


def views(coverage: Coverage, technology: str) -> tuple[str, ...]:
    """Operators of a technology and, after them, the views "any" and "all"."""
    return (*coverage.operators(technology), ANY, ALL)


def province_totals(table: pd.DataFrame) -> pd.DataFrame:
    """Sum the communes of `shares` to the province: one row an operator, technology, profile and basis.

    Interval bounds are the communes' bounds weighted by their totals, for the error is systematic.
    """
    known = table[table["share"].notna()].copy()
    for bound in ("share_low", "share_high"):
        known[bound] *= known["total"]
    grouped = known.groupby(KEYS, sort=False)
    sums = grouped[["covered", "total", "share_low", "share_high"]].sum()
    first = grouped[["evidence", "assumed_share", "illustrative"]].first()
    for bound in ("share_low", "share_high"):
        sums[bound] /= sums["total"]
    return sums.assign(share=sums["covered"] / sums["total"]).join(first).reset_index()


def _bases(areas: Areas, labels: NDArray[np.int32], population: Raster | None) -> Iterator[_Basis]:
    everywhere = np.broadcast_to(np.float32(np.inf), labels.shape)

    def total(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return sum_reached(labels, everywhere, weights, np.zeros(1), len(areas))[:, 0]

    one = np.broadcast_to(np.float64(1.0), labels.shape)
    yield _Basis("area", one, total(one), np.asarray(areas.area_km2(), dtype=np.float64))
    if population is not None:
        people = np.nan_to_num(population.values.astype(np.float64))
        yield _Basis("population", people, total(people), total(people))


def _operator_tables(
    coverage: Coverage, definition: Profile, areas: Areas, labels: NDArray[np.int32], basis: _Basis
) -> Iterator[pd.DataFrame]:
    technology = definition.technology
    for view in views(coverage, technology):
        found = _commune_shares(coverage.level(view, technology), definition, labels, basis)
        operator = None if view in (ANY, ALL) else view
        yield pd.DataFrame(
            {
                "code": areas.codes,
                "operator": view,
                "technology": technology,
                "profile": definition.name,
                "basis": basis.name,
                "covered": found["share"] * basis.totals,
                "total": basis.totals,
                **found,
                "evidence": EVIDENCE,
                "assumed_share": coverage.network.assumed_share(operator, technology),
                "illustrative": coverage.network.illustrative or areas.quality == "schematic",
            }
        )


def _commune_shares(
    level: Raster, definition: Profile, labels: NDArray[np.int32], basis: _Basis
) -> dict[str, NDArray[np.float64]]:
    """Share of each commune's weight at or above the required level, and with the level error down and up."""
    error_db = definition.level_error_db
    needed_dbm = definition.required_dbm + np.array([0.0, error_db, -error_db])
    values, count = level.values.astype(np.float32, copy=False), basis.weight.size
    reached = sum_reached(labels, values, basis.weights, needed_dbm, count)
    weight = basis.weight[:, None]
    part = np.divide(reached, weight, out=np.full(reached.shape, np.nan), where=weight > 0)
    return dict(zip(("share", "share_low", "share_high"), part.T, strict=True))
