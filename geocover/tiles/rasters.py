"""Raster tiles of a snapshot as PNG or WebP."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocover.keeping import Kept
from geocover.tiles.classes import level_layer, population_layer, probability_layer
from geocover.tiles.errors import NoTileError
from geocover.tiles.hillshade import hillshade_greys
from geocover.tiles.matrix import native_zoom
from geocover.tiles.pictures import grey_picture, palette_picture
from geocover.tiles.sampling import sampled_classes

if TYPE_CHECKING:
    from geocover.grid import Grid
    from geocover.store import Snapshot
    from geocover.tiles.classes import Layer
    from geocover.tiles.matrix import Frame, Tile
    from geocover.tiles.pictures import Format

KEPT_BYTES = 64 * 2**20
HELD = 200  # bytes of an entry beside the picture
ENLARGED = 4  # zooms beyond the grid's own, where its pixels are drawn as squares of 16 pixels
SMOOTH = 2  # zooms beyond it for the hillshade, which readers enlarge further without loss

_made = Kept(KEPT_BYTES, lambda picture: len(picture) + HELD)


def last_zoom(grid: Grid) -> int:
    """Highest zoom of raster tiles."""
    return native_zoom(grid) + ENLARGED


def last_hillshade_zoom(grid: Grid) -> int:
    """Highest zoom of hillshade tiles."""
    return native_zoom(grid) + SMOOTH


def level_tile(snapshot: Snapshot, profile: str, operator: str, tile: Tile, kind: Format) -> bytes:
    """Level classes of an operator, "any" or "all"; empty where no pixel has one.

    Raises
    ------
    ProfileError
        If the snapshot holds no such profile or operator.
    """
    return _tile(snapshot, level_layer(snapshot, profile, operator), tile, kind)


def probability_tile(snapshot: Snapshot, technology: str, tile: Tile, kind: Format) -> bytes:
    """Classes of the share of locations covered; empty where no pixel has one.

    Raises
    ------
    ProfileError
        If the snapshot holds none for the technology.
    """
    return _tile(snapshot, probability_layer(snapshot, technology), tile, kind)


def population_tile(snapshot: Snapshot, tile: Tile, kind: Format) -> bytes:
    """Classes of people a square kilometre; empty where no pixel has one."""
    return _tile(snapshot, population_layer(snapshot), tile, kind)


def hillshade_tile(snapshot: Snapshot, tile: Tile, kind: Format) -> bytes:
    """Shaded relief in greys; empty where no elevation is known.

    Raises
    ------
    NoTileError
        If the snapshot was made without terrain.
    """
    _check_zoom(tile, last_hillshade_zoom(snapshot.grid))

    def make() -> bytes:
        greys = hillshade_greys(snapshot, tile.frame)
        return grey_picture(greys, kind) if greys.any() else b""

    return _made.get((snapshot.path, "hillshade", tile, kind), make)


def _tile(snapshot: Snapshot, layer: Layer, tile: Tile, kind: Format) -> bytes:
    _check_zoom(tile, last_zoom(snapshot.grid))
    return _made.get((layer, tile, kind), lambda: layer_picture(snapshot, layer, tile.frame, kind))


def _check_zoom(tile: Tile, last: int) -> None:
    if tile.z > last:
        raise NoTileError(f"zoom {tile.z} is beyond the last, {last}", f"zoom {tile.z} vượt mức cuối, {last}")


def layer_picture(snapshot: Snapshot, layer: Layer, frame: Frame, kind: Format) -> bytes:
    """Any picture of a layer; a PNG says inside what it is of. Empty where no pixel has a class."""
    classes = sampled_classes(snapshot, layer, frame)
    if not classes.any():
        return b""
    return palette_picture(classes, layer.legend.colours, kind, about(snapshot))


def about(snapshot: Snapshot) -> dict[str, str]:
    """What a picture says inside of itself."""
    made_up = snapshot.illustrative or snapshot.schematic
    return {"Source": f"geocover {snapshot.id}", "Illustrative": str(made_up).lower()}
