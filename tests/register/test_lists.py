"""Site lists through their states, alone and at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pandas as pd
import pytest

from geocover.network import Network
from geocover.register import lists
from geocover.register.audit import entries
from geocover.register.cells import CELL_COLUMNS
from geocover.register.database import Database
from geocover.register.errors import ConflictError, InvalidError, NotFoundError, StateError
from geocover.register.mappings import mapping_of
from geocover.register.uploads import Checked, Upload
from tests.register.making import DECEMBER, JUNE, make_accepted, make_cells, make_checked, make_upload


def test_a_list_goes_through_all_states_and_gives_back_what_it_took(database: Database) -> None:
    """Catches a file, report, count or cell that is lost or changed on the way."""
    one = lists.draft(database, make_upload(content=b"\x00\xff nh\xc3\xa0"), "key1")
    assert (one.state, one.version, one.operator, one.as_of, one.size) == ("draft", 1, "Viettel", DECEMBER, 7)
    outcome = make_checked(rejected=2, mapping={"Kinh độ": "lon", "\0": "note"})
    two = lists.checked(database, one.id, outcome, "key1")
    assert (two.state, two.rows_read, two.rows_accepted, two.rows_rejected) == ("checked", 5, 3, 2)
    three = lists.accept(database, one.id, "key2")
    assert three.state == "accepted"
    assert three.accepted_by == "key2"
    assert three.accepted_at is not None
    assert three.accepted_at.tzinfo is not None
    assert lists.get(database, one.id) == three
    assert lists.content(database, one.id) == b"\x00\xff nh\xc3\xa0"
    assert lists.report(database, one.id) == outcome.report
    assert mapping_of(database, "VIETTEL") == outcome.mapping
    assert [entry.action for entry in entries(database)] == ["lists:accept", "lists:check", "lists:upload"]


def test_cells_come_back_exactly(database: Database) -> None:
    """Catches rounding, lost flags, dates or unknown azimuths, and text that needs quoting in COPY."""
    cells = make_cells(
        4,
        lon=[105.1 / 3, 105.2, 105.3, 105.123456789012345],
        azimuth_deg=[None, 0.0, 359.999, 1e-9],
        on_air=pd.to_datetime(["2024-02-29", None, "1995-01-01", "2025-12-31"]),
        pci=pd.array([503, None, 0, 1007], dtype="Int64"),
        sheet=['Trạm "A"', "\\N", "a\tb\n", ""],
        antenna=["", "Kathrein, 80010", "'; DROP TABLE cells; --", "\u0306ă"],
        height_m_assumed=[True, False, True, False],
    )
    one = make_accepted(database, cells)
    back = lists.cells(database, one.id)
    assert (back["list"] == one.id).all()
    expected = cells[list(CELL_COLUMNS)]
    pd.testing.assert_frame_equal(back[list(CELL_COLUMNS)], expected, check_dtype=False, check_exact=True)
    assert Network(back, "register").counts() == {"positions": 4, "stations": 4, "cells": 4}


def test_a_list_without_usable_rows_is_kept_but_not_accepted(database: Database) -> None:
    """Catches an acceptance that would wipe an operator from the register."""
    one = lists.draft(database, make_upload(), "k")
    lists.checked(database, one.id, make_checked(make_cells(0), rejected=7), "k")
    assert lists.cells(database, one.id).empty
    with pytest.raises(StateError, match="no cell"):
        lists.accept(database, one.id, "k")
    assert lists.get(database, one.id).state == "checked"


def test_checking_again_replaces_what_the_first_check_found(database: Database) -> None:
    """Catches cells or reports of two mappings in one list."""
    one = lists.draft(database, make_upload(), "k")
    lists.checked(database, one.id, make_checked(make_cells(5)), "k")
    again = replace(make_checked(make_cells(2), rejected=4), report={"second": True})
    lists.checked(database, one.id, again, "k")
    assert len(lists.cells(database, one.id)) == 2
    assert lists.report(database, one.id) == {"second": True}
    assert lists.get(database, one.id).rows_read == 6


STEPS: dict[str, Callable[[Database, str], object]] = {
    "check": lambda database, one: lists.checked(database, one, make_checked(), "k"),
    "accept": lambda database, one: lists.accept(database, one, "k"),
    "reject": lambda database, one: lists.reject(database, one, "k", "sai toạ độ"),
}


@pytest.mark.parametrize(
    ("before", "forbidden"),
    [
        ((), ("accept",)),
        (("check", "accept"), ("check", "accept", "reject")),
        (("reject",), ("check", "accept", "reject")),
        (("check", "reject"), ("check", "accept", "reject")),
    ],
)
def test_steps_that_a_state_does_not_allow_change_nothing(
    database: Database, before: tuple[str, ...], forbidden: tuple[str, ...]
) -> None:
    """Catches a list accepted unchecked, or changed after its end."""
    one = lists.draft(database, make_upload(), "k").id
    for step in before:
        STEPS[step](database, one)
    known, log = lists.get(database, one), entries(database)
    for step in forbidden:
        with pytest.raises(StateError):
            STEPS[step](database, one)
    assert lists.get(database, one) == known
    assert entries(database) == log


def test_accepting_supersedes_same_and_earlier_dates_only(database: Database) -> None:
    """Catches a late list for an old date that pushes the current one out, and other operators' lists."""
    june = make_accepted(database, make_cells(2), JUNE)
    other = make_accepted(database, make_cells(1, "MobiFone"), JUNE)
    december = make_accepted(database, make_cells(3), DECEMBER)
    assert lists.get(database, june.id).superseded_by == december.id
    late = make_accepted(database, make_cells(4), JUNE)
    states = {one.id: one.state for one in lists.all_of(database)}
    assert states == {
        june.id: "superseded", other.id: "accepted", december.id: "accepted", late.id: "accepted"
    }  # fmt: skip
    corrected = make_accepted(database, make_cells(3), DECEMBER)
    assert [one.version for one in lists.all_of(database, "viettel", "superseded")] == [3, 2, 1]
    assert [one.id for one in lists.all_of(database, "Viettel", "accepted")] == [corrected.id]


