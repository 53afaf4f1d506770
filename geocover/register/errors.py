"""What the register refuses; each kind is a status of its own for those who ask over the web."""

from __future__ import annotations

from geocover.errors import GeocoverError


class RegisterError(GeocoverError):
    """The register cannot do what was asked."""


class DatabaseError(RegisterError):
    """The database cannot be reached, is of another version, or is not one of ours."""


class BusyError(DatabaseError):
    """Somebody else has written for too long; the same call may work in a moment."""


class NotFoundError(RegisterError):
    """There is no such list, key or job."""


class StateError(RegisterError):
    """The state of a list or job does not allow this step; nothing was changed."""


class ConflictError(RegisterError):
    """An idempotency key came back with another request."""


class InvalidError(RegisterError):
    """What is to be kept contradicts itself, or holds what cannot be kept."""


class JobLostError(RegisterError):
    """The job was given to another process meanwhile; this one must write nothing more."""


class CancelledError(RegisterError):
    """Somebody cancelled the job."""
