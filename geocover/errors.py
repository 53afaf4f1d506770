"""Every error that geocover raises on purpose: one base, short subclasses.

A message names the file, row, column, value and the remedy. Where a planner or a partner reads it, it is
given in Vietnamese too: ``str(error)`` is English, ``error.vi`` is Vietnamese.
"""

from __future__ import annotations


class GeocoverError(Exception):
    """The base of all errors of this package.

    Parameters
    ----------
    message
        What happened, where, and what to do, in English.
    vi
        The same in Vietnamese; the English text where none is given.
    """

    def __init__(self, message: str, vi: str | None = None) -> None:
        super().__init__(message)
        self.vi = vi if vi is not None else message


class InputError(GeocoverError):
    """An input file or value cannot be used as it is."""


class AreasError(InputError):
    """Commune boundaries are unreadable, incomplete or contradict each other."""


class NetworkError(InputError):
    """A site list is unreadable, empty or holds impossible values."""


class SiteListError(InputError):
    """A partner's file cannot be read as a site list at all: unreadable, protected, too large or no list."""


class AntennaError(InputError):
    """An antenna's pattern file is unreadable or contradicts itself, or an antenna has no file."""


class PlacesError(InputError):
    """A list of places is unreadable or incomplete."""


class TerrainError(InputError):
    """Elevation is unreadable, does not fit, or is missing where a model needs it."""


class CrsError(InputError):
    """A coordinate reference system is missing, unknown or cannot be transformed exactly."""


class GridError(InputError):
    """A raster frame is impossible, or two frames differ where they must agree."""


class ProfileError(InputError):
    """A definition of "covered" is unknown or contradictory."""


class ModelError(InputError):
    """A propagation model is unknown or used outside what it is made for."""


class ScenarioError(InputError):
    """A scenario file is unreadable, incomplete or names missing inputs."""


class SnapshotError(GeocoverError):
    """A snapshot is missing, damaged or of another format version."""


class DownloadError(GeocoverError):
    """A download failed, or what came back is not what was asked for."""


class MapError(GeocoverError):
    """A page cannot be built, or would need the internet."""
