"""The way from a file to a checked list: what is passed on, what is accepted, what becomes a network."""

from __future__ import annotations

import datetime as dt
import gc
from pathlib import Path

import pandas as pd
import pytest

from geocover.antennas import Antennas
from geocover.errors import CrsError, NetworkError, SiteListError
from geocover.io.completing import complete_cells
from geocover.network import COLUMNS, PARAMETERS
from geocover.site_lists import checking
from geocover.site_lists.answer import answer, answer_json
from geocover.site_lists.checked import CheckedList
from geocover.site_lists.checking import check_book, check_list, settled
from geocover.site_lists.columns.mapping import ColumnMapping, mapping_from_json
from geocover.site_lists.findings import Findings
from geocover.site_lists.sheets import Book, Sheet
from tests.site_lists.corpus.case import HEAD, SITES, changed, csv, listed, with_column, without_columns

NO_LATITUDE = changed(3, "Vĩ độ", None)


def check(rows: list[list[object]], **options: object) -> CheckedList:
    book = Book("list.csv", "csv", "0" * 64, (Sheet("", rows),))
    return check_book(book, Findings(), **options)  # type: ignore[arg-type]


def test_a_network_of_the_accepted_rows(tmp_path: Path) -> None:
    """Catches a refused row in the network, and cells without the columns of one."""
    csv(NO_LATITUDE)(tmp_path / "list.csv")
    checked = check_list(tmp_path / "list.csv")
    network = checked.network()
    assert checked.counts == {"read": 5, "accepted": 4, "rejected": 1}
    assert network.counts() == checked.totals == {"positions": 4, "stations": 4, "cells": 4}
    assert "MobiFone" not in network.operators()
    assert network.source == "list.csv"
    assert {*COLUMNS, *(f"{name}_assumed" for name in PARAMETERS)} <= set(network.cells.columns)
    assert network.assumed_share() == 1.0


def test_rows_are_those_of_the_file() -> None:
    """Catches a row at another number, or one without its verdict."""
    rows = check([["DANH SÁCH"], [], *NO_LATITUDE]).rows
    assert rows["row"].tolist() == [4, 5, 6, 7, 8]
    assert rows["accepted"].tolist() == [True, True, True, False, True]
    assert rows["station_id"].tolist() == [site[0] for site in SITES]


def test_cells_know_their_row() -> None:
    """Catches a cell that cannot be traced to the partner's row."""
    cells = check(changed(1, "Công nghệ", "3G/4G/5G")).cells
    assert cells["row"].tolist() == [2, 3, 3, 3, 4, 5, 6]


def test_tables_of_one_file_share_their_names() -> None:
    """Catches two cells of one name, for each table names its own, and columns of one table lost."""
    second = with_column("Độ cao 4G (m)", [40, 41, 42, 43, 44])
    book = Book(
        "list.xlsx", "xlsx", "0" * 64, (Sheet("A", with_column("Band", ["B3"] * 5)), Sheet("B", second))
    )
    checked = check_book(book, Findings())
    network = checked.network()
    assert checked.counts["read"] == 10
    assert network.cells["cell_id"].is_unique
    heights = network.cells.loc[
        (checked.cells["sheet"] == "B") & (checked.cells["technology"] == "4G"), "height_m"
    ]
    assert heights.tolist() == [40, 42] or checked.counts["rejected"] > 0


def test_the_caller_fills_what_the_list_leaves_out() -> None:
    """Catches an operator or technology that is not passed on, and one that replaces what the list says."""
    bare = without_columns("Nhà mạng", "Công nghệ")
    told = settled(None, operator="Viettel", technology="5G")
    network = check(bare, mapping=told).network()
    assert network.layers == (("Viettel", "5G"),)
    assert len(check(listed(), mapping=told).network().operators()) == 4
    assert check(bare).counts["accepted"] == 0


def test_the_caller_goes_before_the_mapping() -> None:
    """Catches a stored mapping that overrules the upload, and one that is forgotten."""
    stored = ColumnMapping(operator="MobiFone", technology="4G", crs="EPSG:9208")
    assert settled(stored, operator="Viettel") == ColumnMapping(
        operator="Viettel", technology="4G", crs="EPSG:9208"
    )


