"""Technologies, ticks and operators as lists write them."""

from __future__ import annotations

import datetime as dt

import pytest

from geocover.site_lists.values.operators import known_operator, read_operator
from geocover.site_lists.values.technology import Tick, environment_of, read_tick, technologies_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2G/3G/4G", "2G 3G 4G"),
        ("3G+4G", "3G 4G"),
        ("2,3,4G", "2G 3G 4G"),
        ("2G3G4G", "2G 3G 4G"),
        ("LTE", "4G"),
        ("NR", "5G"),
        ("GSM900/UMTS2100/LTE1800", "2G 3G 4G"),
        ("4G,5G NSA", "4G 5G"),
        ("L1800", "4G"),
        ("U900/G1800", "2G 3G"),
        ("n78", "5G"),
        ("eNodeB", "4G"),
        ("gNodeB", "5G"),
        ("FDD-LTE", "4G"),
        ("TD LTE", "4G"),
        ("5GNSA", "5G"),
        ("4G 1800MHz", "4G"),
        ("3/4", "3G 4G"),
    ],
)
def test_technologies_are_found_however_written(text: str, found: str) -> None:
    """Catches a spelling that is not understood, or understood as something else."""
    named = technologies_in(text)
    assert " ".join(named.found) == found
    assert not named.rest


@pytest.mark.parametrize("text", ["không 4G", "4G chưa phát", "5G (dự kiến)", "no LTE", "abc", "BTS"])
def test_what_is_denied_or_unknown_is_no_technology(text: str) -> None:
    """Catches a planned or denied station counted as one on air."""
    assert technologies_in(text).found == ()


def test_a_remark_beside_a_technology_is_told() -> None:
    """Catches words that change the meaning and are passed over in silence."""
    assert technologies_in("4G Pilot").rest == "pilot"


@pytest.mark.parametrize(
    "value",
    ["x", "X", "✓", "v", 1, "1", "có", "Yes", "TRUE", "4G", "LTE", "đã phát sóng", dt.date(2025, 1, 1)],
)
def test_a_tick_is_a_tick(value: object) -> None:
    """Catches a mark for "yes" that is not understood."""
    assert read_tick(value, "4G") == Tick(there=True)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [0, "0", "không", "No", "FALSE", "chưa có"])
def test_a_denial_is_a_denial(value: object) -> None:
    """Catches a "no" that counts as a station."""
    assert read_tick(value, "4G") == Tick(there=False)  # type: ignore[arg-type]


def test_a_tick_may_be_a_count_or_bands() -> None:
    """Catches three cells counted as one and a band counted as 1800 cells."""
    assert read_tick(3, "4G").count == 3
    assert read_tick("6", "4G").count == 6
    assert read_tick(1800, "4G") == Tick(there=True, bands="1800")
    assert read_tick("L1800/L2100", "4G").bands == "L1800/L2100"


@pytest.mark.parametrize("value", ["abc", 2.5, -1, float("inf"), 45678, 10**400, "5G"])
def test_what_is_no_tick_is_unread(value: object) -> None:
    """Catches a remark, or another technology, counted as a tick."""
    assert read_tick(value, "4G").there is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("VIETTEL", "Viettel"),
        ("Viettel Phú Thọ", "Viettel"),
        ("VNPT", "VinaPhone"),
        ("Vina", "VinaPhone"),
        ("VMS", "MobiFone"),
        ("Mobifone KV4", "MobiFone"),
        ("VNM", "Vietnamobile"),
        ("452-04", "Viettel"),
        (45202, "VinaPhone"),
        (1, "MobiFone"),
        ("VNPT-VinaPhone", "VinaPhone"),
    ],
)
def test_operators_have_one_name(text: str, name: str) -> None:
    """Catches one operator computed as two rivals."""
    found = read_operator(text)
    assert (found.name, found.known, found.others) == (name, True, ())


def test_other_names_are_kept() -> None:
    """Catches a new operator that is lost or taken for a known one."""
    assert read_operator("FPT Telecom").name == "FPT Telecom"
    assert not read_operator("FPT Telecom").known
    assert known_operator("VNPTX") is None


def test_several_operators_in_a_cell_are_told_apart() -> None:
    """Catches a shared site that becomes an operator called Viettel+VNPT."""
    found = read_operator("Viettel + VNPT, Mobifone")
    assert (found.name, found.others) == ("Viettel", ("VinaPhone", "MobiFone"))


@pytest.mark.parametrize("text", ["all", "ANY", "+", "..."])
def test_reserved_names_are_no_operators(text: str) -> None:
    """Catches a list whose operator would clash with the view over all operators."""
    assert read_operator(text).name == ""


def test_surroundings_are_read() -> None:
    """Catches nông thôn taken for a town."""
    assert [environment_of(text) for text in ("Đô thị", "thị trấn", "Nông thôn", "?")] == [
        "urban",
        "suburban",
        "open",
        "",
    ]
