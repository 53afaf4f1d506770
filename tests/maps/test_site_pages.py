"""The pages beside the map, as the server writes them: true, whole, in both languages, no name as markup."""

from __future__ import annotations

import re
import shlex
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from geocover.coverage import ANY
from geocover.errors import AreasError, ProfileError
from geocover.maps.assets import OWN, static_asset
from geocover.maps.header import SECTIONS, header
from geocover.maps.pages import (
    CompareFilter,
    GapFilter,
    PlaceFilter,
    Visit,
    commune_page,
    compare_page,
    downloads_page,
    empty_page,
    gaps_page,
    method_page,
    one_date_page,
    places_page,
    trouble_page,
)
from geocover.maps.pages.chart import APART, Point, line_chart
from geocover.maps.pages.frame import Words, notes
from geocover.maps.pages.method import definitions
from geocover.maps.pages.outlines import CLASSES, LABELS, outlines, share_class
from geocover.maps.pages.reached import verdict
from geocover.maps.texts import texts
from geocover.report.audience import PUBLIC, audience_of, seen_by
from geocover.report.comparing import Pair, compare
from geocover.report.coverage_answers import province_coverage
from geocover.store import Snapshot
from geocover.wording import percent
from tests.maps.reading import config_of, preloaded
from tests.small_snapshots import END_TAG, IMG, OPERATORS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

CODE = "07894"
TEMPLATES = OWN.parent / "templates"
# Words that are put together from parts: stem and ends.
BUILT = {
    "nav_": ("overview", "compare", "gaps", "places", "downloads", "method", "lists"),
    "role_": ("viewer", "partner", "planner", "admin"),
    "by_": ("area", "population"),
    "kind_": ("commune_centre", "industrial_park", "hamlet", "urban_centre"),
    "status_": ("operating", "planned", "under_development"),
    "reached_": ("yes", "no", "maybe_yes", "maybe_no", "unknown"),
    "sort_": ("people", "area", "nearest"),
    "state_": ("all", "no", "unsure", "yes"),
    "count_": ("commune_centre", "industrial_park", "urban_centre", "hamlet"),
    "gaps_": ("closed", "opened", "grown", "shrunk"),
    "stations_": ("added", "removed"),
    "trouble_": ("404", "400", "401", "403", "429", "503", "500", "other"),
    "source_": ("areas", "network", "terrain", "clutter"),
    "dl_": ("communes_csv", "communes", "gaps", "places", "stations", "figures", "shares"),
    "": ("area", "population", "any", "all", "illustrative", "schematic", "note"),
}

Page = str


def visit(snapshots: list[Snapshot], language: Any = "vi", **more: Any) -> Visit:
    """Somebody who reads."""
    return Visit("test-nonce", language, history=tuple(snapshots), origin="http://here.example", **more)


def pair_of(snapshots: list[Snapshot]) -> Pair:
    """The two dates, all of them."""
    return Pair(snapshots[0], snapshots[-1], snapshots[0], snapshots[-1])


def every_page(snapshots: list[Snapshot], reader: Visit) -> dict[str, Page]:
    """All pages of the newest snapshot."""
    newest = snapshots[-1]
    return {
        "commune": commune_page(newest, reader, CODE),
        "compare": compare_page(reader, pair_of(snapshots), CompareFilter()),
        "one": one_date_page(reader, newest),
        "gaps": gaps_page(newest, reader, GapFilter()),
        "places": places_page(newest, reader, PlaceFilter()),
        "downloads": downloads_page(reader, newest),
        "method": method_page(reader, newest),
        "trouble": trouble_page(reader, 404, "không có"),
        "empty": empty_page(reader),
    }


