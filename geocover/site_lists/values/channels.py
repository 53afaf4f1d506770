"""Channel numbers and band names to frequencies, by 3GPP's tables (``channels.toml``)."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.network import Technology

CHANNELS = Path(__file__).with_name("channels.toml")
# Lowest NR channel of a band that exists (n71, 617 MHz); EARFCN of downlinks end below it.
_NR_FROM = 123_400


@dataclass(frozen=True)
class Channel:
    """What a channel number stands for.

    Attributes
    ----------
    freq_mhz
        Frequency of the downlink's centre.
    technology
        That of the numbering.
    uplink
        Whether the number is that of the uplink; the frequency is that of the downlink all the same.
    """

    freq_mhz: float
    technology: Technology
    uplink: bool = False


@lru_cache(maxsize=8192)
def channel_of(number: int, technology: str = "") -> Channel | None:
    """Carrier of a channel number: EARFCN (4G), NR-ARFCN (5G), UARFCN (3G) or ARFCN (2G).

    Parameters
    ----------
    number
        The number.
    technology
        Numbering it belongs to. Empty: numbers of 123400 and more are NR-ARFCN, as no downlink EARFCN is so
        high; below that, an EARFCN where there is such a band, else a UARFCN.

    Returns
    -------
    Channel or None
        None where the numbering has no such channel in any band.
    """
    if technology:
        return _OF[technology](number) if technology in _OF else None
    if number >= _NR_FROM:
        return _nr(number) or _lte(number)
    return _lte(number) or _umts(number)


def band_mhz(name: str) -> float | None:
    """Centre of a band's downlink, MHz: ``B3`` (3GPP TS 36.101), ``n78`` (TS 38.104); None if unknown."""
    if name[:1] == "n":
        limits = data()["nr"].get(name)
        return sum(limits) / 2 if limits else None
    row = data()["lte"].get(name[1:])
    return row[0] + (row[2] - row[1] + 1) / 20 if row else None


@lru_cache(maxsize=4096)
def nominal_mhz(freq_mhz: float) -> int:
    """What the band of a frequency is called after: 1842.5 MHz is "1800"; 0 where it lies in none."""
    for name, (low, high) in data()["nominal"].items():
        if low <= freq_mhz <= high:
            return int(name)
    # Names of bands lie outside some bands: 2100 MHz is between both directions, 850 and 800 too.
    return int(freq_mhz) if str(int(freq_mhz)) in data()["nominal"] else 0


def usual_rank(technology: str, freq_mhz: float) -> int:
    """Place of a frequency's band among those that a technology uses, 0 the likeliest; -1 for none."""
    usual: list[int] = data()["usual"].get(technology, [])
    name = nominal_mhz(freq_mhz)
    return usual.index(name) if name in usual else -1


@lru_cache(maxsize=1)
def data() -> Mapping[str, Any]:
    """Content of ``channels.toml``."""
    return tomllib.loads(CHANNELS.read_text(encoding="utf-8"))


def _lte(number: int) -> Channel | None:
    """3GPP TS 36.101 section 5.7.3: F_DL = F_DL_low + 0.1 (N_DL - N_Offs-DL)."""
    for row in data()["lte"].values():
        if row[1] <= number <= row[2]:
            return Channel(round(row[0] + 0.1 * (number - row[1]), 1), "4G")
        if len(row) > 3 and row[4] <= number <= row[5]:
            return Channel(round(row[0] + 0.1 * (number - row[4]), 1), "4G", uplink=True)
    return None


def _nr(number: int) -> Channel | None:
    """3GPP TS 38.104 section 5.4.2.1: F_REF = F_REF-Offs + Delta F_Global (N_REF - N_REF-Offs)."""
    for first, last, low_mhz, step_mhz in data()["raster"].values():
        if first <= number <= last:
            freq_mhz = round(low_mhz + step_mhz * (number - first), 3)
            inside = any(low <= freq_mhz <= high for low, high in data()["nr"].values())
            return Channel(freq_mhz, "5G") if inside else None
    return None


def _umts(number: int) -> Channel | None:
    """3GPP TS 25.101 section 5.4.3."""
    for first, last, offset_mhz in data()["umts"].values():
        if first <= number <= last:
            return Channel(round(0.2 * number + offset_mhz, 1), "3G")
    return None


def _gsm(number: int) -> Channel | None:
    """3GPP TS 45.005 section 2."""
    for first, last, low_mhz in data()["gsm"].values():
        if first <= number <= last:
            return Channel(round(low_mhz + 0.2 * (number - first), 1), "2G")
    return None


_OF = cast("dict[str, Any]", {"2G": _gsm, "3G": _umts, "4G": _lte, "5G": _nr})
