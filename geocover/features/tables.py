"""Tables of features: of a snapshot as a reader may see it, of all snapshots, and of the register."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geocover.features.columns import Column, column_of
from geocover.features.fields import COLLECTIONS, CollectionKind
from geocover.features.shapes import Shapes, no_shapes, shapes_of
from geocover.features.systems import CRS84
from geocover.register import lists
from geocover.report.answers import to_json
from geocover.report.view import metadata, stamp
from geocover.report.wide_tables import wide_shares, with_reach
from geocover.store.snapshot import operator_slug

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geocover.register.database import Database
    from geocover.store import Snapshot

PER_FEATURE_BYTES = 150  # of an id and its place in the index


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """All features of a collection, ready for filters and pages.

    Attributes
    ----------
    kind
        The collection.
    ids
        Of the features, no two alike.
    columns
        The properties by name, in the order of the collection's fields.
    shapes
        The geometries, longitude and latitude.
    about
        What every answer says of where the features come from: JSON of the member "metadata".
    """

    kind: CollectionKind
    ids: tuple[str, ...]
    columns: Mapping[str, Column]
    shapes: Shapes
    about: bytes

    @cached_property
    def size(self) -> int:
        """Bytes, roughly, with the beginnings of the features that pages are made of."""
        written = sum(len(piece) for piece in self.opened)
        held = sum(column.size for column in self.columns.values())
        return written + held + self.shapes.size + PER_FEATURE_BYTES * len(self.ids)

    @cached_property
    def rows(self) -> dict[str, int]:
        """Number of each feature by its id."""
        return {one: row for row, one in enumerate(self.ids)}

    @cached_property
    def opened(self) -> list[bytes]:
        """Each feature as GeoJSON up to its geometry."""
        return self.open(range(len(self.ids)), self.kind.names)

    def open(self, rows: Sequence[int], names: Sequence[str]) -> list[bytes]:
        """Write features up to their geometry, with some of the properties.

        Parameters
        ----------
        rows
            Their numbers.
        names
            The properties, in the order wanted.
        """
        chosen = np.fromiter(rows, dtype=np.int64, count=len(rows))
        pieces = [self.columns[name].json(chosen) for name in names]
        plain = [json.dumps(name, ensure_ascii=False) for name in names]
        template = "{" + ",".join(f"{name}:%s" for name in plain) + "}"
        told = [template % values for values in zip(*pieces, strict=True)] if pieces else ["{}"] * len(rows)
        ids = [json.dumps(self.ids[row], ensure_ascii=False) for row in chosen.tolist()]
        return [
            f'{{"type":"Feature","id":{one},"properties":{properties},"geometry":'.encode()
            for one, properties in zip(ids, told, strict=True)
        ]

    @cached_property
    def extent(self) -> dict[str, Any]:
        """Bounds in longitude and latitude, and first and last date, as /collections says them."""
        extent: dict[str, Any] = {}
        bounds = self.shapes.bounds()
        if bounds is not None:
            extent["spatial"] = {"bbox": [bounds], "crs": CRS84}
        name, open_end = self.kind.moment
        column = self.columns[name]
        held = column.values[~column.missing]
        if len(held):
            first, last = (
                str(np.datetime64(int(one), "us").astype("datetime64[s]")) + "Z"
                for one in (held.min(), held.max())
            )
            extent["temporal"] = {"interval": [[first, None if open_end else last]]}
        return extent


def snapshot_table(name: str, snapshot: Snapshot) -> FeatureTable:
    """Make the table of a collection that each snapshot has.

    Parameters
    ----------
    name
        One of `OF_SNAPSHOT`.
    snapshot
        As the reader may see it (`geocover.report.audience.seen_by`).
    """
    table, ids, shapes = OF_SNAPSHOT[name](snapshot)
    stamped = table.assign(**stamp(snapshot))
    return _table(COLLECTIONS[name], stamped, (ids, shapes), metadata(snapshot))


def _table(
    kind: CollectionKind, table: pd.DataFrame, of: tuple[Sequence[str], Shapes], about: Mapping[str, Any]
) -> FeatureTable:
    present = pd.DataFrame(table).reset_index(drop=True).reindex(columns=list(kind.names))
    columns = {field.name: column_of(field.kind, present[field.name]) for field in kind.fields}
    ids, shapes = of
    return FeatureTable(kind, tuple(ids), columns, shapes, to_json(dict(about)))


Made = tuple[pd.DataFrame, "Sequence[str]", Shapes]


def _communes(snapshot: Snapshot) -> Made:
    table = snapshot.communes
    shapes = shapes_of(table.geometry.to_numpy(), multiple=True)
    return pd.DataFrame(table), [str(code) for code in table["code"]], shapes


def _coverage(snapshot: Snapshot) -> Made:
    communes = snapshot.communes
    table = wide_shares(snapshot).merge(communes[["code", "name", "type"]], on="code", how="left")
    table = table.sort_values(["code", "profile", "operator"], kind="stable")
    slugs = {one: operator_slug(str(one)) for one in table["operator"].unique()}
    ids = [
        f"{code}.{profile}.{slugs[operator]}"
        for code, profile, operator in zip(table["code"], table["profile"], table["operator"], strict=True)
    ]
    whole = shapes_of(communes.geometry.to_numpy(), multiple=True)
    place = {str(code): which for code, which in zip(communes["code"], whole.which, strict=True)}
    which = np.array([place.get(str(code), -1) for code in table["code"]], dtype=np.int32)
    return table, ids, Shapes(whole.distinct, which)


def _gaps(snapshot: Snapshot) -> Made:
    gaps = snapshot.gaps
    ids = [str(one) for one in gaps["id"]]
    shapes = shapes_of(gaps.geometry.to_numpy(), multiple=True)
    return pd.DataFrame(gaps).assign(evidence="predicted"), ids, shapes


def _places(snapshot: Snapshot) -> Made:
    places = snapshot.places
    table = with_reach(pd.DataFrame(places.drop(columns=places.geometry.name)), snapshot)
    return table, [str(one) for one in table["id"]], shapes_of(places.geometry.to_numpy())


def _stations(snapshot: Snapshot) -> Made:
    table = snapshot.stations
    ids = [str(one) for one in table["station_id"]]
    return pd.DataFrame(table).assign(evidence="declared"), ids, shapes_of(table.geometry.to_numpy())


OF_SNAPSHOT: dict[str, Callable[[Snapshot], Made]] = {
    "communes": _communes,
    "coverage": _coverage,
    "gaps": _gaps,
    "places": _places,
    "stations": _stations,
}


def snapshots_table(snapshots: Sequence[Snapshot]) -> FeatureTable:
    """Make the table of the published results, in the order given."""
    rows = [{**metadata(one), "id": one.id, "communes": len(one.communes)} for one in snapshots]
    kind = COLLECTIONS["snapshots"]
    boxes = np.array([shapely.box(*one.communes.total_bounds) for one in snapshots], dtype=object)
    table = pd.DataFrame(rows, columns=list(kind.names))
    about = {
        "illustrative": any(one.illustrative for one in snapshots),
        "schematic": any(one.schematic for one in snapshots),
    }
    return _table(kind, table, ([one.id for one in snapshots], shapes_of(boxes)), about)


def versions_table(database: Database, operator: str | None) -> FeatureTable:
    """Make the table of the accepted versions of site lists.

    Parameters
    ----------
    database
        The register.
    operator
        Whose lists alone; None for all operators'.
    """
    kind = COLLECTIONS["register-versions"]
    accepted = [vars(one) for one in lists.all_of(database, operator) if one.accepted_at is not None]
    table = pd.DataFrame(accepted, columns=list(kind.names))
    ids = [str(one) for one in table["id"]]
    return _table(kind, table, (ids, no_shapes(len(ids))), {"evidence": "declared"})