def plain(html: str) -> str:
    """What a reader sees of a page."""
    body = re.sub(r"<script.*?</script>", " ", html.partition("<body>")[2], flags=re.DOTALL)
    text = re.sub(r"<[^>]+>", " ", body)
    for code, character in (("&#39;", "'"), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&#34;", '"')):
        text = text.replace(code, character)
    return re.sub(r"\s+", " ", text.replace("\u00a0", " "))


def altered(snapshot: Snapshot, **tables: Any) -> Snapshot:
    """A snapshot with other tables."""
    made = Snapshot(snapshot.path, snapshot.manifest)
    vars(made).update(tables)
    return made


@pytest.mark.parametrize("language", ["vi", "en"])
def test_pages_are_whole_and_in_one_language(snapshots: list[Snapshot], language: str) -> None:
    """Catches a word unfilled or of the other language, a script without nonce, an address from outside."""
    for name, html in every_page(snapshots, visit(snapshots, language, positions=True)).items():
        assert f'<html lang="{language}">' in html, name
        assert not re.findall(r"(?:src|href|action)=\"(?:https?:)?//", html), name
        assert html.count("<h1") == 1, name
        assert re.findall(r"<script(?! nonce=\"test-nonce\"| type=\"application/json\")", html) == [], name
        seen = plain(html)
        assert not re.search(r"\{\w+\}", seen), name
        other = "Tải về" if language == "en" else "Downloads"
        assert other not in seen, name
        ids = re.findall(r'\bid="([^"]+)"', html)
        assert len(ids) == len(set(ids)), name


def test_words_are_all_there_and_all_said() -> None:
    """Catches a word that a page asks for and is in no table, and one that no page says."""
    code = "".join(path.read_text() for path in (OWN.parent / "pages").glob("*.py"))
    code += (OWN.parent / "header.py").read_text()
    code += "".join(path.read_text() for path in TEMPLATES.glob("pages/*.html"))
    code += (TEMPLATES / "header.html").read_text()
    asked = set(re.findall(r"\b(?:w|words)\(\s*[\"']([a-z_0-9]+)[\"']", code))
    asked |= set(re.findall(r"\bwords\.([a-z_]+)", code)) & set(texts("vi", "pages"))
    quoted = set(re.findall(r'"([a-z_0-9]+)"', code))
    scripts = "".join(path.read_text() for path in OWN.glob("pages/*.js"))
    asked |= set(re.findall(r'\bt\("([a-z_]+)"', scripts))
    built = {f"{stem}{end}" for stem, ends in BUILT.items() for end in ends}
    known = set(texts("vi", "pages"))
    asked = {one for one in asked if not one.endswith("_")}
    assert asked | built <= known == set(texts("en", "pages"))
    assert known - asked - built - quoted == set(), "words that no page says"


def test_scripts_are_told_every_word_that_they_say(snapshots: list[Snapshot]) -> None:
    """Catches a word that a page keeps from a script: it stops there."""
    for name, html in every_page(snapshots, visit(snapshots)).items():
        scripts = {*preloaded(html), "pages/site.js", "pages/files.js"} - {"base.js"}
        code = "".join(static_asset(one)[0].decode() for one in scripts)
        said = set(re.findall(r'\bt\("([a-z_]+)"', code))
        assert said <= set(config_of(html)["text"]), name
        assert ("map.js" in str(scripts)) == ('id="map-box"' in html), name


def test_hostile_names_stay_text(hostile: Snapshot) -> None:
    """Catches a name, a note, a source or a parameter of the address as markup in what the server writes."""
    query = {"commune": IMG, "technology": END_TAG}
    reader = visit(
        [hostile], query=query, path=f"/maps/{IMG}", me={"name": IMG, "operator": END_TAG, "role": "x"}
    )
    pages = every_page([hostile, hostile], replace(reader, positions=True))
    pages["trouble"] = trouble_page(reader, 404, f"{IMG}{END_TAG}")
    for name, html in pages.items():
        assert IMG not in html, name
        assert END_TAG not in html, name
        assert "<svg onload" not in html, name
        assert html.count("<script") == html.count("</script>"), name
    assert IMG in plain(pages["commune"])
    assert "alert(1)" in plain(pages["method"])


def test_public_pages_name_no_operator_and_no_station(snapshots: list[Snapshot]) -> None:
    """Catches a rival's name, a station's id or a nearest station on a page of one who may not see it."""
    for audience, unseen in ((PUBLIC, OPERATORS), (audience_of(OPERATORS[0]), OPERATORS[1:])):
        seen = [seen_by(one, audience) for one in snapshots]
        own = audience.stations != frozenset()
        reader = visit(snapshots, positions=own)
        pages = every_page(seen, reader)
        pages["compare"] = compare_page(reader, Pair(seen[0], seen[1], *snapshots), CompareFilter())
        for name, html in pages.items():
            hidden = [one for one in (*unseen, "PTO2" if own else "PTO") if one in html]
            assert not hidden, (name, hidden)
    assert "Đăng nhập để xem trạm" in plain(
        commune_page(seen_by(snapshots[-1], PUBLIC), visit(snapshots), CODE)
    )


def test_commune_page_tells_what_the_tables_hold(snapshots: list[Snapshot]) -> None:
    """Catches a figure of another commune, view or locale, and operators left out."""
    newest = snapshots[-1]
    seen = plain(commune_page(newest, visit(snapshots, positions=True), CODE))
    rows = newest.shares[newest.shares["code"] == CODE]
    for row in rows.to_dict("records"):
        if row["operator"] in (*OPERATORS, ANY):
            assert percent(100 * row["share"]).replace("\u00a0", " ") in seen
    assert all(name in seen for name in (*OPERATORS, "Ít nhất một nhà mạng", "Tất cả nhà mạng"))
    assert "Phường Việt Trì" in seen
    stations = newest.stations
    assert f"{len(stations)} trạm tại {stations['position_id'].nunique()} vị trí" in seen
    assert "30/06/2025" in seen
    english = plain(commune_page(newest, visit(snapshots, "en"), CODE))
    share = rows[(rows["operator"] == ANY) & (rows["profile"] == "outdoor-4g") & (rows["basis"] == "area")]
    assert percent(100 * share["share"].iloc[0], language="en") in english


def test_an_unknown_commune_or_technology_is_refused(snapshots: list[Snapshot]) -> None:
    """Catches an empty page, or an index error, where a name is wrong."""
    newest, reader = snapshots[-1], visit(snapshots)
    with pytest.raises(AreasError, match="99999"):
        commune_page(newest, reader, "99999")
    for make in (
        lambda: gaps_page(newest, reader, GapFilter("6G")),
        lambda: places_page(newest, reader, PlaceFilter("6G")),
        lambda: compare_page(reader, pair_of(snapshots), CompareFilter("6G")),
    ):
        with pytest.raises(ProfileError, match="6G"):
            make()


def rows_of(html: str, table: str) -> list[str]:
    """Ids of the rows of a table."""
    body = html.partition(f'id="{table}"')[2].partition("</table>")[0]
    return re.findall(r'<tr id="([^"]+)"', body)


def test_gaps_are_filtered_sorted_and_paged(snapshots: list[Snapshot]) -> None:
    """Catches a filter that does nothing, an order by another column, and pages that repeat or lose a gap."""
    newest = snapshots[-1]
    one = newest.gaps[newest.gaps["technology"] == "4G"].iloc[[0]]
    many = one.loc[one.index.repeat(120)].reset_index(drop=True)
    many = many.assign(
        id=[f"4g-any-{number:04d}" for number in range(120)],
        people=[float(number % 7) for number in range(120)],
        area_km2=[0.1 + number / 10 for number in range(120)],
        commune_codes=["07894 07897" if number % 2 else "07900" for number in range(120)],
    )
    crowded, reader = altered(newest, gaps=many), visit(snapshots)
    pages = [rows_of(gaps_page(crowded, reader, GapFilter(page=page)), "gaps") for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 20]
    everything = [name for page in pages for name in page]
    assert sorted(everything) == sorted(many["id"])
    people = many.set_index("id")["people"]
    assert [people[name] for name in everything] == sorted(people, reverse=True)
    large = rows_of(gaps_page(crowded, reader, GapFilter(min_km2=10.0, order="area")), "gaps")
    assert large == list(many[many["area_km2"] >= 10.0].sort_values("area_km2", ascending=False)["id"])
    here = rows_of(gaps_page(crowded, reader, GapFilter(commune="07897")), "gaps")
    assert set(here) <= set(many["id"][1::2])
    last = pages[2][-1]
    found = gaps_page(crowded, reader, GapFilter(gap=last))
    assert f'<tr id="{last}" class="current">' in found
    assert "120 điểm lõm" in plain(gaps_page(crowded, reader, GapFilter()))


def test_a_province_without_gaps_has_its_pages(snapshots: list[Snapshot]) -> None:
    """Catches pages that need at least one gap: the goal of 2026 is to have none."""
    whole, reader = altered(snapshots[-1], gaps=snapshots[-1].gaps.iloc[:0]), visit(snapshots)
    for wanted in (GapFilter(), GapFilter("5G", commune=CODE)):
        assert f"Không có điểm lõm {wanted.technology or '4G'}" in plain(gaps_page(whole, reader, wanted))
    assert "Không có điểm lõm 4G" in plain(commune_page(whole, reader, CODE))


def test_a_gap_is_told_with_its_hamlets(snapshots: list[Snapshot]) -> None:
    """Catches the wording "3 thôn, 412 người" lost, and hamlets that are counted where none are known."""
    newest = snapshots[-1]
    gap = newest.gaps[newest.gaps["technology"] == "4G"].iloc[[0]].assign(people=412.4)
    spots = gap.geometry.representative_point()
    hamlet = (
        newest.places.iloc[[0]].assign(kind="hamlet").set_geometry(spots.to_numpy(), crs=newest.places.crs)
    )
    places = newest.places.iloc[[0, 0, 0]].assign(id=["a", "b", "c"], kind="hamlet", name="Thôn")
    places = places.set_geometry([hamlet.geometry.iloc[0]] * 3, crs=newest.places.crs)
    told = plain(gaps_page(altered(newest, gaps=gap, places=places), visit(snapshots), GapFilter()))
    assert "Chưa có sóng 4G: 3 thôn, 412 người" in told
    assert "thôn," not in plain(gaps_page(newest, visit(snapshots), GapFilter()))


def test_places_are_filtered_by_state(snapshots: list[Snapshot]) -> None:
    """Catches a filter "not reached" that shows reached places, and totals that follow the filter."""
    newest, reader = snapshots[-1], visit(snapshots)
    reach = newest.reach
    main = reach[(reach["profile"] == "outdoor-5g") & (reach["operator"] == ANY)]
    shown = {
        state: set(rows_of(places_page(newest, reader, PlaceFilter("5G", state=state)), "places"))
        for state in ("all", "no", "yes", "unsure")
    }
    assert shown["all"] == set(main["id"])
    assert shown["no"] == set(main.loc[~main["reached"], "id"])
    assert shown["yes"] == set(main.loc[main["reached"], "id"])
    assert shown["unsure"] == set(main.loc[main["certainty"] == "uncertain", "id"])
    parks = places_page(newest, reader, PlaceFilter("5G", kind="industrial_park"))
    assert set(rows_of(parks, "places")) == {"park-0", "park-1"}
    centres = main[main["kind"] == "commune_centre"]
    assert f"5G đến {int(centres['reached'].sum())}/4" in plain(parks)


def test_screens_with_nothing_say_what_to_do(snapshots: list[Snapshot]) -> None:
    """Catches an empty table without a word: no gap, no match, no park, no place, one date, the same date."""
    newest, reader = snapshots[-1], visit(snapshots)
    none = altered(newest, gaps=newest.gaps.iloc[:0])
    assert "Muốn biết nơi sóng yếu" in plain(gaps_page(none, reader, GapFilter()))
    assert "Hãy bỏ lọc" in plain(gaps_page(newest, reader, GapFilter(min_km2=1e6)))
    parkless = altered(newest, places=newest.places[newest.places["kind"] != "industrial_park"])
    assert "thêm tệp khu công nghiệp" in plain(places_page(parkless, reader, PlaceFilter()))
    placeless = altered(newest, places=newest.places.iloc[:0])
    assert "Hãy thêm tệp địa điểm" in plain(places_page(placeless, reader, PlaceFilter()))
    assert "Hãy bỏ lọc" in plain(places_page(newest, reader, PlaceFilter(commune="00000")))
    assert "Tải lên danh sách trạm" in plain(one_date_page(reader, newest))
    same = Pair(newest, newest, newest, newest)
    assert "chọn hai ngày khác nhau" in plain(compare_page(reader, same, CompareFilter()))
    assert "Mới có một ngày số liệu" in plain(commune_page(newest, visit([newest]), CODE))
    assert "geocover demo" in plain(empty_page(Visit("n")))
    assert "Khoảng tin cậy" in plain(method_page(Visit("n"), None))


def test_compare_page_tells_what_the_comparison_found(snapshots: list[Snapshot]) -> None:
    """Catches from and to swapped, changes of another view, and heads that sort by another column."""
    told = compare(pair_of(snapshots))
    reader = visit(snapshots, path="/maps/compare")
    for sort, down in (("name", False), ("from", True), ("to", True), ("change", True), ("change", False)):
        wanted = CompareFilter("5G", "population", sort, down)
        html = compare_page(reader, pair_of(snapshots), wanted)
        series = next(
            one
            for one in told["series"]
            if (one["technology"], one["profile"], one["operator"], one["basis"])
            == ("5G", "outdoor-5g", ANY, "population")
        )
        table = html.partition('id="communes"')[2]
        codes = re.findall(r"/maps/commune/(\d{5})\?", table)
        assert sorted(codes) == told["communes"]["codes"]
        columns = {
            "from": series["from"]["value"],
            "to": series["to"]["value"],
            "change": series["difference"],
        }
        if sort in columns:
            values = dict(zip(told["communes"]["codes"], columns[sort], strict=True))
            assert [values[code] for code in codes] == sorted(values.values(), reverse=down)
        assert f'aria-sort="{"descending" if down else "ascending"}"' in table
    closed = sum(one["change"] == "closed" and one["technology"] == "5G" for one in told["gaps"]["changes"])
    assert f"Điểm lõm 5G đã hết {closed} " in plain(html)
    assert html.count('<svg class="outlines"') == 2


def steps_of(html: str) -> dict[str, list[tuple[str, str]]]:
    """Cells of the table of the province by figure: text and what stands small below it."""
    table = html.partition('aria-labelledby="h-province"')[2].partition("</table>")[0]
    rows = re.findall(r'<tr><th scope="row"><a[^>]*>([^<]+)</a></th>(.*?)</tr>', table, re.DOTALL)
    cell = re.compile(r'<td class="number">(.*?)<span class="interval[^"]*">([^<]*)</span></td>', re.DOTALL)
    return {title: [(plain(f"<body>{a}").strip(), b) for a, b in cell.findall(row)] for title, row in rows}


def compared(snapshots: list[Snapshot], figures: Any, language: Any = "vi") -> dict[str, Any]:
    """The table of the province where a comparison found these figures."""
    told = {**compare(pair_of(snapshots)), "province": figures}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("geocover.maps.pages.compare._compared", lambda _pair: told)
        return steps_of(compare_page(visit(snapshots, language), pair_of(snapshots), CompareFilter()))


def step(key: str, before: tuple[Any, ...], after: tuple[Any, ...], **more: Any) -> dict[str, Any]:
    """A change of a figure: value, low, high, and of places how many of how many."""
    names = ("value", "low", "high", "numerator", "denominator")
    sides = [dict(zip(names, one, strict=False)) for one in (before, after)]
    told = {"key": key, "title_vi": key, "title_en": key, "definition": "/method#interval"}
    difference = after[0] - before[0]
    rest = {"basis": "places", "profile": "outdoor-5g", "within_uncertainty": True, "difference": difference}
    return {**told, **rest, "from": sides[0], "to": sides[1], **more}


def test_counts_of_places_say_what_they_count_and_how_certain(snapshots: list[Snapshot]) -> None:
    """Catches "▲ 86" without a noun, "within the uncertainty" without an interval, one of 3,000 as none."""
    centres = step(
        "reach:commune_centre", (41.9, 15.540541, 100.0, 62, 148), (100.0, 15.5405, 100.0, 148, 148)
    )
    parks = step("reach:industrial_park", (100.0, 100.0, 100.0, 15, 15), (93.3, 6.6666667, 100.0, 14, 15))
    hamlets = step("reach:hamlet", (50.0, 40, 60, 1500, 3000), (50.0333, 40, 60, 1501, 3000), basis="hamlets")
    same = step("reach:urban_centre", (50.0, 50, 50, 2, 4), (50.0, 50, 50, 2, 4))
    told = compared(snapshots, [centres, parks, hamlets, same])
    assert told["reach:commune_centre"] == [
        ("62/148", "23–148"), ("148/148", "23–148"), ("▲ 86 trung tâm", "trong khoảng sai số"),
    ]  # fmt: skip
    assert told["reach:industrial_park"][0] == ("15/15", "15")
    assert told["reach:industrial_park"][2][0] == "▼ 1 khu công nghiệp"
    assert told["reach:hamlet"][2][0] == "▲ 1 thôn, bản"
    assert told["reach:urban_centre"][2] == ("không đổi", "")
    english = compared(snapshots, [centres], "en")
    assert english["reach:commune_centre"][2] == ("▲ 86 centres", "within the uncertainty")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (94.5101, 95.9591, "▲ 1,5 điểm %"), (96.04, 95.96, "không đổi"), (99.97, 100.0, "▲ 0,1 điểm %"),
        (61.05, 58.96, "▼ 2,0 điểm %"),
    ],
)  # fmt: skip
def test_changes_are_the_difference_of_what_is_shown(
    snapshots: list[Snapshot], before: float, after: float, expected: str
) -> None:
    """Catches 94,5 % → 96,0 % told as 1,4, and a change where both figures read the same."""
    one = step("area-share", (before, 10.0, 100.0), (after, 10.0, 100.0), basis="area")
    told = compared(snapshots, [one])["area-share"]
    assert told[2][0] == expected
    shown = [float(text.rstrip(" %").replace(",", ".")) for text, _ in told[:2]]
    size = float(re.sub(r"[^\d,]", "", expected).replace(",", ".") or 0)
    assert abs(shown[1] - shown[0]) == pytest.approx(size, abs=1e-9)


