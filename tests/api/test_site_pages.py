"""The pages over HTTP: who sees what, problems as pages for browsers, kept copies, the head of every page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from api.settings import Settings
from geocover.register.keys import NewKey, add_key
from tests.api.filling import A, B
from tests.api.running import bearer
from tests.small_snapshots import IMG

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from geocover.store import Snapshot
    from tests.api.conftest import Serving
    from tests.api.filling import Filled

PAGES = (
    "/maps/coverage", "/maps/commune/07894", "/maps/compare", "/maps/gaps", "/maps/places", "/downloads",
    "/method",
)  # fmt: skip
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.mark.parametrize("path", PAGES)
def test_pages_guard_their_scripts_and_are_kept_right(client: httpx.Client, path: str) -> None:
    """Catches a page whose nonce is not its policy's, that is kept unchecked, or that lets eval in."""
    first, second = (client.get(path) for _ in range(2))
    policy = first.headers["content-security-policy"]
    nonces = set(re.findall(r'nonce="([^"]+)"', first.text))
    assert policy.count("nonce-") == len(nonces) == 1
    assert f"'nonce-{nonces.pop()}'" in policy
    assert "unsafe-eval" not in policy
    assert first.text != second.text
    assert first.headers["etag"] == second.headers["etag"]
    assert first.headers["etag"].startswith("W/")
    assert first.headers["cache-control"] == "no-cache"
    held = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert held.status_code == 304
    assert "content-security-policy" not in held.headers
    other = client.get(path, params={"lang": "en"})
    assert '<html lang="en">' in other.text
    assert other.headers["etag"] != first.headers["etag"]
    assert client.get(path, params={"unknown": "1"}).status_code == 400


def test_who_is_signed_in_stands_in_the_head(closed: httpx.Client, filled: Filled) -> None:
    """Catches a page that tells nobody's name, another's, or that a shared cache may keep."""
    for path in PAGES:
        public = closed.get(path)
        assert "/sign-in?" in public.text
        for reader, name in (("a", A), ("planner", "cán bộ quy hoạch"), ("viewer", "người xem")):
            own = closed.get(path, headers=bearer(filled.tokens[reader]))
            assert f">{name}</p>" in own.text, (path, reader)
            assert own.headers["cache-control"] == "private, no-cache"
            assert own.headers["etag"] != public.headers["etag"]
            assert 'id="sign-out"' not in own.text  # a key in a header cannot be signed out
        assert B not in closed.get(path, headers=bearer(filled.tokens["a"])).text


def test_what_each_reader_sees_of_stations(closed: httpx.Client, filled: Filled) -> None:
    """Catches stations for the public, none for a planner, and a rival's for a partner."""
    seen = {
        reader: closed.get(
            "/maps/commune/07894", headers=bearer(filled.tokens[reader]) if reader != "none" else {}
        ).text
        for reader in ("none", "viewer", "a", "b", "planner", "admin")
    }
    ids = {reader: set(re.findall(r"PTO\d-[45]G", html)) for reader, html in seen.items()}
    assert ids["none"] == ids["viewer"] == set()
    assert ids["a"]
    assert ids["b"]
    assert not ids["a"] & ids["b"]
    assert ids["planner"] == ids["admin"] == ids["a"] | ids["b"]
    assert "Đăng nhập để xem trạm" in seen["none"]
    assert "xin khoá có quyền đó" in seen["viewer"]
    own = closed.get("/maps/compare", headers=bearer(filled.tokens["a"])).text
    assert "/stations?" in closed.get("/downloads", headers=bearer(filled.tokens["planner"])).text
    assert "/stations?" not in closed.get("/downloads").text
    assert B not in own


