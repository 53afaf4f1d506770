"""Words of the pages beside the map: singulars, lists that are cut, sources in the page's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from geocover.maps.pages import CompareFilter, Visit, compare_page, method_page, trouble_page
from geocover.maps.pages.frame import Words
from geocover.maps.pages.gap_rows import gap_row
from geocover.maps.texts import texts
from geocover.report.comparing import compare
from geocover.store import Snapshot
from tests.maps.test_site_pages import pair_of, plain, visit

if TYPE_CHECKING:
    import pytest

PLACES = [[f"A{number + 1}" for number in range(many)] for many in (2, 6, 180)]
# "1 rows", but not "1 is" or "version 1 as of".
PLURAL = re.compile(r"(?<![\d.–])\b1 (?!is\b|has\b|was\b|as\b)([a-z]+s|people)\b")


def test_a_gap_names_a_few_of_its_places(snapshots: list[Snapshot]) -> None:
    """Catches a gap over half of the province that fills the page with the names of 180 places."""
    words = Words("vi", texts("vi", "pages"))
    gap = snapshots[-1].gaps.drop(columns="geometry").iloc[0].to_dict()
    told = [
        gap_row({**gap, "places": "; ".join(names)}, snapshots[-1], {}, words)["places"] for names in PLACES
    ]
    assert told == ["A1; A2", "A1; A2; A3; A4; A5; A6", "A1; A2; A3; A4; A5; A6 và 174 nữa"]


def test_one_of_a_thing_is_written_as_one() -> None:
    """Catches "1 rows", "1 people": a noun that follows a number and knows only its plural."""
    for catalogue in ("pages", "uploads"):
        told = texts("en", catalogue)
        words = Words("en", told)
        for key, text in told.items():
            names = re.findall(r"\{(\w+)", text)
            one = words(key, **{**dict.fromkeys(names, "1"), "technology": "4G"}) if names else text
            assert not re.search(r"(?<![\d.–])\b1 (?!is\b|has\b|was\b|as\b)([a-z]+s|people)\b", one), (
                key,
                one,
            )
    words = Words("en", texts("en", "pages"))
    assert words("stations_count", stations="1", positions="1,200") == "1 station at 1,200 positions"


def test_sources_are_told_in_the_language_of_the_page(snapshot: Snapshot) -> None:
    """Catches English between Vietnamese sentences, and a source that no longer says what it is of."""
    shipped = "vietnamadminunits 1.0.4 (points, boxes, mapping); see data/boundaries/SOURCES.md"
    clutter = {"source": "clutter.tif; heights: ESA WorldCover 2021, version 1 (clutter.toml)"}
    terrain = {**snapshot.manifest["terrain"], "source": "dem.tif", "clutter": clutter}
    manifest = {
        **snapshot.manifest, "terrain": terrain, "sources": {"areas": shipped, "network": "sites.csv"}
    }  # fmt: skip
    told = {
        language: plain(method_page(visit([snapshot], language), Snapshot(snapshot.path, manifest)))
        for language in ("vi", "en")
    }
    assert "Ranh giới: vietnamadminunits 1.0.4; xem data/boundaries/SOURCES.md" in told["vi"]
    assert (
        "Lớp phủ mặt đất: clutter.tif; chiều cao theo ESA WorldCover 2021, bản 1 (clutter.toml)" in told["vi"]
    )
    assert "Boundaries: vietnamadminunits 1.0.4; see data/boundaries/SOURCES.md" in told["en"]
    assert "Terrain: dem.tif" in told["en"]


def test_a_long_list_of_changes_can_be_read_to_its_end(
    snapshots: list[Snapshot], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches "và 150 nữa" that leads nowhere: a comparison counts more gaps than it names."""
    monkeypatch.setattr("geocover.maps.pages.compare.FEW", 0)
    changed = [one for one in compare(pair_of(snapshots))["gaps"]["changes"] if one["technology"] == "5G"]
    html = compare_page(visit(snapshots), pair_of(snapshots), CompareFilter("5G"))
    lists = html.partition('class="changes"')[2].partition('id="h-maps"')[0]
    assert changed
    assert len(re.findall(r"<li><a href=\"/maps/gaps", lists)) == len(changed)
    assert "<summary>và " in lists


def test_a_page_of_trouble_speaks_to_people() -> None:
    """Catches "see /openapi.json" told to a planner, and a sentence without its end."""
    for language, detail in (
        ("vi", "/a: Không tìm thấy; xem /openapi.json"),
        ("en", "no such; see /openapi.json"),
    ):
        seen = plain(trouble_page(Visit("n", language), 404, detail))
        assert "openapi" not in seen
        assert {"vi": "/a: Không tìm thấy. ", "en": "No such. "}[language] in seen