def test_an_empty_server_gives_commands_that_work(tmp_path: Path) -> None:
    """Catches a bare `geocover run`, another folder than the server's, an upload that nothing computes."""
    folder = tmp_path / "dữ liệu"
    html = empty_page(Visit("n"), folder, None)
    commands = re.findall(r"<code[^>]*>([^<]+)</code>", html.replace("&#39;", "'").replace("&#34;", '"'))
    told = [shlex.split(one) for one in commands]
    assert told[0] == ["geocover", "run", f"{folder}/scenario.toml"]
    assert told[1] == ["geocover", "demo", "--dir", str(folder)]
    assert told[2] == ["geocover", "keys", "add", "Sở KHCN", "--role", "planner", "--dir", str(folder)]
    assert "rồi chờ cán bộ quy hoạch duyệt" not in plain(html)
    named = plain(empty_page(Visit("n"), folder, "phu-tho.toml"))
    assert "rồi chờ cán bộ quy hoạch duyệt" in named
    assert f"geocover run '{folder}'/phu-tho.toml" in named
    assert 'geocover demo --dir "$GEOCOVER_DATA"' in plain(empty_page(Visit("n")))


def test_notices_say_nothing_twice(snapshots: list[Snapshot]) -> None:
    """Catches a scenario's note that says again what the marks of made-up data say, and one that is lost."""
    newest, words = snapshots[-1], Words("vi", texts("vi", "pages"))
    both = {"illustrative": True, "schematic": True}
    repeated = "Dữ liệu minh họa: trạm và lớp phủ không có thật, ranh giới sơ đồ"
    assert notes(with_note(newest, repeated, **both), words) == [
        "Dữ liệu minh họa: trạm và lớp phủ không có thật; không dùng để báo cáo.",
        words("schematic_long"),
    ]
    longs = [words("illustrative_long"), words("schematic_long")]
    assert notes(with_note(newest, "Số liệu thử.", **both), words) == [*longs, "Số liệu thử."]
    assert notes(with_note(newest, "", **both), words) == longs
    alone = notes(with_note(newest, repeated, illustrative=True, schematic=False), words)
    assert alone == [f"{repeated}; không dùng để báo cáo."]


