"""The same thing twice: found at the later row, and only where it is the same thing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from geocover.site_lists.findings import Findings
from geocover.site_lists.places.duplicates import find_duplicates
from tests.site_lists.small_tables import FIRST_ROW, Part, codes, listed, only

METRE = 1 / 111_000  # of latitude in degrees, about


def part(sheet: str = "Trạm", heads: dict[str, str] | None = None, **values: Any) -> Part:
    """Table whose rows say just what stands in it, at one place unless `lat` says otherwise."""
    what = listed(heads, sheet, **values)
    count = len(what.table)
    rows = pd.DataFrame({name: pd.Series(column, dtype=object) for name, column in values.items()})
    lat = np.array(values.get("lat", [21.3 + 0.1 * number for number in range(count)]), float)
    return Part(
        what.table,
        what.columns,
        rows,
        pd.DataFrame({"lon": np.where(np.isnan(lat), np.nan, 105.2), "lat": lat}),
    )


def found(*parts: Part, findings: Findings | None = None) -> dict[str, list[int | None]]:
    told = findings or Findings()
    find_duplicates(parts, told)
    return codes(told)


def test_equal_rows() -> None:
    """Catches a row that counts twice, one kept for its running number, or the first refused too."""
    twice = part(
        number=[1, 2, 3, 4],
        station_id=["a", "b", "a", "a"],
        lat=[21.3, 21.4, 21.3, 21.3],
        note=["x", None, "x", "y"],
    )
    findings = Findings()
    find_duplicates([twice], findings)
    assert codes(findings)["duplicate-row"] == [FIRST_ROW + 2]
    assert (
        only(findings, "duplicate-row").en == f"this row is the same as row {FIRST_ROW}; delete one of them"
    )
    assert findings.refused(twice.table).tolist() == [False, False, True, False]


def test_equal_rows_in_two_sheets() -> None:
    """Catches a sheet that repeats another one's rows; it is named where there are several."""
    findings = Findings()
    find_duplicates([part("A", station_id=["a"]), part("B", station_id=["a"])], findings)
    finding = only(findings, "duplicate-row")
    assert (finding.sheet, finding.row) == ("B", FIRST_ROW)
    assert f"dòng {FIRST_ROW} trang “A”;" in finding.vi
    assert "row" not in finding.vi
    assert f"row {FIRST_ROW} of sheet “A”;" in finding.en
    assert "dòng" not in finding.en
    other_heads = part("B", heads={"station_id": "Mã"}, station_id=["a"], lat=[21.3])
    assert "duplicate-row" not in found(part("A", station_id=["a"], lat=[21.3]), other_heads)


def test_one_cell_twice() -> None:
    """Catches a cell of one operator that is counted twice, and cells that are two refused as one."""
    cells = part(
        operator=["V", "V", "V", "M", "V"], technology=["4G", "4G", "5G", "4G", "4G"],
        cell_id=["c1", "c1", "c1", "c1", "c2"], height_m=[30, 35, 30, 30, 30], lat=[21.3] * 5,
    )  # fmt: skip
    findings = Findings()
    find_duplicates([cells], findings)
    assert codes(findings) == {"cell-twice": [FIRST_ROW + 1]}
    assert only(findings, "cell-twice").value == "c1"


def test_cell_numbers_within_a_station() -> None:
    """Catches cells 1, 2, 3 of each station refused as one and the same."""
    many = part(
        station_id=["a", "a", "b", "b", "c", "c", "c"], cell_id=["1", "2", "1", "2", "1", "2", "2"],
        lat=[21.3, 21.3, 21.4, 21.4, 21.5, 21.5, 21.5], note=list("abcdefg"),
    )  # fmt: skip
    assert found(many) == {"cell-twice": [FIRST_ROW + 6]}


def test_a_refused_row_is_nobody_s_first() -> None:
    """Catches a good row refused because an unusable one says the same cell first."""
    cells = part(cell_id=["c1", "c1"], height_m=[1, 2])
    findings = Findings()
    findings.add_rows("coordinate-missing", cells.table, [0], cells.table.headers[0])
    assert "cell-twice" not in found(cells, findings=findings)


