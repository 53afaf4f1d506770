"""The made-up land cover: plausible, the same on every run, and labelled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from geocover.demo.clutter import (
    FIELDS,
    HOUSES,
    NO_CLASS,
    TREES,
    WATER,
    made_up_classes,
    write_made_up_clutter,
)
from geocover.grid import Grid
from geocover.io.clutter import read_clutter
from geocover.raster import Raster
from geocover.terrain import Terrain

if TYPE_CHECKING:
    from pathlib import Path

GRID = Grid("EPSG:32648", 540_000.0, 2_358_000.0, 100.0, (200, 300))


@pytest.fixture(scope="module")
def terrain() -> Terrain:
    """A plain in the west and a slope of 11 degrees in the east, unknown in a corner."""
    height_m = np.broadcast_to(np.maximum(0.0, np.arange(300) - 150.0) * 20.0, GRID.shape).copy()
    height_m[:20, :20] = np.nan
    return Terrain(Raster(GRID, height_m, "m"), "a slope")


@pytest.fixture(scope="module")
def people() -> np.ndarray:
    """A town of 40 people a pixel on the plain."""
    found = np.zeros(GRID.shape)
    found[80:120, 60:90] = 40.0
    return found


def test_woods_on_slopes_houses_in_towns_fields_between(terrain: Terrain, people: np.ndarray) -> None:
    """Catches classes that do not follow the ground or the people, and a class where nothing is known."""
    classes = made_up_classes(terrain, people)
    assert (classes[:, 160:295] == TREES).mean() > 0.95
    assert (classes[85:115, 65:85] == HOUSES).mean() > 0.9
    plain = classes[130:, :140]
    assert (plain == FIELDS).mean() > 0.7
    assert 0.05 < (plain == TREES).mean() < 0.15
    assert 0.0 < (plain == WATER).mean() < 0.04
    assert (classes[:15, :15] == NO_CLASS).all()


def test_file_has_the_same_bytes_and_says_that_it_is_made_up(
    terrain: Terrain, people: np.ndarray, tmp_path: Path
) -> None:
    """Catches chance in the file, codes that the shipped table lacks, and woods that later look real."""
    for name in ("one.tif", "two.tif"):
        write_made_up_clutter(tmp_path / name, terrain, people)
    assert (tmp_path / "one.tif").read_bytes() == (tmp_path / "two.tif").read_bytes()
    with rasterio.open(tmp_path / "one.tif") as file:
        assert file.tags()["TIFFTAG_IMAGEDESCRIPTION"] == "dữ liệu minh họa"
    cover = read_clutter(tmp_path / "one.tif", GRID)
    assert cover.illustrative
    assert cover.describe()["known_share"] == pytest.approx(1.0 - 400 / 60_000, abs=0.002)