def with_note(snapshot: Snapshot, note: str, *, illustrative: bool, schematic: bool) -> Snapshot:
    """A snapshot with another note and other marks."""
    told = {**snapshot.manifest["parameters"], "note_vi": note, "note_en": note}
    marks = {"illustrative": illustrative, "schematic": schematic}
    return Snapshot(snapshot.path, {**snapshot.manifest, "parameters": told, **marks})


def test_definitions_of_all_figures_are_on_the_method_page(snapshots: list[Snapshot]) -> None:
    """Catches a figure whose definition leads nowhere, and a number that is not the snapshot's."""
    newest = snapshots[-1]
    html = method_page(visit(snapshots), newest)
    anchors = set(re.findall(r'<section class="definition" id="([^"]+)"', html))
    asked = {one["definition"].partition("#")[2] for one in province_coverage(newest)}
    pages = "".join(every_page(snapshots, visit(snapshots)).values())
    asked |= set(re.findall(r"/method[^\"#]*#([\w-]+)", pages))
    assert len(asked) >= 5
    assert asked <= anchors
    assert {*definitions(), "profiles", "models", "sources"} == anchors
    assert {
        "stations",
        "stations-new",
        "interval",
        "expected",
        "rests-on",
        "assumed-share",
        "evidence",
    } <= anchors
    seen = plain(html)
    assert "…" not in seen.partition("Nguồn dữ liệu")[0].replace("Tìm xã, phường…", "")
    assert f"{newest.manifest['counts']['all']['stations']} trạm" in seen
    assert "−110" in seen


