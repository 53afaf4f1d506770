"""Pages of features as bytes, joined from pieces that were written once."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

from geocover.features.conditions import unknown_property
from geocover.features.describing import GEOJSON, JSON, QUERYABLES, SCHEMA, as_json
from geocover.features.selecting import Selection, select
from geocover.features.systems import CRS84, known_system
from geocover.keeping import MEBIBYTE, Kept

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from geocover.features.query import FeatureQuery
    from geocover.features.shapes import Shapes
    from geocover.features.tables import FeatureTable

LARGEST_PAGE = 32 * MEBIBYTE
KEPT_BYTES = 256 * MEBIBYTE
PLAIN = re.compile(r"[A-Za-z0-9_.~-]*")
NOTHING, END, BETWEEN = b"null", b"}", b",\n"


def new_keeping() -> Kept:
    """Give an empty place for tables and what is made of them."""
    return Kept(KEPT_BYTES, lambda thing: int(thing.size))


KEPT = new_keeping()


@dataclass(frozen=True, eq=False)
class Written:
    """Each feature's geometry as GeoJSON in one system, its feature closed and parted from the next.

    Features that share a geometry share its bytes.
    """

    pieces: list[bytes]
    size: int


@dataclass(frozen=True)
class Address:
    """Where a collection's items are, and what was asked there.

    Attributes
    ----------
    base
        Address of the landing page, without a slash at the end.
    collection
        Name of the collection.
    asked
        Parameters as they came.
    kept
        Parameters that lead to the same features later on: with the snapshot by its name.
    """

    base: str
    collection: str
    asked: tuple[tuple[str, str], ...] = ()
    kept: tuple[tuple[str, str], ...] = ()

    @cached_property
    def of_collection(self) -> str:
        """Address of the collection."""
        return f"{self.base}/collections/{self.collection}"

    @property
    def items(self) -> str:
        """Address of all its features."""
        return f"{self.of_collection}/items"

    @cached_property
    def itself(self) -> str:
        """Address of what was asked."""
        return _with(self.items, self.asked)

    def links(self, query: FeatureQuery, returned: int, matched: int) -> list[dict[str, str]]:
        """Links of a page: itself, the next, the one before, the collection, what can be filtered."""
        links = [_link("self", self.itself, GEOJSON)]
        if query.offset + returned < matched and returned:
            links.append(_link("next", self._at(query.offset + returned), GEOJSON))
        if query.offset > 0:
            links.append(_link("prev", self._at(max(query.offset - query.limit, 0)), GEOJSON))
        links.append(_link("collection", self.of_collection, JSON))
        links.append(_link(QUERYABLES, f"{self.of_collection}/queryables", SCHEMA))
        return links

    def _at(self, offset: int) -> str:
        if not offset:
            return self._elsewhere
        return f"{self._elsewhere}{'&' if '?' in self._elsewhere else '?'}offset={offset}"

    @cached_property
    def _elsewhere(self) -> str:
        """Address of the first page, to which others add their offset."""
        return _with(self.items, [one for one in self.kept if one[0] != "offset"])

    def feature_links(self, identity: str) -> list[dict[str, str]]:
        """Links of one feature: itself and its collection."""
        one = _with(f"{self.items}/{quote(identity, safe='')}", self.asked)
        return [_link("self", one, GEOJSON), _link("collection", self.of_collection, JSON)]


def _with(address: str, parameters: Sequence[tuple[str, str]]) -> str:
    told = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in parameters)
    return f"{address}?{told}" if told else address


def _quoted(text: str) -> str:
    return text if PLAIN.fullmatch(text) else quote_plus(text)  # which takes as long as a tenth of a page


def _link(rel: str, href: str, media: str) -> dict[str, str]:
    return {"rel": rel, "type": media, "href": href}


class Source:
    """A table of features with all that is made of it and kept.

    Parameters
    ----------
    key
        Names the table for ever: collection, snapshot and audience; None for one that is not kept.
    make
        Makes the table.
    kept
        Where to keep.
    """

    def __init__(self, key: Hashable, make: Callable[[], FeatureTable], kept: Kept = KEPT) -> None:
        self.key = key
        self._kept = kept if key is not None else new_keeping()
        self.table = self._kept.get((key, "table"), make)

    @staticmethod
    def is_kept(key: Hashable) -> bool:
        """Whether the table of a key is at hand, and its geometries as they are mostly asked for."""
        return KEPT.holds((key, "table")) and KEPT.holds((key, "written", CRS84))

    def shapes(self, system: str) -> Shapes:
        """Geometries in a system."""
        if system == CRS84:
            return self.table.shapes
        return self._kept.get((self.key, "shapes", system), lambda: self.table.shapes.moved(system))

    def written(self, system: str) -> Written:
        """Geometries of a system as GeoJSON."""
        return self._kept.get((self.key, "written", system), lambda: self._write(system))

    def _write(self, system: str) -> Written:
        shapes = self.shapes(system)
        distinct = [one + END + BETWEEN for one in (*shapes.geojson(system), NOTHING)]
        held = sum(map(len, distinct)) + 8 * len(shapes.which)
        return Written([distinct[which] for which in shapes.which.tolist()], held)

    def selection(self, query: FeatureQuery) -> Selection:
        """Numbers of the features that a query asks for."""
        # A digest, for a filter may be longer than what it finds.
        asked = hashlib.sha256(repr(query.selects).encode("utf-8", "surrogatepass")).digest()
        key = (self.key, "rows", asked)
        return self._kept.get(key, lambda: select(self.table, query, self.shapes))


def write_page(source: Source, query: FeatureQuery, address: Address) -> bytes:
    """Write a page of features: a GeoJSON FeatureCollection.

    It ends before ``limit`` where it would grow over `LARGEST_PAGE`; the next page goes on from there.

    Raises
    ------
    FeatureQueryError
        Something in the query cannot be understood.
    """
    system = known_system(query.crs, "crs")
    if query.takes_all:
        matched = len(source.table.ids)
        rows: Sequence[int] = range(min(query.offset, matched), min(query.offset + query.limit, matched))
    else:
        selected = source.selection(query).rows
        matched = len(selected)
        rows = selected[query.offset : query.offset + query.limit].tolist()
    opened, closed = _pieces(source, query, rows, system)
    returned = _fitting(opened, closed)
    head = {
        "type": "FeatureCollection",
        "numberMatched": matched,
        "numberReturned": returned,
        "links": address.links(query, returned, matched),
    }
    return b"".join(
        [
            as_json(head)[:-1],
            b',"metadata":',
            source.table.about,
            b',"features":[',
            *_joined(opened[:returned], closed[:returned]),
            b"]}",
        ]
    )


def _pieces(
    source: Source, query: FeatureQuery, rows: Sequence[int], system: str
) -> tuple[list[bytes], list[bytes]]:
    """Beginnings and geometries of features."""
    table = source.table
    names = _properties(table, query.properties)
    opened = _taken(table.opened, rows) if names is None else table.open(rows, names)
    closed = (
        [NOTHING + END + BETWEEN] * len(rows)
        if query.skip_geometry
        else _taken(source.written(system).pieces, rows)
    )
    return opened, closed


def _taken(pieces: list[bytes], rows: Sequence[int]) -> list[bytes]:
    return pieces[rows.start : rows.stop] if isinstance(rows, range) else [pieces[row] for row in rows]


def _properties(table: FeatureTable, asked: str | None) -> list[str] | None:
    if asked is None:
        return None
    names = list(dict.fromkeys(asked.split(",")))
    for name in names:
        if name not in table.columns:
            raise unknown_property("properties", name, table)
    return names


def _fitting(opened: list[bytes], closed: list[bytes]) -> int:
    """Count the features that fit on a page, one at least."""
    if sum(map(len, opened)) + sum(map(len, closed)) <= LARGEST_PAGE:
        return len(opened)
    together = accumulate(len(one) + len(other) for one, other in zip(opened, closed, strict=True))
    return max(sum(size <= LARGEST_PAGE for size in together), 1)


def _joined(opened: list[bytes], closed: list[bytes]) -> list[bytes]:
    """Features one after the other, what parts them behind each but the last."""
    joined = [b""] * (2 * len(opened))
    joined[::2], joined[1::2] = opened, closed
    if joined:
        joined[-1] = joined[-1].removesuffix(BETWEEN)
    return joined


def write_feature(source: Source, row: int, system: str, address: Address) -> bytes:
    """Write one feature, with its links and where it comes from."""
    table = source.table
    links = as_json(address.feature_links(table.ids[row]))
    shape = source.written(system).pieces[row].removesuffix(END + BETWEEN)
    told = [table.opened[row], shape, b',"metadata":', table.about, b',"links":', links, END]
    return b"".join(told)
