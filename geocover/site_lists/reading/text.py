"""CSV and its kin: fields apart by comma, semicolon, tab or pipe.

Rows are numbered as Excel numbers them when it opens the file: a record is one row even where a quoted field
holds line ends, an empty line is a row, and a first line ``sep=;`` is none.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from geocover.site_lists.reading.encodings import decode
from geocover.site_lists.reading.spreadsheets import trimmed
from geocover.site_lists.sheets import Sheet

if TYPE_CHECKING:
    import _csv
    from collections.abc import Iterable

    from geocover.site_lists.reading.refusals import Note
    from geocover.site_lists.sheets import Value

DELIMITERS = "\t;|,"
_SAMPLE_RECORDS = 200
_SAMPLE_CHARACTERS = 200_000
# A quoted field over more lines than this is a quotation mark that nobody closed.
_LONGEST_RECORD = 30
_SEPARATOR_LINE = re.compile(r"\ufeff?sep=(.)[ ;,\t]*(?:\r\n|\r|\n|$)", re.IGNORECASE)


def read_text(content: bytes, note: Note) -> tuple[Sheet, ...]:
    """The one sheet of a text file."""
    text = decode(content, note)
    stated = _SEPARATOR_LINE.match(text)
    if stated:
        note("separator-line", value=stated[0])
        text = text[stated.end() :]
    delimiter = stated[1] if stated else sniff(text)
    return (Sheet("", trimmed(_records(text, delimiter, note))),)


def sniff(text: str) -> str:
    """Delimiter of a text: the one by which most records have the same number of fields, two or more.

    Where two are equally good the one that makes more fields wins; a comma between digits counts little,
    for it may be a decimal comma.
    """
    sample = text[:_SAMPLE_CHARACTERS]
    scores = {delimiter: _evenness(sample, delimiter) for delimiter in DELIMITERS}
    return max(DELIMITERS, key=lambda delimiter: scores[delimiter])


def _evenness(text: str, delimiter: str) -> tuple[float, int]:
    counts: Counter[int] = Counter()
    for number, record in enumerate(_parsed(text, delimiter)):
        if number == _SAMPLE_RECORDS:
            break
        counts[len(record)] += bool(record)
    total = counts.total()
    several = {fields: count for fields, count in counts.items() if fields > 1}
    if not several:
        return 0.0, 0
    fields, count = max(several.items(), key=lambda item: (item[1], item[0]))
    share = count / total
    if delimiter == "," and _decimal_share(text) > 0.5:
        share /= 2
    return round(share, 1), fields


def _decimal_share(text: str) -> float:
    """Share of commas that stand between two digits with another delimiter on the same line."""
    commas = decimal = 0
    for line in text.splitlines()[:_SAMPLE_RECORDS]:
        commas += line.count(",")
        if any(other in line for other in DELIMITERS[:3]):
            decimal += len(re.findall(r"(?<=\d),(?=\d)", line))
    return decimal / commas if commas else 0.0


def _records(text: str, delimiter: str, note: Note) -> Iterable[list[Value]]:
    records: list[list[Value]] = []
    reader = _parsed(text, delimiter)
    start = stop = 0
    for record in reader:
        start, stop = stop, reader.line_num
        if any(_lines(field) > _LONGEST_RECORD for field in record):
            note("quotes-unbalanced", value=len(records) + 1)
            return _by_line(text, delimiter)
        records.append([*record])
    if stop - start > 1 and _unclosed(text, start):
        note("quotes-unbalanced", value=len(records))
        return _by_line(text, delimiter)
    return records


def _unclosed(text: str, line: int) -> bool:
    """Whether the record that starts at a line, the last one, ends inside quotation marks."""
    return sum(each.count('"') for each in islice(io.StringIO(text, newline=""), line, None)) % 2 == 1


def _lines(field: str) -> int:
    return field.count("\n") + field.count("\r") if len(field) > _LONGEST_RECORD else 0


def _parsed(text: str, delimiter: str) -> _csv.Reader:
    # Fields may be as long as the file, which is bounded; the module's own bound is for the whole process.
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _by_line(text: str, delimiter: str) -> list[list[Value]]:
    """Records of a text whose quotation marks do not match: each line by itself."""
    lines = io.StringIO(text, newline="")
    return [[*next(iter(csv.reader([line], delimiter=delimiter)), [])] for line in lines]