def test_classes_of_the_small_maps_are_those_of_the_large() -> None:
    """Catches colours, bounds or labels that differ between the SVG maps and the map's scripts."""
    script = (OWN / "colours.js").read_text()
    styles = (OWN / "pages" / "pages.css").read_text()
    found = re.findall(r'from: ([\d.]+), colour: "(#\w+)", label: \["([^"]+)", "([^"]+)"\]', script)
    assert [float(one[0]) for one in found] == list(CLASSES)
    assert [one[2:] for one in found] == [tuple(one) for one in LABELS]
    assert [re.search(rf"\.k{index} {{ fill: (#\w+)", styles)[1] for index in range(5)] == [
        one[1] for one in found
    ]  # type: ignore[index]
    assert [share_class(one) for one in (1.0, 0.99, 0.9899, 0.5, 0.0, None, float("nan"))] == [
        "k0", "k0", "k1", "k3", "k4", "none", "none",
    ]  # fmt: skip


def test_outlines_cover_the_communes(snapshot: Snapshot) -> None:
    """Catches a map that is upside down, stretched, or lacks a commune."""
    height, paths = outlines(snapshot)
    assert set(paths) == set(snapshot.communes["code"])
    points = {
        code: [tuple(map(float, one.split())) for one in re.split("[MLZ]", path) if one]
        for code, path in paths.items()
    }
    assert 380 < height < 460
    middle = {
        code: (sum(x for x, _ in at) / len(at), sum(y for _, y in at) / len(at))
        for code, at in points.items()
    }
    assert middle["07894"][1] > middle["07900"][1]  # south is below north
    assert middle["07894"][0] < middle["07897"][0]  # west is left of east


