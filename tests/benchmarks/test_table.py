"""Rows, tables and history of the benchmarks: nothing here is timed."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math

import pytest

from benchmarks.table import (
    HISTORY_COLUMNS,
    Amount,
    Machine,
    Row,
    appended,
    cpu_facts,
    digits,
    history_rows,
    interleaved,
    keep,
    markdown,
)

MACHINE = Machine("A, fast CPU", 2, "avx2", "3.11.7", "0.61.0")
DAY = dt.date(2026, 1, 31)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (16_912_345.0, "16,912,345"),
        (126.04, "126"),
        (60.0, "60.0"),
        (2.4189, "2.42"),
        (0.028449, "0.0284"),
        (0.0, "0"),
        (math.nan, "nan"),
    ],
)
def test_three_digits_are_shown(value, text) -> None:
    """Would catch exponents, lost separators, and digits that were not measured."""
    assert digits(value) == text


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (Amount(16.9e6, "paths/s"), "16.9 M paths/s"),
        (Amount(264_700.0, "paths/s"), "265 k paths/s"),
        (Amount(0.5, "paths/s"), "0.500 paths/s"),
        (Amount(0.0042, "s"), "4.20 ms"),
        (Amount(59e-9, "s"), "0.0590 µs"),
        (Amount(126.0, "s"), "126 s"),
        (Amount(0.657, "GiB"), "0.657 GiB"),
    ],
)
def test_amounts_are_scaled(amount, text) -> None:
    """Would catch a wrong prefix, which is a factor of 1000."""
    assert str(amount) == text


def test_ratio_knows_which_way_is_better() -> None:
    """Would catch a slower or hungrier result that looks like a win."""
    faster = Row("rate", Amount(30.0, "paths/s"), Amount(10.0, "paths/s"))
    slower = Row("time", Amount(30.0, "s"), Amount(10.0, "s"))
    hungrier = Row("memory", Amount(4.0, "GiB"), Amount(2.0, "GiB"))
    assert (faster.ratio, slower.ratio, hungrier.ratio) == (3.0, pytest.approx(1.0 / 3.0), 0.5)


def test_units_must_agree() -> None:
    """Would catch seconds beside gigabytes."""
    with pytest.raises(ValueError, match="s beside GiB"):
        _ = Row("mixed", Amount(1.0, "s"), Amount(1.0, "GiB")).ratio


def test_absent_peer_has_no_ratio_and_meets_nothing() -> None:
    """Would catch a bound that counts as met because the peer was not there."""
    row = Row("beside", None, "not installed: apt-get install it", 60.0)
    assert math.isnan(row.ratio)
    assert row.verdict == "≥ 60.0: not measured"
    assert row.cells()[1:4] == ("", "not installed: apt-get install it", "–")


@pytest.mark.parametrize(("ours", "verdict"), [(60.0, "≥ 60.0: met"), (59.9, "≥ 60.0: MISSED")])
def test_bound_is_judged(ours, verdict) -> None:
    """Would catch a missed bound that passes."""
    assert Row("beside", Amount(ours, "paths/s"), Amount(1.0, "paths/s"), 60.0).verdict == verdict


def test_tasks_run_in_turn() -> None:
    """Would catch all runs of one task before the other's: a drifting machine favours one then."""
    order: list[str] = []
    first, second = interleaved([lambda: order.append("a"), lambda: order.append("b")], 3)
    assert order == ["a", "b"] * 3
    assert (len(first), len(second)) == (3, 3)


def test_table_has_a_line_a_row_under_its_machine() -> None:
    """Would catch rows under the wrong heading, columns that do not match their head, a nameless machine."""
    sections = {"One": [Row("x", Amount(2.0, "s"), Amount(4.0, "s"), note="by hand")], "Two": []}
    text = markdown(sections, MACHINE, DAY, "abc123")
    lines = text.splitlines()
    assert lines[0] == "A, fast CPU, 2 cores, avx2, Python 3.11.7, numba 0.61.0; 2026-01-31, abc123"
    head, row = lines[lines.index("## One") + 2], lines[lines.index("## One") + 4]
    assert row == "| x | 2.00 s | 4.00 s | 2.00 |  | by hand |"
    assert head.count("|") == row.count("|")
    assert "## Two" in lines


def test_history_keeps_named_figures_alone() -> None:
    """Would catch rows without a name, absent peers, or values with a prefix in the history."""
    rows = [
        Row("kept", Amount(16_912_345.0, "paths/s"), Amount(15e6, "paths/s"), figure="paths.bare"),
        Row("alone", Amount(1.5, "GiB"), "", figure="province.memory"),
        Row("nameless", Amount(1.0, "s"), Amount(1.0, "s")),
        Row("absent", None, "not installed", figure="peers.x"),
    ]
    kept = history_rows(rows, MACHINE, DAY, "abc123")
    assert [(row["figure"], row["value"], row["other"], row["ratio"]) for row in kept] == [
        ("paths.bare", "1.691e+07", "1.5e+07", "1.127"),
        ("province.memory", "1.5", "", ""),
    ]


def test_history_grows_and_reads_back() -> None:
    """Would catch a second header, lost old lines, and a comma in the CPU's name that shifts columns."""
    rows = history_rows([Row("x", Amount(1.0, "s"), "", figure="x")], MACHINE, DAY, "abc123")
    text = appended(appended("", rows), rows)
    read = list(csv.DictReader(io.StringIO(text)))
    assert read == rows * 2
    assert read[0]["cpu"] == "A, fast CPU"
    assert text.splitlines()[0] == ",".join(HISTORY_COLUMNS)


def test_history_of_other_columns_is_refused() -> None:
    """Would catch values appended under columns that mean something else."""
    with pytest.raises(ValueError, match="first line must be"):
        appended("day,figure\n2025-01-01,3\n", [])


def test_results_are_kept(tmp_path) -> None:
    """Would catch a table or history that is not written, or a history that starts anew."""
    sections = {"One": [Row("x", Amount(2.0, "s"), Amount(4.0, "s"), figure="x.time")]}
    latest = keep(sections, tmp_path)
    keep(sections, tmp_path)
    assert "| x | 2.00 s | 4.00 s | 2.00 |" in latest.read_text(encoding="utf-8")
    read = list(csv.DictReader(io.StringIO((tmp_path / "history.csv").read_text(encoding="utf-8"))))
    assert [row["figure"] for row in read] == ["x.time", "x.time"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["history.csv", "latest.md"]


def test_first_processor_is_read(tmp_path) -> None:
    """Would catch the flags of another processor, and a machine without /proc that crashes."""
    info = tmp_path / "cpuinfo"
    info.write_text("model name\t: Good CPU\nflags\t\t: avx avx2\n\nmodel name\t: Other\n", encoding="utf-8")
    assert cpu_facts(info) == {"model name": "Good CPU", "flags": "avx avx2"}
    assert cpu_facts(tmp_path / "absent") == {}
