"""Bands as lists write them: ``B3``, ``n78``, ``1800 MHz``, ``L1800/U2100``, ``4G: 1800, 2100``."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from geocover.site_lists.values.channels import band_mhz, nominal_mhz, usual_rank
from geocover.site_lists.values.numbers import Style, cleaned, parse

_TECHNOLOGY = {
    "l": "4G", "lte": "4G", "g": "2G", "gsm": "2G", "d": "2G", "dcs": "2G", "u": "3G", "w": "3G",
    "umts": "3G", "wcdma": "3G", "n": "5G", "nr": "5G", "b": "4G",
}  # fmt: skip
_TOKEN = re.compile(
    r"(?P<generation>[2-5]g)(?![a-z])"
    r"|(?P<label>(?<![a-z])(?:band|băng|bang|lte|gsm|dcs|umts|wcdma|nr|l|g|d|u|w|n|b)[\s_:-]*)?"
    r"(?P<number>\d{1,2}[.,]\d{3}(?:[.,]\d{1,2})?(?!\d)|\d{3,5}[.,]\d{1,2}(?!\d)|\d\.\d{1,2}(?!\d)"
    r"|\d,\d{1,2}(?=\s*ghz)|\d+)"
    r"\s*(?P<unit>[gm]hz|m(?![a-z]))?"
    r"|(?P<word>[^\W\d_]+)"
)
# "3,7" is 3.7 GHz to one and the bands 3 and 7 to another.
_GHZ_OR_TWO = re.compile(r"\d,\d")
_RANGE = re.compile(r"(\d{3,5}(?:[.,]\d)?)\s*(?:mhz)?\s*[-~÷]\s*(\d{3,5}(?:[.,]\d)?)")
_WIDEST_MHZ = 400.0
_MHZ = (400.0, 100_000.0)  # whole numbers below are those of bands, of which 261 is the highest
MOST = 16


class Carrier(NamedTuple):
    """A frequency that a list names.

    Attributes
    ----------
    freq_mhz
        As the list states it, or the centre of the downlink of the band that it names.
    technology
        Technology that the name implies (L1800, n78); empty where none.
    """

    freq_mhz: float
    technology: str = ""


@lru_cache(maxsize=8192)
def read_bands(text: str, technology: str = "") -> tuple[Carrier, ...] | None:
    """Read the bands that a text names.

    Parameters
    ----------
    text
        Text of a cell.
    technology
        Technology by whose table bare numbers of bands are meant ("41": n41 for 5G, else B41); empty for any.

    Returns
    -------
    tuple of Carrier, or None
        None where something in the text is no band.
    """
    folded = _RANGE.sub(_middle, cleaned(text).lower())
    if _GHZ_OR_TWO.fullmatch(folded):
        return None
    carriers: list[Carrier] = []
    current = ""
    for found in _TOKEN.finditer(folded):
        if found["generation"]:
            current = found["generation"].upper()
        elif found["word"]:
            current = _TECHNOLOGY.get(found["word"], current) if len(found["word"]) > 1 else current
        else:
            carrier = _carrier(found, current, technology)
            if carrier is None:
                return None
            carriers.append(carrier)
    return _once(carriers) if 0 < len(carriers) <= MOST else None


@lru_cache(maxsize=8192)
def allot(
    technologies: tuple[str, ...], carriers: tuple[Carrier, ...]
) -> tuple[tuple[tuple[str, float], ...], tuple[float, ...]]:
    """Say which of a row's technologies uses which of its carriers.

    Carriers that name their technology keep it; a single technology gets all others. Among several each
    gets the band that it most usually has (``channels.toml``), and what is left goes to the newest one that
    uses it.

    Returns
    -------
    tuple
        Pairs of technology and MHz, in the order of the technologies; and the MHz that suit none.
    """
    own: dict[str, list[float]] = {technology: [] for technology in technologies}
    for carrier in carriers:
        if carrier.technology in own:
            own[carrier.technology].append(carrier.freq_mhz)
    unplaced = [one.freq_mhz for one in carriers if one.technology and one.technology not in own]
    free = [one.freq_mhz for one in carriers if not one.technology]
    if len(technologies) == 1:
        own[technologies[0]] += free
    else:
        unplaced += _share_out(own, free)
    pairs = tuple((technology, freq_mhz) for technology in technologies for freq_mhz in own[technology])
    return pairs, tuple(unplaced)


def _share_out(own: dict[str, list[float]], free: list[float]) -> list[float]:
    """Give free carriers to the technologies that have none, then to any; return those that suit none."""
    left = list(free)
    silent = [technology for technology in own if not own[technology]]
    ranked = sorted(
        (rank, technology, number)
        for technology in silent
        for number, freq_mhz in enumerate(free)
        if (rank := usual_rank(technology, freq_mhz)) >= 0
    )
    for _, technology, number in ranked:
        if not own[technology] and free[number] in left:
            own[technology].append(free[number])
            left.remove(free[number])
    unplaced: list[float] = []
    for freq_mhz in left:
        users = [technology for technology in own if usual_rank(technology, freq_mhz) >= 0]
        (own[users[-1]] if users else unplaced).append(freq_mhz)
    return unplaced


def _middle(found: re.Match[str]) -> str:
    """Give the middle of a range of frequencies; a list of two bands stays one."""
    low, high = (float(part.replace(",", ".")) for part in found.groups())
    return f"{(low + high) / 2:g}" if 0 < high - low <= _WIDEST_MHZ else f"{found[1]}/{found[2]}"


def _carrier(found: re.Match[str], current: str, technology: str) -> Carrier | None:
    label = (found["label"] or "").strip(" _:-")
    number = parse(found["number"], Style("." if found["number"].count(".") == 1 else ""))
    if number is None:
        return None
    implied = _TECHNOLOGY.get(label, "") or current
    if found["unit"] == "ghz" or (number < 10 and not number.is_integer()):
        number *= 1000.0
    elif number < _MHZ[0] and number.is_integer() and not found["unit"]:
        return _named(int(number), implied, technology)
    return Carrier(round(number, 3), implied) if _MHZ[0] <= number <= _MHZ[1] else None


def _named(number: int, implied: str, technology: str) -> Carrier | None:
    """Carrier of a numbered band, by the table of its technology."""
    nr = (implied or technology) == "5G"
    freq_mhz = band_mhz(f"n{number}" if nr else f"B{number}")
    if freq_mhz is None:
        return None
    return Carrier(freq_mhz, implied)


def _once(carriers: list[Carrier]) -> tuple[Carrier, ...]:
    """Leave out a band that is named twice: ``B3 (1800 MHz)``."""
    kept: dict[tuple[str, int | float], Carrier] = {}
    for carrier in carriers:
        name = nominal_mhz(carrier.freq_mhz) or carrier.freq_mhz
        same = [key for key in kept if key[1] == name and "" in (key[0], carrier.technology)]
        kept.setdefault(same[0] if same else (carrier.technology, name), carrier)
    return tuple(kept.values())
