"""The raster picture: right place, right classes, nothing invented."""

from __future__ import annotations

import dataclasses
import io
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from geocover.crs import WGS84, transformer
from geocover.errors import ProfileError
from geocover.maps import raster_png
from geocover.maps.overlay import raster_bounds
from geocover.tiles.classes import LEVELS

if TYPE_CHECKING:
    from geocover.store import Snapshot


def classes_of(png: bytes) -> np.ndarray:
    """Palette numbers of a picture."""
    return np.asarray(Image.open(io.BytesIO(png)))


def at(snapshot: Snapshot, classes: np.ndarray, lon: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Classes at positions, as Leaflet lays the picture between its corners in Web Mercator."""
    (south, west), (north, east) = raster_bounds(snapshot)
    project = transformer(WGS84, "EPSG:3857").transform
    (left, right), (bottom, top) = project(np.array([west, east]), np.array([south, north]))
    x, y = project(lon, lat)
    rows, cols = classes.shape
    col = np.floor((x - left) / (right - left) * cols).astype(int)
    row = np.floor((top - y) / (top - bottom) * rows).astype(int)
    return classes[row, col]


@pytest.mark.parametrize("operator", ["Viettel", "any", "all"])
@pytest.mark.parametrize("profile", ["outdoor-4g", "indoor-4g", "outdoor-5g"])
def test_coloured_is_what_the_shares_count(snapshot: Snapshot, profile: str, operator: str) -> None:
    """Catches a shifted, flipped or unwarped picture, another margin, another operator."""
    grid = snapshot.grid
    technology = snapshot.profiles[profile]["technology"]
    names = snapshot.operators[technology] if operator == "all" else [operator]
    covered = np.all(
        [
            snapshot.level(name, technology).values >= snapshot.profiles[profile]["required_dbm"]
            for name in names
        ],
        axis=0,
    )
    rows, cols = np.indices(grid.shape).reshape(2, -1)
    x_m = grid.left_m + (cols + 0.5) * grid.resolution_m
    y_m = grid.top_m - (rows + 0.5) * grid.resolution_m
    lon, lat = transformer(grid.crs, WGS84).transform(x_m, y_m)
    west, south, east, north = snapshot.communes.total_bounds
    inside = (lon > west + 0.002) & (lon < east - 0.002) & (lat > south + 0.002) & (lat < north - 0.002)
    shown = at(snapshot, classes_of(raster_png(snapshot, profile, operator)), lon[inside], lat[inside]) > 0
    expected = covered.ravel()[inside]
    assert np.mean(shown == expected) > 0.97  # the picture's pixels are not the grid's: edges may differ
    assert expected.any() == shown.any()


def test_classes_are_the_named_levels(snapshot: Snapshot) -> None:
    """Catches swapped colours: nearer to the mast must never be a weaker class."""
    classes = classes_of(raster_png(snapshot, "outdoor-4g", "any"))
    assert set(np.unique(classes)) <= set(range(len(LEVELS) + 1))
    definition = snapshot.profiles["outdoor-4g"]
    level = snapshot.level("any", "4G").values - (definition["required_dbm"] - definition["min_rsrp_dbm"])
    strong, drawn = np.mean(level >= -85), np.mean(classes == 1)
    assert drawn == pytest.approx(strong, abs=0.03)


def test_nothing_outside_the_communes(snapshot: Snapshot) -> None:
    """Catches coverage drawn over the neighbouring province, whose stations are not known."""
    classes = classes_of(raster_png(snapshot, "outdoor-4g", "any"))
    assert not classes[0].any()
    assert not classes[:, -1].any()


def test_a_model_without_levels_has_one_class(snapshot: Snapshot) -> None:
    """Catches four level classes drawn from a model that gives no level."""
    manifest: dict[str, Any] = {**snapshot.manifest, "gives_level": {"4G": False, "5G": False}}
    plain = dataclasses.replace(snapshot, manifest=manifest)
    assert set(np.unique(classes_of(raster_png(plain, "outdoor-4g", "any")))) == {0, 1}


def test_large_grids_are_drawn_coarser(snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches pictures of any size, and bounds that do not follow the picture's."""
    monkeypatch.setattr("geocover.maps.overlay.MAX_SIDE", 20)
    copy = dataclasses.replace(snapshot)
    assert max(classes_of(raster_png(copy, "outdoor-4g", "any")).shape) <= 21
    (south, west), (north, east) = raster_bounds(copy)
    w, s, e, n = snapshot.communes.total_bounds
    assert west <= w + 0.005
    assert south <= s + 0.005
    assert east >= e - 0.005
    assert north >= n - 0.005


def test_picture_says_what_it_is_of(snapshot: Snapshot, hostile: Snapshot) -> None:
    """Catches a made-up picture that does not say so once it is saved."""
    for one, mark in ((snapshot, "false"), (hostile, "true")):
        text = Image.open(io.BytesIO(raster_png(one, "outdoor-4g", "any"))).text  # type: ignore[attr-defined]
        assert text["Source"] == f"geocover {one.id}"
        assert text["Illustrative"] == mark


def test_unknown_layers_are_refused(snapshot: Snapshot) -> None:
    """Catches a name that reaches the file system."""
    with pytest.raises(ProfileError, match="nothing"):
        raster_png(snapshot, "nothing", "any")
    with pytest.raises(ProfileError, match="etc"):
        raster_png(snapshot, "outdoor-4g", "../../etc")
