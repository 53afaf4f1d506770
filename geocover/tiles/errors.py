"""What can be wrong with the address of a tile."""

from __future__ import annotations

from geocover.errors import GeocoverError


class NoTileError(GeocoverError):
    """There is no such tile, layer or set of tiles."""
