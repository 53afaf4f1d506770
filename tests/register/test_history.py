"""Which list counts on which day, and all operators' cells together."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.network import Network
from geocover.register import lists
from geocover.register.database import Database
from geocover.register.history import lists_as_of, register_as_of
from geocover.register.lists import SiteList
from tests.register.making import DECEMBER, JUNE, make_accepted, make_cells, make_checked, make_upload

DAY = dt.timedelta(days=1)
EXAMPLES = itertools.count()  # each has operators of its own in the one database


def test_a_day_asks_the_last_reporting_date_before_it(database: Database) -> None:
    """Catches the newest list answering for the past, or a draft answering at all."""
    june, december = make_accepted(database, as_of=JUNE), make_accepted(database, as_of=DECEMBER)
    draft = lists.draft(database, make_upload(as_of=DECEMBER), "k")
    lists.checked(database, draft.id, make_checked(), "k")
    asked = {JUNE - DAY: (), JUNE: (june.id,), DECEMBER - DAY: (june.id,), DECEMBER: (december.id,)}
    for day, expected in asked.items():
        assert tuple(one.id for one in lists_as_of(database, day)) == expected
    assert lists_as_of(database, DECEMBER + 400 * DAY)[0].id == december.id


def test_a_correction_counts_but_what_was_known_before_can_be_asked(database: Database) -> None:
    """Catches a published figure that cannot be computed again after a correction."""
    first = make_accepted(database, make_cells(2), JUNE)
    corrected = make_accepted(database, make_cells(5), JUNE)
    assert first.accepted_at is not None
    assert corrected.accepted_at is not None
    assert len(register_as_of(database, JUNE)) == 5
    assert len(register_as_of(database, JUNE, known_at=corrected.accepted_at)) == 5
    assert len(register_as_of(database, JUNE, known_at=first.accepted_at)) == 2
    assert register_as_of(database, JUNE, known_at=first.accepted_at - dt.timedelta(seconds=1)).empty


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 3)), max_size=8))
@settings(max_examples=15)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_any_order_of_acceptances_keeps_the_rule(database: Database, steps: list[tuple[str, int]]) -> None:
    """Catches an order of dates and operators in which the wrong list counts, by a second, naive count."""
    example = next(EXAMPLES)
    made = [
        make_accepted(database, make_cells(1, f"{name}{example}"), JUNE + date * DAY) for name, date in steps
    ]
    names = {one.operator for one in made}
    for day in (JUNE + n * DAY for n in range(-1, 5)):
        expected: dict[str, SiteList] = {}
        for one in made:  # in the order of acceptance
            if one.as_of <= day and (
                one.operator not in expected or one.as_of >= expected[one.operator].as_of
            ):
                expected[one.operator] = one
        found = {one.operator: one for one in lists_as_of(database, day) if one.operator in names}
        assert {one.id for one in found.values()} == {one.id for one in expected.values()}
    accepted = [(one.operator, one.as_of) for one in lists.all_of(database, state="accepted")]
    assert len(accepted) == len(set(accepted))


def test_operators_stand_below_each_other_as_a_network(database: Database) -> None:
    """Catches ids that two operators use for different things, which would be counted as one."""
    make_accepted(database, make_cells(2, "Viettel"))
    make_accepted(database, make_cells(2, "MobiFone", lon=106.0))
    table = register_as_of(database, DECEMBER)
    network = Network(table, "register")
    assert network.counts() == {"positions": 4, "stations": 4, "cells": 4}
    assert list(table["cell_id"]) == [
        "MobiFone:P0-4G-1", "MobiFone:P1-4G-1", "Viettel:P0-4G-1", "Viettel:P1-4G-1"
    ]  # fmt: skip
    assert network.operators() == ("MobiFone", "Viettel")


def test_a_shared_position_stays_one(database: Database) -> None:
    """Catches a mast that two operators share under one id being counted twice."""
    make_accepted(database, make_cells(2, "Viettel"))
    make_accepted(database, make_cells(2, "MobiFone", lat=21.3 + 0.0005))
    table = register_as_of(database, DECEMBER)
    assert sorted(table["position_id"].unique()) == ["P0", "P1"]
    assert Network(table, "r").counts() == {"positions": 2, "stations": 4, "cells": 4}


def test_nothing_accepted_is_an_empty_table(database: Database) -> None:
    """Catches a crash, or columns missing, before the first list."""
    table = register_as_of(database, DECEMBER)
    assert table.empty
    assert {"cell_id", "eirp_dbm_assumed", "pci"} <= set(table.columns)


def test_ids_that_do_not_clash_stay_as_they_are(database: Database) -> None:
    """Catches ids renamed without need, which nobody could look up in the partner's list."""
    cells = make_cells(3)
    make_accepted(database, cells)
    assert np.array_equal(register_as_of(database, DECEMBER)["cell_id"], cells["cell_id"])
