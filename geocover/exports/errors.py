"""What can go wrong with exports."""

from __future__ import annotations

from geocover.errors import GeocoverError


class ExportError(GeocoverError):
    """An export cannot be made, or not for whom or where it was asked for."""
