"""The columns of a table that say where its sites are, read."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geocover.names import fold
from geocover.site_lists.places.coordinate_pairs import read_pairs
from geocover.site_lists.places.coordinates import MISSING, read_coordinates
from geocover.site_lists.values.distinct import is_nothing, object_array, plain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.places.coordinates import Readings
    from geocover.site_lists.places.degrees import Mask
    from geocover.site_lists.sheets import Header, Table, Value

# Pairs of columns by field, the surest first; a row is read from the first pair that holds anything in it.
PAIRS = (("lon", "lat"), ("x_m", "y_m"), ("x", "y"))


class Source(NamedTuple):
    """A pair of columns, or a column of pairs.

    Attributes
    ----------
    field
        "lon", "x_m", "x" or "position".
    headers
        The two columns; twice the same one where both coordinates stand in one cell.
    first, second
        What they hold.
    """

    field: str
    headers: tuple[Header, Header]
    first: Readings
    second: Readings

    @property
    def single(self) -> bool:
        """Whether both coordinates stand in one cell."""
        return self.field == "position"

    @property
    def given(self) -> Mask:
        """Rows that hold anything; shape (rows,)."""
        faults = (self.first.fault, self.second.fault)
        first, second = (fault != MISSING.fault for fault in faults)
        return np.asarray(first | second)

    @property
    def says_vn2000(self) -> bool:
        """Whether a head says that the coordinates are in VN-2000."""
        return any("vn2000" in _letters(header) for header in self.headers)

    @property
    def says_wgs84(self) -> bool:
        """Whether a head says that the coordinates are in WGS 84."""
        return any("wgs84" in _letters(header) or "gps" in _letters(header) for header in self.headers)

    @property
    def longitude_first(self) -> bool | None:
        """Which coordinate the head names first; None where it does not name both."""
        text = fold(self.headers[0].text)
        lon = min((text.find(word) for word in ("kinh", "lon", "lng") if word in text), default=-1)
        lat = min((text.find(word) for word in ("vi do", "vido", "lat") if word in text), default=-1)
        return None if lon < 0 or lat < 0 else lon < lat


def sources(table: Table, columns: Columns) -> Iterator[Source]:
    """Read the pairs of columns and the column of pairs that a table has."""
    for first, second in PAIRS:
        headers = columns.first(first), columns.first(second)
        if headers[0] is not None and headers[1] is not None:
            read = [read_coordinates(_whole(table, columns, field)) for field in (first, second)]
            yield Source(first, (headers[0], headers[1]), read[0], read[1])
    header = columns.first("position")
    if header is not None:
        pair = read_pairs(table.values[header.position])
        yield Source("position", (header, header), *pair)


def _whole(table: Table, columns: Columns, field: str) -> NDArray[np.object_]:
    """Values of a coordinate; degrees joined with the minutes and seconds of columns of their own."""
    parts = [columns.first(name) for name in (field, f"{field}_minute", f"{field}_second")]
    values = [table.values[header.position] for header in parts if header is not None]
    if len(values) == 1:
        return values[0]
    return object_array(map(_joined, *values))


def _joined(*parts: Value) -> Value:
    given = [plain(part) for part in parts if not is_nothing(part)]
    return " ".join(given) if given and not is_nothing(parts[0]) else None


def _letters(header: Header) -> str:
    return "".join(character for character in fold(header.text) if character.isalnum())
