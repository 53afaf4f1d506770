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
from geocover.report.view import NO_RESULT, notices, stamp

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geocover.features.fields import CollectionKind
    from geocover.features.query import FeatureQuery
    from geocover.register.database import Database
    from geocover.store import Snapshot


@dataclass(frozen=True)
class Offer:
    """What a reader may have.

    Attributes
    ----------
    snapshot
        The one that is asked for, as the reader may see it; None where nothing is published yet.
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

    snapshot: Snapshot | None
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
            There is no such collection, or nothing is published that it could be of.
        """
        known_collection(collection)
        if collection in OF_SNAPSHOT:
            snapshot = self.snapshot
            if snapshot is None:
                raise NoFeatureError(*NO_RESULT)
            return Source(self._key(snapshot, collection), lambda: snapshot_table(collection, snapshot))
        if collection == "snapshots":
            ids = tuple(one.id for one in self.published)
            return Source((collection, ids), lambda: snapshots_table(self.published))
        return Source(None, lambda: versions_table(self.database, self.operator))

    def at_hand(self, collection: str, query: FeatureQuery) -> bool:
        """Whether a page of a collection is written in about a millisecond, nothing being read for it."""
        if self.snapshot is None or collection not in OF_SNAPSHOT:
            return False
        return query.is_light and Source.is_kept(self._key(self.snapshot, collection))

    def _key(self, snapshot: Snapshot, collection: str) -> tuple[str, str, str]:
        return (collection, snapshot.digest, self.audience)


def known_collection(collection: str) -> CollectionKind:
    """Give what is known of a collection by its name.

    Raises
    ------
    NoFeatureError
        There is no such collection.
    """
    if collection not in COLLECTIONS:
        raise NoFeatureError(
            f"no collection {collection[:100]!r}; /collections lists those that there are",
            f"không có tập dữ liệu “{collection[:100]}”; xem /collections",
        )
    return COLLECTIONS[collection]


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
    """Write the list of the collections that a reader may have; those of a snapshot where one is there."""
    names = [kind.id for kind in COLLECTIONS.values() if kind.right in offer.rights]
    held = [name for name in names if offer.snapshot is not None or name not in OF_SNAPSHOT]
    return describing.collections_json(base, [_told(offer, name, base) for name in held])


def collection_json(offer: Offer, name: str, base: str) -> bytes:
    """Write what there is to say of a collection.

    Raises
    ------
    NoFeatureError
        There is no such collection.
    """
    return describing.as_json(_told(offer, name, base))


def _told(offer: Offer, name: str, base: str) -> dict[str, Any]:
    extent = offer.source(name).table.extent
    about = {} if offer.snapshot is None or name not in OF_SNAPSHOT else _about(offer.snapshot)
    return describing.collection(base, COLLECTIONS[name], extent, about)


def _about(snapshot: Snapshot) -> dict[str, Any]:
    """What is said of a collection's snapshot."""
    told = {name: one for name, one in stamp(snapshot).items() if name != "digest"}
    return {**told, **notices(snapshot)}
