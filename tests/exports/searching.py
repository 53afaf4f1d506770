"""Looking for what should not be there: in a file's bytes, and in what it packs."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import TYPE_CHECKING

import pandas as pd
import shapely

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geocover.store import Snapshot


def secrets_of(snapshot: Snapshot, operator: str) -> list[bytes]:
    """An operator's name and its stations' ids and positions: as text, and as doubles of geometries."""
    own = snapshot.stations[snapshot.stations["operator"] == operator]
    cells = snapshot.cells[snapshot.cells["operator"] == operator]
    texts = [operator, operator.lower(), *own["station_id"], *own["position_id"], *cells["cell_id"]]
    public = [*snapshot.communes.geometry, *snapshot.places.geometry]
    told = set(shapely.get_coordinates(public).ravel())  # a station may stand in line with a border
    numbers = [one for one in (*own["lon"], *own["lat"]) if one not in told]
    found = [text.encode() for text in map(str, texts)] + [str(one).encode() for one in numbers]
    found += [struct.pack(order, one) for one in numbers for order in ("<d", ">d")]
    assert numbers, operator
    return list(dict.fromkeys(found))


def unpacked(name: str, content: bytes) -> list[bytes]:
    """Everything a file holds: its bytes, the parts of an archive, the values of a packed table."""
    if name.endswith(".xlsx"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return [content, *(archive.read(one) for one in archive.namelist())]
    if name.endswith(".parquet"):
        table = pd.read_parquet(io.BytesIO(content))
        shapes = b"".join(table["geometry"])
        return [content, shapes, table.drop(columns="geometry").to_csv().encode()]
    return [content]


def found_in(name: str, content: bytes, secrets: Iterable[bytes]) -> list[bytes]:
    """Those of the secrets that a file holds."""
    held = unpacked(name, content)
    return [one for one in secrets if any(one in part for part in held)]
