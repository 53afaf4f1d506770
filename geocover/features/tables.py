"""Tables of features: of a snapshot as a reader may see it, of all snapshots, and of the register."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geocover.coverage import ANY
from geocover.features.columns import Column, column_of
from geocover.features.fields import COLLECTIONS, TECHNOLOGIES, CollectionKind
from geocover.features.shapes import Shapes, no_shapes, shapes_of
from geocover.names import fold
from geocover.register import lists
from geocover.report.answers import NUMBERS, UNITS, to_json
from geocover.report.view import metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geocover.register.database import Database
    from geocover.store import Snapshot

KEYS = ["code", "technology", "operator", "profile"]
PER_FEATURE_BYTES = 150  # of an id and its place in the index
REACH = ("profile", "reached", "certainty", "level_dbm", "area_share", "accuracy_share", "rests_on")


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
            extent["spatial"] = {"bbox": [bounds], "crs": "http://www.opengis.net/def/crs/OGC/1.3/CRS84"}
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
    stamp: dict[str, Any] = {
        "as_of": snapshot.as_of, "snapshot": snapshot.id, "digest": snapshot.digest,
        "illustrative": snapshot.illustrative, "schematic": snapshot.schematic,
    }  # fmt: skip
    about = metadata(snapshot)
    return _table(COLLECTIONS[name], table.assign(**stamp), (ids, shapes), about)


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
    """Make a row a commune, technology, operator and profile; the numbers of both bases beside each other."""
    shares = snapshot.shares
    head = shares[[*KEYS, "evidence", "assumed_share"]].drop_duplicates(KEYS)
    for basis in UNITS:
        rows = shares.loc[shares["basis"] == basis, [*KEYS, *NUMBERS]]
        head = head.merge(
            rows.rename(columns={one: f"{basis}_{one}" for one in NUMBERS}), on=KEYS, how="left"
        )
    communes = snapshot.communes
    table = head.merge(pd.DataFrame(communes[["code", "name", "type"]]), on="code", how="left")
    table = table.sort_values(["code", "profile", "operator"], kind="stable")
    slugs = {one: _slug(str(one)) for one in table["operator"].unique()}
    ids = [
        f"{code}.{profile}.{slugs[operator]}"
        for code, profile, operator in zip(table["code"], table["profile"], table["operator"], strict=True)
    ]
    whole = shapes_of(communes.geometry.to_numpy(), multiple=True)
    place = {str(code): which for code, which in zip(communes["code"], whole.which, strict=True)}
    which = np.array([place.get(str(code), -1) for code in table["code"]], dtype=np.int32)
    return table, ids, Shapes(whole.distinct, which)


def _slug(operator: str) -> str:
    """Name of an operator that can stand in an address; no two share one."""
    plain = re.sub(r"[^a-z0-9]+", "-", fold(operator)).strip("-")
    if plain == operator.lower():
        return plain
    return f"{plain}-{hashlib.sha256(operator.encode()).hexdigest()[:6]}".strip("-")


def _gaps(snapshot: Snapshot) -> Made:
    gaps = snapshot.gaps
    ids = [str(one) for one in gaps["id"]]
    shapes = shapes_of(gaps.geometry.to_numpy(), multiple=True)
    return pd.DataFrame(gaps).assign(evidence="predicted"), ids, shapes


def _places(snapshot: Snapshot) -> Made:
    """Places with what any operator's coverage reaches, by the main definition of each technology."""
    places = snapshot.places
    table = pd.DataFrame(places.drop(columns=places.geometry.name)).assign(operator=ANY, evidence="predicted")
    for technology in TECHNOLOGIES:
        profile = snapshot.main_profile(technology)
        reach = snapshot.reach
        rows = reach[(reach["operator"] == ANY) & (reach["profile"] == profile)]
        end = technology.lower()
        names = {one: f"level_{end}_dbm" if one == "level_dbm" else f"{one}_{end}" for one in REACH}
        table = table.merge(rows[["id", *REACH]].rename(columns=names), on="id", how="left")
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
    rows = [
        {
            "id": one.id,
            "name": one.manifest["parameters"]["name"],
            "province_code": one.manifest["parameters"]["province_code"],
            "communes": len(one.communes),
            "as_of": one.as_of,
            "digest": one.digest,
            "illustrative": one.illustrative,
            "schematic": one.schematic,
        }
        for one in snapshots
    ]
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
