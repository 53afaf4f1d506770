"""Land cover on a grid: the right class in the right pixel, and no code that passes for open land."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from affine import Affine

from geocover.crs import transformer
from geocover.errors import CrsError, TerrainError
from geocover.grid import Grid
from geocover.io import clutter as clutter_io
from geocover.io.clutter import TABLE, read_clutter, read_clutter_table
from geocover.terrain import with_clutter

if TYPE_CHECKING:
    from pathlib import Path

CODES = (10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100)
GRID = Grid("EPSG:32648", 540_000.0, 2_358_000.0, 30.0, (40, 50))
UTM = {"crs": "EPSG:32648", "transform": Affine(10, 0, 540_000.0, 0, -10, 2_358_000.0)}
DEGREES = {"crs": "EPSG:4326", "transform": Affine(1 / 12_000, 0, 105.38, 0, -1 / 12_000, 21.325)}


def classes(path: Path, values: np.ndarray, **profile: object) -> Path:
    """Write a class raster; as ESA's, uint8 with void 0, where nothing else is said."""
    settings = {
        "driver": "GTiff", "height": values.shape[0], "width": values.shape[1], "count": 1, "dtype": "uint8",
        "nodata": 0, **UTM, **profile,
    }  # fmt: skip
    with rasterio.open(path, "w", **settings) as file:
        file.write(values.astype(settings["dtype"]), 1)
    return path


