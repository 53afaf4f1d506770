"""Files of places: formats, round trips and faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pytest
import shapely

from geocover.errors import PlacesError
from geocover.io.areas import read_areas
from geocover.io.places import read_places, write_places
from geocover.places import Places

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "id,name,kind,commune_code,lon,lat\n"


def places(*, polygons: bool = False) -> Places:
    """An industrial park and a hamlet."""
    second = shapely.box(105.4, 21.3, 105.41, 21.31) if polygons else shapely.Point(105.4, 21.3)
    return Places(
        gpd.GeoDataFrame(
            {
                "id": ["kcn-thuy-van", "thon-1"],
                "name": ["KCN Thụy Vân", "Thôn 1, xã A"],
                "kind": ["industrial_park", "hamlet"],
                "commune_code": ["07894", "04792"],
                "area_ha": [335.0, None],
                "accuracy_m": [500.0, 3000.0],
            },
            geometry=[shapely.Point(105.3475, 21.33695), second],
            crs="EPSG:4326",
        )
    )


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet", "csv"])
def test_round_trip_keeps_everything(tmp_path: Path, suffix: str) -> None:
    """Catches a format that loses zeros of a code, Unicode, commas, coordinates or missing values."""
    first, second = tmp_path / f"a.{suffix}", tmp_path / "other" / f"a.{suffix}"
    write_places(places(), first)
    assert read_places(first).table.equals(places().table)
    write_places(read_places(first), second)
    assert first.read_bytes() == second.read_bytes()


def test_csv_opens_in_excel_and_takes_points_only(tmp_path: Path) -> None:
    """Catches garbled Vietnamese in Excel (no byte-order mark), and polygons lost in a CSV."""
    write_places(places(), tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbfid,name,kind")
    with pytest.raises(PlacesError, match="points only"):
        write_places(places(polygons=True), tmp_path / "b.csv")
    assert not (tmp_path / "b.csv").exists()
    write_places(places(polygons=True), tmp_path / "b.gpkg")
    assert set(read_places(tmp_path / "b.gpkg").table.geom_type) == {"Point", "Polygon"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HEADER + "a,A,hamlet,07894,105.3\n", r"a\.csv: row 1: lon or lat is missing"),
        (HEADER + 'a,A,hamlet,07894,"105,3",21.3\n', r"a\.csv: row 1, column lon: '105,3'"),
        (HEADER + "a,A,hamlet,07894,21.3,105.3\n", r"a\.csv: row 1 .*longitude and latitude are swapped"),
        (HEADER + "a,A,village,07894,105.3,21.3\n", r"a\.csv: row 1: unknown kind of place 'village'"),
        (HEADER + "a,A,hamlet,7894,105.3,21.3\n", r"a\.csv: row 1, place a: commune code '7894'"),
        ("id,name,kind\na,A,hamlet\n", r"a\.csv: no column lon, lat; the columns are id, name, kind"),
        ("", r"a\.csv: cannot be read"),
    ],
)
def test_faulty_csv_is_one_clear_error(tmp_path: Path, text: str, words: str) -> None:
    """Catches short rows, decimal commas, swapped axes, unknown kinds, lost zeros and missing columns."""
    (tmp_path / "a.csv").write_text(text, encoding="utf-8")
    with pytest.raises(PlacesError, match=words) as caught:
        read_places(tmp_path / "a.csv")
    assert caught.value.vi != str(caught.value)


def test_unreadable_files(tmp_path: Path) -> None:
    """Catches raw tracebacks for absent files, other encodings and damaged GeoJSON."""
    with pytest.raises(PlacesError, match="no such file"):
        read_places(tmp_path / "absent.csv")
    (tmp_path / "utf16.csv").write_text(HEADER, encoding="utf-16")
    with pytest.raises(PlacesError, match="CSV in UTF-8"):
        read_places(tmp_path / "utf16.csv")
    (tmp_path / "cut.geojson").write_text('{"type":"FeatureCollection","features":[', encoding="utf-8")
    with pytest.raises(PlacesError, match="broken JSON at line 1"):
        read_places(tmp_path / "cut.geojson")
    with pytest.raises(PlacesError, match=r"'\.kml'"):
        write_places(places(), tmp_path / "a.kml")


@pytest.mark.data
def test_centres_of_the_real_communes_lie_near_them(shared_data: Path) -> None:
    """Catches swapped or shuffled centres: those known to 2 km lie within or near their commune."""
    path = shared_data / "communes/phu_tho_communes_148.parquet"
    areas = read_areas(path, columns={"centre_lon": "hq_lon_approx", "centre_lat": "hq_lat_approx"})
    centres = Places.commune_centres(areas).table.to_crs(3405)
    distance_m = centres.distance(areas.to_crs("EPSG:3405").geometry)
    assert len(centres) == 148
    assert (centres["id"] == "centre-" + areas.table["code"]).all()
    assert (distance_m < 2000).mean() > 0.95
