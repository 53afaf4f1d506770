"""The head of every page: where one can go, which date and language, and who is signed in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from geocover.maps.texts import texts
from geocover.wording import Language  # noqa: TC001  kept with the class

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geocover.store import Snapshot

OVERVIEW, COMPARE, LISTS, SIGN_IN = "/maps/coverage", "/maps/compare", "/uploads", "/sign-in"
# Pages of the navigation by the key of their name in pages.toml.
SECTIONS = {
    "nav_overview": OVERVIEW,
    "nav_compare": COMPARE,
    "nav_gaps": "/maps/gaps",
    "nav_places": "/maps/places",
    "nav_downloads": "/downloads",
    "nav_method": "/method",
    "nav_lists": LISTS,
}
# Pages that show no snapshot: an address that names one would be refused.
WITHOUT_SNAPSHOT = (LISTS, SIGN_IN)
LANGUAGES = (("vi", "VI"), ("en", "EN"))


@dataclass(frozen=True)
class Visit:
    """Who reads which page, and what stands in its address.

    Attributes
    ----------
    nonce
        Of the Content-Security-Policy, for every script element.
    language
        "vi" or "en".
    path, query
        The page's address; the query as given, in order.
    me
        Who reads: ``name``, ``role``, ``operator``, as the API's ``/me`` says; None for nobody.
    csrf
        Token that forms and requests carry; empty where nobody signed in by a form and nobody could here.
    history
        All snapshots on offer, oldest first.
    tiles
        Template of a tile server's addresses and whose tiles they are, or None.
    positions
        Whether the reader may see where stations stand.
    origin
        Address of the server as a client outside reaches it, without a path; for texts to be copied.
    """

    nonce: str
    language: Language = "vi"
    path: str = OVERVIEW
    query: Mapping[str, str] = field(default_factory=dict)
    me: Mapping[str, Any] | None = None
    csrf: str = ""
    history: Sequence[Snapshot] = ()
    tiles: tuple[str, str] | None = None
    positions: bool = False
    origin: str = ""

    def link(self, path: str | None = None, **query: str | float | None) -> str:
        """Address of a page in the reader's language; what is None is left out."""
        told = {
            "lang": self.language,
            **{name: value for name, value in query.items() if value not in (None, "")},
        }
        return f"{self.path if path is None else path}?{urlencode(told)}"

    def same(self, **changes: str | float | None) -> str:
        """Address of this page with some parameters changed; None takes one out."""
        return self.link(None, **{**self.query, **changes})


def header(visit: Visit, snapshot: Snapshot | None = None, *, dated: bool = True) -> dict[str, Any]:
    """What the template ``header.html`` needs.

    Parameters
    ----------
    visit
        Who reads what.
    snapshot
        The one that the page shows; None for a page without.
    dated
        Whether its date can be changed in the head.

    Returns
    -------
    ``sections`` and ``languages`` (links), ``dates`` (entries of the date picker, newest first; empty where
    the page shows no snapshot), ``hidden`` (what else the date picker keeps), ``who`` (None for nobody),
    ``sign_in`` and ``csrf``.
    """
    words = texts(visit.language, "pages")
    return {
        "words": words,
        "lang": visit.language,
        "home": visit.link(OVERVIEW),
        "sections": [_section(visit, snapshot, words[key], path) for key, path in SECTIONS.items()],
        "languages": [
            {"code": code, "label": label, "href": visit.same(lang=code), "current": code == visit.language}
            for code, label in LANGUAGES
        ],
        "path": visit.path,
        "name": province_name(snapshot) if snapshot else "",
        "dates": offered(snapshot, visit.history) if snapshot and dated else [],
        "hidden": [(name, value) for name, value in visit.query.items() if name not in ("snapshot", "date")],
        "who": _who(visit, words),
        "title": visit.me["name"] if visit.me else "",
        "sign_in": visit.link(SIGN_IN, next=_here(visit)),
        "csrf": visit.csrf,
    }


def _section(visit: Visit, snapshot: Snapshot | None, label: str, path: str) -> dict[str, Any]:
    """Link of the navigation; it keeps a date that was chosen by hand."""
    older = snapshot and visit.history and snapshot.id != visit.history[-1].id
    keep = snapshot.id if snapshot and older and path not in WITHOUT_SNAPSHOT else None
    name = "to" if path == COMPARE else "snapshot"
    inside = visit.path == path or visit.path.startswith(f"{path}/")
    return {"label": label, "href": visit.link(path, **{name: keep}), "current": inside}


def _here(visit: Visit) -> str | None:
    if visit.path == SIGN_IN:
        return None
    query = urlencode({**visit.query, "lang": visit.language})
    return f"{quote(visit.path)}?{query}"


def _who(visit: Visit, words: Mapping[str, str]) -> str | None:
    if visit.me is None:
        return None
    return str(visit.me["operator"] or words[f"role_{visit.me['role']}"])


def province_name(snapshot: Snapshot) -> str:
    """Name of the scenario that a snapshot is of."""
    return str(snapshot.manifest["parameters"]["name"])


def day(iso: str) -> str:
    """Write a date as 31/12/2025."""
    return "/".join(reversed(iso.split("-")))


def offered(snapshot: Snapshot, history: Sequence[Snapshot]) -> list[dict[str, Any]]:
    """Snapshots to choose from, newest first; a date that occurs twice is told apart by its digest."""
    listed = list(history) or [snapshot]
    dates = [one.as_of for one in listed]
    several = len({province_name(one) for one in listed}) > 1
    return [
        {
            "id": one.id,
            "label": (f"{province_name(one)} " if several else "")
            + day(one.as_of)
            + (f" ({one.digest[:6]})" if dates.count(one.as_of) > 1 else ""),
            "chosen": one.id == snapshot.id,
        }
        for one in reversed(listed)
    ]
