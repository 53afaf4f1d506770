"""Pages for site lists: sign in, upload, and what was found; the scripts fetch and draw the rest."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.maps.assets import static_url
from geocover.maps.header import LISTS, Visit, header
from geocover.maps.page import Language, refuse_outside, script_json, template
from geocover.maps.texts import texts
from geocover.site_lists.columns.heads import IGNORED, fields
from geocover.site_lists.findings import catalogue
from geocover.site_lists.places.zones import ZONES
from geocover.site_lists.values.operators import OPERATORS

if TYPE_CHECKING:
    from collections.abc import Mapping

MAP_STYLES = ("leaflet.css", "base.css", "map.css", "uploads/uploads.css")
STYLES = MAP_STYLES[1:]
# Scripts that those of a page import, asked for at once instead of one after the other.
SHARED = ("base.js", "uploads/http.js")
UPLOAD_MODULES = (
    *SHARED, "uploads/chosen.js", "uploads/earlier.js", "uploads/filters.js", "uploads/words.js",
)  # fmt: skip
RESULT_MODULES = (
    *SHARED, "uploads/changes.js", "uploads/columns.js", "uploads/decisions.js", "uploads/dots.js",
    "uploads/findings.js", "uploads/map.js", "uploads/pager.js", "uploads/progress.js", "uploads/summary.js",
    "uploads/words.js",
)  # fmt: skip
# Browsers drop blanks and read a backslash as a slash, and two slashes begin another server's address.
_OWN_ADDRESS = re.compile(r"/(?!/)[^\\\x00-\x20\x7f]*")
_DETAIL = re.compile(r"\{\w+\}")
_ASIDE = re.compile(r"\s*\([^()]*[{,][^()]*\)")  # details and lists of examples, not "(W)"


@dataclass(frozen=True)
class FormRequest:
    """What a page for site lists needs.

    Attributes
    ----------
    nonce
        Of the Content-Security-Policy, for every script element.
    csrf
        Token that the page's forms and requests carry.
    language
        "vi" or "en".
    me
        Who reads: ``name``, ``role``, ``operator`` and ``may``, as the API's ``/me`` says; None for nobody.
    outlines
        Whether there is a snapshot whose communes can be drawn.
    max_bytes
        Largest file that the server takes; None where it does not say.
    path, query
        The page's address.
    """

    nonce: str
    csrf: str
    language: Language = "vi"
    me: Mapping[str, Any] | None = None
    outlines: bool = False
    max_bytes: int | None = None
    path: str = LISTS
    query: Mapping[str, str] = field(default_factory=dict)


def sign_in_page(request: FormRequest, next_address: str = "/uploads") -> str:
    """HTML of the form that takes a key; it leads to an address of this server afterwards.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    safe = next_address if _OWN_ADDRESS.fullmatch(next_address) else "/uploads"
    return _page("sign_in.html", request, {"next": safe}, (STYLES, SHARED, ()))


def uploads_page(request: FormRequest) -> str:
    """HTML of the page where a file is dropped, and of the earlier uploads.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    own = bool(request.me and request.me["operator"])  # a partner is told of no other
    more = {"operators": [] if own else _operators(), "max_bytes": request.max_bytes}
    return _page("uploads.html", request, more, (STYLES, UPLOAD_MODULES, ()))


def upload_page(request: FormRequest, list_id: str) -> str:
    """HTML of what was found in one list.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    more = {
        "list": list_id,
        "outlines": request.outlines,
        "fields": _fields(request.language),
        "codes": _codes(request.language),
        "zones": [[zone.crs, zone.name] for zone in ZONES],
    }
    return _page("upload.html", request, more, (MAP_STYLES, RESULT_MODULES, ("leaflet.js",)))


def _page(
    name: str,
    request: FormRequest,
    more: Mapping[str, Any],
    parts: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]],
) -> str:
    """Render a page; `parts` are its styles, modules and scripts."""
    styles, modules, scripts = parts
    words = texts(request.language, "uploads")
    config = {"language": request.language, "text": words, "me": request.me, **more}
    html = template(name).render(
        lang=request.language,
        nonce=request.nonce,
        csrf=request.csrf,
        head=header(_visit(request)),
        text=words,
        static=static_url,
        styles=styles,
        modules=modules,
        scripts=scripts,
        app=f"uploads/{name.removesuffix('.html')}.js",
        config=script_json(config),
        more=more,
    )
    return refuse_outside(html)


def _visit(request: FormRequest) -> Visit:
    return Visit(
        request.nonce, request.language, request.path, request.query, me=request.me, csrf=request.csrf
    )


@lru_cache(maxsize=1)
def _operators() -> list[str]:
    return list(tomllib.loads(OPERATORS.read_text(encoding="utf-8")))


@lru_cache(maxsize=2)
def _fields(language: Language) -> list[list[str]]:
    """Fields that a column can have, with their names, sorted by name."""
    named = [[name, field.vi if language == "vi" else field.en] for name, field in fields().items()]
    return sorted((one for one in named if one[0] != IGNORED), key=lambda one: one[1].casefold())


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