def patches(shape: tuple[int, int], seed: int = 1) -> np.ndarray:
    """Patches of 7 x 5 pixels of random WorldCover classes."""
    drawn = np.random.default_rng(seed).choice(CODES, (shape[0] // 7 + 1, shape[1] // 5 + 1))
    return np.repeat(np.repeat(drawn, 7, axis=0), 5, axis=1)[: shape[0], : shape[1]]


def test_the_shipped_table_has_worldcovers_classes() -> None:
    """Catches a class that is missing, a height that is no P.1812 height, and a name without translation."""
    table = read_clutter_table()
    assert tuple(each.code for each in table.classes) == CODES
    heights = {each.code: each.height_m for each in table.classes}
    assert {code: height for code, height in heights.items() if height} == {10: 15.0, 50: 10.0, 95: 10.0}
    assert all(each.name_vi != each.name_en and each.source for each in table.classes)


def test_the_most_common_class_of_aligned_pixels(tmp_path: Path) -> None:
    """Catches a mean of heights, a shift by a pixel, rows upside down, and a tie that chance decides."""
    values = patches((120, 150))
    index = read_clutter(classes(tmp_path / "lc.tif", values), GRID).index
    blocks = values.reshape(40, 3, 50, 3)
    counts = np.stack([(blocks == code).sum(axis=(1, 3)) for code in CODES])
    np.testing.assert_array_equal(index, counts.argmax(axis=0) + 1)
    assert ((counts == counts.max(axis=0)).sum(axis=0) > 1).any()  # there are ties to decide


@pytest.mark.parametrize("resolution_m", [30.0, 100.0, 300.0])
def test_the_most_common_class_in_any_crs(tmp_path: Path, resolution_m: float) -> None:
    """Catches a class that fills clearly less of a pixel than another, in degrees, against 20 x 20 points."""
    values = patches((700, 700), seed=2)
    grid = Grid("EPSG:32648", 540_307.0, 2_357_003.0, resolution_m, (int(4_500 / resolution_m),) * 2)
    index = read_clutter(classes(tmp_path / "lc.tif", values, **DEGREES), grid).index
    points = 20 * grid.shape[0]
    middle = (np.arange(points) + 0.5) * resolution_m / 20
    x, y = np.meshgrid(grid.left_m + middle, grid.top_m - middle)
    lon, lat = transformer(grid.crs, "EPSG:4326").transform(x, y)
    col, row = ~DEGREES["transform"] @ (lon, lat)
    seen = values[row.astype(int), col.astype(int)].reshape(grid.shape[0], 20, grid.shape[1], 20)
    shares = np.stack([(seen == code).mean(axis=(1, 3)) for code in CODES])
    chosen = np.take_along_axis(shares, index[None].astype(int) - 1, axis=0)[0]
    assert (shares.max(axis=0) - chosen).max() < 0.35
    assert (shares.max(axis=0) - chosen > 0.05).mean() < 0.12


def test_coarser_classes_and_vn2000(tmp_path: Path) -> None:
    """Catches a datum shift of 224 m left out, and classes mixed where the file is coarser than the grid."""
    move = transformer("EPSG:9208", GRID.crs)
    left, top = transformer(GRID.crs, "EPSG:9208").transform(GRID.left_m - 900, GRID.top_m + 900)
    place = Affine(100, 0, left, 0, -100, top)
    values = patches((40, 40))
    got = read_clutter(classes(tmp_path / "lc.tif", values, crs="EPSG:9208", transform=place), GRID)
    x, y = np.meshgrid(GRID.whole().xs_m(), GRID.whole().ys_m())
    col, row = ~place @ move.transform(x, y, direction="INVERSE")
    clear = (np.abs(col % 1 - 0.5) < 0.3) & (np.abs(row % 1 - 0.5) < 0.3)
    expected = values[row.astype(int), col.astype(int)]
    np.testing.assert_array_equal(np.array(CODES)[got.index - 1][clear], expected[clear])
    assert clear.mean() > 0.2


def test_void_is_unknown_and_not_open_land(tmp_path: Path) -> None:
    """Catches void read as height 0, a pixel lost for one void in it, and classes beyond the file's edge."""
    values = np.full((60, 150), 10)
    values[:30, :30] = 0
    values[30, 30:90] = 0
    clutter = read_clutter(classes(tmp_path / "lc.tif", values), GRID)
    assert np.isnan(clutter.height.values[:10, :10]).all()
    assert (clutter.height.values[10:20] == 15).all()
    assert np.isnan(clutter.height.values[20:]).all()
    assert clutter.describe()["known_share"] == pytest.approx(0.5 - 0.05)
    inside = np.zeros(GRID.shape, bool)
    inside[10:20] = True
    told = clutter.describe(inside)
    assert told["known_share"] == 1.0
    assert [each["name_en"] for each in told["classes"]] == ["Tree cover"]
    other = classes(tmp_path / "other.tif", np.where(values == 0, 255, values), nodata=255)
    np.testing.assert_array_equal(read_clutter(other, GRID).index, clutter.index)
    undeclared = classes(tmp_path / "undeclared.tif", values, nodata=None)
    np.testing.assert_array_equal(read_clutter(undeclared, GRID).index, clutter.index)


def test_strips_are_seamless(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a row that differs, or is lost, where the grid is cut to fit in memory."""
    path = classes(tmp_path / "lc.tif", patches((700, 700)), **DEGREES)
    whole = read_clutter(path, GRID)
    monkeypatch.setattr(clutter_io, "SAMPLES_AT_ONCE", 3 * 3 * 50 * 7)
    np.testing.assert_array_equal(read_clutter(path, GRID).index, whole.index)
    assert whole.index.all()


def test_an_unknown_code_is_an_error(tmp_path: Path) -> None:
    """Catches a class without height taken for open land, and an error that names no remedy."""
    values = patches((120, 150))
    values[3, :4], values[5, 5] = 11, 210
    with pytest.raises(TerrainError, match=r"lc\.tif.*11 \(4\), 210 \(1\).*clutter\.toml") as caught:
        read_clutter(classes(tmp_path / "lc.tif", values), GRID)
    assert "bảng" in caught.value.vi
    for wrong in (10.5, -7, 70_000):
        strange = classes(tmp_path / "float.tif", np.where(values == 11, wrong, 10), dtype="float32")
        with pytest.raises(TerrainError, match=rf"float\.tif.*{wrong:g} \(4\)"):
            read_clutter(strange, GRID)


TOML = """name = "Lớp riêng"
version = 3
[[class]]
code = 0
name_vi = "Nước"
name_en = "Water"
height_m = 0
[[class]]
code = 7
name_vi = "Rừng"
name_en = "Forest"
height_m = 22.5
"""


def test_another_table(tmp_path: Path) -> None:
    """Catches a table that is not used, not named, or whose class 0 is taken for void."""
    (tmp_path / "own.toml").write_text(TOML, encoding="utf-8-sig")
    path = classes(tmp_path / "lc.tif", np.tile([0, 7], (120, 75)).repeat(3, axis=1)[:, :150], nodata=None)
    clutter = read_clutter(path, GRID, tmp_path / "own.toml")
    assert set(np.unique(clutter.height.values)) == {0.0, 22.5}
    assert clutter.source == "lc.tif; heights: Lớp riêng, version 3 (own.toml)"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("height_m = 22.5", "height_m = 225", "height_m is 225.0; it takes 0–100 m|height_m is 225"),
        ("height_m = 22.5", "height_m = nan", "height_m is nan"),
        ("height_m = 22.5", 'height_m = "22"', "height_m is '22'"),
        ("height_m = 22.5", "", "height_m"),
        ("code = 7", "code = 0", r"codes \[0\] occur more than once"),
        ("code = 7", "code = 70000", "code is 70000"),
        ("version = 3", "version = [", "not a table"),
        ('name = "Lớp riêng"', "", "name"),
    ],
)
def test_a_wrong_table_is_told(tmp_path: Path, old: str, new: str, said: str) -> None:
    """Catches a typing error in a table that changes every result without a word."""
    (tmp_path / "own.toml").write_text(TOML.replace(old, new), encoding="utf-8")
    with pytest.raises(TerrainError, match=rf"own\.toml.*{said}"):
        read_clutter_table(tmp_path / "own.toml")


def test_files_that_cannot_be_meant(tmp_path: Path) -> None:
    """Catches a raster elsewhere read as unknown everywhere, and raw errors."""
    values = patches((120, 150))
    far = classes(tmp_path / "far.tif", values, transform=Affine(10, 0, 900_000, 0, -10, 1_000_000))
    with pytest.raises(TerrainError, match=r"far\.tif.*inside the area"):
        read_clutter(far, GRID)
    with pytest.raises(TerrainError, match="inside the area"):
        read_clutter(classes(tmp_path / "void.tif", values * 0), GRID)
    with pytest.raises(CrsError, match=r"none\.tif"):
        read_clutter(classes(tmp_path / "none.tif", values, crs=None), GRID)
    with pytest.raises(TerrainError, match="no such file"):
        read_clutter(tmp_path / "absent.tif", GRID)
    with pytest.raises(TerrainError, match=r"absent\.toml"):
        read_clutter(far, GRID, tmp_path / "absent.toml")
    shutil.copy(TABLE, tmp_path / "copy.tif")
    with pytest.raises(TerrainError, match=r"copy\.tif"):
        read_clutter(tmp_path / "copy.tif", GRID)


@pytest.mark.data
def test_a_real_surface_keeps_its_surface(shared_data: Path, tmp_path: Path) -> None:
    """Catches clutter counted twice on the real SRTM surface, and pits beside open land."""
    from geocover.io.terrain import read_terrain

    grid = Grid("EPSG:32648", 540_000.0, 2_358_000.0, 30.0, (200, 220))
    surface = read_terrain(shared_data / "dem" / "N21E105.hgt", grid)
    clutter = read_clutter(classes(tmp_path / "lc.tif", patches((700, 700))), grid)
    with pytest.raises(TerrainError, match="--kind"):
        with_clutter(surface, clutter)
    got = with_clutter(replace(surface, kind="surface"), clutter)
    top, ground = surface.elevation.values, got.elevation.values
    np.testing.assert_allclose(ground + got.clutter_m(), top, atol=1e-3)
    assert 1 < np.nanmean(got.clutter_m()[clutter.height.values > 0]) < 12
    assert np.nanmin(ground) > np.nanmin(top) - 15
