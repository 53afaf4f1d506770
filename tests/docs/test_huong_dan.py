"""docs/huong-dan.md speaks of what is on the pages: their words as they are, pictures there and small."""

from __future__ import annotations

import re
import tomllib

import pytest
from PIL import Image

from geocover.maps.texts import texts
from geocover.report.point_answers import OPEN_WORDS
from tests.docs.blocks import ROOT

PAGE = (ROOT / "docs" / "huong-dan.md").read_text(encoding="utf-8")
PICTURES = ROOT / "docs" / "pictures"
QUOTED = re.compile(r"“([^”]+)”")
SHOWN = re.compile(r"!\[([^\]]+)\]\(pictures/([^)]+)\)")
LARGEST_BYTES = 100_000
LINKS = re.compile(r"\]\(([\w./-]+)\)")


def words() -> set[str]:
    """Every Vietnamese text that a page uses."""
    sources = "\n".join(
        file.read_text(encoding="utf-8")
        for kind in ("*.py", "*.js", "*.html")
        for file in (ROOT / "geocover" / "maps").rglob(kind)
    )
    tables = (ROOT / "geocover" / "maps").rglob("*.toml")
    told = [tomllib.loads(one.read_text(encoding="utf-8")) for one in tables]
    texts = [(key, entry) for one in told for key, entry in one.items() if isinstance(entry, dict)]
    return {text["vi"] for key, text in texts if isinstance(text.get("vi"), str) and used(key, sources)}


def used(key: str, sources: str) -> bool:
    """Whether a page names a text, whole or by how it begins ("state_" and the state)."""
    whole, begun = re.escape(key), re.escape(key.rpartition("_")[0])
    return bool(re.search(rf"\b{whole}\b|\b{begun}_(?:[\"'`]|\$\{{|\{{)", sources))


def test_what_the_guide_quotes_stands_on_a_page() -> None:
    """Catches a button that is called otherwise by now, or that is gone; “…” is only the sign explained."""
    quoted = {" ".join(one.split()) for one in QUOTED.findall(PAGE)} - {"…"}
    assert len(quoted) > 50
    missing = quoted - words() - sentences()
    filled = {one for one in missing if any(re.fullmatch(pattern, one) for pattern in patterns())}
    assert not missing - filled, missing - filled


def patterns() -> set[str]:
    """Texts with something to fill in, as patterns, but for those that hardly say anything else."""
    open_ones = [one for one in words() if "{" in one and len(re.sub(r"\{\w+\}|\W", "", one)) > 5]
    return {re.sub(r"\\\{\w+\\\}", "[^{}]+", re.escape(one)) for one in open_ones}


def test_the_guide_quotes_what_a_reader_sees() -> None:
    """Catches a text of a table as it is before it is filled: “Chưa rõ: {why}.”."""
    assert not [one for one in QUOTED.findall(PAGE) if re.search("[{}]", one)]


def sentences() -> set[str]:
    """What the map says of a point where terrain is missing, as it stands there."""
    return {texts("vi")["point_open"].replace("{why}", why) for _, why, _ in OPEN_WORDS.values() if why}


def test_pictures_are_there_small_and_all_of_them_shown() -> None:
    """Catches a missing picture, one that is too heavy for a slow line, and one that nobody sees."""
    shown = {name for _, name in SHOWN.findall(PAGE)}
    assert shown == {one.name for one in PICTURES.iterdir()}
    for name in shown:
        assert (PICTURES / name).stat().st_size <= LARGEST_BYTES, name
        with Image.open(PICTURES / name) as picture:
            picture.verify()


@pytest.mark.parametrize("page", ["README.md", "docs/huong-dan.md", "docs/api.md", "docs/deploy.md"])
def test_links_lead_to_files(page: str) -> None:
    """Catches a link to a file that was renamed."""
    file = ROOT / page
    for target in LINKS.findall(file.read_text(encoding="utf-8")):
        assert (file.parent / target).exists(), target
