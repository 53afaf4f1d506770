"""Boundary files: formats, coordinate systems, what they say of themselves, and every way to be garbled."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import pyogrio
import pytest
import shapely

from geocover.areas import Areas
from geocover.errors import AreasError, CrsError
from geocover.io.areas import read_areas, write_areas

if TYPE_CHECKING:
    from pathlib import Path

REAL = "communes/phu_tho_communes_148.parquet"
SIMPLE = "communes/phu_tho_communes_148_simplified20m.geojson"


@pytest.fixture
def areas() -> Areas:
    """Two wards with every kind of value: Vietnamese text, missing numbers, a hole and two parts."""
    first = shapely.Polygon(
        shapely.box(105.3, 20.8, 105.4, 20.9).exterior.coords,
        [shapely.box(105.32, 20.82, 105.33, 20.83).exterior.coords],
    )
    second = shapely.MultiPolygon(
        [shapely.box(105.4, 21.3, 105.5, 21.4), shapely.box(105.6, 21.3, 105.1 + 0.6, 21.4)]
    )
    table = gpd.GeoDataFrame(
        {
            "code": ["04792", "07900"],
            "name": ["Tân Hoà", "Việt Trì"],
            "type": ["Phường", None],
            "population": [14316, None],
            "area_official_km2": [56.98, None],
            "centre_lon": [105.31, None],
        },
        geometry=[first, second],
        crs="EPSG:4326",
    )
    metadata = {"province_code": "25", "note_vi": "ranh giới sơ đồ"}
    return Areas(table, quality="schematic", source="thử nghiệm", metadata=metadata)


def assert_same(one: Areas, other: Areas) -> None:
    """Compare everything but the order of vertices."""
    assert one.table.drop(columns="geometry").equals(other.table.drop(columns="geometry"))
    assert one.table.geometry.geom_equals(other.table.geometry).all()
    assert (one.quality, one.source, dict(one.metadata)) == (
        other.quality,
        other.source,
        dict(other.metadata),
    )


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_round_trip_keeps_everything(areas: Areas, tmp_path: Path, suffix: str) -> None:
    """Catches a format that loses quality, zeros of a code, Unicode, missing values, a hole or a part."""
    path = tmp_path / "made" / f"areas.{suffix}"
    write_areas(areas, path)
    assert_same(read_areas(path), areas)
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", ["geojson", "gpkg", "parquet"])
def test_equal_areas_give_equal_bytes(areas: Areas, tmp_path: Path, suffix: str) -> None:
    """Catches time stamps, temporary names, row order and ring order in the result."""
    first, second = tmp_path / f"a/areas.{suffix}", tmp_path / f"b/areas.{suffix}"
    write_areas(areas, first)
    again = Areas(areas.table.iloc[::-1], quality=areas.quality, source=areas.source, metadata=areas.metadata)
    write_areas(again, second)
    assert first.read_bytes() == second.read_bytes()
    write_areas(read_areas(first), second)
    assert first.read_bytes() == second.read_bytes()


def test_geojson_is_one_feature_a_line_with_outer_rings_counterclockwise(
    areas: Areas, tmp_path: Path
) -> None:
    """Catches text that diffs badly, escapes Vietnamese, or breaks the right-hand rule of RFC 7946."""
    write_areas(areas, tmp_path / "areas.geojson")
    text = (tmp_path / "areas.geojson").read_text(encoding="utf-8")
    document = json.loads(text)
    assert len(text.splitlines()) == 2 + len(areas)
    assert "Việt Trì" in text
    assert document["metadata"]["quality"] == "schematic"
    outer, inner = document["features"][0]["geometry"]["coordinates"]
    assert shapely.LinearRing(outer).is_ccw
    assert not shapely.LinearRing(inner).is_ccw


def test_quality_survives_conversion_by_another_program(areas: Areas, tmp_path: Path) -> None:
    """Catches schematic boundaries that became "real" because a GIS dropped the metadata."""
    write_areas(areas, tmp_path / "areas.geojson")
    table = pyogrio.read_dataframe(tmp_path / "areas.geojson", columns=["code", "name", "quality"])
    pyogrio.write_dataframe(table, tmp_path / "areas.shp")
    assert read_areas(tmp_path / "areas.shp").quality == "schematic"


def test_other_suffixes_are_not_written(areas: Areas, tmp_path: Path) -> None:
    """Catches a shapefile, which would cut the headers and lose the quality."""
    with pytest.raises(AreasError, match=r"'\.shp'"):
        write_areas(areas, tmp_path / "areas.shp")
    assert not list(tmp_path.iterdir())


def test_a_failed_write_keeps_the_old_file(areas: Areas, tmp_path: Path) -> None:
    """Catches a half-written result, or the loss of the one before."""
    path = tmp_path / "areas.geojson"
    write_areas(areas, path)
    before = path.read_bytes()
    broken = Areas(areas.table, metadata={"not json": float("nan")})
    with pytest.raises(ValueError, match="JSON compliant"):
        write_areas(broken, path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def shapefile(areas: Areas, folder: Path, crs: str = "EPSG:4326", **options: str) -> Path:
    """Write a shapefile of the plain columns."""
    path = folder / "xa.shp"
    table = areas.table[["code", "name", "population", "geometry"]].to_crs(crs)
    pyogrio.write_dataframe(table, path, **options)
    return path


def test_shapefile_and_its_zip_are_read(areas: Areas, tmp_path: Path) -> None:
    """Catches a zipped shapefile, in a folder inside the archive too, that is not found."""
    path = shapefile(areas, tmp_path, encoding="UTF-8")
    assert read_areas(path).table["name"].tolist() == ["Tân Hoà", "Việt Trì"]
    for inner in ("", "ranh giới/"):
        packed = tmp_path / "xã.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            for part in tmp_path.glob("xa.*"):
                archive.write(part, f"{inner}{part.name}")
        assert read_areas(packed).codes == ["04792", "07900"]
        assert read_areas(packed).table["name"].tolist() == ["Tân Hoà", "Việt Trì"]


def test_shapefile_without_cpg_is_read_as_utf8(areas: Areas, tmp_path: Path) -> None:
    """Catches Vietnamese read as Latin-1 ("Viá»‡t TrÃ¬") where the code page file was lost."""
    path = shapefile(areas, tmp_path, encoding="UTF-8")
    path.with_suffix(".cpg").unlink()
    assert read_areas(path).table["name"].tolist() == ["Tân Hoà", "Việt Trì"]


def test_vn2000_is_converted_exactly(areas: Areas, tmp_path: Path) -> None:
    """Catches the datum shift of 224 m being ignored for a file in VN-2000."""
    table = areas.to_crs("EPSG:5897")
    pyogrio.write_dataframe(table[["code", "name", "geometry"]], tmp_path / "vn2000.gpkg")
    found = read_areas(tmp_path / "vn2000.gpkg")
    for own, other in zip(found.table.geometry, areas.table.geometry, strict=True):
        assert own.hausdorff_distance(other) < 1e-6


def test_crs_must_be_known(areas: Areas, tmp_path: Path) -> None:
    """Catches a guess where the .prj is lost, and a stated CRS that contradicts the file."""
    path = shapefile(areas, tmp_path, crs="EPSG:3405")
    with pytest.raises(CrsError, match="the file states"):
        read_areas(path, crs="EPSG:4326")
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match="--crs EPSG:9208") as caught:
        read_areas(path)
    assert "không có hệ toạ độ" in caught.value.vi
    found = read_areas(path, crs="EPSG:3405")
    assert found.bounds == pytest.approx(areas.bounds, abs=1e-6)


def test_unknown_crs_is_one_clear_error(areas: Areas, tmp_path: Path) -> None:
    """Catches a site plan's local system taken for degrees, and an EPSG code that does not exist."""
    path = shapefile(areas, tmp_path)
    path.with_suffix(".prj").write_text('LOCAL_CS["site plan",UNIT["metre",1]]', encoding="ascii")
    with pytest.raises(CrsError, match=r"site plan|no coordinate reference system"):
        read_areas(path)
    path.with_suffix(".prj").unlink()
    with pytest.raises(CrsError, match="unknown coordinate reference system"):
        read_areas(path, crs="EPSG:999999")


