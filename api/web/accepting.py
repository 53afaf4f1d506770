"""What a request likes, and how much: headers of the kind of Accept (RFC 9110, section 12.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def weighted(header: str) -> Iterator[tuple[str, float]]:
    """Give each name of a header in small letters with its weight; one that cannot be read is 0."""
    for part in header.lower().split(","):
        name, *parameters = (one.strip() for one in part.split(";"))
        if name:
            yield name, _weight(parameters)


def _weight(parameters: list[str]) -> float:
    for one in parameters:
        key, _, value = one.partition("=")
        if key.strip() == "q":
            try:
                return min(max(float(value), 0.0), 1.0)
            except ValueError:
                return 0.0
    return 1.0
