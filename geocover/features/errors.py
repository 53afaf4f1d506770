"""What a reader of features asks wrongly."""

from __future__ import annotations

from geocover.errors import GeocoverError


class FeatureQueryError(GeocoverError):
    """A parameter of a request for features cannot be understood, or asks for what there is not."""


class NoFeatureError(GeocoverError):
    """There is no such collection or feature."""
