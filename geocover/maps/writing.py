"""HTML of every page: its template filled, its scripts asked for early, and nothing from outside."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocover.errors import MapError
from geocover.maps.assets import imported_modules, static_url
from geocover.maps.header import Visit, day, header

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geocover.store import Snapshot

TEMPLATES = Path(__file__).parent / "templates"
OUTSIDE = re.compile(
    r"""(?:\b(?:src|href|action|poster|srcset)\s*=\s*|url\(|@import\s+)["'\s]*(?:[a-z]+:)?//""", re.IGNORECASE
)


def write_page(
    name: str,
    visit: Visit,
    app: str,
    content: Mapping[str, Any],
    *,
    snapshot: Snapshot | None = None,
    later: Sequence[str] = (),
    dated: bool = True,
) -> str:
    """HTML of a page.

    Parameters
    ----------
    name
        Template, as ``coverage.html``.
    visit, snapshot
        Who reads what.
    app
        Script of the page; those that it imports are asked for at once instead of one after the other.
    content
        What the template needs beside; always ``config`` (what the scripts must know), ``scripts`` and
        ``styles`` (names of served files).
    later
        Scripts that `app` imports while it runs and that this page will need.
    dated
        Whether the date can be changed in the head.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    filled = template(name).render(
        **{**content, "config": script_json(content["config"])},
        lang=visit.language,
        nonce=visit.nonce,
        head=header(visit, snapshot, dated=dated),
        snapshot=snapshot,
        day=day,
        static=static_url,
        app=app,
        modules=imported_modules(app, *later),
    )
    return refuse_outside(filled)


@lru_cache(maxsize=32)
def template(name: str) -> Any:  # noqa: ANN401  jinja2 is imported where it is used
    """Template of a page, as ``coverage.html``; what it is not given is an error."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(name)


def refuse_outside(html: str) -> str:
    """Return the page if nothing in it is fetched from outside.

    Raises
    ------
    MapError
        Naming the first address from outside.
    """
    found = OUTSIDE.search(html)
    if found is None:
        return html
    shown = html[found.start() : found.start() + 120].splitlines()[0]
    raise MapError(f"the page would fetch from outside: {shown}", f"trang sẽ tải từ bên ngoài: {shown}")


def script_json(value: object) -> str:
    """JSON that stands safely inside a script element: no "<", so no end tag, whatever a name holds."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text
