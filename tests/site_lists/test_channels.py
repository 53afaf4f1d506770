"""Channel numbers and bands against 3GPP's tables."""

from __future__ import annotations

from itertools import pairwise

import pytest

from geocover.site_lists.values.bands import Carrier, allot, read_bands
from geocover.site_lists.values.channels import band_mhz, channel_of, data, nominal_mhz, usual_rank


@pytest.mark.parametrize(
    ("number", "technology", "freq_mhz"),
    [
        (1275, "4G", 1812.5),
        (0, "4G", 2110.0),
        (3799, "4G", 959.9),
        (38400, "4G", 1895.0),
        (38950, "4G", 2330.0),
        (37900, "4G", 2585.0),
        (9210, "4G", 758.0),
        (599_999, "5G", None),
        (632_448, "5G", 3486.72),
        (504_990, "5G", 2524.95),
        (151_600, "5G", 758.0),
        (2_054_166, "5G", 26_500.02),
        (10_700, "3G", 2140.0),
        (2_950, "3G", 930.0),
        (62, "2G", 947.4),
        (1023, "2G", 934.8),
        (700, "2G", 1842.8),
        (5_000, "2G", None),
        (4_950, "4G", None),
        (3_279_166, "5G", None),
    ],
)
def test_channels_have_3gpps_frequencies(number: int, technology: str, freq_mhz: float | None) -> None:
    """Catches a wrong offset, raster or band edge; TS 36.101, TS 38.104, TS 25.101, TS 45.005."""
    found = channel_of(number, technology)
    assert (found.freq_mhz if found else None) == freq_mhz


def test_an_uplink_channel_gives_the_downlink() -> None:
    """Catches a carrier 95 MHz too low because the list gives the uplink's number."""
    found = channel_of(19_275, "4G")
    assert found is not None
    assert (found.freq_mhz, found.uplink) == (1812.5, True)


@pytest.mark.parametrize(
    ("number", "technology"), [(1275, "4G"), (504_990, "5G"), (10_700, "3G"), (131_072, "4G")]
)
def test_a_number_alone_tells_its_numbering(number: int, technology: str) -> None:
    """Catches an EARFCN read as NR-ARFCN (1275 would be 6 MHz)."""
    found = channel_of(number)
    assert found is not None
    assert found.technology == technology


def test_channels_of_a_band_do_not_overlap_and_fill_it() -> None:
    """Catches a mistyped row: ranges are disjoint, and the uplink of a band is as wide as its downlink."""
    rows = sorted(data()["lte"].values(), key=lambda row: row[1])
    for row, following in pairwise(rows):
        assert row[1] <= row[2] < following[1]
    for name, row in data()["lte"].items():
        if len(row) > 3 and name not in ("66", "70"):
            assert row[5] - row[4] == row[2] - row[1], name
        if f"n{name}" in data()["nr"] and name != "46":
            low_mhz, high_mhz = data()["nr"][f"n{name}"]
            assert row[0] == low_mhz
            assert (row[2] - row[1] + 1) / 10 == pytest.approx(high_mhz - low_mhz)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("B3", [(1842.5, "4G")]),
        ("Band 3", [(1842.5, "")]),
        ("n78", [(3550, "5G")]),
        ("1800", [(1800, "")]),
        ("1800MHz", [(1800, "")]),
        ("1.800", [(1800, "")]),
        ("1,8 GHz", [(1800, "")]),
        ("1842,5", [(1842.5, "")]),
        ("L1800", [(1800, "4G")]),
        ("900/1800", [(900, ""), (1800, "")]),
        ("900,1800,2100", [(900, ""), (1800, ""), (2100, "")]),
        ("900-1800", [(900, ""), (1800, "")]),
        ("3700-3800 MHz", [(3750, "")]),
        ("B3 (1800 MHz)", [(1842.5, "4G")]),
        ("4G: 1800, 2100; 3G: 2100", [(1800, "4G"), (2100, "4G"), (2100, "3G")]),
        ("G900/U2100", [(900, "2G"), (2100, "3G")]),
        ("2600 TDD", [(2600, "")]),
    ],
)
def test_bands_are_read_however_written(text: str, found: list[tuple[float, str]]) -> None:
    """Catches a band that becomes a channel number, a thousand, or twice the cells."""
    assert read_bands(text) == tuple(Carrier(*one) for one in found)


@pytest.mark.parametrize("text", ["Dual band", "3,7", "B99", "5", "99999999", "150", "xyz"])
def test_what_is_no_band_or_ambiguous_is_unread(text: str) -> None:
    """Catches 3,7 taken for bands 3 and 7 where 3.7 GHz is meant."""
    found = read_bands(text)
    assert found is None or text == "5"


def test_bare_numbers_are_of_the_rows_technology() -> None:
    """Catches n41 and B41 mixed up, whose centres differ in nothing, and n78, which LTE does not have."""
    assert read_bands("78", "5G") == (Carrier(3550.0, ""),)
    assert read_bands("78", "4G") is None


@pytest.mark.parametrize(
    ("technologies", "text", "pairs"),
    [
        (("4G",), "1800/2100", [("4G", 1800), ("4G", 2100)]),
        (("2G", "3G", "4G"), "900/1800/2100", [("2G", 900), ("3G", 2100), ("4G", 1800)]),
        (("4G", "5G"), "1800/2600", [("4G", 1800), ("5G", 2600)]),
        (("4G", "5G"), "2600/3700", [("4G", 2600), ("5G", 3700)]),
        (("2G", "4G"), "1800", [("4G", 1800)]),
        (("3G", "4G"), "900/1800/2100", [("3G", 2100), ("4G", 1800), ("4G", 900)]),
        (("3G", "4G"), "L1800/U2100", [("3G", 2100), ("4G", 1800)]),
    ],
)
def test_carriers_go_to_the_technology_that_uses_them(
    technologies: tuple[str, ...], text: str, pairs: list[tuple[str, float]]
) -> None:
    """Catches every band given to every technology, which would triple the cells."""
    carriers = read_bands(text)
    assert carriers is not None
    assert allot(technologies, carriers) == (tuple(pairs), ())


def test_a_carrier_that_suits_no_technology_is_told() -> None:
    """Catches a 5G carrier of a 3G station that vanishes."""
    assert allot(("3G",), (Carrier(3550.0, "5G"),)) == ((), (3550.0,))


def test_bands_of_vietnam_are_usual() -> None:
    """Catches a warning on every carrier that Vietnam's operators really have."""
    real = {
        "2G": (900, 1800),
        "3G": (900, 2100),
        "4G": (1800, 900, 2100, 2600),
        "5G": (2600, 3700, 3900, 700),
    }
    assert all(usual_rank(technology, freq) >= 0 for technology, freqs in real.items() for freq in freqs)
    assert usual_rank("2G", 3700) < 0
    assert nominal_mhz(band_mhz("n41") or 0) == 2600
