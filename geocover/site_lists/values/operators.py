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
# A network with its country (PLMN): 45204, 452-04. Country codes run from 200 to 799 (ITU-T E.212).
_PLMN = re.compile(r"([2-7]\d\d)(?:[\s.,/_|-]+(\d{1,3})|(\d{2,3}))", re.ASCII)
_CODE = re.compile(r"\d{1,3}", re.ASCII)
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
    abroad
        Whether it is the code of a network of another country, which then is its name: ``460-04``.
    """

    name: str
    known: bool
    others: tuple[str, ...] = ()
    abroad: bool = False


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


def operators_in(text: str) -> set[str]:
    """Operators that a title names: ``Danh sách trạm VIETTEL``, ``VNPT``."""
    words = tokens_of(text)
    spelt = {"".join(words[at : at + count]) for count in (1, 2, 3) for at in range(len(words))}
    return {
        _spellings()[key] for key in spelt if key in _spellings() and len(key) > 2 and not key.isdecimal()
    }


def read_operator(value: Value) -> OperatorName:
    """Read a cell of a column of operators, a network code (452-04, 45204, 4) as well as a name.

    A code without its country is one of Vietnam, and one of another country is never an operator of Vietnam.
    """
    text = plain(value)
    network = _PLMN.fullmatch(text)
    if network is not None:
        return _of_network(network[1], network[2] or network[3])
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


def country_code(value: Value) -> str:
    """Read a cell of a column of country codes (MCC): three digits, empty where it holds none."""
    text = plain(value)
    return text if _CODE.fullmatch(text) and len(text) == 3 else ""


def is_vietnam(country: str) -> bool:
    """Whether a country code (MCC) is that of Vietnam."""
    return country == _COUNTRY


def is_network_alone(value: Value) -> bool:
    """Whether a cell holds the code of a network (MNC) without that of its country."""
    return value is not None and bool(_CODE.fullmatch(plain(value)))


def _of_network(country: str, network: str) -> OperatorName:
    """Operator of a network by both its codes; ``04`` and ``004`` are one."""
    digits = network.lstrip("0")
    known = _spellings().get(digits) if is_vietnam(country) and digits else None
    if known is not None:
        return OperatorName(known, known=True)
    return OperatorName(f"{country}-{digits.zfill(2)}", known=False, abroad=not is_vietnam(country))


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
