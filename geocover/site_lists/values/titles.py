"""What a sheet's name, or the title above a table, says of all its rows: whose they are, which technology."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocover.names import fold
from geocover.site_lists.values.operators import operators_in
from geocover.site_lists.values.technology import technologies_in

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from geocover.site_lists.sheets import Table

# A line above a table is its title where it speaks of sites; others are addressees, authors, notes.
_OF_SITES = ("tram", "bts", "site", "station", "cell")


def titled_operator(table: Table) -> tuple[str, str]:
    """The one operator that a sheet's name or else a table's title names, and the text; empty if none."""
    return _titled(table, operators_in)


def titled_technology(table: Table) -> tuple[str, str]:
    """The one technology that a sheet's name or else a table's title names, and the text; empty if none."""
    return _titled(table, _technologies)


def _titled(table: Table, names_in: Callable[[str], Collection[str]]) -> tuple[str, str]:
    titles = [title for title in table.titles if any(word in fold(title) for word in _OF_SITES)]
    for texts in ([table.sheet], titles):
        told = {name: text for text in texts for name in names_in(text)}
        if told:
            return next(iter(told.items())) if len(told) == 1 else ("", "")
    return "", ""


def _technologies(text: str) -> Collection[str]:
    """Technologies that a text names; a bare number is a sheet's number."""
    return () if text.strip().isdecimal() else technologies_in(text).found
