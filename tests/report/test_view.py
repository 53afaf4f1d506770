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
    """Catches an English sentence in a Vietnamese field, for a snapshot that says it in English alone."""
    told = {}
    for method in ("commune totals spread by slope and distance to commune centres", "raster people.tif"):
        older = {**snapshot.manifest, "population": {"method": method}}
        told[method] = metadata(Snapshot(snapshot.path, older))["population_method_vi"]
    assert list(told.values()) == ["chia dân số của xã theo độ dốc và khoảng cách đến trung tâm xã", None]