def test_time_of_acceptance_never_goes_back(database: Database) -> None:
    """Catches two lists that a clock set back would put in the wrong order."""
    first = make_accepted(database)
    slow = Database(database.engine, lambda: dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    second = make_accepted(slow)
    assert first.accepted_at is not None
    assert second.accepted_at == first.accepted_at + dt.timedelta(microseconds=1)


def test_a_check_of_the_same_moment_to_the_millisecond_is_the_same(database: Database) -> None:
    """Catches a moment that was told rounded and is compared in full, and one a millisecond off."""
    one = lists.draft(database, make_upload(), "test")
    checked_at = lists.checked(database, one.id, make_checked(), "test").checked_at
    assert checked_at is not None
    told = checked_at.replace(microsecond=checked_at.microsecond // 1000 * 1000)
    for off in (-1, 1):
        with pytest.raises(StateError):
            lists.accept(database, one.id, "test", told + dt.timedelta(milliseconds=off))
    assert lists.accept(database, one.id, "test", told).state == "accepted"


def test_the_same_request_again_makes_no_second_list(database: Database) -> None:
    """Catches a retry after a lost answer that doubles the upload; another request by this key is refused."""
    one = lists.draft(database, make_upload(), "k", "abc")
    assert lists.draft(database, make_upload(), "k", "abc") == one
    assert lists.draft(database, make_upload(), "other key", "abc").id != one.id
    with pytest.raises(ConflictError, match="'abc'"):
        lists.draft(database, make_upload(content=b"other"), "k", "abc")
    assert len(lists.all_of(database)) == 2


def test_spellings_of_an_operator_are_one(database: Database) -> None:
    """Catches a second operator, and so a doubled network, made by capitals, marks or spaces."""
    first = lists.draft(database, make_upload("Viễn thông A"), "k")
    second = lists.draft(database, make_upload("VIEN  THÔNG a "), "k")
    assert (second.operator, second.version) == (first.operator, 2)


@pytest.mark.parametrize("name", ["", "  ", "All", "any"])
def test_names_that_no_operator_can_have_are_refused(database: Database, name: str) -> None:
    """Catches an operator that would stand for the view over all of them."""
    with pytest.raises(InvalidError):
        lists.draft(database, Upload("a.xlsx", b"x", name, DECEMBER), "k")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"operator": "MobiFone"}, "operator = 'MobiFone'"),
        ({"cell_id": "same"}, "row 3, cell_id = 'same'"),
        ({"lat": float("nan")}, "row 2, lat"),
        ({"height_m": float("inf")}, "row 2, height_m"),
        ({"antenna": "a\0b"}, "row 2, antenna"),
        ({"technology": "6G"}, "row 2, technology"),
        ({"position_id": None}, "row 2, position_id"),
        ({"colour": "red"}, r"unknown: \['colour'\]"),
    ],
)
def test_cells_that_cannot_be_kept_are_refused_by_name(
    database: Database, change: dict[str, object], message: str
) -> None:
    """Catches values that would be dropped, cut or stored only by one of the two databases."""
    one = lists.draft(database, make_upload(), "k")
    with pytest.raises(InvalidError, match=message):
        lists.checked(database, one.id, make_checked(make_cells(**change)), "k")
    assert lists.get(database, one.id).state == "draft"


