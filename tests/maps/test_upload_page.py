"""The pages for site lists, as the server writes them: whole, guarded, and without a name as markup."""

from __future__ import annotations

import gzip
import re
import time
from itertools import chain
from typing import TYPE_CHECKING, Any

import pytest

from geocover.maps import Visit, static_asset
from geocover.maps.assets import OWN
from geocover.maps.texts import texts
from geocover.maps.upload_page import sign_in_page, upload_page, uploads_page
from geocover.site_lists.columns.heads import IGNORED, fields
from geocover.site_lists.findings import SEVERITIES, catalogue
from tests.maps.reading import config_of, preloaded
from tests.small_snapshots import END_TAG, IMG, QUOTES

if TYPE_CHECKING:
    from pathlib import Path

ME = {"name": "Tổ dữ liệu", "role": "partner", "operator": "Viettel", "may": {"lists:upload": True}}
SCRIPTS = sorted((OWN / "uploads").glob("*.js"))
# Words that scripts put together, by their beginning.
BUILT = {
    "state_": ("draft", "checked", "submitted", "accepted", "superseded", "rejected", "failed"),
    "job_": ("queued", "running", "done"),
    "step_": ("start", "read", "check", "write", "keep", "predict", "answer", "sensitivity"),
    "by_": ("mapping", "head", "values", "none"),
    "severity_": ("all", *SEVERITIES),
    "one_": SEVERITIES,
    "points_": ("accepted", "rejected"),
    "diff_": ("all", "added", "removed", "moved", "changed"),
    "map_": ("rows", "changes"),
    "role_": ("viewer", "partner", "planner", "admin"),
}


def pages(**more: Any) -> dict[str, str]:
    """All three pages for a reader."""
    visit = Visit("test-nonce", **{"csrf": "test-token", "me": ME, **more})
    return {
        "sign_in": sign_in_page(visit),
        "uploads": uploads_page(visit),
        "upload": upload_page(visit, "list-1"),
    }


def test_every_script_has_the_nonce_and_every_page_the_token() -> None:
    """Catches a script that the security policy would refuse, and forms that cannot be sent."""
    for name, html in pages().items():
        scripts = re.findall(r"<script([^>]*)>", html)
        assert all('nonce="test-nonce"' in one or 'type="application/json"' in one for one in scripts), name
        assert '<meta name="csrf" content="test-token">' in html
        assert not re.search(r"\son[a-z]+\s*=", html)
        assert "style=" not in html
        assert not re.findall(r"https?://", html)


def test_names_of_readers_stay_names() -> None:
    """Catches the name of a key or an operator as markup or code."""
    for html in pages(me={**ME, "name": QUOTES, "operator": END_TAG}).values():
        assert "<svg" not in html
        assert html.count("<script") == html.count("</script>")
        assert END_TAG not in html
        assert config_of(html)["me"]["operator"] == END_TAG
    html = upload_page(Visit("n", csrf=IMG, me=ME), IMG)
    assert IMG not in html
    assert config_of(html)["list"] == IMG


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        ("/uploads/abc?lang=en", "/uploads/abc?lang=en"), ("//evil.example/", "/uploads"),
        ("https://evil.example/", "/uploads"), ("/\\evil.example", "/uploads"),
        ("javascript:alert(1)", "/uploads"), ("", "/uploads"), ("/\t/evil.example", "/uploads"),
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(asked: str, taken: str) -> None:
    """Catches an open redirect: a link to our sign-in page that ends on somebody else's."""
    assert f'name="next" value="{taken}"' in sign_in_page(Visit("n", csrf="t"), asked)


def test_scripts_ask_only_for_words_that_exist() -> None:
    """Catches a word that is missing in the table, and one that nobody says."""
    code = "".join(path.read_text(encoding="utf-8") for path in [*SCRIPTS, OWN / "base.js"])
    templates = "".join(
        (OWN.parent / "templates" / f"{name}.html").read_text(encoding="utf-8")
        for name in ("lists_base", "sign_in", "uploads", "upload")
    )
    asked = set(re.findall(r'\bt\(\s*"([a-z_0-9]+)"', code))
    asked |= set(re.findall(r"\btext\.([a-z_]+)", templates))
    built = {f"{stem}{end}" for stem, ends in BUILT.items() for end in ends}
    known = set(texts("vi", "uploads"))
    asked -= {"any", "all"}
    assert asked | built <= known == set(texts("en", "uploads"))
    quoted = set(re.findall(r'"([a-z_0-9]+)"', code))
    assert known - asked - built - quoted == set(), "words that no page says"
    assert all(texts("vi", "uploads").values())


def test_languages_hold_the_same_details() -> None:
    """Catches {count} that is given to one language only."""
    vi, en = texts("vi", "uploads"), texts("en", "uploads")
    for key, said in vi.items():
        assert sorted(re.findall(r"\{\w+", said)) == sorted(re.findall(r"\{\w+", en[key])), key


def imports(path: Path) -> set[str]:
    """Names under which a script's imports are served."""
    found = re.findall(r'from "([^"]+)"', path.read_text(encoding="utf-8"))
    return {one.removeprefix("../") if one.startswith("../") else f"uploads/{one[2:]}" for one in found}


def test_every_import_of_a_script_is_served_and_asked_for_early() -> None:
    """Catches a module that is renamed in one place only, or fetched one after the other."""
    entries = {name: preloaded(html) for name, html in pages().items()}
    for name, modules in entries.items():
        needed: set[str] = set()
        waiting = imports(OWN / "uploads" / f"{name}.js")
        while waiting:
            one = waiting.pop()
            assert static_asset(one)[1] == "text/javascript"
            needed.add(one)
            waiting |= (imports(OWN / one) if one.startswith("uploads/") else set()) - needed
        assert needed == modules, name
    served = {f"uploads/{path.name}" for path in SCRIPTS}
    assert served <= set(chain(*entries.values())) | {f"uploads/{name}.js" for name in entries}


def test_result_page_knows_every_field_and_code() -> None:
    """Catches a column or a finding that the page could not name, and texts with details left open."""
    for language in ("vi", "en"):
        config = config_of(pages(language=language)["upload"])
        assert {name for name, _ in config["fields"]} == set(fields()) - {IGNORED}
        assert set(config["codes"]) == set(catalogue())
        for one in config["codes"].values():
            assert one["severity"] in SEVERITIES
            assert "{" not in one["text"]
        assert "EPSG:9208" in dict(config["zones"])


def test_pages_are_small_and_quick() -> None:
    """Catches lists poured into a page, and templates parsed for every reader."""
    pages()
    start = time.perf_counter()
    sizes = {name: len(gzip.compress(html.encode())) for name, html in pages().items()}
    assert time.perf_counter() - start < 0.2
    assert max(sizes.values()) < 25_000, sizes


def test_a_partner_is_told_of_no_other_operator() -> None:
    """Catches the choice of operators on the page of a key that has one alone."""
    partner = pages()
    assert not any(
        "VinaPhone" in html or "MobiFone" in html for html in (partner["uploads"], partner["sign_in"])
    )
    assert "VinaPhone" in pages(me={**ME, "role": "planner", "operator": None})["uploads"]


def test_scripts_write_no_markup() -> None:
    """Catches a script that would read a partner's text as markup or code."""
    for path in SCRIPTS:
        code = path.read_text(encoding="utf-8")
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", code
        )
