"""What was found in a list: each with a code, a severity, its place in the owner's file, and a remedy.

The texts are data: ``texts/*.toml``, a table for each code with ``severity``, ``vi`` and ``en``. ``{value}``
and ``{column}`` stand for what stands there; other names in braces are details that the finder gives.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import numpy as np

from geocover.site_lists.sheets import Header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from geocover.site_lists.sheets import Table, Value

Severity = Literal["error", "warning", "fixed"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "fixed")
TEXTS = Path(__file__).with_name("texts")
LONGEST = 120


@dataclass(frozen=True, slots=True)
class Text:
    """What a code says, with names in braces for what differs from case to case."""

    severity: Severity
    vi: str
    en: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing found.

    Attributes
    ----------
    code
        Its kind, for programs: ``coordinates-swapped``.
    severity
        "error": the row (or the file) cannot be used; "warning": used, and somebody should look at it;
        "fixed": put right here, nothing is to be done.
    sheet, row, letter, column
        Where, as in the owner's file: the row counted from 1, the column's letter and its head; None where it
        is about more than one.
    value
        What stands there.
    vi, en
        What it means and what to do.
    """

    code: str
    severity: Severity
    sheet: str | None
    row: int | None
    letter: str | None
    column: str | None
    value: str
    vi: str
    en: str


@dataclass(frozen=True, eq=False)
class _Batch:
    """One code in many rows of a table."""

    code: str
    table: Table
    at: NDArray[np.int64]
    header: Header | None
    values: Sequence[Value]
    details: Mapping[str, object]

    def __iter__(self) -> Iterator[Finding]:
        for number, (at, value) in enumerate(zip(self.at.tolist(), self.values, strict=True)):
            details = {name: _of_row(detail, number) for name, detail in self.details.items()}
            yield _finding(self.code, self.table.sheet, int(self.table.rows[at]), self.header, value, details)


class Findings:
    """Collects findings; iterating gives them by sheet and row, those about the whole file first."""

    def __init__(self) -> None:
        self._single: list[Finding] = []
        self._of_tables: list[tuple[Table, Finding]] = []
        self._batches: list[_Batch] = []

    def add(
        self,
        code: str,
        *,
        sheet: str | None = None,
        row: int | None = None,
        header: Header | str | None = None,
        value: Value = None,
        **details: object,
    ) -> None:
        """Add one finding about a file, a sheet, a column or a row outside the tables.

        `header` may be a column's letter alone, where its head is not known yet.

        Raises
        ------
        KeyError
            The code, or a detail that its text names, is unknown: a mistake of the caller.
        """
        if isinstance(header, str):
            header = Header(0, header, "")
        self._single.append(_finding(code, sheet, row, header, value, details))

    def add_table(self, code: str, table: Table, header: Header | None = None, **details: object) -> None:
        """Add one finding about a whole table; an error refuses all rows of it, and of no other."""
        self._of_tables.append((table, _finding(code, table.sheet, None, header, None, details)))

    def add_rows(
        self,
        code: str,
        table: Table,
        at: NDArray[np.int64] | NDArray[np.bool_] | Sequence[int],
        header: Header | None = None,
        values: Sequence[Value] | NDArray[np.object_] | None = None,
        **details: object,
    ) -> None:
        """Add a finding for each of some rows of a table.

        Parameters
        ----------
        code
            Its kind.
        table
            The table.
        at
            Indices of rows in the table (0 for its first), or a mask of shape (rows,).
        header
            The column; its values are what is shown, unless `values` says otherwise.
        values
            What to show, one a row of `at`.
        details
            What the text names in braces: lists, tuples and arrays give one to each row of `at`.
        """
        text_of(code)
        index = np.flatnonzero(at) if np.asarray(at).dtype == np.bool_ else np.asarray(at, np.int64)
        if not index.size:
            return
        if values is None:
            values = [None] * index.size if header is None else table.values[header.position][index].tolist()
        self._batches.append(_Batch(code, table, index, header, list(values), details))

    def __iter__(self) -> Iterator[Finding]:
        whole = [finding for _, finding in self._of_tables]
        found = [*self._single, *whole, *(finding for batch in self._batches for finding in batch)]
        return iter(sorted(found, key=_place))

    def __len__(self) -> int:
        return len(self._single) + len(self._of_tables) + sum(batch.at.size for batch in self._batches)

    def refused(self, table: Table) -> NDArray[np.bool_]:
        """Rows of a table that have an error, or whose table or file has one; shape (rows,)."""
        whole = bool(self.errors_of(table)) or any(finding.severity == "error" for finding in self._single)
        refused = np.full(len(table), whole)
        for batch in self._batches:
            if batch.table is table and text_of(batch.code).severity == "error":
                refused[batch.at] = True
        return refused

    def errors_of(self, table: Table) -> list[Finding]:
        """Errors about a table as a whole, for which each of its rows is refused."""
        return [
            finding for whole, finding in self._of_tables if whole is table and finding.severity == "error"
        ]


@lru_cache(maxsize=1)
def catalogue() -> dict[str, Text]:
    """All codes with their texts, sorted by code."""
    found: dict[str, Text] = {}
    for path in sorted(TEXTS.glob("*.toml")):
        for code, text in tomllib.loads(path.read_text(encoding="utf-8")).items():
            if code in found or text["severity"] not in SEVERITIES:
                raise ValueError(f"{path.name}: {code} occurs twice or has an unknown severity")
            found[code] = Text(cast("Severity", text["severity"]), text["vi"], text["en"])
    return dict(sorted(found.items()))


def text_of(code: str) -> Text:
    """Text of a code.

    Raises
    ------
    KeyError
        If there is none: a mistake of the caller.
    """
    return catalogue()[code]


def shown(value: object) -> str:
    """Give a value as it is shown: one line of at most `LONGEST` characters, whole floats without a point.

    What holds nothing (None, NaN, NaT) is shown as nothing.
    """
    if value is None or (not isinstance(value, str) and value != value):  # noqa: PLR0124  NaN and NaT
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    text = " ".join(str(value).split())
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _finding(
    code: str,
    sheet: str | None,
    row: int | None,
    header: Header | None,
    value: Value,
    details: Mapping[str, object],
) -> Finding:
    text = text_of(code)
    named = {name: shown(detail) for name, detail in details.items()}
    named |= {"value": shown(value), "column": header.shown if header else ""}
    letter, column = (header.letter, header.text) if header else (None, None)
    return Finding(
        code, text.severity, sheet, row, letter, column, named["value"],
        text.vi.format_map(named), text.en.format_map(named),
    )  # fmt: skip


def _of_row(detail: object, number: int) -> object:
    if isinstance(detail, list | tuple):
        return detail[number]
    return detail[number] if isinstance(detail, np.ndarray) else detail


def _place(finding: Finding) -> tuple[bool, str, int, str, str]:
    """Order of findings: the file, then its sheets by name, each from top to bottom."""
    letter = finding.letter or ""
    return finding.sheet is not None, finding.sheet or "", finding.row or 0, letter.rjust(3), finding.code
