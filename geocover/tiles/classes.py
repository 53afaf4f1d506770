"""Classes and colours of the raster layers: the one definition for tiles, pictures and legends."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from geocover.coverage import ALL, ANY
from geocover.errors import ProfileError
from geocover.io.rasters import LEVEL_NODATA, LEVEL_SCALE
from geocover.profiles import LEVEL_CLASSES
from geocover.report.view import choose_view
from geocover.store.certainty import PERCENT_NODATA
from geocover.store.snapshot import POPULATION_FILE

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.store import Snapshot

LEVEL_COLOURS = ("#00683a", "#31a354", "#78c679", "#c2e699")  # ColorBrewer YlGn
LEVELS = tuple((low, colour) for (low, *_), colour in zip(LEVEL_CLASSES, LEVEL_COLOURS, strict=True))
LEVEL_NAMES = tuple((vi, en) for _, vi, en in LEVEL_CLASSES)
COVERED_COLOUR = "#31a354"
# Lower bounds in percent of locations (ColorBrewer PuBuGn), and open: nobody can say.
PERCENTS = (
    (90.0, "#014636"), (70.0, "#02818a"), (50.0, "#67a9cf"), (30.0, "#a6bddb"), (10.0, "#d0d1e6"),
)  # fmt: skip
OPEN_COLOUR = "#969696"
# Lower bounds in people a square kilometre (ColorBrewer YlOrBr).
DENSITIES = (
    (5000.0, "#662506"), (2000.0, "#cc4c02"), (500.0, "#fe9929"), (100.0, "#fec44f"), (10.0, "#fff7bc"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Legend:
    """Classes of a layer, numbered from 1; 0 is nothing and transparent.

    Attributes
    ----------
    bounds
        Lower bound of each class, from the highest.
    colours
        Of each class, and then of "open" where the layer has it.
    unit
        Of the bounds.
    names
        Of each class in Vietnamese and English, where it has one.
    """

    bounds: tuple[float, ...]
    colours: tuple[str, ...]
    unit: str
    names: tuple[tuple[str, str], ...] = ()

    def classify(self, values: NDArray[np.floating]) -> NDArray[np.uint8]:
        """Number of the class of each value; 0 below all bounds, and for NaN."""
        classes = np.zeros(values.shape, dtype=np.uint8)
        for number in range(len(self.bounds), 0, -1):
            classes[values >= self.bounds[number - 1]] = number
        return classes

    def describe(self) -> list[dict[str, Any]]:
        """Every class as plain JSON values."""
        names = self.names or (("", ""),) * len(self.bounds)
        shown = zip(self.bounds, self.colours, names, strict=False)
        found: list[dict[str, Any]] = [
            {"min": low, "unit": self.unit, "colour": colour, "name_vi": vi, "name_en": en}
            for low, colour, (vi, en) in shown
        ]
        beyond = self.colours[len(self.bounds) :]
        return found + [{"colour": colour, "name_vi": "chưa rõ", "name_en": "not known"} for colour in beyond]


@dataclass(frozen=True, slots=True)
class Layer:
    """A raster layer of a snapshot: where its values stand, and the class of each.

    Attributes
    ----------
    paths
        Rasters of one grid; of several the smallest value counts.
    legend
        What the classes are.
    table
        Class of each value that the rasters can hold, as bytes: of int16 in the order of uint16, or of uint8.
        Empty where they hold numbers with fractions, which are divided by ``unit_size`` and then classified.
    unit_size
        Size of a pixel in the unit of the legend's "per".
    """

    paths: tuple[Path, ...]
    legend: Legend
    table: bytes = b""
    unit_size: float = 1.0

    def classes(self, stored: NDArray[Any]) -> NDArray[np.uint8]:
        """Class of each stored value."""
        if not self.table:
            return self.legend.classify(stored / self.unit_size)
        unsigned = stored.view(np.uint16) if stored.dtype == np.int16 else stored
        classes: NDArray[np.uint8] = np.frombuffer(self.table, np.uint8)[unsigned]
        return classes


def level_layer(snapshot: Snapshot, profile: str, operator: str) -> Layer:
    """Levels of an operator, of any or of all, as they are reached at the profile's share of locations.

    The level is the median minus the profile's margin (its share of locations, its building entry loss). So
    the weakest class begins at the profile's threshold, and what has a class is exactly what the shares count
    as covered. For "all" it is the level of the weakest operator. A model that gives no level has one class.

    Raises
    ------
    ProfileError
        If the snapshot holds no such profile or operator.
    """
    technology = choose_view(snapshot, None, operator, profile).technology
    definition = snapshot.profiles[profile]
    lowest, required = float(definition["min_rsrp_dbm"]), float(definition["required_dbm"])
    legend = _level_legend(lowest, gives_level=bool(snapshot.manifest["gives_level"][technology]))
    return Layer(
        _level_paths(snapshot, operator, technology), legend, _level_table(legend, required - lowest)
    )


def _level_paths(snapshot: Snapshot, operator: str, technology: str) -> tuple[Path, ...]:
    names = snapshot.operators[technology] if operator == ALL else (operator,)
    return tuple(snapshot.raster_path("level", name, technology) for name in names)


def _level_legend(threshold_dbm: float, *, gives_level: bool) -> Legend:
    if not gives_level:
        return Legend((threshold_dbm,), (COVERED_COLOUR,), "dBm", (("có sóng", "covered"),))
    bounds = tuple(threshold_dbm if low is None else low for low, _ in LEVELS)
    return Legend(bounds, tuple(colour for _, colour in LEVELS), "dBm", LEVEL_NAMES)


@lru_cache(maxsize=64)
def _level_table(legend: Legend, margin_db: float) -> bytes:
    """Class of each of the 65,536 levels that a raster can hold, by the arithmetic of `read_level`."""
    stored = np.arange(2**16, dtype=np.uint16).view(np.int16)
    level_dbm = np.where(stored == LEVEL_NODATA, np.nan, stored * LEVEL_SCALE).astype(np.float32)
    return legend.classify(level_dbm - margin_db).tobytes()


def probability_layer(snapshot: Snapshot, technology: str) -> Layer:
    """Share of locations that any operator covers by the technology's main profile, and where it is open.

    Raises
    ------
    ProfileError
        If the snapshot holds none for the technology.
    """
    if technology not in snapshot.operators or snapshot.main_profile(technology) is None:
        raise ProfileError(
            f"no probability of {technology!r} in snapshot {snapshot.id}",
            f"không có xác suất phủ sóng “{technology}”",
        )
    colours = tuple(colour for _, colour in PERCENTS)
    legend = Legend(tuple(low for low, _ in PERCENTS), (*colours, OPEN_COLOUR), "%")
    table = legend.classify(np.arange(256.0))
    table[PERCENT_NODATA] = len(legend.colours)
    return Layer((snapshot.raster_path("probability", ANY, technology),), legend, table.tobytes())


def population_layer(snapshot: Snapshot) -> Layer:
    """People a square kilometre."""
    legend = Legend(
        tuple(low for low, _ in DENSITIES), tuple(colour for _, colour in DENSITIES), "người/km² | people/km²"
    )
    pixel_km2 = (snapshot.grid.resolution_m / 1000) ** 2
    return Layer((snapshot.path / POPULATION_FILE,), legend, unit_size=pixel_km2)
