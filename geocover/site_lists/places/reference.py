"""The province that a list is checked against: its communes as polygons in metres and by their names."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, cast

import numpy as np
import shapely
from pyproj import Geod

from geocover.crs import WGS84, local_crs, transformer
from geocover.names import fold, tone_key
from geocover.site_lists.places.degrees import Window
from geocover.site_lists.places.old_units import rows_by, shipped_old_units

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from geocover.areas import Areas
    from geocover.site_lists.places.degrees import Floats
    from geocover.site_lists.places.old_units import OldUnits
    from geocover.site_lists.places.unit_names import UnitName

    Shapes = NDArray[np.object_]
    Rows = NDArray[np.int64]

# How far a site may lie outside the commune that it names before anybody is told. Surveyed boundaries are
# sure within some ten metres and lists round coordinates; the schematic ones are off by up to a few km.
TOLERANCE_M = {"real": 200.0, "schematic": 3000.0}
FAR_KM = 50.0
KM_A_DEGREE = 111.0


@dataclass(frozen=True, eq=False)
class Reference:
    """Communes of a province, new and old.

    Attributes
    ----------
    areas
        The communes of today.
    old
        Those of before and where they went; None where no table is at hand, old names are unknown then.
    far_km
        A site farther outside the province is an error, a nearer one a warning.
    """

    areas: Areas
    old: OldUnits | None = None
    far_km: float = FAR_KM

    @classmethod
    def of(cls, areas: Areas, *, far_km: float = FAR_KM) -> Reference:
        """Reference with the table of old units that ships for the province, where there is one."""
        return cls(areas, shipped_old_units(areas), far_km)

    @property
    def tolerance_m(self) -> float:
        """How far outside the commune that it names a site may lie, in metres."""
        return TOLERANCE_M[self.areas.quality]

    @cached_property
    def window(self) -> Window:
        """Box around the province and `far_km` more, in degrees."""
        west, south, east, north = self.areas.bounds
        more = self.far_km / KM_A_DEGREE
        more_east = more / np.cos(np.radians(max(abs(south), abs(north))))
        return Window(west - more_east, south - more, east + more_east, north + more)

    @cached_property
    def codes(self) -> NDArray[np.object_]:
        """Codes of the communes, in the order of the table."""
        return np.array(self.areas.codes, object)

    def xy_m(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Positions in metres in the province's own zone; shape as given."""
        return cast("tuple[Floats, Floats]", transformer(WGS84, self._crs).transform(lon, lat))

    def containing(self, x_m: Floats, y_m: Floats) -> Rows:
        """Row of the commune in which each position lies, -1 for none; shape (positions,).

        On a common border the commune with the lower code has it.
        """
        tree = shapely.STRtree(shapely.points(x_m, y_m))
        commune, position = tree.query(self._shapes, predicate="covers")
        found = np.full(len(x_m), -1, np.int64)
        found[position[::-1]] = commune[::-1]
        return found

    def distance_m(self, x_m: Floats, y_m: Floats, communes: Sequence[int]) -> Floats:
        """Distance of positions to the nearest of some communes, 0 inside; shape as given."""
        points = shapely.points(x_m, y_m)
        each = [shapely.distance(points, shape) for shape in self._shapes[list(communes)]]
        return cast("Floats", np.min(each, axis=0))

    def outside_m(self, lon: Floats, lat: Floats) -> Floats:
        """Distance of positions in degrees to the nearest commune of all, 0 inside; shape as given.

        Where the province's zone has no metres for a position, on the other side of the earth, it is the
        geodesic to the province's middle.
        """
        x_m, y_m = self.xy_m(lon, lat)
        near = np.isfinite(x_m) & np.isfinite(y_m)
        points = shapely.points(x_m[near], y_m[near])
        found = np.empty(len(lon))
        found[near] = shapely.STRtree(self._shapes).query_nearest(
            points, all_matches=False, return_distance=True
        )[1]
        found[~near] = self._from_middle_m(lon[~near], lat[~near])
        return found

    def _from_middle_m(self, lon: Floats, lat: Floats) -> Floats:
        west, south, east, north = self.areas.bounds
        middle = np.full(len(lon), (west + east) / 2), np.full(len(lon), (south + north) / 2)
        return np.asarray(Geod(ellps="WGS84").inv(*middle, lon, lat)[2], float)

    def candidates(self, unit: UnitName) -> frozenset[int]:
        """Rows of the communes that a name can mean: of today, or what became of an old unit."""
        found = self._named_now(unit)
        if self.old is not None:
            old = self.old.of_name(unit.name, unit.type, unit.district) | self.old.of_code(unit.code)
            found |= self._rows_of(old)
        return found

    def coded(self, code: str) -> frozenset[int]:
        """Rows of the communes that a code means, of today or of before."""
        old = self.old.of_code(code) if self.old is not None else frozenset()
        return self._rows_of(old | {code})

    def _named_now(self, unit: UnitName) -> frozenset[int]:
        by_tone, by_letters = self._by_name
        rows = by_tone.get(tone_key(unit.name)) or by_letters.get(fold(unit.name)) or []
        types = self.areas.table["type"]
        fitting = [row for row in rows if unit.type and fold(str(types.iloc[row])) == fold(unit.type)]
        return frozenset(self._in_district(fitting or rows, fold(unit.district)))

    def _in_district(self, rows: list[int], district: str) -> list[int]:
        if self.old is None or not district:
            return rows
        fitting = [row for row in rows if district in self.old.districts_of(str(self.codes[row]))]
        return fitting or rows

    def _rows_of(self, codes: frozenset[str]) -> frozenset[int]:
        return frozenset(self._row_of[code] for code in codes if code in self._row_of)

    @cached_property
    def _row_of(self) -> dict[str, int]:
        return {code: row for row, code in enumerate(self.areas.codes)}

    @cached_property
    def _by_name(self) -> tuple[dict[str, list[int]], dict[str, list[int]]]:
        names = [str(name) for name in self.areas.table["name"]]
        return rows_by(map(tone_key, names)), rows_by(map(fold, names))

    @cached_property
    def _crs(self) -> str:
        west, south, east, north = self.areas.bounds
        return local_crs((west + east) / 2, (south + north) / 2)

    @cached_property
    def _shapes(self) -> Shapes:
        return cast("Shapes", self.areas.to_crs(self._crs).geometry.to_numpy())
