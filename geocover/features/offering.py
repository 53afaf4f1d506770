"""What one reader is offered: which collections, of which snapshot, and their answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from geocover.features import describing
from geocover.features.errors import NoFeatureError
from geocover.features.fields import COLLECTIONS
from geocover.features.pages import Address, Source, write_feature, write_page
from geocover.features.systems import known_system
from geocover.features.tables import OF_SNAPSHOT, snapshot_table, snapshots_table, versions_table
from geocover.report.view import notices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geocover.features.query import FeatureQuery
    from geocover.register.database import Database
    from geocover.store import Snapshot


@dataclass(frozen=True)
class Offer:
    """What a reader may have.

    Attributes
    ----------
    snapshot
        The one that is asked for, as the reader may see it.
    audience
        Names those who may have just this (`geocover.report.audience.Audience.name`).
    published
        All snapshots.
    database
        The register.
    operator
        Whose versions of lists the reader may see; None for all operators'.
    rights
        What the reader may do at least to its own operator's things.
    """

    snapshot: Snapshot
    audience: str
    published: Sequence[Snapshot]
    database: Database
    operator: str | None
    rights: frozenset[str]

    def source(self, collection: str) -> Source:
        """Table of a collection, made once.

        Raises
        ------
        NoFeatureError
            There is no such collection.
        """
        _known(collection)
        if collection in OF_SNAPSHOT:
            return Source(self._key(collection), lambda: snapshot_table(collection, self.snapshot))
        if collection == "snapshots":
            ids = tuple(one.id for one in self.published)
            return Source((collection, ids), lambda: snapshots_table(self.published))
        return Source(None, lambda: versions_table(self.database, self.operator))

    def at_hand(self, collection: str, query: FeatureQuery) -> bool:
        """Whether a page of a collection is written in about a millisecond, nothing being read for it."""
        return query.is_light and collection in OF_SNAPSHOT and Source.is_kept(self._key(collection))

    def _key(self, collection: str) -> tuple[str, str, str]:
        return (collection, self.snapshot.digest, self.audience)


def _known(collection: str) -> None:
    if collection not in COLLECTIONS:
        raise NoFeatureError(
            f"no collection {collection[:100]!r}; /collections lists those that there are",
            f"không có tập dữ liệu “{collection[:100]}”; xem /collections",
        )


def items_json(offer: Offer, query: FeatureQuery, address: Address) -> bytes:
    """Write a page of a collection's features.

    Raises
    ------
    FeatureQueryError
        Something in the query cannot be understood.
    """
    return write_page(offer.source(address.collection), query, address)


def feature_json(offer: Offer, identity: str, crs: str, address: Address) -> bytes:
    """Write one feature.

    Raises
    ------
    NoFeatureError
        There is none of this id.
    FeatureQueryError
        The system is not offered.
    """
    system = known_system(crs, "crs")
    source = offer.source(address.collection)
    row = source.table.rows.get(identity)
    if row is None:
        raise NoFeatureError(
            f"{address.collection} has no feature {identity[:100]!r}; {address.items} lists them",
            f"{address.collection} không có đối tượng “{identity[:100]}”; xem {address.items}",
        )
    return write_feature(source, row, system, address)


def collections_json(offer: Offer, base: str) -> bytes:
    """Write the list of the collections that a reader may have."""
    names = [kind.id for kind in COLLECTIONS.values() if kind.right in offer.rights]
    return describing.collections_json(base, [_told(offer, name, base) for name in names])


def collection_json(offer: Offer, name: str, base: str) -> bytes:
    """Write what there is to say of a collection.

    Raises
    ------
    NoFeatureError
        There is no such collection.
    """
    return describing.as_json(_told(offer, name, base))


def _told(offer: Offer, name: str, base: str) -> dict[str, Any]:
    table = offer.source(name).table
    snapshot = offer.snapshot
    about = {
        "snapshot": snapshot.id,
        "as_of": snapshot.as_of,
        "illustrative": snapshot.illustrative,
        "schematic": snapshot.schematic,
        **notices(snapshot),
    }
    return describing.collection(base, COLLECTIONS[name], table.extent, about if name in OF_SNAPSHOT else {})