def test_chart_keeps_values_inside_and_names_apart() -> None:
    """Catches a line outside its axes, an interval upside down, dates by number instead of by days."""
    days = ("2024-12-31", "2025-01-31", "2025-12-31")
    series = [
        (
            "4G",
            [
                Point(day, value, value - 2, min(100, value + 1))
                for day, value in zip(days, (90, 99, 99.9), strict=True)
            ],
        ),
        ("5G", [Point(days[-1], 99.8, 99.7, 99.9)]),
    ]
    chart = line_chart(series)
    xs = [x for x, _ in chart.lines[0].points]
    assert (xs[1] - xs[0]) / (xs[2] - xs[0]) == pytest.approx(31 / 365, abs=0.01)
    for line in chart.lines:
        assert all(chart.left <= x <= chart.right and 0 <= y <= chart.bottom for x, y in line.points)
    assert [value for _, value in chart.values] == [85, 90, 95, 100]
    assert [y for y, _ in chart.values] == sorted((y for y, _ in chart.values), reverse=True)
    ends = sorted(line.end[1] for line in chart.lines)
    assert ends[1] - ends[0] >= APART
    assert line_chart([("4G", [Point("2025-12-31", 100, 100, 100)])]).values[-1][1] == 100


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"reached": True, "certainty": "yes", "rests_on": 1.0}, "yes"),
        ({"reached": False, "certainty": "no", "rests_on": 1.0}, "no"),
        ({"reached": True, "certainty": "uncertain", "rests_on": 1.0}, "maybe-yes"),
        ({"reached": False, "certainty": "uncertain", "rests_on": 1.0}, "maybe-no"),
        ({"reached": False, "certainty": "uncertain", "rests_on": 0.5}, "unknown"),
        ({"reached": True, "certainty": "uncertain", "rests_on": 0.5}, "maybe-yes"),
        ({"reached": False, "certainty": "uncertain", "rests_on": float("nan")}, "maybe-no"),
    ],
)
def test_verdict_of_a_place(row: dict[str, Any], expected: str) -> None:
    """Catches unknown told as not reached, and certainty told where there is none."""
    assert verdict(row) == expected