def test_a_problem_is_a_page_for_a_browser(client: httpx.Client) -> None:
    """Catches JSON where people read, a page where programs read, and a page without a way back."""
    for path, status in (
        ("/maps/nowhere", 404), ("/maps/commune/99999", 404), ("/maps/gaps?technology=6G", 400),
        ("/maps/gaps?page=x", 400), ("/maps/compare?from=2001-01-01", 404), ("/communes/99999/coverage", 404),
    ):  # fmt: skip
        for language, word in (("vi", "Về trang tổng quan"), ("en", "To the overview")):
            address = f"{path}{'&' if '?' in path else '?'}lang={language}"
            page = client.get(address, headers=BROWSER)
            assert page.status_code == status
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert word in page.text
            assert f'<html lang="{language}">' in page.text
            assert len(page.headers.get_list("content-security-policy")) == 1
            data = client.get(address)
            assert data.headers["content-type"] == "application/problem+json"
            assert data.json()["status"] == status
    refused = client.get("/register?as_of=2025-12-31", headers=BROWSER)
    assert refused.status_code == 401
    assert "/sign-in?" in refused.text


def test_nothing_of_an_address_becomes_markup(client: httpx.Client) -> None:
    """Catches reflected XSS: what is asked for stands on the page as text."""
    payload = f'"><script>alert(1)</script>{IMG}'
    for path in (*PAGES, "/maps/nowhere"):
        for name in ("commune", "gap", "technology", "snapshot", "from", "unknown", "lang"):
            page = client.get(path, params={name: payload}, headers=BROWSER)
            assert "<script>alert" not in page.text, (path, name)
            assert IMG not in page.text
    for end in (payload, "%3Cscript%3Ealert(1)%3C/script%3E"):
        assert "<script>alert" not in client.get(f"/maps/commune/{end}", headers=BROWSER).text


def test_the_name_of_a_key_stays_text(closed: httpx.Client, filled: Filled) -> None:
    """Catches a key's name as markup in the head of a page."""
    _, token = add_key(filled.database, NewKey(IMG, "planner"), "test")
    for path in PAGES:
        page = closed.get(path, headers=bearer(token)).text
        assert IMG not in page
        assert "&lt;img src=x" in page


def test_without_any_result_pages_say_what_to_do(serving: Serving, tmp_path: Path) -> None:
    """Catches a bare 404 on a new server, and a method page that needs a result."""
    with serving(Settings(snapshots=tmp_path / "snapshots", data=tmp_path)) as empty:
        for path in PAGES[:-1]:
            page = empty.get(path, headers=BROWSER)
            assert page.status_code == 404
            assert "geocover demo" in page.text
            assert "/uploads?" in page.text
            assert empty.get(path).headers["content-type"] == "application/problem+json"
        assert empty.get("/method", headers=BROWSER).status_code == 200


def test_one_date_alone_is_not_compared(serving: Serving, hostile_root: Path) -> None:
    """Catches an error, or a comparison with itself, where there is one date."""
    with serving(Settings(snapshots=hostile_root, open=True)) as one:
        page = one.get("/maps/compare", headers=BROWSER)
        assert page.status_code == 200
        assert "Mới có một ngày số liệu" in page.text


def test_dates_and_names_choose_what_is_compared(client: httpx.Client, snapshot: Snapshot) -> None:
    """Catches a parameter that is passed over, and an order that is not the reader's."""
    default = client.get("/maps/compare").text
    chosen = client.get("/maps/compare", params={"from": "2025-06-30", "to": snapshot.id}).text
    turned = client.get("/maps/compare", params={"from": "2025-12-31", "to": "2025-06-30"}).text

    def table(html: str) -> str:
        return html.partition('id="communes"')[2].partition("</table>")[0]

    assert rows(table(default)) == rows(table(chosen))
    assert {code: (after, before) for code, before, after in rows(table(default))} == {
        code: (before, after) for code, before, after in rows(table(turned))
    }


def rows(table: str) -> list[tuple[Any, ...]]:
    """Code, value before and value after of each row."""
    return re.findall(
        r'/maps/commune/(\d{5})\?[^>]*>[^<]*</a></th>\s*<td class="number">([^<]+)<.*?</td>\s*'
        r'<td class="number">([^<]+)<',
        table,
        re.DOTALL,
    )