def test_rows_must_add_up() -> None:
    """Catches an importer that loses a row between reading and checking."""
    with pytest.raises(InvalidError, match="lost"):
        Checked({}, make_cells(2), 10, 2, 7)


@pytest.mark.parametrize("name", ["", "../a.xlsx", "C:\\a.xlsx", "a\0"])
def test_names_of_files_hold_no_folder(name: str) -> None:
    """Catches a path that would be written outside the download folder later."""
    with pytest.raises(InvalidError, match="file name"):
        Upload(name, b"x", "Viettel", DECEMBER)


def test_what_is_not_there_is_said_to_be_not_there(database: Database) -> None:
    """Catches None, or an empty table, in place of an error."""
    one = lists.draft(database, make_upload(), "k")
    for ask in (lists.get, lists.content, lists.cells, lists.report):
        with pytest.raises(NotFoundError):
            ask(database, "no such id")
    with pytest.raises(NotFoundError, match="no report"):
        lists.report(database, one.id)
    with pytest.raises(NotFoundError):
        lists.accept(database, "no such id", "k")


def test_of_two_acceptances_at_once_one_wins(database: Database) -> None:
    """Catches a list accepted twice, or two audit lines for one acceptance."""
    one = lists.draft(database, make_upload(), "k")
    lists.checked(database, one.id, make_checked(), "k")

    def accept(number: int) -> str:
        try:
            lists.accept(database, one.id, f"key{number}")
        except StateError:
            return "refused"
        return f"key{number}"

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(accept, range(6)))
    assert results.count("refused") == 5
    assert lists.get(database, one.id).accepted_by in results
    assert [entry.action for entry in entries(database)].count("lists:accept") == 1


def test_twenty_uploads_at_once_get_twenty_versions(database: Database) -> None:
    """Catches a lost upload, a version given twice, and a database that locks out writers."""

    def upload(number: int) -> str:
        content = bytes([number]) * 200_000
        one = lists.draft(database, make_upload(content=content), "k")
        lists.checked(database, one.id, make_checked(), "k")
        return one.id

    with ThreadPoolExecutor(20) as pool:
        made = list(pool.map(upload, range(20)))
    found = lists.all_of(database, "Viettel", "checked")
    assert sorted(one.version for one in found) == list(range(1, 21))
    assert {one.id for one in found} == set(made)
    assert {lists.content(database, one)[0] for one in made} == set(range(20))


def test_acceptances_of_one_operator_at_once_leave_one_accepted(database: Database) -> None:
    """Catches two lists of one date that both count."""
    made = [lists.draft(database, make_upload(), "k").id for _ in range(6)]
    for one in made:
        lists.checked(database, one, make_checked(), "k")
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda one: lists.accept(database, one, "k"), made))
    states = sorted(one.state for one in lists.all_of(database))
    assert states == ["accepted"] + ["superseded"] * 5


def test_one_key_for_two_operators_at_once_is_a_conflict(database: Database) -> None:
    """Catches the database's own error where two requests with one key race past each other's locks."""

    def upload(number: int) -> str:
        try:
            return lists.draft(database, make_upload(f"Operator {number}"), "k", "same").operator
        except ConflictError:
            return "refused"

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(upload, range(6)))
    assert results.count("refused") == 5
    assert len(lists.all_of(database)) == 1
