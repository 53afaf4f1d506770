"""Importing elevation: any CRS, several files, voids, feet, and files that cannot be meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from geocover.boundaries.index import shipped_index
from geocover.elevation.importer import import_terrain
from geocover.errors import CrsError, TerrainError
from tests.elevation.ground import OPTIONS, PAIR, VOID, communes, dem, error_m

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("crs", "pixel"),
    [
        ("EPSG:4326", 0.001),
        ("EPSG:32648", 90.0),
        ("EPSG:5897", 90.0),
        ("EPSG:3405", 250.0),
        ("EPSG:3857", 40.0),
    ],
)
def test_any_crs_lands_in_place(tmp_path: Path, crs: str, pixel: float) -> None:
    """Catches a shift of the VN-2000 datum (11 m here), of half a pixel, or a pixel size taken wrongly."""
    imported = import_terrain([dem(tmp_path / "dem.tif", crs=crs, pixel=pixel)], PAIR, OPTIONS)
    assert error_m(imported) < 0.3
    assert imported.report.known_share == 1.0
    assert imported.report.files[0].crs == crs
    expected_m = pixel * (107_000 if crs == "EPSG:4326" else 0.93 if crs == "EPSG:3857" else 1.0)
    assert imported.report.files[0].resolution_m == pytest.approx(expected_m, rel=0.03)


def test_finer_files_are_averaged(tmp_path: Path) -> None:
    """Catches one pixel of many picked for the grid's: bare ground at 10 m has roofs and pits."""
    path = dem(tmp_path / "fine.tif", crs="EPSG:32648", pixel=10.0, bounds=(105.29, 21.29, 105.41, 21.41))
    with rasterio.open(path, "r+") as file:
        values = file.read(1)
        checks = np.indices(values.shape).sum(axis=0) % 2
        file.write(values + np.where(checks, 50, -50).astype(np.float32), 1)
    assert error_m(import_terrain([path], PAIR, replace(OPTIONS, margin_m=0.0))) < 6.0


def test_the_first_file_wins_and_differences_are_reported(tmp_path: Path) -> None:
    """Catches the wrong order, a gap between tiles, and a shift of heights between them left unsaid."""
    west = dem(tmp_path / "west.tif", (105.2, 21.2, 105.36, 21.5))
    east = dem(tmp_path / "east.tif", (105.34, 21.2, 105.5, 21.5), lift=40.0)
    imported = import_terrain([west, east], PAIR, OPTIONS)
    assert np.isfinite(imported.terrain.elevation.values).all()
    first, second = imported.report.files
    assert first.overlap_pixels == 0
    assert second.overlap_pixels > 1_000
    assert second.overlap_median_m == pytest.approx(40.0, abs=0.5)
    text = "\n".join(imported.report.lines_vi())
    assert "CẢNH BÁO" in text
    assert "lệch trung vị 40,0 m" in text
    only_west = import_terrain([west], PAIR, OPTIONS)
    known = np.isfinite(only_west.terrain.elevation.values)
    np.testing.assert_array_equal(
        imported.terrain.elevation.values[known], only_west.terrain.elevation.values[known]
    )


def test_voids_are_reported_and_stay(tmp_path: Path) -> None:
    """Catches a void read as sea level, filled unasked, or not counted."""
    path = dem(tmp_path / "dem.tif", hole=(105.31, 21.31, 105.32, 21.32))
    imported = import_terrain([path], PAIR, OPTIONS)
    report = imported.report
    assert report.voids == 1
    assert report.files[0].voids == 100
    assert report.void_km2 == report.largest_void_km2 == pytest.approx(1.15, rel=0.2)
    assert report.filled_km2 == report.outside_km2 == 0
    assert report.known_share == pytest.approx(1 - report.void_km2 / report.area_km2)
    assert error_m(imported) < 3.0  # beside a void, half a pixel of slope
    assert "thêm --fill" in "\n".join(report.lines_vi())
    assert set(np.unique(imported.origin)) == {0, 2}


