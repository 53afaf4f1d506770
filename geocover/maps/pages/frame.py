"""What all pages share: the frame, numbers in the reader's language, the map, pages of results."""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from geocover.coverage import ANY
from geocover.maps.header import Visit, province_name
from geocover.maps.page import band_text, map_parts
from geocover.maps.pages.alphabet import alphabet_key
from geocover.maps.texts import texts
from geocover.maps.writing import write_page
from geocover.report.answers import shares_json
from geocover.wording import number, percent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geocover.store import Snapshot
    from geocover.wording import Language

STYLES = ("base.css", "map.css", "pages/pages.css")
APP, MAP_APP = "pages/site.js", "pages/map.js"
# Words that the pages' own scripts say; those of the overview's come with its map.
SAID = (
    "checksum", "copied", "copy", "file", "files_failed", "files_prepare", "files_preparing", "files_ready",
    "files_waiting", "holds", "map_failed", "none", "rows_head", "size",
)  # fmt: skip
# Sentences of the marks of made-up data.
LONG = {"illustrative": "illustrative_long", "schematic": "schematic_long"}
PAGE_SIZE = 50
CACHED = 16
# "{count:row|rows}" of a word: the number with its noun.
_COUNTED = re.compile(r"\{(\w+):([^|{}]*)\|([^|{}]*)\}")


@dataclass(frozen=True)
class Words:
    """Words and numbers of a page in one language."""

    language: Language
    table: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Give a word of the page, filled: {name} by a value, {name:row|rows} by "1 row" or "2 rows"."""
        return _counted(self.table[key], values).format(**values) if values else self.table[key]

    def n(self, value: float | None, decimals: int = 0, sign: str = "") -> str:
        """Write a number; "–" for none."""
        return number(value, decimals, language=self.language, sign=sign).replace("-", "−")

    def km2(self, value: float) -> str:
        """Write an area: the smaller, the more exact."""
        return self.n(value, 2 if value < 1 else 1 if value < 100 else 0)

    def pct(self, share: float | None, decimals: int = 1) -> str:
        """Write a share between 0 and 1 as a percentage."""
        text = percent(None if share is None else 100 * share, decimals, language=self.language)
        return text.replace(" ", "\u00a0")

    def shown_pct(self, share: float | None) -> float:
        """Give the number that `pct` writes; NaN for none."""
        return math.nan if share is None else float(percent(100 * share, language="en").rstrip("%"))

    def rng(self, low: float | None, high: float | None, decimals: int = 1) -> str:
        """Write an interval of shares: 95,1–97,3."""
        if low is None or high is None or math.isnan(low) or math.isnan(high):
            return ""
        return f"{self.n(100 * low, decimals)}–{self.n(100 * high, decimals)}"

    def pick(self, vi: str, en: str) -> str:
        """Give the text of the page's language."""
        return vi if self.language == "vi" else en


def _counted(text: str, values: Mapping[str, object]) -> str:
    """Write the noun of each number in its singular or plural."""
    return _COUNTED.sub(lambda one: f"{{{one[1]}}} {one[2 if str(values[one[1]]) == '1' else 3]}", text)


def words_of(visit: Visit) -> Words:
    """Words of a visitor's language."""
    return Words(visit.language, texts(visit.language, "pages"))


