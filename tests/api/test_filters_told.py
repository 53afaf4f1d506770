"""What is wrong with a filter is told as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx


@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ({"filter": '{"op": "=", "args": []}', "filter-lang": "cql2-json"}, "phép toán “=” thiếu toán hạng"),
        ({"filter": '{"op": "no", "args": [1]}', "filter-lang": "cql2-json"}, "không có phép toán “no”"),
        ({"filter": "population >"}, "ở cuối biểu thức"),
        ({"filter": "population > > 1"}, "gần “"),
        ({"filter": "S_INTERSECTS(geom, POINT(105.3 21.3))"}, "không có thuộc tính “geom”"),
        ({"filter": "S_INTERSECTS(population, POINT(105.3 21.3))"}, "geometry, WKT"),
    ],
)
def test_the_place_and_the_lack_are_named(client: httpx.Client, filters: dict[str, str], said: str) -> None:
    """Catches "there is no operation =; there are =, ...", and an error near nothing."""
    answer = client.get("/collections/communes/items", params=filters)
    assert answer.status_code == 400
    assert said in answer.json()["detail"]
    assert "“”" not in answer.json()["detail"]


def test_a_share_says_that_it_is_a_fraction(client: httpx.Client) -> None:
    """Catches a share that readers take for per cent, and one by which it cannot be filtered."""
    told = client.get("/collections/coverage/queryables").json()["properties"]
    for name, one in told.items():
        if name.endswith(("_share", "_share_low", "_share_high", "_share_expected", "_rests_on")):
            assert (one["minimum"], one["maximum"], one["description"]) == (0, 1, "tỷ lệ 0–1 / share 0–1")
            assert one["title"] != one["description"]
    path = "/collections/coverage/items"
    whole = client.get(path, params={"sortby": "-area_share", "skipGeometry": True}).json()
    most = whole["features"][0]["properties"]["area_share"]
    fewer = client.get(path, params={"limit": 1, "filter": f"area_share < {most}"}).json()
    assert 0 < most <= 1
    assert 0 < fewer["numberMatched"] < whole["numberMatched"]