def test_voids_are_filled_on_request_and_marked(tmp_path: Path) -> None:
    """Catches filled pixels that pass for measured, an outside that is filled, and a hole filled too far."""
    small = (105.31, 21.31, 105.315, 21.315)
    path = dem(tmp_path / "dem.tif", (105.2, 21.2, 105.38, 21.5), hole=small)
    plain = import_terrain([path], PAIR, OPTIONS)
    imported = import_terrain([path], PAIR, replace(OPTIONS, fill_voids=True))
    assert error_m(imported) < 10.0  # 600 m of 5 % slope interpolated
    assert set(np.unique(imported.origin)) == {0, 1, 2}
    assert imported.report.filled_km2 == pytest.approx(plain.report.void_km2)
    assert imported.report.voids == plain.report.voids == 1
    assert imported.report.outside_km2 == plain.report.outside_km2 > 10
    assert ((imported.origin == 2) == np.isnan(imported.terrain.elevation.values)).all()
    assert ((imported.origin == 0) == (plain.origin == 0)).all()
    large = dem(tmp_path / "large.tif", hole=(105.31, 21.31, 105.36, 21.36))
    partly = import_terrain([large], PAIR, replace(OPTIONS, fill_voids=True)).report
    assert 0 < partly.filled_km2 < partly.void_km2
    assert partly.known_share < 1


def test_a_file_that_is_too_small_is_told(tmp_path: Path) -> None:
    """Catches a commune without elevation that nobody hears of."""
    report = import_terrain([dem(tmp_path / "dem.tif", (105.2, 21.2, 105.34, 21.5))], PAIR, OPTIONS).report
    assert report.without == (("08001", "Xã 08001"),)
    assert report.known_share == pytest.approx(0.4, abs=0.02)
    assert report.outside_km2 == pytest.approx(0.6 * report.area_km2, rel=0.03)
    assert report.voids == 0
    text = "\n".join(report.lines_vi())
    assert "CẢNH BÁO: 1 xã, phường không có độ cao: 08001" in text
    assert "CẢNH BÁO: chỉ" in text


def test_feet_are_refused_or_converted(tmp_path: Path) -> None:
    """Catches feet taken for metres, by the file's own word or by mountains higher than any here."""
    said = dem(tmp_path / "said.tif", factor=1 / 0.3048, units="ft")
    with pytest.raises(TerrainError, match=r"said\.tif.*feet.*--unit ft"):
        import_terrain([said], PAIR, OPTIONS)
    assert error_m(import_terrain([said], PAIR, replace(OPTIONS, unit="ft"))) < 0.3
    silent = dem(tmp_path / "silent.tif", factor=1 / 0.3048)
    with pytest.raises(TerrainError, match=r"possible here are -500 to 3200 m.*feet"):
        import_terrain([silent], PAIR, OPTIONS)
    high = dem(tmp_path / "high.tif", (85.2, 27.2, 85.5, 27.5), lift=140_000.0)
    elsewhere = communes((85.3, 27.3, 85.4, 27.4))
    with pytest.raises(TerrainError, match="to 9000 m"):
        import_terrain([high], elsewhere, OPTIONS)


def test_an_undeclared_void_is_refused_or_stated(tmp_path: Path) -> None:
    """Catches -9999 m averaged into the ground."""
    hole = (105.31, 21.31, 105.32, 21.32)
    path = dem(tmp_path / "dem.tif", hole=hole, nodata=None, crs="EPSG:32648", pixel=30.0)
    with pytest.raises(TerrainError, match="--void"):
        import_terrain([path], PAIR, OPTIONS)
    imported = import_terrain([path], PAIR, replace(OPTIONS, void=VOID))
    assert error_m(imported) < 0.3
    assert imported.report.voids == 1


