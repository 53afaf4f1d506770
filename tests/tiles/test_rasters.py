"""Raster tiles: the right pixel, the right class, at every zoom; nothing invented."""

from __future__ import annotations

import dataclasses
import io
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image

from geocover.errors import ProfileError
from geocover.tiles import NoTileError, Tile, level_tile, population_tile, probability_tile
from geocover.tiles.classes import DENSITIES, LEVELS, PERCENTS, level_layer
from geocover.tiles.matrix import ground_pixel_m, native_zoom
from geocover.tiles.rasters import last_zoom
from geocover.tiles.sampling import inside_communes, sampled_classes
from tests.tiles.making import below, drawn, inside_slowly, tile_at, tiles_over

if TYPE_CHECKING:
    from geocover.store import Snapshot

MIDDLE = (105.33, 21.25)
SMALL_MIDDLE = (105.34, 21.34)


def slow_classes(snapshot: Snapshot, profile: str, operator: str) -> np.ndarray:
    """Class of every pixel of the grid by the definition, in plain steps."""
    definition = snapshot.profiles[profile]
    technology = definition["technology"]
    names = snapshot.operators[technology] if operator == "all" else [operator]
    level = np.min([snapshot.level(name, technology).values for name in names], axis=0)
    level = level - (definition["required_dbm"] - definition["min_rsrp_dbm"])
    classes = np.zeros(level.shape, int)
    for number, (low, _) in reversed(list(enumerate(LEVELS, 1))):
        classes[level >= (definition["min_rsrp_dbm"] if low is None else low)] = number
    return np.where(inside_slowly(snapshot), classes, 0)


def tile_classes(png: bytes) -> np.ndarray:
    return drawn(png) if png else np.zeros((256, 256), int)


@pytest.mark.parametrize("operator", ["Viettel", "any", "all"])
def test_fine_tiles_show_the_class_of_the_pixel_below(wide: Snapshot, operator: str) -> None:
    """Catches any shift, flip, wrong class, margin, operator or mask, pixel by pixel."""
    classes = slow_classes(wide, "outdoor-4g", operator)
    native = native_zoom(wide.grid)
    places = [MIDDLE, (105.06, 21.0), (105.02, 21.68)]
    for tile in [tile_at(*place, zoom) for zoom in (native, native + 2) for place in places]:
        row, col, inside = below(wide, tile.frame)
        expected = np.where(inside, classes[row, col], 0)
        assert np.array_equal(
            tile_classes(level_tile(wide, "outdoor-4g", operator, tile, "png")), expected
        ), tile


@pytest.mark.parametrize("profile", ["outdoor-4g", "indoor-4g", "outdoor-5g"])
def test_of_a_computed_snapshot_too(small: Snapshot, profile: str) -> None:
    """Catches tiles that fit a made-up snapshot alone."""
    classes = slow_classes(small, profile, "any")
    tile = tile_at(*SMALL_MIDDLE, native_zoom(small.grid) + 1)
    row, col, inside = below(small, tile.frame)
    shown = tile_classes(level_tile(small, profile, "any", tile, "png"))
    assert np.array_equal(shown, np.where(inside, classes[row, col], 0))
    assert len(np.unique(shown)) > 1


@pytest.mark.parametrize("coarser", [1, 2, 3, 4])
def test_coarse_tiles_repeat_pixels_nearby(wide: Snapshot, coarser: int) -> None:
    """Catches overviews that are shifted, blended, or masked by another pixel than the one they repeat."""
    classes = slow_classes(wide, "outdoor-4g", "any")
    zoom = native_zoom(wide.grid) - coarser
    reach = int(np.ceil(ground_pixel_m(wide.grid, tiles_over(wide, zoom)[0].frame.pixel_m) / 100 / 2))
    shown_all, below_all = [], []
    for tile in tiles_over(wide, zoom):
        row, col, inside = below(wide, tile.frame)
        shown = tile_classes(level_tile(wide, "outdoor-4g", "any", tile, "png"))
        assert not shown[~inside].any()
        near = np.zeros(shown.shape, bool)
        for down in range(-reach, reach + 1):
            for across in range(-reach, reach + 1):
                there = np.clip(row + down, 0, 932), np.clip(col + across, 0, 710)
                near |= classes[there] == shown
        assert near[inside].all(), tile
        shown_all.append(shown[inside])
        below_all.append(classes[row, col][inside])
    shown, point = np.concatenate(shown_all), np.concatenate(below_all)
    for number in range(5):  # no class gains or loses area by the overview
        assert np.mean(shown == number) == pytest.approx(np.mean(point == number), abs=0.02)
    assert np.mean(shown == point) > 0.5


def test_few_pixels_of_the_world(wide: Snapshot) -> None:
    """Catches projections far outside their area: a province of few pixels, and the rest nothing."""
    for zoom, most in ((0, 1), (3, 40), (5, 400)):
        found = [
            tile_classes(level_tile(wide, "outdoor-4g", "any", one, "png")) for one in tiles_over(wide, zoom)
        ]
        assert (zoom > 0) <= sum(np.count_nonzero(one) for one in found) <= most
    assert level_tile(wide, "outdoor-4g", "any", Tile(3, 0, 0), "png") == b""


