"""What is asked for and is not there is told as it is."""

from __future__ import annotations

import pytest

from geocover.errors import ProfileError
from geocover.report.audience import Audience, seen_by
from geocover.report.view import choose_view, metadata
from geocover.store import Snapshot


def test_an_operator_without_a_technology_is_not_called_unknown(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches "no such operator" beside figures of that very operator."""
    operator = snapshot.operators["4G"][0]
    fewer = {**snapshot.operators, "5G": ()}
    monkeypatch.setattr(type(snapshot), "operators", fewer)
    with pytest.raises(ProfileError, match=f"{operator} has no 5G in this snapshot") as caught:
        choose_view(snapshot, "5G", operator, None)
    assert caught.value.vi == f"{operator} không có 5G trong bản kết quả này"
    with pytest.raises(ProfileError, match=r"no operator 'nobody' .* all, any") as caught:
        choose_view(snapshot, "4G", "nobody", None)
    assert "nhà mạng “nobody”" in caught.value.vi


def test_the_public_is_told_that_a_key_is_needed(snapshot: Snapshot) -> None:
    """Catches a public reader who is told that an operator does not exist, or that it does."""
    seen = seen_by(snapshot, Audience(frozenset(), frozenset()))
    told = set()
    for operator in (snapshot.operators["4G"][0], "nobody"):
        with pytest.raises(ProfileError, match="single operators need a key") as caught:
            choose_view(seen, "4G", operator, None)
        told.add(caught.value.vi.replace(operator, ""))
    assert len(told) == 1


def test_older_snapshots_say_in_vietnamese_how_people_are_spread(
    snapshot: Snapshot,
) -> None:
    """Catches an English sentence or nothing in a Vietnamese field, for a snapshot with English alone."""
    spread, vi = "commune totals spread by", "chia dân số của xã theo"
    wanted = {
        f"{spread} slope and distance to commune centres": f"{vi} độ dốc và khoảng cách đến trung tâm xã",
        f"{spread} distance to commune centres": f"{vi} khoảng cách đến trung tâm xã",
        f"{spread} area": f"{vi} diện tích",
        "raster people.tif": "lưới dân số people.tif",
        "by hand": "by hand",
    }
    for method, told in wanted.items():
        for more in ({}, {"method_vi": None}):
            older = {**snapshot.manifest, "population": {"method": method, **more}}
            assert metadata(Snapshot(snapshot.path, older))["population_method_vi"] == told
