"""OGC API - Features: collections as tables, filters over them, and pages of GeoJSON as bytes.

Pieces of GeoJSON are written once for each snapshot, audience, collection and coordinate reference system; a
page is a join of them (docs/adr/0010-features.md).
"""

from geocover.features.describing import (
    CONFORMANCE,
    conformance_json,
    field_schema,
    landing_json,
    queryables_json,
)
from geocover.features.errors import FeatureQueryError, NoFeatureError
from geocover.features.fields import COLLECTIONS, CollectionKind
from geocover.features.offering import (
    Offer,
    collection_json,
    collections_json,
    feature_json,
    items_json,
    known_collection,
)
from geocover.features.pages import Address
from geocover.features.query import FeatureQuery
from geocover.features.systems import CRS84, SYSTEMS, known_system

__all__ = [
    "COLLECTIONS",
    "CONFORMANCE",
    "CRS84",
    "SYSTEMS",
    "Address",
    "CollectionKind",
    "FeatureQuery",
    "FeatureQueryError",
    "NoFeatureError",
    "Offer",
    "collection_json",
    "collections_json",
    "conformance_json",
    "feature_json",
    "field_schema",
    "items_json",
    "known_collection",
    "known_system",
    "landing_json",
    "queryables_json",
]
