"""What the benchmark of site lists measures, on a small one: nothing here is timed."""

from __future__ import annotations

from pathlib import Path

from benchmarks.site_lists import HEADS, TASKS, in_own_process, made_up_list
from geocover.boundaries.index import shipped_index
from geocover.site_lists.checking import check_list
from geocover.site_lists.places.reference import Reference

ROWS = 60


def test_the_list_is_one_that_is_accepted(tmp_path: Path) -> None:
    """Would catch a benchmark of rows that are refused early, or of another list than its row names."""
    path = made_up_list(tmp_path / "list.xlsx", ROWS)
    checked = check_list(path, reference=Reference.of(shipped_index("25")))
    assert checked.counts == {"read": ROWS, "accepted": ROWS, "rejected": 0}
    assert checked.totals == {"positions": ROWS // 3, "stations": ROWS // 3, "cells": ROWS}
    assert len(checked.tables[0].columns.meanings) == len(HEADS) == 20
    assert not [finding for finding in checked.found if finding.severity == "error"]


def test_every_task_reads_the_same_rows(tmp_path: Path) -> None:
    """Would catch a peer that reads less, and a task whose process fails or forgets its children's memory."""
    path = made_up_list(tmp_path / "list.xlsx", ROWS)
    results = {task: in_own_process(task, path) for task in TASKS}
    assert {result.rows for result in results.values()} == {ROWS}
    assert results["check"].peak_gib > results["peer"].peak_gib