def test_one_site_twice_without_cells() -> None:
    """Catches a station listed twice with other values, and sectors that are told apart by their azimuth."""
    rows = part(
        station_id=["a", "a", "a", "b"], technology=["4G"] * 4, azimuth_deg=[0, 120, 0, 0],
        height_m=[30, 30, 35, 30],
        lat=[21.3, 21.3, 21.3, 21.4],
    )  # fmt: skip
    assert found(rows) == {"site-twice": [FIRST_ROW + 2]}


def test_one_site_twice_under_another_name_or_a_little_away() -> None:
    """Catches a station counted twice for its other name, its spelling or 33 m; names of sectors are none."""
    rows = part(
        station_id=["a1", "A-1", "b", "b", "c", "c", "d", "d"],
        station_name=["x", "x", "Hoà 1", "Khu 7", "Sơn_1", "Sơn_2", "y", "y"],
        technology=["4G"] * 8,
        height_m=[30, 31] * 4,
        lat=[21.3, 21.3, 21.4, 21.4, 21.5, 21.5, 21.6, 21.6 + 33 * METRE],
    )
    told = found(rows)
    assert told["id-respelt"] == [FIRST_ROW + 1]
    assert told["site-twice"] == [FIRST_ROW + 1, FIRST_ROW + 3, FIRST_ROW + 7]


def test_one_site_in_two_places() -> None:
    """Catches an id at two positions that nobody is told of, or told again in each of its rows."""
    lat = [21.3, 21.3 + 90 * METRE, 21.31, 21.31, 21.31]
    rows = part(
        station_id=["a"] * 4 + ["b"], operator=["V"] * 5, technology=["2G", "3G", "4G", "5G", "4G"], lat=lat
    )
    findings = Findings()
    find_duplicates([rows], findings)
    assert codes(findings)["site-in-two-places"] == [FIRST_ROW + 2]
    assert "1110 m" in only(findings, "site-in-two-places").vi


def test_one_place_with_two_names() -> None:
    """Catches a mast with two names of one operator; masts shared by operators or technologies are none."""
    lat = [21.3, 21.3 + 3 * METRE, 21.3, 21.3, 21.3 + 30 * METRE]
    rows = part(
        station_id=["a", "b", "c", "d", "e"], operator=["V", "V", "M", "V", "V"],
        technology=["4G", "4G", "4G", "5G", "4G"], lat=lat,
    )  # fmt: skip
    findings = Findings()
    find_duplicates([rows], findings)
    assert codes(findings) == {"position-two-names": [FIRST_ROW + 1]}
    assert only(findings, "position-two-names").en.startswith(
        "A (station_id): “b” stands at the same place (within 5 m) as “a”"
    )


def test_lists_without_names_or_positions() -> None:
    """Catches a crash on a list with neither, and on no list at all."""
    bare = part(note=["x", "y"], lat=[np.nan, np.nan])
    assert found(bare) == {}
    assert found() == {}


def test_a_crowd_at_one_place_is_no_trap() -> None:
    """Catches a list of thousands of sites in a few metres that takes a search of all pairs."""
    count = 20_000
    lat = 21.3 + 20 * METRE * np.random.default_rng(1).random(count)
    assert found(part(cell_id=[f"c{number}" for number in range(count)], lat=lat.tolist())) == {}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", None]),
            st.sampled_from(["c", "d", None]),
            st.sampled_from([21.3, 21.4, None]),
        )
    )
)
def test_the_first_row_is_never_refused(rows: list[tuple[Any, ...]]) -> None:
    """Catches a crash, and a duplicate that takes all of its kind away."""
    if not rows:
        return
    stations, cells, lat = (list(column) for column in zip(*rows, strict=True))
    one = part(station_id=stations, cell_id=cells, lat=lat)
    findings = Findings()
    find_duplicates([one], findings)
    kept = {row for row, refused in zip(rows, findings.refused(one.table), strict=True) if not refused}
    named = {row[1] for row in rows} - {None}
    assert not findings.refused(one.table)[0]
    assert named == {row[1] for row in kept} - {None}