def test_an_unknown_crs_is_an_error(tmp_path: Path) -> None:
    """Catches a mistyped CRS taken for none."""
    csv()(tmp_path / "list.csv")
    with pytest.raises(CrsError):
        check_list(tmp_path / "list.csv", crs="EPSG:99999999")


def test_what_was_understood_reads_the_list_again() -> None:
    """Catches a mapping that does not reproduce the columns, through its JSON."""
    first = check(listed(head=["Site", "Operator", "RAT", "Long", "Lat", "Ward"]))
    again = mapping_from_json(first.mapping.to_json())
    second = check(listed(head=["Site", "Operator", "RAT", "Long", "Lat", "Ward"]), mapping=again)
    assert [one.field for one in second.tables[0].columns.meanings] == [
        one.field for one in first.tables[0].columns.meanings
    ]
    pd.testing.assert_frame_equal(second.cells, first.cells)


def test_an_error_of_the_list_refuses_all_rows() -> None:
    """Catches rows accepted although nobody knows the operator of any."""
    checked = check(without_columns("Nhà mạng"))
    assert checked.counts == {"read": 5, "accepted": 0, "rejected": 5}
    assert not checked.complete
    with pytest.raises(SiteListError, match="no row could be accepted"):
        checked.network()


def test_a_row_without_cells_is_never_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a row that is accepted and gives nothing, whatever the steps before let pass."""
    explode = checking.explode

    def forgetful(*arguments: object) -> pd.DataFrame:
        cells = explode(*arguments)  # type: ignore[arg-type]
        return cells[cells["row"] != 2].reset_index(drop=True)

    monkeypatch.setattr(checking, "explode", forgetful)
    checked = check(listed())
    assert checked.counts == {"read": 5, "accepted": 4, "rejected": 1}
    assert [finding.row for finding in checked.found if finding.code == "row-without-cells"] == [4]


def test_a_head_alone_is_told() -> None:
    """Catches an empty list that passes as complete."""
    checked = check([HEAD])
    assert not checked.complete
    assert [finding.code for finding in checked.found if finding.severity == "error"] == ["no-rows"]


def test_a_file_without_any_table_gives_no_cells_that_can_be_kept() -> None:
    """Catches an upload whose check breaks off with KeyError where it should say that no head was found."""
    checked = check([["a", "b"], [1, 2]])
    assert checked.counts == {"read": 0, "accepted": 0, "rejected": 0}
    assert "no-table" in [finding.code for finding in checked.found]
    assert len(complete_cells(checked.cells, "x.csv")) == 0


def test_antennas_that_the_list_names_must_be_given() -> None:
    """Catches a measured antenna replaced by the standard one in silence."""
    checked = check(with_column("Loại ăng-ten", ["Kathrein 80010", "", "", "", ""]))
    assert checked.network().cells["antenna"].tolist()[0] == "Kathrein 80010"
    with pytest.raises(NetworkError, match="no such antenna"):
        checked.network(antennas=Antennas())


def test_the_collector_is_on_again(tmp_path: Path) -> None:
    """Catches a service that never collects again after its first list, or after a refused one."""
    csv()(tmp_path / "list.csv")
    check_list(tmp_path / "list.csv")
    assert gc.isenabled()
    with pytest.raises(SiteListError):
        check_list(tmp_path / "absent.csv")
    assert gc.isenabled()


def test_reporting_date_is_passed_on() -> None:
    """Catches dates to come that nobody is told of."""
    rows = with_column("Ngày phát sóng", [dt.date(2026, 1, 1), *[dt.date(2025, 1, 1)] * 4])
    codes = {finding.code for finding in check(rows, as_of=dt.date(2025, 12, 31)).found}
    assert "date-future" in codes
    assert "date-future" not in {finding.code for finding in check(rows).found}


def test_the_answer_adds_up_and_is_the_same_every_time() -> None:
    """Catches counts that do not match the findings, and an order that changes."""
    checked = check(NO_LATITUDE)
    told = answer(checked)
    assert told["rows"] == {"read": 5, "accepted": 4, "rejected": 1}
    assert sum(told["severities"].values()) == sum(told["codes"].values()) == len(told["findings"])
    assert told["tables"][0]["crs"] == {"EPSG:4326": 4}
    assert told["tables"][0]["range"] == "A2:F6"
    assert answer_json(check(NO_LATITUDE)) == answer_json(checked)
    assert mapping_from_json(ColumnMapping(**told["mapping"]).to_json()) == checked.mapping
