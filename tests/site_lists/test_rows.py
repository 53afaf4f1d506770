"""Rows of a table in canonical columns."""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.errors import InputError
from geocover.network import LIMITS
from geocover.site_lists.columns.columns import understand
from geocover.site_lists.columns.heads import fields
from geocover.site_lists.findings import TEXTS, Findings
from geocover.site_lists.values.cells import explode
from geocover.site_lists.values.column_values import limits_of
from geocover.site_lists.values.rows import Given, read_rows
from tests.site_lists.hand_tables import codes, read, table

HEADS = ("Nhà mạng", "Công nghệ")
MODULES = Path(__file__).resolve().parents[2] / "geocover" / "site_lists"


def test_names_keep_their_zeros_and_lose_their_points() -> None:
    """Catches 00123 as 123, and 1234 as 1234.0."""
    rows, _, _ = read(
        [*HEADS, "Mã trạm", "Tên trạm"], ["Viettel", "4G", "00123", "A  b"], ["Viettel", "4G", 1234.0, "Hoà"]
    )
    assert rows["station_id"].tolist() == ["00123", "1234"]
    assert rows["station_name"].tolist() == ["A b", "Hoà"]


def test_operators_come_to_one_name_and_are_told() -> None:
    """Catches VNPT and Vina as rivals, and changes that nobody is told of."""
    rows, findings, _ = read(
        HEADS, ["VNPT", "4G"], ["vina", "4G"], ["FPT", "4G"], ["fpt", "4G"], [None, "4G"], ["all", "4G"]
    )
    assert rows["operator"].tolist() == ["VinaPhone", "VinaPhone", "FPT", "FPT", "", ""]
    assert codes(findings) == {
        ("operator-respelt", None), ("operator-unknown", None), ("operator-missing", 6),
        ("operator-impossible", 7),
    }  # fmt: skip


def test_a_shared_site_is_kept_for_its_first_operator() -> None:
    """Catches a shared site that is lost, or whose other operators are forgotten."""
    rows, findings, _ = read(
        [*HEADS, "Dùng chung"], ["Viettel+VNPT", "4G", None], ["VMS", "4G", "Có"], ["VMS", "4G", "VTL"]
    )
    assert rows["operator"].tolist() == ["Viettel", "MobiFone", "MobiFone"]
    assert rows["shared"].tolist() == ["yes", "yes", "yes"]
    assert rows["shared_with"].tolist() == ["VinaPhone", "", "Viettel"]
    assert ("operator-several", 2) in codes(findings)


def test_what_the_caller_states_fills_gaps_and_is_told() -> None:
    """Catches a default used in silence, or in place of what the list says."""
    rows, findings, _ = read(HEADS, [None, None], ["VNPT", "3G"], given=Given("viettel", "4G"))
    assert rows["operator"].tolist() == ["Viettel", "VinaPhone"]
    assert rows["technology"].tolist() == [("4G",), ("3G",)]
    assert {("operator-default", None), ("technology-default", None)} <= codes(findings)


def test_what_the_caller_states_must_be_one_operator_and_one_technology() -> None:
    """Catches a misspelt technology that counts as none, so that the list is refused for another reason."""
    assert Given("VNPT", "LTE") == Given("VinaPhone", "4G")
    for wrong in (
        {"technology": "6G"},
        {"technology": "3G/4G"},
        {"operator": "all"},
        {"operator": "VMS+VTL"},
    ):
        with pytest.raises(InputError) as caught:
            Given(**wrong)
        assert caught.value.vi != str(caught.value)


def test_a_list_without_operator_or_technology_is_refused_once() -> None:
    """Catches a list read with an invented operator, and thousands of findings of one kind."""
    rows, findings, _ = read(["Mã trạm"], *[[f"a{number}"] for number in range(50)])
    assert {finding.severity for finding in findings} == {"error"}
    assert codes(findings) == {("no-operator", None), ("no-technology", None)}
    assert len(rows) == 50


