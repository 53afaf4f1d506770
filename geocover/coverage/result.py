"""The noun: received level and serving cell of every pixel, per operator and technology."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from geocover.errors import GridError
from geocover.kernels.servers import NO_LEVEL
from geocover.raster import Raster

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from geocover.coverage.sites import Layer, Plan
    from geocover.grid import Grid
    from geocover.network import Network
    from geocover.propagation.base import Model

ANY, ALL = "any", "all"


@dataclass(frozen=True, eq=False)
class LayerResult:
    """What was computed of one operator's one technology.

    Attributes
    ----------
    level
        RSRP outdoors at the receiver's height in hundredths of a dBm, int16, shape ``grid.shape``; `NO_LEVEL`
        below the floor.
    server
        The serving cell: 1 for the first of `rows`, 0 where there is none; uint16 or uint32.
    possible
        Like `level`: the most that cells whose path crosses missing terrain could bring, in free space, where
        that is more than `level`; None where it is nowhere.
    count
        Number of cells at or above the counting level, uint16; None where none was asked for.
    rows
        Rows of the layer's cells in ``network.cells``, ascending, int64.
    """

    level: NDArray[np.int16]
    server: NDArray[np.unsignedinteger]
    possible: NDArray[np.int16] | None
    count: NDArray[np.uint16] | None
    rows: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Coverage:
    """Received level and serving cell, per operator and technology.

    Attributes
    ----------
    grid
        The frame.
    network
        The cells that serve.
    results
        By pair of operator and technology, sorted.
    models
        The propagation model of each technology.
    settings
        Floor, greatest reach, receiver height, and the counting level where there is one: for manifests.
    terrain_source
        Where the elevation came from; None where no model read any.
    plan
        The sites by which it was computed, for updates; None for a coverage that was not predicted.
    """

    grid: Grid
    network: Network
    results: Mapping[Layer, LayerResult]
    models: Mapping[str, Model]
    settings: Mapping[str, float] = field(default_factory=dict)
    terrain_source: str | None = None
    plan: Plan | None = field(default=None, repr=False)

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Pairs of operator and technology, sorted."""
        return tuple(self.results)

    @property
    def technologies(self) -> tuple[str, ...]:
        """Technologies with a layer, sorted."""
        return tuple(sorted({technology for _, technology in self.layers}))

    def operators(self, technology: str) -> tuple[str, ...]:
        """Operators with a layer of the technology, sorted."""
        return tuple(operator for operator, tech in self.layers if tech == technology)

    def level(self, operator: str, technology: str) -> Raster:
        """Level of an operator, of the best ("any") or of the weakest of all operators ("all"), dBm.

        Raises
        ------
        GridError
            If there is no such layer.
        """
        return self._dbm(self.stored_level(operator, technology))

    def stored_level(self, operator: str, technology: str) -> NDArray[np.int16]:
        """`level` as it is kept: hundredths of a dBm, `NO_LEVEL` for none.

        Raises
        ------
        GridError
            If there is no such layer.
        """
        stored = [one.level for one in self._of_view(operator, technology)]
        return _merge(stored, np.minimum if operator == ALL else np.maximum)

    def possible(self, operator: str, technology: str) -> Raster | None:
        """Level in dBm that paths over missing terrain could at most bring, NaN where there is none.

        None where no path of the view is cut. "any" could have the most of all operators, "all" what the
        weakest could have if every cut path were free: of each operator the larger of level and possibility.

        Raises
        ------
        GridError
            If there is no such layer.
        """
        chosen = self._of_view(operator, technology)
        if all(one.possible is None for one in chosen):
            return None
        if operator == ALL:
            return self._dbm(_merge([_hope(one) for one in chosen], np.minimum))
        return self._dbm(_merge([one.possible for one in chosen if one.possible is not None], np.maximum))

    def serving(self, operator: str, technology: str) -> NDArray[np.int32]:
        """Row of the serving cell in ``network.cells``, shape ``grid.shape``; -1 where there is none."""
        found = self._result(operator, technology)
        rows = np.concatenate([[-1], found.rows]).astype(np.int32)
        server: NDArray[np.int32] = rows[found.server]
        return server

    def servers(self, operator: str, technology: str) -> NDArray[np.uint16] | None:
        """Number of cells at or above ``settings["count_dbm"]``; None where none was asked for."""
        return self._result(operator, technology).count

    def _of_view(self, operator: str, technology: str) -> list[LayerResult]:
        if operator not in (ANY, ALL):
            return [self._result(operator, technology)]
        chosen = [self._result(name, technology) for name in self.operators(technology)]
        if not chosen:
            raise GridError(f"no layer of {technology}; there are {self.layers}")
        return chosen

    def _result(self, operator: str, technology: str) -> LayerResult:
        if (operator, technology) not in self.results:
            raise GridError(f"no layer {operator} {technology}; there are {self.layers}")
        return self.results[operator, technology]

    def _dbm(self, stored: NDArray[np.int16]) -> Raster:
        values = stored.astype(np.float32)
        values *= np.float32(0.01)
        values[stored == NO_LEVEL] = np.nan
        return Raster(self.grid, values, "dBm")


def _hope(one: LayerResult) -> NDArray[np.int16]:
    """Level, or what a cut path could bring where that is more."""
    return one.level if one.possible is None else np.maximum(one.level, one.possible)


def _merge(stored: Sequence[NDArray[np.int16]], combine: np.ufunc) -> NDArray[np.int16]:
    merged = stored[0]
    for one in stored[1:]:
        merged = combine(merged, one)
    return merged
