"""Areas: what may enter, how it is ordered, measured and found."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from geocover.areas import COLUMNS, Areas
from geocover.errors import AreasError, CrsError

CODE = st.integers(0, 99_999).map(lambda number: f"{number:05d}")


def square(lon: float, lat: float, side: float = 0.1) -> shapely.Polygon:
    """A square, its south-west corner at lon, lat."""
    return shapely.box(lon, lat, lon + side, lat + side)


def table(rows: dict[str, list[object]] | None = None, crs: str = "EPSG:4326") -> gpd.GeoDataFrame:
    """Two wards, not in the order of their codes."""
    own = {"code": ["07900", "04792"], "name": ["Việt Trì", "Tân Hoà"], "type": ["Phường", "Phường"]}
    shapes = [square(105.4, 21.3), square(105.3, 20.8)]
    return gpd.GeoDataFrame({**own, **(rows or {})}, geometry=shapes, crs=crs)


def test_table_is_sorted_complete_and_typed() -> None:
    """Catches rows in the file's order, absent columns and codes that became numbers."""
    areas = Areas(table({"population": [1000, None], "extra": [1, 2]}))
    assert areas.codes == ["04792", "07900"]
    assert list(areas.table.columns) == list(COLUMNS)
    assert areas.table.index.equals(pd.RangeIndex(2))
    assert areas.table["population"].dtype == "Int64"
    assert areas.table["population"].tolist() == [pd.NA, 1000]
    assert np.isnan(areas.table["area_official_km2"]).all()
    assert areas.table.crs.to_epsg() == 4326


@given(st.lists(CODE, min_size=1, max_size=8, unique=True))
def test_any_five_digits_are_codes_and_stay_text(codes: list[str]) -> None:
    """Catches a code that loses its leading zeros or its order."""
    shapes = [square(105 + 0.1 * step, 21) for step in range(len(codes))]
    areas = Areas(gpd.GeoDataFrame({"code": codes, "name": codes}, geometry=shapes, crs="EPSG:4326"))
    assert areas.codes == sorted(codes)
    assert areas.select(codes[:1]).codes == codes[:1]


@pytest.mark.parametrize("code", ["4792", "047921", "0479a", "", None, "०४७९२", 4792, 4792.0])
def test_other_codes_are_refused_with_their_row(code: object) -> None:
    """Catches four digits, letters, foreign digits and numbers passing for codes."""
    with pytest.raises(AreasError, match=r"row 2.*five digits") as caught:
        Areas(table({"code": ["07900", code]}))
    assert "dòng 2" in caught.value.vi


def test_repeated_codes_name_their_rows() -> None:
    """Catches a duplicate passing, or an error that leaves the reader searching."""
    with pytest.raises(AreasError, match=r"04792 \(1, 2\)"):
        Areas(table({"code": ["04792", "04792"]}))


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        (shapely.Point(105, 21), "Point instead of a polygon"),
        (shapely.Polygon(), "empty"),
        (None, "empty"),
        (shapely.Polygon([(105, 21), (105.1, 21.1), (105.1, 21), (105, 21.1)]), "Self-intersection"),
        (square(21.3, 105.4), "outside longitude"),
    ],
)
def test_geometry_that_is_no_polygon_is_refused(shape: shapely.Geometry | None, words: str) -> None:
    """Catches points, empty, missing, self-crossing and swapped geometry entering as a commune."""
    frame = table()
    shapes = [frame.geometry.iloc[0], shape]
    with pytest.raises(AreasError, match=rf"row 2, commune 04792.*{words}"):
        Areas(frame.set_geometry(gpd.GeoSeries(shapes, crs=4326)))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"name": ["Việt Trì", " "]}, "row 2: commune 04792 has no name"),
        ({"population": [1, "many"]}, "row 2, column population: 'many'"),
        ({"population": [1, -5]}, "row 2, column population: -5"),
        ({"population": [1, 2.5]}, "row 2, column population: 2.5"),
        ({"area_official_km2": [float("inf"), 2.5]}, "row 1, column area_official_km2: 'inf'"),
    ],
)
def test_impossible_values_are_refused(rows: dict[str, list[object]], words: str) -> None:
    """Catches text, fractions and negatives as people, infinite areas and nameless communes."""
    with pytest.raises(AreasError, match=words):
        Areas(table(rows))