def test_tick_columns_counts_and_bands_give_technologies() -> None:
    """Catches a technology lost among tick columns, and a count taken for a tick."""
    rows, findings, _ = read(
        ["Nhà mạng", "2G", "3G", "4G", "5G"],
        ["VMS", "x", None, 3, "không"],
        ["VMS", 0, 0, "L1800/L2100", "n78"],
        ["VMS", 0, 0, 0, 0],
        ["VMS", None, None, "abc", None],
        given=Given(technology="4G"),
    )
    assert rows["technology"].tolist() == [("2G", "4G"), ("4G", "5G"), (), ("4G",)]
    assert rows["cells_4g"].tolist()[0] == 3
    assert rows["carriers"].tolist()[1] == (("4G", 1800.0), ("4G", 2100.0), ("5G", 3550.0))
    assert ("technology-missing", 4) in codes(findings)
    assert ("tick-unread", 5) in codes(findings)


def test_contradicting_technologies_are_told() -> None:
    """Catches a row that says 4G in one column and no 4G in another."""
    rows, findings, _ = read([*HEADS, "4G", "5G"], ["VMS", "4G", "không", "x"], ["VMS", "4G/5G", "x", 1])
    assert rows["technology"].tolist() == [("4G", "5G"), ("4G", "5G")]
    assert codes(findings) == {("operator-respelt", None), ("technology-contradiction", 2)}


@pytest.mark.parametrize(
    ("head", "value", "technology", "freq_mhz"),
    [
        ("EARFCN", 1275, "4G", 1812.5),
        ("NR-ARFCN", 632448, "5G", 3486.72),
        ("Băng tần", "L1800", "4G", 1800.0),
        ("Băng tần", "n41", "5G", 2593.0),
        ("Loại trạm", "eNodeB", "4G", np.nan),
    ],
)
def test_bands_channels_and_kinds_imply_a_technology(
    head: str, value: object, technology: str, freq_mhz: float
) -> None:
    """Catches a list that says its technology by its channels and is refused, or read in silence."""
    rows, findings, _ = read(["Nhà mạng", head], ["Viettel", value])  # type: ignore[list-item]
    assert rows["technology"].tolist() == [(technology,)]
    found = dict(rows["carriers"].tolist()[0]).get(technology, np.nan)
    assert found == pytest.approx(freq_mhz, nan_ok=True)
    assert ("technology-implied", None) in codes(findings)


def test_channels_frequencies_and_bands_that_disagree_are_told() -> None:
    """Catches a channel of B3 beside band 2600 of which one is used in silence."""
    rows, findings, _ = read(
        [*HEADS, "EARFCN", "Băng tần"],
        ["VMS", "4G", 1275, "2600"],
        ["VMS", "4G", 1275, "1800"],
        ["VMS", "4G", 19275, "B3"],
    )
    assert [dict(pairs)["4G"] for pairs in rows["carriers"]] == [1812.5] * 3
    assert codes(findings) == {("operator-respelt", None), ("band-contradiction", 2), ("channel-uplink", 4)}


def test_bands_that_cannot_be_are_told() -> None:
    """Catches an unreadable, unplaced or unusual band that is dropped or used in silence."""
    _, findings, _ = read(
        [*HEADS, "Băng tần"], ["VMS", "4G", "dual"], ["VMS", "3G", "n78"], ["VMS", "2G", "2600"]
    )
    assert {("band-unread", 2), ("band-unplaced", 3), ("band-unusual", 4)} <= codes(findings)