def test_neighbours_fit_together(wide: Snapshot) -> None:
    """Catches tiles that show a pixel twice or leave one out along their edges."""
    native = native_zoom(wide.grid)
    layer = level_layer(wide, "outdoor-4g", "any")
    for zoom in (native - 2, native + 1):
        left = tile_at(*MIDDLE, zoom)
        frame = dataclasses.replace(left.frame, width=512, height=512)
        four = [Tile(zoom, left.x + across, left.y + down) for down in (0, 1) for across in (0, 1)]
        parts = [tile_classes(level_tile(wide, "outdoor-4g", "any", one, "png")) for one in four]
        assert np.array_equal(np.block([parts[:2], parts[2:]]), sampled_classes(wide, layer, frame))


def test_mask_is_that_of_pixel_centres(wide: Snapshot, small: Snapshot) -> None:
    """Catches coverage outside the communes, whose stations are not known."""
    for snapshot in (wide, small):
        assert np.mean(inside_communes(snapshot) != inside_slowly(snapshot)) < 1e-4


def test_webp_shows_the_same(wide: Snapshot) -> None:
    """Catches WebP with loss, and other colours than the legend's."""
    tile = tile_at(*MIDDLE, 9)
    png, webp = (level_tile(wide, "outdoor-4g", "any", tile, kind) for kind in ("png", "webp"))
    first, second = (np.asarray(Image.open(io.BytesIO(one)).convert("RGBA")) for one in (png, webp))
    seen = first[..., 3] > 0
    assert np.array_equal(seen, second[..., 3] > 0)
    assert np.array_equal(first[seen], second[seen])
    colours = {"#%02x%02x%02x" % tuple(one) for one in np.unique(first[seen][:, :3], axis=0)}  # noqa: UP031
    assert colours <= {colour for _, colour in LEVELS}
    assert len(colours) > 2


def test_a_model_without_levels_has_one_class(wide: Snapshot) -> None:
    """Catches four level classes drawn from a model that gives no level, and one kept for another."""
    plain = dataclasses.replace(wide, manifest={**wide.manifest, "gives_level": {"4G": False}})
    vars(plain).update({"communes": wide.communes})
    tile = tile_at(*MIDDLE, 9)
    assert set(np.unique(drawn(level_tile(plain, "outdoor-4g", "any", tile, "png")))) == {0, 1}
    assert len(np.unique(drawn(level_tile(wide, "outdoor-4g", "any", tile, "png")))) > 2


def test_probability_and_population(wide: Snapshot) -> None:
    """Catches shares or densities in the wrong class, open pixels as covered, people per pixel."""
    tile = tile_at(*MIDDLE, native_zoom(wide.grid))
    row, col, inside = below(wide, tile.frame)
    seen = inside & inside_slowly(wide)[row, col]
    percent = np.rint(100 * wide.probability("4G").values[row, col])
    expected = sum((percent >= low).astype(int) for low, _ in PERCENTS)
    expected = np.where(expected > 0, len(PERCENTS) + 1 - expected, 0)
    expected = np.where(np.isnan(percent), len(PERCENTS) + 1, expected)
    assert np.array_equal(drawn(probability_tile(wide, "4G", tile, "png")), np.where(seen, expected, 0))
    import rasterio

    with rasterio.open(wide.path / "rasters/population.tif") as source:
        density = source.read(1)[row, col] * 100
    expected = sum((density >= low).astype(int) for low, _ in DENSITIES)
    expected = np.where(expected > 0, len(DENSITIES) + 1 - expected, 0)
    assert np.array_equal(drawn(population_tile(wide, tile, "png")), np.where(seen, expected, 0))


def test_unknown_names_are_refused(wide: Snapshot) -> None:
    """Catches a name that reaches the file system, tiles that cannot be, and zooms without end."""
    tile = Tile(0, 0, 0)
    for profile, operator in (("nothing", "any"), ("outdoor-4g", "../../etc"), ("outdoor-4g", "MobiFone")):
        with pytest.raises(ProfileError):
            level_tile(wide, profile, operator, tile, "png")
    with pytest.raises(ProfileError, match="6G"):
        probability_tile(wide, "6G", tile, "png")
    for z, x, y in ((1, 2, 0), (1, 0, 2), (-1, 0, 0), (25, 0, 0), (2, -1, 0)):
        with pytest.raises(NoTileError):
            Tile(z, x, y)
    last = last_zoom(wide.grid)
    assert level_tile(wide, "outdoor-4g", "any", tile_at(*MIDDLE, last), "png")
    with pytest.raises(NoTileError, match="beyond"):
        level_tile(wide, "outdoor-4g", "any", tile_at(*MIDDLE, last + 1), "png")


def test_many_threads_see_what_one_sees(wide: Snapshot) -> None:
    """Catches an open file that two threads use at once."""
    from geocover.tiles import rasters

    tiles = [one for zoom in (8, 9, 10) for one in tiles_over(wide, zoom)]
    alone = [level_tile(wide, "outdoor-4g", "all", one, "png") for one in tiles]
    for _ in range(3):
        rasters._made.clear()
        with ThreadPoolExecutor(8) as pool:
            together = list(pool.map(lambda one: level_tile(wide, "outdoor-4g", "all", one, "png"), tiles))
        assert together == alone
