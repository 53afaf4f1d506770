"""Names that try to run scripts stay names: on the page, in popups, lists and tables, and in notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest

from geocover.areas import Areas
from geocover.maps import show
from geocover.store import list_snapshots
from tests.browser.hostile import MARKUP, PAGES, PAYLOADS, REFLECTED, HostilePage, assert_harmless
from tests.small_snapshots import CODES, HOSTILE_NAMES, IMG, SIDE, SOUTH, WEST

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.browser

# Opens every tooltip and popup in turn; gives how many were opened, and what of the names became markup.
OPEN_ALL = f"""() => {{
  let opened = 0;
  const found = [];
  for (const layer of Object.values(map_coverage._layers)) {{
    for (const kind of ["Tooltip", "Popup"]) {{
      if (!layer[`get${{kind}}`]?.()) continue;
      layer[`open${{kind}}`]();
      opened += 1;
      found.push(...[...document.querySelectorAll(`{MARKUP}`)].map((one) => one.outerHTML));
    }}
  }}
  return {{ opened, found }};
}}"""


@pytest.mark.parametrize("language", ["vi", "en"])
def test_no_name_runs(watch: Any, hostile_origin: str, language: str) -> None:
    """Catches stored XSS through names of communes, places, stations, operators, notes and titles."""
    watched = watch(hostile_origin)
    page = watched.open(f"/maps/coverage?lang={language}")
    for box in page.locator(".leaflet-control-layers-overlays input").all():
        box.check()
    page.wait_for_timeout(300)
    for technology in ("5G", "4G"):
        page.get_by_role("button", name=technology, exact=True).click()
        for code in CODES:
            page.locator("#search").fill(code)
            page.keyboard.press("Enter")
            page.wait_for_selector("#commune table")
            result = page.evaluate(OPEN_ALL)
            assert result["opened"] >= 17
            assert result["found"] == []
    page.evaluate(f"map_coverage.setView([{SOUTH + 0.5 * SIDE}, {WEST + 0.4 * SIDE}], 17)")
    page.wait_for_timeout(800)
    assert page.evaluate(OPEN_ALL)["found"] == []
    page.evaluate("marker_cluster_stations.eachLayer(one => one._map && one.openPopup())")
    station = {"vi": "Trạm", "en": "Station"}[language]
    assert f"{station} {IMG}" in page.locator("body").inner_text()
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
    page.locator(".leaflet-overlay-pane path").first.hover(force=True)
    page.wait_for_timeout(500)
    assert watched.dialogs == []
    assert watched.outside() == []
    assert page.locator(MARKUP).count() == 0
    shown = page.locator("body").inner_text()
    assert all(name in shown for name in HOSTILE_NAMES)
    assert watched.faults == []


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("wanted", PAGES, ids=lambda one: one.address + one.fragment)
def test_no_page_runs_a_name(watch: Any, hostile_origin: str, wanted: HostilePage, language: str) -> None:
    """Catches stored XSS in any page that shows a snapshot: `tests.browser.hostile.PAGES` lists them."""
    watched = watch(hostile_origin)
    watched.page.goto(f"{hostile_origin}{wanted.address}?lang={language}{wanted.fragment}")
    if wanted.press:
        watched.page.locator(wanted.press).click()
    watched.page.wait_for_selector(wanted.ready, timeout=30_000)
    assert_harmless(watched)
    own = [f"responded with a status of {status} " for status in wanted.refused]
    assert [fault for fault in watched.faults if not any(one in fault for one in own)] == []


def test_no_answer_runs_what_was_asked(watch: Any, hostile_origin: str) -> None:
    """Catches reflected XSS: payloads in parameters, paths and fragments that come back in an answer."""
    watched = watch(hostile_origin)
    watched.page.goto(f"{hostile_origin}/healthz")
    fetched = watched.page.request
    for number, address in enumerate(REFLECTED):
        every = address.startswith(("/maps/coverage", "/sign-in"))  # of the others each a few, in turn
        for payload in PAYLOADS if every else (PAYLOADS[:2] + PAYLOADS[number % len(PAYLOADS) :][:2]):
            asked = hostile_origin + address.replace("{}", quote(payload, safe=""))
            response = fetched.get(asked)
            assert response.status < 500
            if response.headers["content-type"].startswith("text/html"):
                watched.page.goto(asked)
                assert_harmless(watched)
            else:
                assert response.headers["x-content-type-options"] == "nosniff"
                assert "default-src 'none'" in response.headers["content-security-policy"]
    assert watched.dialogs == []


def test_the_look_sees(watch: Any, hostile_origin: str) -> None:
    """Catches a corpus and a listener that would see nothing: here the payloads do run."""
    watched = watch(hostile_origin)
    watched.page.set_content("<main>" + PAYLOADS[0] + PAYLOADS[4] + "</main>")
    watched.page.wait_for_timeout(300)
    assert watched.dialogs
    with pytest.raises(AssertionError):
        assert_harmless(watched)


def test_made_up_data_are_marked_on_the_map(watch: Any, hostile_origin: str) -> None:
    """Catches a band that is hidden, cut or behind the map, at both widths."""
    for width in (1440, 360):
        page = watch(hostile_origin, width).open()
        band = page.locator(".band span")
        assert band.is_visible()
        assert "MINH HỌA" in band.inner_text().upper()
        at = page.evaluate(
            "(() => {const b = document.querySelector('.band span').getBoundingClientRect();"
            " return getComputedStyle(document.querySelector('.band')).zIndex})()"
        )
        assert int(at) > 650
    assert "ranh giới sơ đồ" in page.locator("#about").inner_text().lower()


def test_notebook_map_runs_nothing_and_draws(
    watch: Any, hostile_origin: str, hostile_root: Path, tmp_path: Path
) -> None:
    """Catches a notebook's map that is empty, fetches, or runs a name; it is opened as a file."""
    snapshot = list_snapshots(hostile_root)[-1]
    shares = snapshot.shares[snapshot.shares["profile"] == "outdoor-4g"]
    gaps = snapshot.gaps[snapshot.gaps["technology"] == "4G"]
    file = tmp_path / "map.html"
    show(Areas(snapshot.communes, quality="schematic"), shares, gaps).save(str(file))
    watched = watch(hostile_origin)
    page = watched.page
    page.goto(file.as_uri())
    page.wait_for_selector(".leaflet-overlay-pane path")
    assert page.locator(".leaflet-overlay-pane path").count() == 5
    page.locator(".leaflet-overlay-pane path").first.hover(force=True)
    page.locator(".leaflet-overlay-pane path").last.dispatch_event("click")
    page.wait_for_selector(".leaflet-popup")
    assert watched.dialogs == []
    assert [one for one in watched.requests if not one.startswith(("file:", "data:"))] == []
    assert watched.faults == []
    assert page.locator(".band").is_visible()
