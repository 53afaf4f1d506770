"""Pages for what is not there: a wrong address, a missing right, or no result at all yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocover.maps.pages.frame import render, words_of

if TYPE_CHECKING:
    from geocover.maps.header import Visit


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
    content = {"title": words(name), "detail": detail[:1].upper() + detail[1:], "status": status}
    return render("trouble.html", visit, None, content)


def empty_page(visit: Visit) -> str:
    """HTML for a server without any result: what to do to have one.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    return render("empty.html", visit, None, {})
