"""What is wrong with boundaries, measured: overlaps, gaps, areas against the official figures."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, NamedTuple

import geopandas as gpd
import numpy as np
import shapely

from geocover.crs import WGS84
from geocover.wording import number

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt
    import pandas as pd

    from geocover.areas import Areas, Quality

LARGE_OVERLAP_M2 = 10.0
LARGE_DEVIATION_PERCENT = 1.0


class Repair(NamedTuple):
    """A polygon that was invalid; ``row`` counts from 1, the area change is geodesic."""

    row: int
    code: str
    reason: str
    area_change_m2: float


class Overlap(NamedTuple):
    """Ground that two communes both claim."""

    code_a: str
    code_b: str
    area_m2: float


class Gap(NamedTuple):
    """A hole between communes, with a point inside it."""

    area_m2: float
    lon: float
    lat: float


class Deviation(NamedTuple):
    """The area of a commune's polygon against its official figure."""

    code: str
    name: str
    area_km2: float
    official_km2: float
    percent: float


class Note(NamedTuple):
    """A remark on what an import did, in English and Vietnamese."""

    en: str
    vi: str


@dataclass(frozen=True)
class BoundaryReport:
    """What was found in a set of boundaries.

    Attributes
    ----------
    communes
        How many communes there are.
    quality
        "real" or "schematic".
    area_km2, official_km2
        Geodesic area of all communes; sum of the official areas that are known.
    overlaps
        Every overlap of positive area, largest first.
    gaps
        Every hole enclosed by communes, largest first (a gap at the outer border cannot be told).
    deviations
        Every commune with an official area, the largest deviation first.
    repaired, notes
        What the import changed.
    """

    communes: int
    quality: Quality
    area_km2: float
    official_km2: float
    overlaps: tuple[Overlap, ...]
    gaps: tuple[Gap, ...]
    deviations: tuple[Deviation, ...]
    repaired: tuple[Repair, ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def large_overlaps(self) -> tuple[Overlap, ...]:
        """The overlaps of at least 10 m²; smaller ones are rounding of coordinates."""
        return tuple(each for each in self.overlaps if each.area_m2 >= LARGE_OVERLAP_M2)

    @property
    def large_deviations(self) -> tuple[Deviation, ...]:
        """The communes that are off their official area by more than 1 %."""
        return tuple(each for each in self.deviations if abs(each.percent) > LARGE_DEVIATION_PERCENT)

    def to_dict(self) -> dict[str, object]:
        """Give the report as plain values for JSON."""
        rows = ("overlaps", "gaps", "deviations", "repaired", "notes")
        listed: dict[str, object] = {name: [each._asdict() for each in getattr(self, name)] for name in rows}
        return asdict(self) | listed

    def lines_vi(self) -> list[str]:
        """Give the report as lines of Vietnamese text."""
        return [*self._heading(), *self._repairs(), *self._topology(), *self._areas()]

    def _heading(self) -> Iterator[str]:
        kind = "ranh giới thực" if self.quality == "real" else "ranh giới sơ đồ, không phải ranh giới pháp lý"
        yield f"{self.communes} xã, phường ({kind}), tổng diện tích {number(self.area_km2, 2)} km²"
        yield from (note.vi for note in self.notes)

    def _repairs(self) -> Iterator[str]:
        for each in self.repaired:
            yield (
                f"Đã sửa đa giác xã {each.code} (dòng {each.row}): {each.reason}; "
                f"diện tích thay đổi {number(each.area_change_m2, 1)} m²"
            )

    def _topology(self) -> Iterator[str]:
        large = self.large_overlaps
        small = len(self.overlaps) - len(large)
        yield f"Chồng lấn từ {number(LARGE_OVERLAP_M2, 0)} m² trở lên: {len(large)}; nhỏ hơn: {small}"
        yield from (f"  {each.code_a} và {each.code_b}: {number(each.area_m2, 0)} m²" for each in large[:5])
        most = f", lớn nhất {number(self.gaps[0].area_m2, 1)} m²" if self.gaps else ""
        yield f"Khe hở giữa các xã: {len(self.gaps)}{most}"

    def _areas(self) -> Iterator[str]:
        if not self.deviations:
            yield "Không có diện tích công bố để đối chiếu"
            return
        off = self.large_deviations
        yield (
            f"Diện tích công bố: {number(self.official_km2, 2)} km²; "
            f"lệch quá {number(LARGE_DEVIATION_PERCENT, 0)} %: {len(off)} xã, phường"
        )
        for each in off[:5]:
            yield (
                f"  {each.code} {each.name}: {number(each.area_km2, 2)} km², công bố "
                f"{number(each.official_km2, 2)} km² ({number(each.percent, 1, sign='+')} %)"
            )


def check_areas(areas: Areas) -> BoundaryReport:
    """Measure overlaps, gaps and deviations from the official areas.

    Overlaps and gaps are found on the coordinates as they stand, so that shared borders cancel exactly, and
    measured in a Lambert azimuthal equal-area projection about the middle of the communes. Areas are
    geodesic.
    """
    projection = _equal_area(areas)
    shapes = areas.table.geometry.to_numpy()
    own = areas.area_km2()
    return BoundaryReport(
        communes=len(areas),
        quality=areas.quality,
        area_km2=float(own.sum()),
        official_km2=float(areas.table["area_official_km2"].sum()),
        overlaps=_overlaps(shapes, areas.codes, projection),
        gaps=_gaps(shapes, projection),
        deviations=_deviations(areas, own),
    )


def _equal_area(areas: Areas) -> str:
    west, south, east, north = areas.bounds
    return f"+proj=laea +lat_0={(south + north) / 2:.3f} +lon_0={(west + east) / 2:.3f} +datum=WGS84 +units=m"


def _area_m2(shapes: npt.NDArray[np.object_], projection: str) -> npt.NDArray[np.float64]:
    projected = gpd.GeoSeries(shapes, crs=WGS84).to_crs(projection)
    return np.asarray(projected.area, dtype=float)


def _overlaps(shapes: npt.NDArray[np.object_], codes: list[str], projection: str) -> tuple[Overlap, ...]:
    first, second = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    area_m2 = _area_m2(shapely.intersection(shapes[first], shapes[second]), projection)
    found = [
        Overlap(codes[one], codes[other], float(area))
        for one, other, area in zip(first, second, area_m2, strict=True)
        if area > 0
    ]
    return tuple(sorted(found, key=lambda each: (-each.area_m2, each.code_a, each.code_b)))


def _gaps(shapes: npt.NDArray[np.object_], projection: str) -> tuple[Gap, ...]:
    rings = [ring for part in shapely.get_parts(shapely.union_all(shapes)) for ring in part.interiors]
    holes = np.array([shapely.Polygon(ring) for ring in rings], dtype=object)
    inside = shapely.point_on_surface(holes)
    found = [
        Gap(float(area), round(point.x, 6), round(point.y, 6))
        for area, point in zip(_area_m2(holes, projection), inside, strict=True)
    ]
    return tuple(sorted(found, reverse=True))


def _deviations(areas: Areas, own_km2: pd.Series[float]) -> tuple[Deviation, ...]:
    table = areas.table
    rows = zip(areas.codes, table["name"], own_km2, table["area_official_km2"], strict=True)
    found = [
        Deviation(code, str(name), float(own), float(official), float(100 * (own / official - 1)))
        for code, name, own, official in rows
        if official > 0
    ]
    return tuple(sorted(found, key=lambda each: (-abs(each.percent), each.code)))
