"""Shares: which part of each commune's area and people has coverage, per operator, any and all operators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.coverage import ALL, ANY
from geocover.errors import GridError
from geocover.kernels.zones import COVERED, EXPECTED, HIGH, KNOWN, LOW, TOTAL, sum_covered
from geocover.population import label_communes
from geocover.probability import check_profile
from geocover.profiles import profile as find_profile

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from geocover.areas import Areas
    from geocover.coverage import Coverage
    from geocover.profiles import Profile
    from geocover.raster import Raster

EVIDENCE = "predicted"
KEYS = ["operator", "technology", "profile", "basis"]
NUMBERS = ["covered", "total", "share", "share_low", "share_high", "share_expected", "rests_on"]
COLUMNS = ["code", *KEYS, *NUMBERS, "evidence", "assumed_share", "illustrative"]


@dataclass(frozen=True)
class _Basis:
    """What is counted: a weight a pixel, and each commune's total in the figure's unit.

    Without totals the weights are in the unit already.
    """

    name: str
    weights: NDArray[np.floating]
    totals: NDArray[np.float64] | None


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
    One row a commune, operator (each, "any", "all") and basis:

    ``total``, ``covered``
        The commune's km² or people, and those with coverage for certain.
    ``rests_on``
        Part (0 to 1) of the total that is known; the rest is open: terrain is missing on a path that could
        bring coverage (see `geocover.probability`). NaN for a commune that holds no pixel centre or nobody.
    ``share``
        Covered part of what is known, ``covered / (total * rests_on)``; NaN where nothing is known.
    ``share_low``, ``share_high``
        Covered part of the whole total with every level lowered and raised by the profile's level error, the
        open part counted as without and with coverage.
    ``share_expected``
        Mean share of locations with coverage (`Profile.probability`) over what is known: ``share`` counts a
        pixel whole where enough of its locations are covered, this counts just the covered locations, also
        those of the other pixels. Levels below the floor of the prediction count 0.
    ``evidence``, ``assumed_share``, ``illustrative``
        Evidence, the share of the operator's cells with an assumed parameter, and whether stations or
        boundaries are made up.

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
    bases = list(_bases(areas, labels, population))
    tables = [
        list(_view_tables(coverage, definition, areas, labels, bases, view))
        for view in views(coverage, definition.technology)
    ]
    in_order = [table for of_basis in zip(*tables, strict=True) for table in of_basis]
    found: pd.DataFrame = pd.concat(in_order, ignore_index=True)[COLUMNS]
    return found


def views(coverage: Coverage, technology: str) -> tuple[str, ...]:
    """Operators of a technology and, after them, the views "any" and "all"."""
    return (*coverage.operators(technology), ANY, ALL)


def province_totals(table: pd.DataFrame) -> pd.DataFrame:
    """Sum the communes of `shares` to the province: one row an operator, technology, profile and basis.

    The columns mean what they mean for a commune: interval bounds are weighted by the communes' totals (the
    error is systematic), shares and expectation by what is known of them. Communes without a pixel or people
    have no part in it.
    """
    counted = table[table["rests_on"].notna()].copy()
    counted["known"] = counted["total"] * counted["rests_on"]
    weights = {"share_low": "total", "share_high": "total", "share_expected": "known"}
    for name, weight in weights.items():
        counted[name] = (counted[name] * counted[weight]).where(counted[weight] > 0, 0.0)
    grouped = counted.groupby(KEYS, sort=False)
    sums = grouped[["covered", "total", "known", *weights]].sum()
    first = grouped[["evidence", "assumed_share", "illustrative"]].first()
    for name, weight in weights.items():
        sums[name] /= sums[weight]
    sums = sums.assign(share=sums["covered"] / sums["known"], rests_on=sums["known"] / sums["total"])
    return sums[NUMBERS].join(first).reset_index()


def _bases(areas: Areas, labels: NDArray[np.int32], population: Raster | None) -> Iterator[_Basis]:
    one = np.broadcast_to(np.float64(1.0), labels.shape)
    yield _Basis("area", one, np.asarray(areas.area_km2(), dtype=np.float64))
    if population is not None:
        yield _Basis("population", population.values, None)


def _view_tables(
    coverage: Coverage,
    definition: Profile,
    areas: Areas,
    labels: NDArray[np.int32],
    bases: Sequence[_Basis],
    view: str,
) -> Iterator[pd.DataFrame]:
    """One table a basis."""
    technology = definition.technology
    operator = None if view in (ANY, ALL) else view
    level, possible = coverage.level(view, technology), coverage.possible(view, technology)
    for basis in bases:
        yield pd.DataFrame(
            {
                "code": areas.codes,
                "operator": view,
                "technology": technology,
                "profile": definition.name,
                "basis": basis.name,
                **_commune_shares(level, possible, definition, labels, basis, len(areas)),
                "evidence": EVIDENCE,
                "assumed_share": coverage.network.assumed_share(operator, technology),
                "illustrative": coverage.network.illustrative or areas.quality == "schematic",
            }
        )


def _commune_shares(
    level: Raster,
    possible: Raster | None,
    definition: Profile,
    labels: NDArray[np.int32],
    basis: _Basis,
    count: int,
) -> dict[str, NDArray[np.float64]]:
    """The numbers of each commune by column."""
    needed_dbm, error_db = definition.required_dbm, definition.level_error_db
    sums = sum_covered(
        labels,
        level.values.astype(np.float32, copy=False),
        _nowhere(labels) if possible is None else possible.values.astype(np.float32, copy=False),
        basis.weights,
        (needed_dbm, needed_dbm + error_db, needed_dbm - error_db),
        (definition.threshold_dbm, definition.location_sigma_db),
        count,
    )
    weight, known = sums[:, TOTAL], sums[:, KNOWN]
    totals = weight if basis.totals is None else basis.totals
    return {
        "covered": _part(sums[:, COVERED], weight) * totals,
        "total": totals,
        "share": _part(sums[:, COVERED], known),
        "share_low": _part(sums[:, LOW], weight),
        "share_high": _part(sums[:, HIGH], weight),
        "share_expected": _part(sums[:, EXPECTED], known),
        "rests_on": _part(known, weight),
    }


def _nowhere(labels: NDArray[np.int32]) -> NDArray[np.float32]:
    return np.broadcast_to(np.float32(np.nan), labels.shape)


def _part(of: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the quotient, NaN where the whole is 0."""
    quotient: NDArray[np.float64] = np.divide(of, whole, out=np.full(of.shape, np.nan), where=whole > 0)
    return quotient