def test_wrong_frame_is_refused() -> None:
    """Catches metres taken for degrees, an empty table and an unknown quality."""
    with pytest.raises(AreasError, match="EPSG:4326"):
        Areas(table(crs="EPSG:3405"))
    with pytest.raises(AreasError, match="no commune"):
        Areas(table().iloc[:0])
    with pytest.raises(AreasError, match="column name is missing"):
        Areas(table().drop(columns="name"))
    with pytest.raises(AreasError, match="quality"):
        Areas(table(), quality="perfect")  # type: ignore[arg-type]


def test_text_is_composed_unicode() -> None:
    """Catches decomposed Vietnamese that would never match a composed name."""
    areas = Areas(table({"name": ["Vie\u0323\u0302t Tri\u0300", "Tân Hoà"]}))
    assert "Việt Trì" in areas.table["name"].tolist()


def test_area_is_geodesic_and_holes_subtract() -> None:
    """Catches planar degrees, Web Mercator, and holes that add because of their winding."""
    ring, hole = square(105, 21), square(105.02, 21.02, 0.05)
    for inner in (hole.exterior.coords, hole.exterior.coords[::-1]):
        shape = shapely.Polygon(ring.exterior.coords, [inner])
        areas = Areas(gpd.GeoDataFrame({"code": ["00001"], "name": ["A"]}, geometry=[shape], crs=4326))
        geod = Geod(ellps="WGS84")
        outer, inside = (abs(geod.geometry_area_perimeter(each)[0]) for each in (ring, hole))
        assert areas.area_km2().iloc[0] == pytest.approx((outer - inside) / 1e6, rel=1e-12)
        assert 80 < areas.area_km2().iloc[0] < 100


def test_bounds_and_selection() -> None:
    """Catches swapped bounds, and a selection that forgets quality or ignores unknown codes."""
    areas = Areas(table(), quality="schematic", source="s", metadata={"province_code": "25"})
    assert areas.bounds == pytest.approx((105.3, 20.8, 105.5, 21.4))
    chosen = areas.select(["07900"])
    assert (chosen.codes, chosen.quality, chosen.source) == (["07900"], "schematic", "s")
    assert chosen.metadata == {"province_code": "25"}
    with pytest.raises(AreasError, match="99999"):
        areas.select(["07900", "99999"])


@pytest.mark.parametrize(
    "query", ["04792", "Tân Hoà", "Tân Hòa", "tân hòa", "Phường Tân Hòa", "tan hoa", "Ta\u0302n Hoa\u0300"]
)
def test_find_tolerates_tone_placement_case_and_marks(query: str) -> None:
    """Catches a planner's spelling that finds nothing."""
    assert Areas(table()).find(query)["code"].tolist() == ["04792"]


def test_find_prefers_the_marked_name_and_its_type() -> None:
    """Catches Hoá taken for Hoà, a commune taken for a ward, and a silent empty answer."""
    areas = Areas(table({"name": ["Tân Hoá", "Tân Hoà"]}))
    assert areas.find("Tân Hòa")["code"].tolist() == ["04792"]
    assert areas.find("tan hoa")["code"].tolist() == ["04792", "07900"]
    for absent in ("Xã Tân Hòa", "Sa Pa", "00000"):
        with pytest.raises(AreasError, match="no commune"):
            areas.find(absent)


def test_vn2000_is_reached_through_the_seven_parameters() -> None:
    """Catches a null datum shift, which moves a commune near Việt Trì by 224 m."""
    areas = Areas(table())
    moved = areas.to_crs("EPSG:5897")
    naive = areas.to_crs("+proj=tmerc +lat_0=0 +lon_0=105 +k=0.9999 +x_0=500000 +ellps=WGS84")
    apart = moved.geometry.iloc[1].centroid.distance(naive.geometry.iloc[1].centroid)
    assert moved.crs.to_epsg() == 5897
    assert 180 < apart < 260
    with pytest.raises(CrsError):
        areas.to_crs("EPSG:999999")
