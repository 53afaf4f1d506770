"""bbox and datetime: what they take, what they refuse, what they find."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.features.boxes import box_of, parse_numbers
from geocover.features.errors import FeatureQueryError
from geocover.features.moments import parse_interval
from geocover.features.pages import Address, write_page
from geocover.features.query import FeatureQuery
from geocover.features.systems import CRS84, EPSG
from tests.small_snapshots import SIDE, SOUTH, WEST

if TYPE_CHECKING:
    from geocover.features.pages import Source

QUICK = settings(max_examples=60, derandomize=True, database=None)


def found(source: Source, **asked: Any) -> list[str]:
    address = Address("http://localhost", source.table.kind.id)
    told = json.loads(write_page(source, FeatureQuery(limit=10_000, **asked), address))
    return [one["id"] for one in told["features"]]


def test_boxes_in_several_systems_find_the_same(sources: dict[str, Source]) -> None:
    """Catches axes in the wrong order, and a bbox-crs that is ignored."""
    west, south, east, north = WEST + 0.001, SOUTH + 0.001, WEST + SIDE - 0.001, SOUTH + SIDE - 0.001
    wanted = found(sources["communes"], bbox=f"{west},{south},{east},{north}")
    assert wanted == ["07894"]
    assert found(sources["communes"], bbox=f"{west},{south},0,{east},{north},9") == wanted
    swapped = f"{south},{west},{north},{east}"
    assert found(sources["communes"], bbox=swapped, bbox_crs=f"{EPSG}4326") == wanted
    zone = "558000,2356700,560000,2358000"
    assert found(sources["communes"], bbox=zone, bbox_crs="EPSG:9208") == wanted
    assert found(sources["communes"], bbox="5,48,20,70") == []


def test_a_box_over_the_180th_meridian(sources: dict[str, Source]) -> None:
    """Catches a box whose west is east of its east, which the standard means to go round the other way."""
    assert box_of([170, -10, -170, 10], CRS84).area == pytest.approx(400)
    assert found(sources["communes"], bbox="100,-10,-170,40") == found(sources["communes"])
    assert found(sources["communes"], bbox="120,-10,-170,40") == []


@pytest.mark.parametrize(
    "asked",
    ["", "1,2,3", "1,2,3,4,5", "a,b,c,d", "1,2,3,nan", "1,2,inf,4", "1e999,0,1,1", "105,22,106,21",
     "0,0,1000000,1",     "2000000,1,1000000,2", "1,2,3,4,5,6,7"],
)  # fmt: skip
def test_other_boxes_are_refused(sources: dict[str, Source], asked: str) -> None:
    """Catches nonsense that is answered, and an error without an example or in one language alone."""
    with pytest.raises(FeatureQueryError, match="bbox") as caught:
        box_of(parse_numbers(asked), CRS84)
    assert "bbox" in caught.value.vi
    assert caught.value.vi != str(caught.value)


def test_a_feature_without_geometry_is_in_every_box() -> None:
    """Catches register versions that vanish from a map's window (Part 1, requirement fc-bbox-response)."""
    import numpy as np

    from geocover.features.selecting import select
    from geocover.features.shapes import no_shapes
    from geocover.features.tables import FeatureTable

    table = FeatureTable.__new__(FeatureTable)
    vars(table).update(ids=("a", "b"), shapes=no_shapes(2))
    rows = select(table, FeatureQuery(bbox="1,2,3,4"), lambda _system: no_shapes(2)).rows
    assert np.array_equal(rows, [0, 1])


def us(text: str) -> int:
    return round(dt.datetime.fromisoformat(text).timestamp() * 1_000_000)


def test_instants_and_intervals() -> None:
    """Catches a day that is taken for its midnight, zones that are lost, and open ends."""
    assert parse_interval("2025-12-31") == (us("2025-12-31T00:00+00:00"), us("2026-01-01T00:00+00:00") - 1)
    assert parse_interval("2025-12-31T07:00:00+07:00") == (us("2025-12-31T00:00+00:00"),) * 2
    assert parse_interval("2025-12-31t00:00:00.5z")[0] == us("2025-12-31T00:00:00.5+00:00")
    assert parse_interval("2025-07-01/..")[1] > us("9999-01-01T00:00+00:00")
    assert parse_interval("/2025-07-01")[0] < us("1000-01-01T00:00+00:00")


@pytest.mark.parametrize(
    "asked",
    ["", "..", "../..", "/", "yesterday", "2025-13-01", "2025-12-31T25:00:00Z", "2025-12-31/2025-01-01",
     "2025-12-31/2026-01-01/2027-01-01", "20251231", "2025-12-31T00:00:00", "2025", "2025-02-30"],
)  # fmt: skip
def test_other_times_are_refused(asked: str) -> None:
    """Catches what RFC 3339 does not know, answered as if it were."""
    with pytest.raises(FeatureQueryError, match="datetime"):
        parse_interval(asked)


@QUICK
@given(st.text(max_size=40) | st.from_regex(r"[0-9TZ:./-]{1,40}"))
def test_no_text_breaks_the_parsers(asked: str) -> None:
    """Catches an exception that would be a 500."""
    for parse in (parse_interval, lambda text: box_of(parse_numbers(text), CRS84)):
        try:
            parse(asked)
        except FeatureQueryError as error:
            assert error.vi  # noqa: PT017


def test_datetime_goes_by_the_collections_own_date(sources: dict[str, Source]) -> None:
    """Catches a filter on the wrong date: stations by the day on air, coverage by the reporting date."""
    assert len(found(sources["coverage"], datetime="2025-12-31T10:00:00Z")) > 0
    assert found(sources["coverage"], datetime="2025-12-30") == []
    assert found(sources["coverage"], datetime="../2025-12-30") == []
    older = found(sources["stations"], datetime="../2024-06-30")
    assert older
    assert all(one.endswith("4G") for one in older)
    assert found(sources["stations"], datetime="2026-01-01/..") == found(sources["stations"])
