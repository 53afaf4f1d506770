"""Pages for what is not there: a wrong address, a missing right, or no result at all yet."""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING

from geocover.maps.pages.frame import render, words_of

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.maps.header import Visit

SCENARIO = "scenario.toml"
# What a problem says to programs, and a page does not.
_FOR_PROGRAMS = re.compile(r"; (?:see|xem) /openapi\.json$")


def trouble_page(visit: Visit, status: int, detail: str) -> str:
    """HTML that says what went wrong and leads back.

    Parameters
    ----------
    visit
        Who asked for what.
    status
        HTTP status.
    detail
        What happened and what to do, in the reader's language; plain text.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    words = words_of(visit)
    name = f"trouble_{status}" if f"trouble_{status}" in words.table else "trouble_other"
    told = _FOR_PROGRAMS.sub("", detail)
    content = {"title": words(name), "detail": told[:1].upper() + told[1:], "status": status}
    return render("trouble.html", visit, None, content)


def empty_page(visit: Visit, data: Path | None = None, scenario: str | None = None) -> str:
    """HTML for a server without any result: what to do to have one, as commands to copy.

    Parameters
    ----------
    visit
        Who asked for what.
    data
        Folder that the server serves; told by its variable where None.
    scenario
        Name in it of the scenario that an acceptance computes; None where nothing is computed.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    folder = '"$GEOCOVER_DATA"' if data is None else quote(str(data))
    file = f"{folder}/{quote(scenario or SCENARIO)}"
    content = {
        "computes": scenario is not None,
        "file": file,
        "run": f"geocover run {file}",
        "demo": f"geocover demo --dir {folder}",
        "key": f'geocover keys add "Sở KHCN" --role planner --dir {folder}',
    }
    return render("empty.html", visit, None, content)