def test_wrong_missing_and_overruled_crs(tmp_path: Path) -> None:
    """Catches a file in another place taken as void, and a --crs that is silently ignored or obeyed."""
    path = dem(tmp_path / "dem.tif", crs="EPSG:5897", pixel=90.0)
    with rasterio.open(path, "r+") as file:
        file.crs = "EPSG:32647"
    with pytest.raises(
        TerrainError, match=r"no elevation inside the communes.*dem\.tif: 99\.\d+–.*--crs"
    ) as caught:
        import_terrain([path], PAIR, OPTIONS)
    assert "hệ toạ độ" in caught.value.vi
    overruled = import_terrain([path], PAIR, replace(OPTIONS, crs="EPSG:5897"))
    assert error_m(overruled) < 0.3
    assert "tệp ghi hệ toạ độ EPSG:32647" in "\n".join(overruled.report.lines_vi())
    with pytest.raises(CrsError, match=r"none\.tif"):
        import_terrain([dem_without_crs(tmp_path / "none.tif")], PAIR, OPTIONS)
    stated = import_terrain([tmp_path / "none.tif"], PAIR, replace(OPTIONS, crs="EPSG:4326"))
    assert error_m(stated) < 0.3
    assert stated.report.files[0].stated_crs == ""


def dem_without_crs(path: Path) -> Path:
    bounds_file = dem(path.with_name("with.tif"))
    with rasterio.open(bounds_file) as source:
        profile = {**source.profile, "crs": None}
        values = source.read(1)
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


def test_files_that_cannot_be_meant(tmp_path: Path) -> None:
    """Catches raw GDAL errors, and an address on the network passed on to GDAL."""
    (tmp_path / "text.tif").write_text("not a raster")
    with pytest.raises(TerrainError, match=r"text\.tif: cannot be read"):
        import_terrain([tmp_path / "text.tif"], PAIR, OPTIONS)
    for address in (
        "/vsicurl/http://127.0.0.1:9/dem.tif",
        "http://127.0.0.1:9/dem.tif",
        tmp_path / "none.tif",
    ):
        with pytest.raises(TerrainError, match="no such file"):
            import_terrain([address], PAIR, OPTIONS)
    with pytest.raises(TerrainError, match="no elevation file"):
        import_terrain([], PAIR, OPTIONS)
    with (
        pytest.warns(rasterio.errors.NotGeoreferencedWarning),
        rasterio.open(
            tmp_path / "nowhere.tif", "w", driver="GTiff", width=300, height=300, count=1, dtype="float32"
        ) as file,
    ):
        file.write(np.ones((300, 300), np.float32), 1)
    with pytest.raises(TerrainError, match="no georeference"):
        import_terrain([tmp_path / "nowhere.tif"], PAIR, OPTIONS)


VRT = """<VRTDataset rasterXSize="300" rasterYSize="300"><SRS>EPSG:4326</SRS>
<GeoTransform>105.2, 0.001, 0, 21.5, 0, -0.001</GeoTransform>
<VRTRasterBand dataType="Float32" band="1"><NoDataValue>-32768</NoDataValue><SimpleSource>
<SourceFilename relativeToVRT="1">{}</SourceFilename><SourceBand>1</SourceBand></SimpleSource>
</VRTRasterBand></VRTDataset>"""


