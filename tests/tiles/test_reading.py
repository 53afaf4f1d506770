"""Overviews as points of the raster, and files that stay open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio

from geocover.grid import Grid
from geocover.io.rasters import write_level
from geocover.store.open_files import Datasets
from geocover.tiles.reading import fitting, nearest, read, repeated, shapes

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.store import Snapshot


@pytest.fixture(scope="module", params=[(1572, 1084), (1031, 517)])
def raster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A raster of ours whose every pixel differs from its neighbours."""
    rows, cols = request.param
    path: Path = tmp_path_factory.mktemp("raster") / "level.tif"
    values = (np.arange(rows)[:, None] * 31 + np.arange(cols) * 7) % 30_011
    write_level(path, Grid("EPSG:32648", 5e5, 2.4e6, 100.0, (rows, cols)), values.astype(np.int16))
    return path


def test_an_overview_repeats_the_pixels_that_are_said(raster: Path) -> None:
    """Catches a GDAL or a writer whose overviews are averages, or other pixels than those taken for them."""
    counts = shapes(raster)
    assert len(counts) >= 3
    with rasterio.open(raster) as source:
        whole = source.read(1)
    for number, (rows, cols) in enumerate(counts):
        heights, widths = zip(*counts[: number + 1], strict=True)
        overview = read(raster, number, slice(0, rows), slice(0, cols))
        assert np.array_equal(overview, whole[np.ix_(repeated(heights), repeated(widths))]), number
        places = repeated(heights)
        distance = np.abs(places[nearest(heights)] - np.arange(heights[0]))
        assert np.array_equal(distance, np.abs(places[:, None] - np.arange(heights[0])).min(axis=0))


def test_the_overview_that_fits(raster: Path) -> None:
    """Catches overviews coarser than the picture's pixels, and whole rasters read for a small picture."""
    last = len(shapes(raster)) - 1
    assert [fitting(raster, step) for step in (0.1, 1.0, 1.9, 2.1, 1e6)] == [0, 0, 0, 1, last]


def test_files_stay_open_and_are_few(raster: Path) -> None:
    """Catches a file opened for every tile, two threads with one file, and files without end."""
    kept = Datasets(limit=2)
    with kept.borrow(raster, 0) as first, kept.borrow(raster, 0) as second:
        assert first is not second
    with kept.borrow(raster, 0) as again:
        assert again in (first, second)
    with kept.borrow(raster, 1) as coarse:
        pass
    assert [first.closed, second.closed, coarse.closed].count(False) == 2
    assert not coarse.closed
    kept.close()
    assert first.closed
    assert second.closed
    assert coarse.closed


def test_a_file_that_fails_is_not_used_again(raster: Path) -> None:
    """Catches a broken handle that is given to the next request."""
    kept = Datasets()
    with pytest.raises(ZeroDivisionError), kept.borrow(raster, 0) as broken:
        raise ZeroDivisionError
    with kept.borrow(raster, 0) as fresh:
        assert fresh is not broken


def test_rasters_are_found(wide: Snapshot) -> None:
    """Catches a made-up snapshot too small for what it is there to test."""
    assert len(shapes(wide.path / "rasters/elevation.tif")) == 3
