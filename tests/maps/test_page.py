"""The page is whole without the internet, says what is made up, and holds no name as markup."""

from __future__ import annotations

import gzip
import json
import posixpath
import re
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import folium
import pytest

from geocover.errors import MapError
from geocover.maps import Visit, coverage_page, static_asset, static_digest
from geocover.maps import page as page_module
from geocover.maps.assets import OWN, imported_modules
from geocover.maps.page import local_assets
from geocover.maps.texts import texts
from geocover.maps.writing import refuse_outside, script_json
from tests.maps.reading import config_of, preloaded
from tests.small_snapshots import END_TAG, IMG, QUOTES, TEMPLATE

if TYPE_CHECKING:
    from geocover.store import Snapshot

NONCE = "test-nonce"
# Scripts that the page asks for once it stands.
TOOLS = sorted(f"tools/{path.name}" for path in (OWN / "tools").glob("*.js"))


def test_nothing_comes_from_outside(snapshot: Snapshot) -> None:
    """Catches folium's 72 addresses: a closed network would show an empty map."""
    html = coverage_page(snapshot, Visit(NONCE))
    assert not re.findall(r"https?://(?!www\.w3\.org)", html)
    for style in (
        "base.css",
        "coverage.css",
        "map.css",
        "leaflet.css",
        "MarkerCluster.css",
        "uploads/uploads.css",
    ):
        assert not re.search(rb"@import|url\([\"']?(?:https?:)?//", static_asset(style)[0])


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cdn.example/x.js"></script>', "<img src=//cdn.example/x.png>",
        "<link rel=stylesheet href='http://x/y.css'>", "<style>@import '//x/y.css'</style>",
        "<style>a{background:url( https://x/y.png)}</style>", '<form action="HTTPS://x/">',
    ],
)  # fmt: skip
def test_an_address_from_outside_fails_the_build(markup: str) -> None:
    """Catches a check that knows one spelling only."""
    with pytest.raises(MapError, match="outside"):
        refuse_outside(f"<html>{markup}</html>")


def test_a_plugin_that_we_do_not_carry_fails_the_build() -> None:
    """Catches a new folium element whose script would silently be missing."""
    from folium.plugins import Fullscreen

    the_map = folium.Map(tiles=None)
    Fullscreen().add_to(the_map)
    with pytest.raises(MapError, match=r"Control\.Fullscreen"):
        local_assets(the_map.get_root())


def test_equal_requests_give_equal_pages(snapshot: Snapshot) -> None:
    """Catches folium's random names, which would make every page differ."""
    pages = []
    for _ in range(2):
        page_module._folium_parts.cache_clear()
        pages.append(coverage_page(snapshot, Visit(NONCE)))
    assert pages[0] == pages[1]


def test_page_is_small_and_quick(snapshot: Snapshot, snapshots: list[Snapshot]) -> None:
    """Catches data poured into the page, and a map rebuilt for every reader."""
    request = Visit(NONCE, history=snapshots)
    html = coverage_page(snapshot, request)
    assert len(gzip.compress(html.encode())) < 30_000
    start = time.perf_counter()
    for _ in range(5):
        coverage_page(snapshot, request)
    assert (time.perf_counter() - start) / 5 < 0.05


def test_made_up_data_say_so(snapshot: Snapshot, hostile: Snapshot) -> None:
    """Catches a missing band, and a band on real data."""
    for language, words in (
        ("vi", ("Dữ liệu minh họa", "Ranh giới sơ đồ")),
        ("en", ("Illustrative", "Schematic")),
    ):
        band = (
            coverage_page(hostile, Visit(NONCE, language=language)).split('class="band"')[1].split("</p>")[0]
        )
        assert all(word in band for word in words)
        assert 'class="band"' not in coverage_page(snapshot, Visit(NONCE, language=language))


def test_names_cannot_leave_their_place(hostile: Snapshot) -> None:
    """Catches a name as markup or code in what the server writes; the browser test covers the scripts."""
    html = coverage_page(hostile, Visit(NONCE, history=[hostile], positions=True))
    assert IMG not in html
    assert END_TAG not in html
    assert "<svg onload" not in html
    assert html.count("<script") == html.count("</script>") == 5
    assert config_of(html)["note"] == f"{END_TAG}{TEMPLATE}"
    assert config_of(html)["operators"]["4G"][2:] == sorted([TEMPLATE, QUOTES])


def test_the_public_page_knows_no_stations(snapshot: Snapshot) -> None:
    """Catches a layer or a download of positions on the page of a reader who may not see them."""
    closed = coverage_page(snapshot, Visit(NONCE))
    assert config_of(closed)["positions"] is False
    assert not re.search("markercluster|marker_cluster|MarkerCluster", closed)
    assert "marker_cluster_stations" in coverage_page(snapshot, Visit(NONCE, positions=True))