def test_a_vrt_leads_to_local_files_only(tmp_path: Path) -> None:
    """Catches a VRT that makes GDAL open an address, also one within another VRT."""
    dem(tmp_path / "dem.tif")
    (tmp_path / "stac.json").write_text('{"type": "FeatureCollection", "features": []}')
    with pytest.raises(TerrainError, match="holds XML or JSON"):
        import_terrain([tmp_path / "stac.json"], PAIR, OPTIONS)
    (tmp_path / "good.vrt").write_text(VRT.format("dem.tif"))
    assert error_m(import_terrain([tmp_path / "good.vrt"], PAIR, OPTIONS)) < 0.3
    (tmp_path / "bad.vrt").write_text(VRT.format("/vsicurl/http://127.0.0.1:9/dem.tif"))
    (tmp_path / "nested.vrt").write_text(VRT.format("bad.vrt"))
    (tmp_path / "bad.vrt").write_text(
        VRT.format("https://127.0.0.1:9/dem.tif").replace("eFilename", "efilename")
    )
    (tmp_path / "disguised.tif").write_text("\n" + (tmp_path / "bad.vrt").read_text())
    (tmp_path / "wms.vrt").write_text(VRT.format("wms.xml"))
    (tmp_path / "wms.xml").write_text(
        "<GDAL_WMS><Service><ServerUrl>http://127.0.0.1:9/</ServerUrl></Service></GDAL_WMS>"
    )
    for name in ("bad.vrt", "nested.vrt", "disguised.tif", "wms.vrt"):
        with pytest.raises(TerrainError, match=r"its source .*is no file here|holds XML"):
            import_terrain([tmp_path / name], PAIR, OPTIONS)


def test_scaled_values_are_metres(tmp_path: Path) -> None:
    """Catches decimetres in int16 taken for metres."""
    path = dem(tmp_path / "dem.tif", factor=10.0, dtype="int16")
    with rasterio.open(path, "r+") as file:
        file.scales = (0.1,)
    assert error_m(import_terrain([path], PAIR, OPTIONS)) < 0.3


def test_kind_is_known_stated_or_unknown(tmp_path: Path) -> None:
    """Catches a surface model that passes for bare ground, and a mixture that passes for either."""
    plain = dem(tmp_path / "plain.tif")
    assert import_terrain([plain], PAIR, OPTIONS).report.kind == "unknown"
    assert import_terrain([plain], PAIR, replace(OPTIONS, kind="terrain")).report.kind == "terrain"
    surface = dem(tmp_path / "Copernicus_DSM_x.tif", (105.2, 21.2, 105.36, 21.5))
    ground = dem(tmp_path / "g.tif", tags={"GEOCOVER_TERRAIN_KIND": "terrain"})
    assert import_terrain([surface], PAIR, OPTIONS).report.kind == "surface"
    assert import_terrain([ground], PAIR, OPTIONS).report.kind == "terrain"
    assert import_terrain([surface, ground], PAIR, OPTIONS).report.kind == "unknown"


@pytest.mark.data
def test_the_real_tile_with_its_1539_voids(shared_data: Path) -> None:
    """Catches voids miscounted, spread or taken for ground in the real SRTM tile, and a wrong kind."""
    path = shared_data / "dem" / "N21E105.hgt"
    whole = import_terrain([path], communes((104.9, 20.9, 106.1, 22.1)), replace(OPTIONS, resolution_m=90.0))
    assert whole.report.files[0].voids == 1539
    assert whole.report.kind == "surface"
    assert whole.report.lowest_m > -100
    assert whole.report.outside_km2 > 0.25 * whole.report.area_km2
    assert whole.report.void_km2 * 1e6 == pytest.approx(1539 * 89.3**2, rel=0.4)
    assert whole.terrain.elevation.known_share() > 0.6


@pytest.mark.data
def test_the_real_province_from_two_files(shared_data: Path) -> None:
    """Catches communes of the real province lost between a tile and the composite around it."""
    tile = shared_data / "dem" / "N21E105.hgt"
    (composite,) = (shared_data / "dem").glob("composite_*.tif")
    areas = shipped_index("25")
    alone = import_terrain([tile], areas, OPTIONS).report
    assert 0.3 < alone.known_share < 0.5
    assert 20 < len(alone.without) < 148
    both = import_terrain([tile, composite], areas, OPTIONS).report
    assert both.without == ()
    assert both.known_share > 0.9999
    assert both.files[1].overlap_median_m < 10
