"""Pages joined from pieces are what one would write from the tables."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pytest
import shapely

from geocover.features import pages
from geocover.features.fields import COLLECTIONS
from geocover.features.pages import Address, write_page
from geocover.features.query import FeatureQuery
from geocover.report.answers import NUMBERS

if TYPE_CHECKING:
    from geocover.features.pages import Source
    from geocover.store import Snapshot

HERE = "http://localhost"


def page(source: Source, **asked: Any) -> dict[str, Any]:
    address = Address(HERE, source.table.kind.id, (), (("snapshot", "s"),))
    told: dict[str, Any] = json.loads(write_page(source, FeatureQuery(**asked), address))
    return told


def link(told: dict[str, Any], rel: str) -> str | None:
    return next((one["href"] for one in told["links"] if one["rel"] == rel), None)


@pytest.mark.parametrize("name", ["communes", "coverage", "gaps", "places", "stations"])
def test_features_are_the_tables_rows(sources: dict[str, Source], snapshot: Snapshot, name: str) -> None:
    """Catches a property under another's name, lost rows, NaN in JSON, geometries of another feature."""
    told = page(sources[name], limit=10_000)
    assert told["numberMatched"] == told["numberReturned"] == len(told["features"])
    ids = [one["id"] for one in told["features"]]
    assert len(set(ids)) == len(ids)
    for one in told["features"]:
        assert tuple(one["properties"]) == COLLECTIONS[name].names
    if name == "coverage":
        return
    table = getattr(snapshot, name)
    key = {"communes": "code", "stations": "station_id"}.get(name, "id")
    rows = table.set_index(key)
    assert set(ids) == set(rows.index)
    for one in told["features"]:
        row = rows.loc[one["id"]]
        shape = shapely.geometry.shape(one["geometry"])
        assert shape.hausdorff_distance(row.geometry) < 1e-6
        for column, value in one["properties"].items():
            if column in rows.columns and column not in ("valid_from", "on_air"):
                wanted = row[column]
                assert (value is None) == bool(pd.isna(wanted)), column
                assert value is None or value == pytest.approx(wanted, abs=1e-6), column


def test_coverage_carries_every_number_of_the_shares(sources: dict[str, Source], snapshot: Snapshot) -> None:
    """Catches numbers of the other basis, of another operator or commune, and a view left out."""
    told = page(sources["coverage"], limit=10_000)["features"]
    views = snapshot.shares[["code", "technology", "operator", "profile"]].drop_duplicates()
    assert len(told) == len(views)
    by_key = snapshot.shares.set_index(["code", "technology", "operator", "profile", "basis"])
    for one, basis in itertools.product(told, ("area", "population")):
        properties = one["properties"]
        key = tuple(properties[part] for part in ("code", "technology", "operator", "profile"))
        row = by_key.loc[(*key, basis)]
        found = [properties[f"{basis}_{number}"] for number in NUMBERS]
        wanted = [
            None if pd.isna(row[number]) else pytest.approx(row[number], abs=1e-6) for number in NUMBERS
        ]
        assert found == wanted
        assert (properties["evidence"], properties["digest"]) == (row["evidence"], snapshot.digest)
        assert properties["assumed_share"] == pytest.approx(row["assumed_share"], abs=1e-6)


def test_outer_rings_run_counterclockwise(sources: dict[str, Source]) -> None:
    """Catches rings that RFC 7946 forbids and some clients take for holes."""
    for name in ("communes", "gaps"):
        for one in page(sources[name])["features"]:
            assert one["geometry"]["type"] == "MultiPolygon"
            for polygon in one["geometry"]["coordinates"]:
                assert shapely.LinearRing(polygon[0]).is_ccw
                assert not any(shapely.LinearRing(hole).is_ccw for hole in polygon[1:])


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100])
def test_pages_add_up(sources: dict[str, Source], limit: int) -> None:
    """Catches a feature lost or doubled between two pages, and a next link on the last."""
    whole = page(sources["coverage"], limit=10_000)["features"]
    offset, found = 0, []
    while True:
        told = page(sources["coverage"], limit=limit, offset=offset)
        found += told["features"]
        assert (link(told, "prev") is None) == (offset == 0)
        following = link(told, "next")
        if following is None:
            break
        asked = dict(parse_qsl(urlsplit(following).query))
        assert asked["snapshot"] == "s"
        offset = int(asked["offset"])
    assert found == whole
    beyond = page(sources["coverage"], limit=limit, offset=len(whole) + 5)
    assert (beyond["features"], link(beyond, "next")) == ([], None)
    assert link(beyond, "prev") is not None


def test_a_page_ends_before_it_grows_too_large(
    sources: dict[str, Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches answers without a bound; the next link goes on from where a page was cut."""
    monkeypatch.setattr(pages, "LARGEST_PAGE", 1000)
    whole, found, offset = page(sources["stations"], limit=1)["numberMatched"], 0, 0
    while True:
        told = page(sources["stations"], limit=100, offset=offset)
        assert 1 <= told["numberReturned"] < whole
        found += told["numberReturned"]
        following = link(told, "next")
        if following is None:
            break
        offset = int(dict(parse_qsl(urlsplit(following).query))["offset"])
    assert found == whole


def test_properties_are_chosen_in_the_order_asked(sources: dict[str, Source]) -> None:
    """Catches a selection that is ignored, and geometries that come although they were not wanted."""
    told = page(sources["communes"], properties="name,code,name", skip_geometry=True)["features"]
    assert [list(one["properties"]) for one in told] == [["name", "code"]] * 4
    assert {one["geometry"] for one in told} == {None}
    full = page(sources["communes"])["features"]
    assert [one["properties"]["name"] for one in told] == [one["properties"]["name"] for one in full]


def test_sorting_puts_missing_last_and_keeps_ties(sources: dict[str, Source]) -> None:
    """Catches nulls in the midst, ascending for descending, and an order that changes from page to page."""
    table = sources["coverage"].table
    for key, sign in (("area_share", 1), ("-area_share", -1), ("+code,-operator", 1), (" code", 1)):
        told = page(sources["coverage"], sortby=key, limit=10_000)["features"]
        name = key.lstrip("+- ").split(",")[0]
        values = [one["properties"][name] for one in told]
        held = [value for value in values if value is not None]
        assert values[: len(held)] == held
        assert held == sorted(held, reverse=sign < 0)
        assert sorted(one["id"] for one in told) == sorted(table.ids)
    equal = page(sources["coverage"], sortby="evidence", limit=10_000)["features"]
    assert [one["id"] for one in equal] == list(table.ids)


def test_texts_sort_by_their_names_not_by_first_seen(sources: dict[str, Source]) -> None:
    """Catches an order of the codes that stand for texts."""
    names = [one["properties"]["name"] for one in page(sources["communes"], sortby="name")["features"]]
    assert names == sorted(names)
    assert names != [one["properties"]["name"] for one in page(sources["communes"])["features"]]


def test_features_share_the_bytes_of_one_geometry(sources: dict[str, Source]) -> None:
    """Catches a commune's outline held once for each operator and profile."""
    pieces = sources["coverage"].written(FeatureQuery().crs).pieces
    assert len({id(piece) for piece in pieces}) == 4 < len(pieces)


def test_sizes_are_near_the_truth(sources: dict[str, Source]) -> None:
    """Catches a size of nothing, with which the memory would have no bound."""
    table = sources["stations"].table
    assert table.size > sum(map(len, table.opened))
    assert np.isfinite(table.size)