def test_head_leads_everywhere_and_keeps_an_older_date(snapshots: list[Snapshot]) -> None:
    """Catches a section that is missing or marks the wrong page, and a date that is lost on the way."""
    reader = visit(snapshots, "en", path="/maps/gaps", query={"technology": "5G", "lang": "en"})
    newest = header(reader, snapshots[-1])
    assert [one["href"].partition("?")[0] for one in newest["sections"]] == list(SECTIONS.values())
    assert [one["label"] for one in newest["sections"] if one["current"]] == ["Gaps"]
    assert not [one for one in newest["sections"] if "snapshot=" in one["href"]]
    assert [one["chosen"] for one in newest["dates"]] == [True, False]
    assert newest["languages"][0]["href"] == "/maps/gaps?lang=vi&technology=5G"
    older = {one["href"].partition("?")[0]: one["href"] for one in header(reader, snapshots[0])["sections"]}
    assert f"snapshot={snapshots[0].id}" in older["/maps/places"]
    assert f"to={snapshots[0].id}" in older["/maps/compare"]
    assert "snapshot" not in older["/uploads"]
    assert newest["sign_in"] == "/sign-in?lang=en&next=%2Fmaps%2Fgaps%3Ftechnology%3D5G%26lang%3Den"
    assert newest["who"] is None
    planner = replace(reader, me={"name": "Lan", "role": "planner", "operator": None})
    assert header(planner)["who"] == "planner"


def test_map_of_a_page_says_its_view(snapshots: list[Snapshot]) -> None:
    """Catches a page whose map begins with another technology or commune than its table."""
    html = gaps_page(snapshots[-1], visit(snapshots), GapFilter("5G", commune=CODE))
    view = config_of(html)["view"]
    assert (view["technology"], view["commune"]) == ("5G", CODE)
    assert "map_coverage" in html
    assert "map_coverage" not in method_page(visit(snapshots), snapshots[-1])


def test_pages_are_written_fast(snapshots: list[Snapshot]) -> None:
    """Catches a page that reads or computes anew each time: 50 ms of CPU warm, the best of five."""
    newest, reader, compared = snapshots[-1], visit(snapshots, positions=True), pair_of(snapshots)
    makers: list[Callable[[], str]] = [
        lambda: commune_page(newest, reader, CODE),
        lambda: compare_page(reader, compared, CompareFilter()),
        lambda: gaps_page(newest, reader, GapFilter()),
        lambda: places_page(newest, reader, PlaceFilter()),
        lambda: method_page(reader, newest),
    ]
    for make in makers:
        make()
        spent = []
        for _ in range(5):
            start = time.process_time()
            make()
            spent.append(time.process_time() - start)
        assert min(spent) < 0.05