def test_sectors_keep_their_tilts_and_heights() -> None:
    """Catches tilt 3 given to sector 2 because sector 2's azimuth is missing."""
    heads = [*HEADS, "Azimuth 1", "Azimuth 2", "Azimuth 3", "Tilt 1", "Tilt 2", "Tilt 3", "Chiều cao"]
    rows, findings, _ = read(
        heads, ["VMS", "4G", 0, None, 240, 2, 3, 4, "30/31"], ["VMS", "4G", 0, 120, 240, 2, 3, 4, "30/31"]
    )
    assert rows["azimuth_deg"].tolist() == [(0, 240), (0, 120, 240)]
    assert rows["downtilt_deg"].tolist() == [(2, 4), (2, 3, 4)]
    assert rows["height_m"].tolist() == [(30, 31), ()]
    assert ("sector-values", 3) in codes(findings)


def test_total_less_mechanical_tilt_is_the_electrical_one() -> None:
    """Catches the total tilt counted as electrical beside a mechanical one."""
    heads = [*HEADS, "Total tilt", "Mechanical tilt", "Electrical tilt"]
    rows, findings, _ = read(heads, ["VMS", "4G", 8, 2, None], ["VMS", "4G", 8, 2, 6], ["VMS", "4G", 9, 2, 6])
    assert rows["downtilt_deg"].tolist() == [(6,), (6,), (6,)]
    assert ("tilt-total", 4) in codes(findings)
    assert ("tilt-total", 3) not in codes(findings)


def test_tilts_that_are_negative_throughout_are_turned() -> None:
    """Catches antennas that point at the sky because a list counts downwards as negative."""
    rows, findings, _ = read([*HEADS, "Tilt"], ["VMS", "4G", -4], ["VMS", "4G", 0])
    assert rows["downtilt_deg"].tolist() == [(4,), (0,)]
    assert ("tilt-sign", None) in codes(findings)


def test_impossible_and_unreadable_values_are_unknown_and_told() -> None:
    """Catches a height of 999 m in a network, and a row refused for an optional value."""
    heads = [*HEADS, "Chiều cao (m)", "Azimuth", "Công suất", "Ngày phát sóng", "Số cell 4G"]
    rows, findings, _ = read(heads, ["VMS", "4G", 999, "N45E", "x40", "??", 5000])
    assert [rows[name].tolist()[0] for name in ("height_m", "azimuth_deg", "power_dbm")] == [(), (), ()]
    assert rows["on_air"].isna().all()
    assert not findings.refused(table(heads)).any()
    found = [finding for finding in findings if finding.row == 2]
    assert sorted(one.code for one in found) == [
        "date-unread", "value-impossible", "value-impossible", "value-unread", "value-unread",
    ]  # fmt: skip
    assert {one.severity for one in found} == {"warning"}


def test_values_of_one_technology_stand_apart() -> None:
    """Catches the 5G antenna's height given to 4G."""
    rows, _, _ = read(
        [*HEADS, "Độ cao anten (m)", "Độ cao anten 5G (m)", "Ngày phát sóng 5G"],
        ["VMS", "4G/5G", 30, 35, "1/2/2025"],
    )
    assert rows["height_m"].tolist() == [(30,)]
    assert rows["height_m 5G"].tolist() == [(35,)]
    assert rows["on_air 5G"].dt.strftime("%Y-%m-%d").tolist() == ["2025-02-01"]


def test_commune_codes_get_their_zeros_back() -> None:
    """Catches 8230 that no commune has, where 08230 is meant."""
    rows, findings, _ = read(
        [*HEADS, "Mã xã"], ["VMS", "4G", 8230], ["VMS", "4G", "08230"], ["VMS", "4G", "abc"]
    )
    assert rows["commune_code"].tolist() == ["08230", "08230", ""]
    assert {("code-padded", None), ("code-unread", 4)} <= codes(findings)


def test_dates_in_the_future_are_told_and_kept() -> None:
    """Catches a planned station that counts as a fact of today."""
    rows, findings, _ = read(
        [*HEADS, "Ngày phát sóng"],
        ["VMS", "4G", "1/2/2026"],
        ["VMS", "4G", "31/12/2025"],
        given=Given(today=dt.date(2025, 12, 31)),
    )
    assert rows["on_air"].notna().all()
    assert ("date-future", 2) in codes(findings)
    assert ("date-future", 3) not in codes(findings)