def test_script_json_survives_every_payload() -> None:
    """Catches an end tag, a comment or a line separator inside a script element."""
    value = ["</script>", "<!--", "]]>", "\u2028", "&amp;", "\\`${x}"]
    text = script_json(value)
    assert json.loads(text) == value
    assert not set("<>&\u2028") & set(text)


def test_date_picker_offers_all_dates_newest_first(snapshots: list[Snapshot]) -> None:
    """Catches a lost date, and a change counted from the wrong one."""
    html = coverage_page(snapshots[-1], Visit(NONCE, history=snapshots))
    picker = html.split('<select id="date"')[1].split("</select>")[0]
    assert re.findall(r"<option[^>]*>([^<]+)<", picker) == ["31/12/2025", "30/06/2025"]
    assert config_of(html)["previous"]["as_of"] == "2025-06-30"
    assert config_of(coverage_page(snapshots[0], Visit(NONCE, history=snapshots)))["previous"] is None


def test_tiles_only_when_asked_for(snapshot: Snapshot) -> None:
    """Catches a default tile server, and a setting that does nothing."""
    url = "https://tiles.example/{z}/{x}/{y}.png"
    assert "tileLayer" not in coverage_page(snapshot, Visit(NONCE))
    html = coverage_page(snapshot, Visit(NONCE, tiles=(url, "<b>© ai đó</b>")))
    assert url in html
    assert "<b>" not in html
    assert "ai \\u0111\\u00f3" in html or "ai đó" in html


def test_scripts_ask_only_for_texts_that_exist() -> None:
    """Catches a word that is missing in the table: the page would stop there."""
    names = [*imported_modules("app.js"), "app.js", *TOOLS]
    code = "".join(static_asset(name)[0].decode() for name in names)
    asked = set(re.findall(r'\bt\(\s*"([a-z_0-9]+)"', code))
    built = {
        f"{stem}{end}" for stem, ends in (("by_", ("area", "population")), ("level_", "1234")) for end in ends
    }
    assert len(asked) > 40
    assert asked | built <= set(texts("vi")) == set(texts("en"))
    assert all(texts("vi").values())


def test_every_import_of_a_script_is_served(snapshot: Snapshot) -> None:
    """Catches a module that is renamed in one place only, needed by no page, or not asked for early."""
    early = preloaded(coverage_page(snapshot, Visit(NONCE)))
    assert early == {path.name for path in OWN.glob("*.js")} - {"app.js", "notebook.js"}
    assert TOOLS
    for name in ("app.js", *early, *TOOLS):
        folder = name.rpartition("/")[0]
        code = static_asset(name)[0].decode()
        for imported in re.findall(r'from ?"([\w./]+)"', code):
            assert posixpath.normpath(posixpath.join(folder, imported)) in imported_modules(name)
        for imported in re.findall(r'import\( ?"([\w./]+)"', code):
            assert static_asset(posixpath.normpath(posixpath.join(folder, imported)))[1] == "text/javascript"


@pytest.mark.parametrize("name", ["../page.py", "/etc/passwd", "leaflet.js.map", "", "fonts/../coverage.css"])
def test_only_listed_files_are_served(name: str) -> None:
    """Catches a path that leads out of the folder."""
    with pytest.raises(MapError, match="no static file"):
        static_asset(name)


def test_address_of_files_follows_their_content() -> None:
    """Catches a digest that would keep old scripts in browsers for ever."""
    assert re.fullmatch(r"[0-9a-f]{16}", static_digest())
    assert static_asset("fonts/be-vietnam-pro-vietnamese-400-normal.woff2")[1] == "font/woff2"
    assert b"SIL Open Font License" in static_asset("fonts/LICENSE.txt")[0]


def test_import_does_not_load_folium() -> None:
    """Catches folium at module level: it costs every command a second and a half."""
    code = "import sys, geocover.maps; sys.exit('folium' in sys.modules or 'branca' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_snapshot_without_terrain_offers_no_ground(snapshot: Snapshot) -> None:
    """Catches a layer whose every tile would be refused."""
    held = "rasters/elevation.tif" in snapshot.manifest["files"]
    assert ("feature_group_hillshade" in coverage_page(snapshot, Visit(NONCE))) is held


def test_page_tells_what_the_tools_need(snapshots: list[Snapshot]) -> None:
    """Catches dates, sources or zooms that the comparison, the print and the tiles would lack."""
    config = config_of(coverage_page(snapshots[-1], Visit(NONCE, history=snapshots)))
    assert [one["as_of"] for one in config["dates"]] == ["2025-06-30", "2025-12-31"]
    assert set(config["dates"][0]) == {"id", "as_of"}
    assert config["last_zoom"]["raster"] > config["last_zoom"]["hillshade"] > 0
    assert {"areas", "network"} <= set(config["sources"])
    assert [one["min"] for one in config["population"]] == sorted(
        (one["min"] for one in config["population"]), reverse=True
    )
