"""Pages for site lists: sign in, upload, and what was found; the scripts fetch and draw the rest."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.maps.pages.alphabet import alphabet_key
from geocover.maps.texts import texts
from geocover.maps.writing import write_page
from geocover.site_lists.columns.heads import IGNORED, fields
from geocover.site_lists.findings import catalogue
from geocover.site_lists.places.zones import ZONES
from geocover.site_lists.values.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.maps.header import Visit
    from geocover.wording import Language

STYLES = ("base.css", "map.css", "uploads/uploads.css")
# Browsers drop blanks and read a backslash as a slash, and two slashes begin another server's address.
_OWN_ADDRESS = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")
_DETAIL = re.compile(r"\{\w+\}")
_ASIDE = re.compile(r"\s*\([^()]*[{,][^()]*\)")  # details and lists of examples, not "(W)"


def sign_in_page(visit: Visit, next_address: str = "/uploads") -> str:
    """HTML of the form that takes a key; it leads to an address of this server afterwards.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    safe = next_address if _OWN_ADDRESS.fullmatch(next_address) else "/uploads"
    return _page("sign_in", visit, {"next": safe})


def uploads_page(visit: Visit, max_bytes: int | None = None) -> str:
    """HTML of the page where a file is dropped, and of the earlier uploads.

    Parameters
    ----------
    visit
        Who reads what.
    max_bytes
        Largest file that the server takes; None where it does not say.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    own = bool(visit.me and visit.me["operator"])  # a partner is told of no other
    more = {"operators": [] if own else _operators(), "max_bytes": max_bytes}
    return _page("uploads", visit, more)


def upload_page(visit: Visit, list_id: str, *, outlines: bool = False) -> str:
    """HTML of what was found in one list.

    Parameters
    ----------
    visit
        Who reads what.
    list_id
        The list.
    outlines
        Whether there is a snapshot whose communes can be drawn.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    more = {
        "list": list_id,
        "outlines": outlines,
        "fields": _fields(visit.language),
        "codes": _codes(visit.language),
        "zones": [[zone.crs, zone.name] for zone in ZONES],
    }
    return _page("upload", visit, more, mapped=True)


def _page(name: str, visit: Visit, more: Mapping[str, Any], *, mapped: bool = False) -> str:
    """Render a page; `more` is what its script and its template know beside the words."""
    words = texts(visit.language, "uploads")
    content = {
        "csrf": visit.csrf,
        "text": words,
        "styles": [*["leaflet.css"] * mapped, *STYLES],
        "scripts": ["leaflet.js"] * mapped,
        "config": {"language": visit.language, "text": words, "me": visit.me, **more},
        "more": more,
    }
    return write_page(f"{name}.html", visit, f"uploads/{name}.js", content)


@lru_cache(maxsize=1)
def _operators() -> list[str]:
    return list(tomllib.loads(OPERATORS.read_text(encoding="utf-8")))


@lru_cache(maxsize=2)
def _fields(language: Language) -> list[list[str]]:
    """Fields that a column can have, with their names, sorted by name."""
    named = [[name, field.vi if language == "vi" else field.en] for name, field in fields().items()]
    return sorted((one for one in named if one[0] != IGNORED), key=lambda one: alphabet_key(one[1]))


@lru_cache(maxsize=2)
def _codes(language: Language) -> dict[str, dict[str, str]]:
    """Severity of each code of a finding, and what it says without what differs from row to row."""
    return {
        code: {"severity": one.severity, "text": _general(one.vi if language == "vi" else one.en)}
        for code, one in catalogue().items()
    }


def _general(text: str) -> str:
    """Leave out the column in front and details in parentheses, and put "…" for what differs."""
    general = _DETAIL.sub("…", _ASIDE.sub("", text.removeprefix("{column}: ")))
    return general[:1].upper() + general[1:]