def render(
    name: str,
    visit: Visit,
    snapshot: Snapshot | None,
    content: Mapping[str, Any],
    view: Mapping[str, Any] | None = None,
    *,
    dated: bool = True,
) -> str:
    """HTML of a page.

    Parameters
    ----------
    name
        Template, as ``gaps.html``.
    visit, snapshot
        Who reads what.
    content
        What the template needs beside the frame.
    view
        What the page's map shows at first (``technology``, ``layers``, ``commune``, ``fit``); None for a page
        without a map.
    dated
        Whether the date can be changed in the head.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    words = words_of(visit)
    framed = _map(visit, snapshot, view) if view is not None and snapshot is not None else _plain(visit)
    told = {
        "visit": visit,
        "w": words,
        "province": province_name(snapshot) if snapshot else "",
        "marks": marks(snapshot, words) if snapshot else [],
        "notes": notes(snapshot, words) if snapshot else [],
        **framed,
        **content,
    }
    later = [MAP_APP] * (framed["map"] is not None)
    return write_page(f"pages/{name}", visit, APP, told, snapshot=snapshot, later=later, dated=dated)


def _plain(visit: Visit) -> dict[str, Any]:
    """Parts of a page without a map: its scripts need a few words only."""
    config = {"language": visit.language, "text": _said(visit)}
    return {"styles": STYLES, "scripts": [], "config": config, "map": None}


def _said(visit: Visit) -> dict[str, str]:
    words = texts(visit.language, "pages")
    return {key: words[key] for key in SAID}


def _map(visit: Visit, snapshot: Snapshot, view: Mapping[str, Any]) -> dict[str, Any]:
    """Parts of a page with the map of the overview, in a view of its own."""
    parts = map_parts(snapshot, visit)
    more = {
        "text": {**_said(visit), **parts["config"]["text"]},
        "view": dict(view),
        "shares": _shares(snapshot, str(view["technology"])),
    }
    return {
        "styles": [*parts["styles"], *STYLES],
        "scripts": parts["scripts"],
        "config": {**parts["config"], **more},
        "map": {
            "html": parts["map_html"],
            "script": parts["map_script"],
            "band": band_text(snapshot, visit.language),
        },
    }


@lru_cache(maxsize=CACHED)
def _shares(snapshot: Snapshot, technology: str) -> dict[str, Any]:
    """Shares that the map beside a table colours by: any operator's by area, in the form of ``/shares``."""
    told = json.loads(shares_json(snapshot))
    shown = {
        "technology": technology,
        "profile": snapshot.main_profile(technology),
        "operator": ANY,
        "basis": "area",
    }
    series = [one for one in told["series"] if shown.items() <= one.items()]
    return {"codes": told["codes"], "series": series}


def marks(snapshot: Snapshot, words: Words) -> list[str]:
    """Marks of made-up data, in short; "note" alone where there is only a note."""
    found = [name for name in LONG if getattr(snapshot, name)]
    return [words(name) for name in found or ["note"]]


def notes(snapshot: Snapshot, words: Words) -> list[str]:
    """Sentences that a page over made-up data begins with, and the scenario's own note.

    A note that begins like the sentence of made-up data takes its place.
    """
    lines = {name: words(long) for name, long in LONG.items() if getattr(snapshot, name)}
    parameters = snapshot.manifest["parameters"]
    note = words.pick(parameters["note_vi"], parameters["note_en"]).strip().rstrip(".")
    mark = f"{words('illustrative')}:"
    if snapshot.illustrative and note.startswith(mark):
        what = _unsaid(note.removeprefix(mark), [words(name) for name in lines])
        return list({**lines, "illustrative": words("illustrative_note", what=what)}.values())
    return [*lines.values(), *([f"{note}."] if note else [])]


def _unsaid(note: str, said: Sequence[str]) -> str:
    """Give the parts of a note that no mark says."""
    marks = {one.casefold() for one in said}
    parts = [part.strip() for part in re.split("[,;]", note)]
    return ", ".join(part for part in parts if part.casefold() not in marks)


def paged(rows: Sequence[Any], visit: Visit, page: int, size: int = PAGE_SIZE) -> dict[str, Any]:
    """One page of rows, and the links to those before and after.

    Returns
    -------
    ``rows``, ``first`` and ``last`` (numbers from 1), ``total``, ``before`` and ``after`` (addresses, None).
    """
    last_page = max(1, -(-len(rows) // size))
    page = min(max(page, 1), last_page)
    start = (page - 1) * size
    link: Callable[[int], str] = partial(_page_link, visit)
    return {
        "rows": rows[start : start + size],
        "first": start + 1 if len(rows) else 0,
        "last": min(start + size, len(rows)),
        "total": len(rows),
        "before": link(page - 1) if page > 1 else None,
        "after": link(page + 1) if page < last_page else None,
    }


def _page_link(visit: Visit, page: int) -> str:
    return visit.same(page=page if page > 1 else None, gap=None)


@lru_cache(maxsize=CACHED)
def commune_names(snapshot: Snapshot) -> dict[str, str]:
    """Type and name of each commune by code, in the Vietnamese order of names."""
    table = snapshot.communes.sort_values("name", key=lambda names: names.map(alphabet_key))
    return {
        str(code): " ".join(part for part in (kind, name) if isinstance(part, str) and part)
        for code, kind, name in zip(table["code"], table["type"], table["name"], strict=True)
    }
