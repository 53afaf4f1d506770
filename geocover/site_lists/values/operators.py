"""Operators by one name each, however a list writes them; spellings are data (``operators.toml``)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from geocover.network import RESERVED
from geocover.site_lists.columns.heads import head_key, tokens_of
from geocover.site_lists.values.distinct import plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.site_lists.sheets import Value

OPERATORS = Path(__file__).with_name("operators.toml")
_COUNTRY = "452"
_BETWEEN = re.compile(r"[+/,;&|\n]|\s-\s|\s+(?:và|va|and)\s+", re.IGNORECASE)


@dataclass(frozen=True)
class OperatorName:
    """An operator as a list writes it.

    Attributes
    ----------
    name
        The one name by which it goes; empty where it is not possible as a name.
    known
        Whether it is among those of ``operators.toml``.
    others
        Operators named beside the first one (shared sites).
    """

    name: str
    known: bool
    others: tuple[str, ...] = ()


def known_operator(text: str) -> str | None:
    """Name of the operator that a text writes; None for one that is not known.

    A known spelling may be followed by more words (``Viettel Phú Thọ``).
    """
    key = head_key(text)
    found = _spellings().get(key)
    if found is None and len(words := tokens_of(text)) > 1:
        # Whole words, the longest beginning first: "vnpt" is no beginning of "vnptx".
        starts = ("".join(words[:count]) for count in range(len(words) - 1, 0, -1))
        found = next(
            (_spellings()[start] for start in starts if start in _spellings() and len(start) > 2), None
        )
    return found


def read_operator(value: Value) -> OperatorName:
    """Read a cell of a column of operators, a network code (452-04, 45204, 4) as well as a name."""
    text = plain(value)
    whole = known_operator(text)
    if whole is not None and not _BETWEEN.search(text):
        return OperatorName(whole, known=True)
    named = list(dict.fromkeys(filter(None, map(known_operator, _BETWEEN.split(text)))))
    if len(named) > 1:
        return OperatorName(named[0], known=True, others=tuple(named[1:]))
    first = whole or next(iter(named), None)
    if first is not None:
        return OperatorName(first, known=True)
    possible = bool(head_key(text)) and head_key(text) not in RESERVED
    return OperatorName(text if possible else "", known=False)


@lru_cache(maxsize=1)
def _spellings() -> Mapping[str, str]:
    """Names by key: of spellings, and of network codes with and without the country."""
    found: dict[str, str] = {}
    for name, told in tomllib.loads(OPERATORS.read_text(encoding="utf-8")).items():
        codes = [code for mnc in told["mnc"] for code in (mnc, mnc.lstrip("0"), _COUNTRY + mnc)]
        for spelling in (name, *told["spellings"], *codes):
            key = head_key(spelling)
            if found.setdefault(key, name) != name:
                raise ValueError(f"{OPERATORS.name}: {spelling!r} stands for {found[key]} and for {name}")
    return found
