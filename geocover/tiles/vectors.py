"""Vector tiles of a snapshot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocover.keeping import Kept
from geocover.tiles.encoding import Features, encode_tile
from geocover.tiles.errors import NoTileError
from geocover.tiles.vector_layers import LAYERS

if TYPE_CHECKING:
    from geocover.store import Snapshot
    from geocover.tiles.matrix import Tile

KEPT_BYTES = 64 * 2**20
PREPARED_BYTES = 256 * 2**20
HELD = 200  # bytes of an entry beside the tile
LAST_ZOOM = 14  # readers enlarge these further without loss: a unit is 0.6 m
LOOKED_AT = range(5, LAST_ZOOM + 1)  # from a nation to a street
FOR_EVERYBODY = ("communes", "gaps", "places")

_made = Kept(KEPT_BYTES, lambda tile: len(tile) + HELD)
_prepared = Kept(PREPARED_BYTES, lambda layers: sum(layer.nbytes for layer in layers))


def vector_tile(snapshot: Snapshot, layer: str, tile: Tile) -> bytes:
    """Mapbox Vector Tile of a layer; empty where nothing is in it.

    Parameters
    ----------
    snapshot
        A result as its reader may see it; `geocover.report.audience.seen_by`.
    layer
        "communes", "gaps", "places" or "stations".
    tile
        Which tile.

    Raises
    ------
    NoTileError
        If there is no such layer, or the zoom is beyond the last.
    """
    if layer not in LAYERS or tile.z > LAST_ZOOM:
        name, offered = f"{layer} {tile.z}/{tile.x}/{tile.y}", ", ".join(LAYERS)
        raise NoTileError(
            f"no vector tile {name}; there are {offered}, zoom 0 to {LAST_ZOOM}",
            f"không có ô {name}; có {offered}, zoom 0 đến {LAST_ZOOM}",
        )
    return _made.get((snapshot, layer, tile), lambda: encode_tile(_features(snapshot, layer, tile.z), tile))


def prepare_tiles(snapshot: Snapshot) -> None:
    """Prepare the layers that every reader's map draws, so that nobody's first tile waits for them.

    Parameters
    ----------
    snapshot
        A result as it is: what everybody is drawn tells of no single operator.
    """
    for layer in FOR_EVERYBODY:
        for zoom in LOOKED_AT:
            _features(snapshot, layer, zoom)


def _features(snapshot: Snapshot, layer: str, zoom: int) -> list[Features]:
    """Give a layer's features at a zoom, prepared once."""
    return _prepared.get((snapshot, layer, zoom), lambda: LAYERS[layer](snapshot, zoom))
