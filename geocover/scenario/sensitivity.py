"""Sensitivity: how far the shares move when what was assumed of the sites lies at its plausible ends.

A site list that is silent on heights or powers gets assumed ones. Here the prediction is done again with the
assumed heights, then the assumed EIRPs, then both at their low and at their high ends; what the list states
stays as it is. The ends are taken for all cells at once, so that the shares bracket what a common error of
the assumptions does; errors that differ from site to site move them less.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.commune_shares import province_totals, shares
from geocover.coverage import ANY, Work, predict
from geocover.errors import ModelError, ScenarioError
from geocover.scenario.plausible import read_plausible

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geocover.coverage import Coverage
    from geocover.network import Network
    from geocover.scenario.computing import Progress, Result
    from geocover.scenario.plausible import Ranges

HEIGHT, EIRP, BOTH = "height_m", "eirp_dbm", "both"
PARTS = {HEIGHT: (HEIGHT,), EIRP: (EIRP,), BOTH: (HEIGHT, EIRP)}
LOW, HIGH = 0, 1
KEYS = ["technology", "profile", "basis", "operator"]
COLUMNS = [*KEYS, "parameter", "assumed_share", "share", "share_at_low", "share_at_high"]


def sensitivity(
    result: Result,
    ranges: Ranges | None = None,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
) -> pd.DataFrame:
    """Shares of the province with assumed heights and EIRPs at their plausible low and high ends.

    Parameters
    ----------
    result
        A computed scenario.
    ranges
        Plausible ends by technology and surroundings; the shipped ones where none are given.
    threads
        Threads for the predictions; as many as processors where none is given.
    progress
        Called with the name of a step, and how many of how many predictions are done.

    Returns
    -------
    For the view "any" of each technology, profile and basis, one row a parameter: "height_m", "eirp_dbm", and
    "both" together. ``assumed_share`` (share of the technology's cells in which it is assumed; for "both" the
    mean of the two), ``share`` as computed, ``share_at_low`` and ``share_at_high`` with the parameter's low
    and high ends. Without any assumed value the three are equal. A mast that is higher need not cover more
    where antennas are tilted, so ``share_at_low`` may be the larger.

    Raises
    ------
    ScenarioError
        No range is given for a technology and surroundings in which a value was assumed, or an end lies
        outside what a model is made for.
    """
    ranges = read_plausible() if ranges is None else ranges
    say = progress or _silent
    base = _of_any(result.totals)
    tables = []
    for done, (name, parts) in enumerate(PARTS.items()):
        found = base.rename("share").to_frame().reset_index()
        for end, column in ((LOW, "share_at_low"), (HIGH, "share_at_high")):
            say("sensitivity", 2 * done + end, 2 * len(PARTS))
            moved = at_end(result.network, parts, end, ranges)
            at = base if moved is result.network else _shares_with(result, moved, threads)
            found[column] = at.loc[base.index].to_numpy()
        assumed = [_assumed_share(result.network, parts, technology) for technology in found["technology"]]
        tables.append(found.assign(parameter=name, assumed_share=assumed))
    say("sensitivity", 2 * len(PARTS), 2 * len(PARTS))
    ordered: pd.DataFrame = pd.concat(tables).sort_index(kind="stable")[COLUMNS]
    return ordered.reset_index(drop=True)


def _silent(_step: str, _done: int, _total: int) -> None:
    pass


def at_end(network: Network, parts: tuple[str, ...], end: int, ranges: Ranges) -> Network:
    """Return the network with the assumed values of some parameters at one end; the same one where none is.

    Parameters
    ----------
    network
        The cells.
    parts
        "height_m", "eirp_dbm" or both.
    end
        0 for the low end, 1 for the high one.
    ranges
        Plausible ends by technology and surroundings.

    Raises
    ------
    ScenarioError
        No range is given for a technology and surroundings in which a value was assumed.
    """
    cells = network.cells.copy()
    for name in parts:
        assumed = cells[f"{name}_assumed"].to_numpy(dtype=bool)
        cells.loc[assumed, name] = _moved(cells[assumed], name, end, ranges)
    return network if cells.equals(network.cells) else replace(network, cells=cells)


def _moved(cells: pd.DataFrame, name: str, end: int, ranges: Ranges) -> NDArray[np.float64]:
    """Values of cells at one end; a height beyond its range stays where it is."""
    value: NDArray[np.float64] = cells[name].to_numpy(dtype=float)
    of_cell = list(zip(cells["technology"], cells["environment"], strict=True))
    by_kind = {kind: _ends(ranges, *kind, name)[end] for kind in dict.fromkeys(of_cell)}
    ends = np.array([by_kind[kind] for kind in of_cell], dtype=float)
    combine = np.add if name == EIRP else np.minimum if end == LOW else np.maximum
    moved: NDArray[np.float64] = combine(value, ends)
    return moved


def _ends(ranges: Ranges, technology: str, environment: str, name: str) -> tuple[float, float]:
    found = ranges.get(technology, {}).get(environment)
    if found is None:
        raise ScenarioError(
            f'no plausible range for ["{technology}".{environment}], where values were assumed; add one',
            f'chưa có khoảng giá trị cho ["{technology}".{environment}] trong khi có tham số giả định; '
            "hãy bổ sung",
        )
    return found.height_m if name == HEIGHT else found.eirp_db


def _shares_with(result: Result, network: Network, threads: int | None) -> pd.Series:
    """Shares of the view "any" by technology, profile, basis and operator, predicted for another network."""
    before = result.coverage
    try:
        coverage = predict(
            network,
            result.surroundings,
            model=before.models,
            grid=before.grid,
            max_reach_m=result.scenario.max_reach_m,
            work=Work(threads=threads),
        )
    except ModelError as error:
        raise ScenarioError(
            f"with assumed values at a plausible end: {error}; or give narrower ranges",
            f"khi giá trị giả định ở một đầu của khoảng hợp lý: {error.vi}; hoặc thu hẹp khoảng",
        ) from error
    return _of_any(pd.concat(list(_totals(result, coverage)), ignore_index=True))


def _totals(result: Result, coverage: Coverage) -> Iterator[pd.DataFrame]:
    for profile in result.profiles.values():
        yield province_totals(shares(coverage, result.areas, profile, population=result.population))


def _of_any(totals: pd.DataFrame) -> pd.Series:
    return totals[totals["operator"] == ANY].set_index(KEYS)["share"]


def _assumed_share(network: Network, parts: tuple[str, ...], technology: str) -> float:
    of_technology = network.cells[network.cells["technology"] == technology]
    return float(of_technology[[f"{name}_assumed" for name in parts]].to_numpy(dtype=float).mean())