def test_swapped_axes_are_recognised(areas: Areas, tmp_path: Path) -> None:
    """Catches latitude and longitude exchanged, the commonest fault of hand-made files."""
    write_areas(areas, tmp_path / "areas.geojson")
    document = json.loads((tmp_path / "areas.geojson").read_text(encoding="utf-8"))
    for feature in document["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        swapped = shapely.transform(shape, lambda xy: xy[:, ::-1])
        feature["geometry"] = shapely.geometry.mapping(swapped)
    (tmp_path / "swapped.geojson").write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(AreasError, match="longitude and latitude are swapped") as caught:
        read_areas(tmp_path / "swapped.geojson")
    assert "bị đảo" in caught.value.vi


def test_other_countries_are_refused(areas: Areas, tmp_path: Path) -> None:
    """Catches a wrong zone or file that puts the communes far away."""
    far = areas.table.set_geometry(areas.table.geometry.translate(20, 0))
    write_areas(Areas(far), tmp_path / "far.parquet")
    with pytest.raises(AreasError, match=r"row 1 .*outside Vietnam"):
        read_areas(tmp_path / "far.parquet")


def garbled(good: bytes, name: str) -> bytes:
    """The content broken in one way."""
    return {
        "truncated": good[: len(good) // 2],
        "cut at a feature": good[: good.rindex(b",\n")],
        "html": b"<!DOCTYPE html><html><body>404</body></html>",
        "empty": b"",
        "blank": b"\n \n",
        "not utf-8": good.replace("ệ".encode(), b"\xe9\xe8"),
        "array": b"[1, 2]",
        "no features": b'{"type":"FeatureCollection","features":[]}',
        "one feature": b'{"type":"Feature","properties":{},"geometry":null}',
        "scalar geometry": good.replace(b'"coordinates":[', b'"coordinates":7,"was":[', 1),
        "no geometry": b'{"type":"FeatureCollection","features":[{"type":"Feature",'
        b'"properties":{"code":"00001","name":"A"},"geometry":null}]}',
    }[name]


@pytest.mark.parametrize(
    "kind",
    [
        *("truncated", "cut at a feature", "html", "empty", "blank", "not utf-8", "array"),
        *("no features", "one feature", "scalar geometry", "no geometry"),
    ],
)
def test_garbled_geojson_is_one_clear_error(areas: Areas, tmp_path: Path, kind: str) -> None:
    """Catches a raw traceback, or half the communes read as if they were all."""
    path = tmp_path / "areas.geojson"
    write_areas(areas, path)
    path.write_bytes(garbled(path.read_bytes(), kind))
    with pytest.raises(AreasError) as caught:
        read_areas(path)
    assert "areas.geojson" in str(caught.value)
    assert "areas.geojson" in caught.value.vi
    assert str(caught.value) != caught.value.vi


@pytest.mark.parametrize("suffix", ["gpkg", "parquet", "shp", "fgb", "zip"])
@pytest.mark.parametrize("content", ["half", "text", "page"])
def test_garbled_binary_is_one_clear_error(areas: Areas, tmp_path: Path, suffix: str, content: str) -> None:
    """Catches a driver's own exception, or a quiet partial read, of a damaged binary file."""
    path = tmp_path / f"areas.{suffix}"
    table = areas.table[["code", "name", "geometry"]]
    if suffix in {"gpkg", "parquet"}:
        write_areas(areas, path)
    elif suffix == "zip":
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("x.geojson", "{}" * 500)
    else:
        pyogrio.write_dataframe(table, path)
    good = path.read_bytes()
    damaged = {"half": good[: len(good) // 2], "text": b"no map at all", "page": b"<html></html>"}
    path.write_bytes(damaged[content])
    with pytest.raises(AreasError, match=f"areas.{suffix}"):
        read_areas(path)


def test_absent_unknown_and_plain_files(tmp_path: Path) -> None:
    """Catches a wrong path, a spreadsheet, a Parquet table without geometry, an archive without maps."""
    with pytest.raises(AreasError, match="no such file"):
        read_areas(tmp_path / "absent.gpkg")
    (tmp_path / "list.xlsx").write_bytes(b"PK")
    with pytest.raises(AreasError, match=r"unknown format '\.xlsx'"):
        read_areas(tmp_path / "list.xlsx")
    gpd.pd.DataFrame({"code": ["00001"]}).to_parquet(tmp_path / "plain.parquet")
    with pytest.raises(AreasError, match="cannot be read"):
        read_areas(tmp_path / "plain.parquet")
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(AreasError, match="no vector file"):
        read_areas(tmp_path / "notes.zip")


def test_several_layers_need_a_choice(areas: Areas, tmp_path: Path) -> None:
    """Catches the first of several layers being taken without a word."""
    path = tmp_path / "layers.gpkg"
    for layer in ("xa", "huyen"):
        pyogrio.write_dataframe(areas.table[["code", "name", "geometry"]], path, layer=layer, append=True)
    with pytest.raises(AreasError, match="xa, huyen"):
        read_areas(path)
    with pytest.raises(AreasError, match="no layer 'tinh'"):
        read_areas(path, layer="tinh")
    assert len(read_areas(path, layer="huyen")) == 2


def test_columns_are_mapped_by_name(areas: Areas, tmp_path: Path) -> None:
    """Catches a mapping that is ignored, or a missing column without the names at hand."""
    path = tmp_path / "partner.gpkg"
    table = areas.table.rename(columns={"code": "MA_XA", "name": "TEN_XA"})
    pyogrio.write_dataframe(table[["MA_XA", "TEN_XA", "geometry"]], path)
    with pytest.raises(AreasError, match="column code, name is missing; the columns are MA_XA, TEN_XA"):
        read_areas(path)
    found = read_areas(path, columns={"code": "MA_XA", "name": "TEN_XA"})
    assert found.codes == areas.codes
    with pytest.raises(AreasError, match="no column MAXA; the columns are MA_XA"):
        read_areas(path, columns={"code": "MAXA", "name": "TEN_XA"})


def test_codes_as_numbers_are_refused_with_the_file_named(areas: Areas, tmp_path: Path) -> None:
    """Catches a number 4792 padded without a word: only the import restores codes, and reports it."""
    path = tmp_path / "numbers.gpkg"
    pyogrio.write_dataframe(areas.table.assign(code=[4792, 7900])[["code", "name", "geometry"]], path)
    with pytest.raises(AreasError, match=r"numbers\.gpkg: row 1: commune code '4792'"):
        read_areas(path)


@pytest.mark.data
def test_real_communes_make_all_round_trips(shared_data: Path, tmp_path: Path) -> None:
    """Catches loss on the 148 real polygons with 265,824 vertices, byte for byte in GeoJSON."""
    areas = read_areas(shared_data / REAL)
    assert len(areas) == 148
    assert areas.quality == "real"
    assert shapely.get_num_coordinates(areas.table.geometry.to_numpy()).sum() == 265_824
    assert areas.area_km2().sum() == pytest.approx(9353.19, abs=0.005)
    for suffix in ("gpkg", "parquet", "geojson"):
        write_areas(areas, tmp_path / f"phu-tho.{suffix}")
        assert_same(read_areas(tmp_path / f"phu-tho.{suffix}"), areas)


@pytest.mark.data
def test_real_communes_through_a_shapefile(shared_data: Path, tmp_path: Path) -> None:
    """Catches codes, names or polygons changed by DBF and SHP, plain and zipped."""
    areas = read_areas(shared_data / SIMPLE)
    pyogrio.write_dataframe(areas.table[["code", "name", "geometry"]], tmp_path / "xa.shp", encoding="UTF-8")
    with zipfile.ZipFile(tmp_path / "xa.zip", "w") as archive:
        for part in tmp_path.glob("xa.*"):
            if part.suffix != ".zip":
                archive.write(part, part.name)
    for name in ("xa.shp", "xa.zip"):
        found = read_areas(tmp_path / name)
        assert found.table[["code", "name"]].equals(areas.table[["code", "name"]])
        assert found.table.geometry.geom_equals(areas.table.geometry).all()
