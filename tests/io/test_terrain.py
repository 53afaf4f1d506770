"""Elevation files as the models read them: in place, in metres, and of the kind that the file tells."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from affine import Affine
from scipy import ndimage

from geocover.crs import transformer
from geocover.elevation.importer import import_terrain
from geocover.errors import TerrainError
from geocover.grid import Grid
from geocover.io.terrain import read_terrain
from tests.elevation.ground import OPTIONS, PAIR, dem, plane

if TYPE_CHECKING:
    from pathlib import Path

GRID = Grid.around(PAIR, 100.0)


def rewritten(path: Path, **changes: object) -> Path:
    """The same pixels with another CRS or place."""
    with rasterio.open(path) as source:
        profile, values = {**source.profile, **changes}, source.read(1)
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
    return path


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:32648", "EPSG:9208", "EPSG:3405", "EPSG:32649"])
def test_ground_lies_in_place(tmp_path: Path, crs: str) -> None:
    """Catches a shift of the VN-2000 datum (11 m of height here), of half a pixel, or of a zone."""
    path = dem(tmp_path / "dem.tif", crs=crs, pixel=0.001 if crs == "EPSG:4326" else 90.0)
    x, y = np.meshgrid(GRID.whole().xs_m(), GRID.whole().ys_m())
    lon, lat = transformer(GRID.crs, "EPSG:4326").transform(x, y)
    got = read_terrain(path, GRID)
    np.testing.assert_allclose(got.elevation.values, plane(lon, lat), atol=0.3)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"crs": "EPSG:32649"}, r"zone 49N it lies at 111\.\d+–"),
        ({"crs": "EPSG:32647"}, r"zone 47N it lies at 99\.\d+–"),
        ({"crs": "EPSG:3857"}, "Pseudo-Mercator it lies at "),
        ({"crs": "EPSG:4326"}, "WGS 84 it lies at nowhere on Earth"),
        (
            {"crs": "EPSG:4326", "transform": Affine(0.001, 0, 21.2, 0, -0.001, 105.5)},
            r"nowhere on Earth \(longitude 21\.2 to .*latitude 105",
        ),
    ],
    ids=["zone 49", "zone 47", "Mercator", "metres as degrees", "swapped"],
)
def test_a_wrong_crs_is_told(tmp_path: Path, changes: dict[str, object], said: str) -> None:
    """Catches a file in another place taken as one void, and an error that does not say where it lies."""
    path = rewritten(dem(tmp_path / "dem.tif", crs="EPSG:32648", pixel=90.0), **changes)
    with pytest.raises(TerrainError, match=rf"dem\.tif: holds no value inside the area.*{said}") as caught:
        read_terrain(path, GRID)
    assert "hệ toạ độ" in caught.value.vi


@pytest.mark.parametrize("unit", ["ft", "Foot", "US survey foot", "us-ft", "cm"])
def test_a_unit_that_is_not_metres_is_refused(tmp_path: Path, unit: str) -> None:
    """Catches feet read as metres by the run itself, not only the import, even where no value is absurd."""
    path = dem(tmp_path / "dem.tif", lift=-500.0, factor=0.3048, units=unit)
    with pytest.raises(TerrainError, match=r"dem\.tif: says it is in .*terrain import.*--unit") as caught:
        read_terrain(path, GRID)
    assert "mét" in caught.value.vi
    with pytest.raises(TerrainError, match="--unit"):
        import_terrain([path], PAIR, OPTIONS)
    import_terrain([path], PAIR, replace(OPTIONS, unit="m"))


@pytest.mark.parametrize("unit", ["", "m", "metre", "meters", "m above EGM2008"])
def test_metres_by_any_word_are_read(tmp_path: Path, unit: str) -> None:
    """Catches a file refused for the way it spells metres."""
    assert read_terrain(dem(tmp_path / "dem.tif", units=unit), GRID).elevation.known_share() == 1.0


def test_feet_told_by_the_vertical_crs(tmp_path: Path) -> None:
    """Catches feet where only the CRS says so, and a vertical CRS in metres that spoils the reading."""
    path = rewritten(dem(tmp_path / "ft.tif", crs="EPSG:32648", pixel=90.0), crs="EPSG:32648+6360")
    with pytest.raises(TerrainError, match="us survey foot"):
        read_terrain(path, GRID)
    plain = dem(tmp_path / "m.tif", crs="EPSG:32648", pixel=90.0)
    expected = read_terrain(plain, GRID).elevation.values
    compound = read_terrain(rewritten(plain, crs="EPSG:32648+5773"), GRID)
    np.testing.assert_array_equal(compound.elevation.values, expected)


def test_feet_without_a_word_are_too_high(tmp_path: Path) -> None:
    """Catches mountains in feet: 5,200 is possible on Earth, not in the north of Vietnam."""
    path = dem(tmp_path / "dem.tif", lift=3_000.0, factor=1 / 0.3048)
    with pytest.raises(TerrainError, match=r"dem\.tif.*-500 to 3200 metres.*--unit ft"):
        read_terrain(path, GRID)


def test_voids_of_every_kind_stay_missing(tmp_path: Path) -> None:
    """Catches a declared or NaN void read as ground, and one that spreads by more than a pixel."""
    hole = (105.31, 21.31, 105.32, 21.32)
    declared = read_terrain(dem(tmp_path / "d.tif", hole=hole, crs="EPSG:32648", pixel=25.0), GRID)
    silent = dem(tmp_path / "n.tif", hole=hole, crs="EPSG:32648", pixel=25.0)
    with rasterio.open(silent) as source:
        values, profile = source.read(1), {**source.profile, "nodata": None}
    with rasterio.open(silent, "w", **profile) as file:
        file.write(np.where(values < -30_000, np.nan, values), 1)
    got = read_terrain(silent, GRID).elevation.values
    missing = np.isnan(declared.elevation.values)
    assert np.isnan(got)[missing].all()
    assert not np.isnan(got)[~ndimage.binary_dilation(missing, np.ones((3, 3)))].any()
    assert missing.sum() * GRID.pixel_area_m2 / 1e6 == pytest.approx(1.15, rel=0.3)
    assert np.nanmin(got) > 0


def test_the_kind_is_what_our_files_say(tmp_path: Path) -> None:
    """Catches a kind that is lost between import and run, or made up for a partner's file."""
    for kind in ("surface", "terrain", "unknown"):
        imported = import_terrain([dem(tmp_path / "dem.tif")], PAIR, replace(OPTIONS, kind=kind))
        assert imported.terrain.kind == kind
        imported.write(tmp_path / "out.tif")
        assert read_terrain(tmp_path / "out.tif", GRID).kind == kind
    assert read_terrain(dem(tmp_path / "plain.tif"), GRID).kind == "unknown"
    odd = dem(tmp_path / "odd.tif", tags={"GEOCOVER_TERRAIN_KIND": "whatever"})
    assert read_terrain(odd, GRID).kind == "unknown"


def test_reading_leads_to_local_files_only(tmp_path: Path) -> None:
    """Catches a VRT under any name that makes a run open an address."""
    (tmp_path / "dem.tif").write_text(
        '<VRTDataset rasterXSize="300" rasterYSize="300"><VRTRasterBand dataType="Float32" band="1">'
        "<SimpleSource><SourceFilename>/vsicurl/http://127.0.0.1:9/dem.tif</SourceFilename></SimpleSource>"
        "</VRTRasterBand></VRTDataset>"
    )
    with pytest.raises(TerrainError, match=r"dem\.tif: its source /vsicurl"):
        read_terrain(tmp_path / "dem.tif", GRID)