def test_limits_lie_within_what_a_network_holds() -> None:
    """Catches a value that the importer takes and the network refuses."""
    for name in set(LIMITS) & set(fields()):
        low, high = limits_of(name)
        assert LIMITS[name][0] <= low < high <= LIMITS[name][1]


def test_every_finding_has_its_text_and_every_text_its_finding() -> None:
    """Catches a text that nobody uses; a code without a text raises KeyError where it is found."""
    texts = set(re.findall(r"^\[(.+)\]$", (TEXTS / "values.toml").read_text(encoding="utf-8"), re.MULTILINE))
    mine = [MODULES / "columns" / "columns.py", *(MODULES / "values").glob("*.py")]
    source = "".join(path.read_text(encoding="utf-8") for path in mine)
    used = set(re.findall(r"\"([a-z]+(?:-[a-z]+)+)\"", source))
    assert texts <= used


def test_real_lists_are_understood_without_help(shared_data: Path) -> None:
    """Catches a real list of 5,504 sectors, Chinese values and all, that needs a hand."""
    with (shared_data / "cell-sites" / "sanxia_lte_cells.csv").open(encoding="utf-8-sig") as file:
        heads, *lines = csv.reader(file)
    rows, findings, columns = read(
        heads, *[[cell or None for cell in line] for line in lines], given=Given("X")
    )
    assert [header.text for header in columns.unused] == ["PSS", "SSS", "TAC"]
    assert len(rows) == 5504
    assert rows["technology"].map(lambda found: found == ("4G",)).all()
    assert {dict(pairs)["4G"] for pairs in rows["carriers"]} <= set(np.round(np.arange(1880, 2700, 0.1), 1))
    assert rows["height_m"].map(len).sum() == 5504 - 52 - 436 - sum(
        one.code == "value-unread" for one in findings
    )
    assert {finding.severity for finding in findings} <= {"warning", "fixed"}


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30), st.dates(), st.datetimes(),
    st.times(), st.timedeltas(), st.from_regex(r"[0-9.,/ +x:;-]{1,14}(m|W|dBm|°)?", fullmatch=True),
    st.sampled_from(["4G", "2G/3G", "Viettel", "x", "0/120/240", "B3", "n78", 1275, "1.800", "Q4/2025"]),
)  # fmt: skip
ALL = [field.vi for field in fields().values()]


@settings(max_examples=150)
@given(st.data())
def test_no_value_raises_and_no_row_is_lost(data: st.DataObject) -> None:
    """Catches any object in any column that crashes the reader, loses a row or makes an impossible cell."""
    extra = st.sampled_from(
        [
            *ALL,
            "Azimuth 1",
            "Azimuth 2",
            "Tilt 1",
            "Tilt 2",
            "4G",
            "5G",
            "Băng tần 4G",
            "EARFCN",
            "Tx Power (W)",
        ]
    )
    heads = data.draw(st.lists(st.one_of(extra, st.text(max_size=12)), min_size=1, max_size=12))
    lines = data.draw(st.lists(st.tuples(*[VALUES] * len(heads)), min_size=1, max_size=5))
    made, findings = table(heads, *lines), Findings()
    columns = understand(made, None, findings)
    rows = read_rows(made, columns, findings, Given("Viettel", "4G", dt.date(2025, 12, 31)))
    assert len(rows) == len(lines)
    assert rows.index.equals(pd.RangeIndex(len(lines)))
    assert len(list(findings)) == len(findings)
    cells = explode(rows, pd.DataFrame({"lon": 105.0, "lat": 21.0}, index=rows.index))
    assert cells["cell_id"].is_unique
    used = set(np.flatnonzero(~findings.refused(made) & rows["technology"].map(len).gt(0).to_numpy()))
    assert used <= set(cells["row"])
    for name, (low, high) in LIMITS.items():
        assert cells[name].dropna().between(low, high).all()
