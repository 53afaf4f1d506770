"""Cells that hold nothing, in files of every kind: what is found of them never speaks of None or NaN."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.boundaries.index import shipped_index
from geocover.site_lists.answer import answer_json
from geocover.site_lists.checked import CheckedList
from geocover.site_lists.checking import check_book
from geocover.site_lists.findings import Findings, catalogue, shown
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.reading.limits import Limits
from geocover.site_lists.reading.worker import read_content
from geocover.site_lists.sheets import Book
from tests.site_lists.corpus import case

Rows = list[list[Any]]
WORDS = ("None", "nan", "NaN", "NaT", "NAT", "<NA>")
HEAD = ["Mã trạm", "Nhà mạng", "Công nghệ", "Kinh độ", "Vĩ độ", "Xã, phường", "Ngày phát sóng", "Toạ độ"]
OTHERS: tuple[Sequence[Any], ...] = (
    ("P1", "P2"), ("Viettel", "Foo"), ("4G", "2G/3G", "x"), ("Phường Thanh Miếu", "Xã Nowhere"),
    ("31/12/2025", "2025", "x"), ("21.3, 105.4", "105.4;21.3", "x"),
)  # fmt: skip
COORDINATES = (105.4, 21.3, -105.4, 0.0, 590_123.4, 2_345_678.0, 180.5, "105,4", "21°20'", "x")
# Some lists leave cells empty, some write a word for it; the words stand in the cells then.
EMPTY = st.sampled_from([(None,), (None, ""), (None, math.nan), ("None", "nan", "NaT"), (None, "-", "#N/A")])


def features(rows: Rows) -> str:
    """GeoJSON without geometries: coordinates are attributes."""
    head, *sites = rows
    told = [
        {"type": "Feature", "geometry": None, "properties": dict(zip(head, r, strict=True))} for r in sites
    ]
    return json.dumps({"type": "FeatureCollection", "features": told}, ensure_ascii=False)


def geopackage(rows: Rows) -> Callable[[Path], None]:
    """A layer of points of which every other one is missing, beside the coordinates as attributes."""
    head, *sites = rows
    columns = {name: [None if r[at] is None else str(r[at]) for r in sites] for at, name in enumerate(head)}
    points = [None if number % 2 else shapely.Point(105.4, 21.3) for number in range(len(sites))]
    table = gpd.GeoDataFrame(columns, geometry=points, crs="EPSG:4326")
    return lambda path: table.to_file(path, driver="GPKG")


def blank(rows: Rows) -> Rows:
    """Rows as kinds without NaN hold them: an empty cell."""
    return [[None if isinstance(cell, float) and math.isnan(cell) else cell for cell in row] for row in rows]


def placemarks(rows: Rows) -> str:
    return case.kml([["" if cell is None else cell for cell in row] for row in rows])


BUILDERS: dict[str, Callable[[Rows], Callable[[Path], None]]] = {
    "csv": case.csv,
    "xlsx": lambda rows: case.xlsx(blank(rows)),
    "xls": lambda rows: case.xls(blank(rows)),
    "ods": case.ods,
    "html": lambda rows: case.raw(case.html(rows)),
    "geojson": lambda rows: case.raw(features(rows)),
    "gpkg": geopackage,
    "kml": lambda rows: case.raw(placemarks(rows)),
}
TEXTUAL = {"csv", "ods", "html", "kml", "gpkg"}  # of these every cell is a text, NaN too


@st.composite
def lists(draw: Callable[..., Any]) -> Rows:
    """Rows of which a third of the cells hold nothing, coordinates among them."""
    empty = st.sampled_from(draw(EMPTY))
    texts = iter(OTHERS)
    columns = [
        st.one_of(
            empty, *[st.sampled_from(COORDINATES if "độ" in name and "Toạ" not in name else next(texts))] * 2
        )
        for name in HEAD
    ]
    return [HEAD, *draw(st.lists(st.tuples(*columns).map(list), min_size=2, max_size=5))]


@pytest.fixture(scope="module")
def province() -> Reference:
    return Reference.of(shipped_index("25"))


def checked_as(kind: Any, rows: Rows, reference: Reference | None) -> CheckedList:
    """The check of a file of a kind, read in this process."""
    findings = Findings()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list.{kind}"
        BUILDERS[kind](rows)(path)
        sheets = read_content(path, kind, Limits(), findings.add)
    return check_book(Book(path.name, kind, "0" * 64, sheets), findings, reference=reference)


@settings(max_examples=80)
@given(rows=lists(), kind=st.sampled_from(sorted(BUILDERS)), against=st.booleans())
def test_no_finding_speaks_of_none(province: Reference, rows: Rows, kind: str, against: bool) -> None:
    """Catches “None”, “nan” or “NaT” as the value of a cell that holds nothing, in any text of any kind."""
    checked = checked_as(kind, rows, province if against else None)
    cells = [
        str(cell) for row in (rows if kind in TEXTUAL else blank(rows)) for cell in row if cell is not None
    ]
    wrong = [word for word in WORDS if not any(word in cell for cell in cells)]
    for finding in checked.found:
        told = f"{finding.value}\n{finding.vi}\n{finding.en}"
        assert not [word for word in wrong if word in told], finding
    assert [word for word in wrong if word.encode() in answer_json(checked)] == []


def test_no_text_says_none_itself() -> None:
    """Catches a text that the test above could not tell from a value."""
    assert not [
        code for code, text in catalogue().items() if any(word in text.vi + text.en for word in WORDS)
    ]


@pytest.mark.parametrize("value", [None, math.nan, ""])
def test_what_holds_nothing_is_shown_as_nothing(value: float | str | None) -> None:
    """Catches the name of Python's nothing in a planner's report."""
    assert shown(value) == ""


def test_no_number_in_geojson_is_an_empty_cell(province: Reference) -> None:
    """Catches NaN of a data frame taken for a commune named “nan”, or for a longitude."""
    row = ["P1", "Viettel", "4G", math.nan, math.nan, math.nan, math.nan, "21.2927, 105.4377"]
    checked = checked_as("geojson", [HEAD, row], province)
    assert checked.counts["accepted"] == 1
    assert not {"commune-unknown", "date-unread"} & {finding.code for finding in checked.found}
