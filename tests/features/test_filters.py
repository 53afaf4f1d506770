"""CQL2: what the library's own evaluation finds, three-valued where it has nothing to say, and bounded."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import cql2
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geocover.features.conditions import FUNCTIONS, matching
from geocover.features.errors import FeatureQueryError
from geocover.features.expressions import DEEPEST, LONGEST, MOST_OPERATIONS, parse_filter
from geocover.features.fields import CollectionKind, Field
from geocover.features.operands import operand_of
from geocover.features.patterns import like, without_marks
from geocover.features.shapes import shapes_of
from geocover.features.systems import CRS84, EPSG
from geocover.features.tables import FeatureTable, _table

if TYPE_CHECKING:
    from collections.abc import Sequence

KIND = CollectionKind(
    "things", "đồ vật", "things", "", "",
    (
        Field("tên", "text", "tên", "name"),
        Field("loại", "text", "loại", "type"),
        Field("n", "number", "n", "n"),
        Field("m", "integer", "m", "m"),
        Field("có", "boolean", "có", "there"),
        Field("day", "date", "ngày", "day"),
        Field("gone", "number", "trống", "always missing"),
        Field("some", "text", "một số", "missing in every other"),
    ),
    ("day", False),
    "geometry-any",
)  # fmt: skip
NAMES = (
    "Tân Hoà",
    "Hòa Bình",
    "Đà Bắc",
    "Việt Trì",
    "100%",
    "a_b",
    "O'Nhị",
    "",
    "Hy Cương",
    "hy cương",
    "\\",
)
SIDE = 5


def things() -> FeatureTable:
    """A grid of points and squares with every kind of property."""
    count = SIDE * SIDE
    at = np.arange(count)
    table = pd.DataFrame(
        {
            "tên": [NAMES[i % len(NAMES)] for i in at],
            "loại": ["Phường" if i % 3 else "Xã" for i in at],
            "n": at / 4.0 - 2.0,
            "m": at % 7,
            "có": at % 2 == 0,
            "day": [f"2025-{i % 12 + 1:02d}-15" for i in at],
            "gone": np.nan,
            "some": [None if i % 2 else "x" for i in at],
        }
    )
    points = shapely.points(105 + at % SIDE * 0.1, 21 + at // SIDE * 0.1)
    shapes = np.where(at % 4 == 0, shapely.buffer(points, 0.04, cap_style="square"), points)
    return _table(KIND, table, ([str(i) for i in at], shapes_of(shapes)), {})


THINGS = things()
FEATURES = [
    {
        "type": "Feature",
        "id": identity,
        "geometry": json.loads(shapely.to_geojson(shape)),
        "properties": json.loads(opened.decode()[:-len(',"geometry":')] + "}")["properties"],
    }
    for identity, shape, opened in zip(THINGS.ids, THINGS.shapes.distinct, THINGS.opened, strict=True)
]  # fmt: skip


def found(text: str, language: str = "cql2-text", system: str = CRS84) -> list[int]:
    keep = matching(THINGS, (text, language), system, lambda: THINGS.shapes.moved(system))
    return np.flatnonzero(keep).tolist()


NUMBER = st.sampled_from(["n", "m", "0", "1.5", "-2", "3", "n + 1", "m * 2", "(n - m)", "m % 3", "n / 2"])
TEXT = st.sampled_from(
    ['"tên"', '"loại"', "'Xã'", "'Phường'", "'Tân Hoà'", 'CASEI("tên")', "CASEI('HY CƯƠNG')"]
)
PATTERN = st.sampled_from(["'%'", "'Hy%'", "'%oà%'", "'_y C%'", "'T_n Ho%'", "''", "'%a%'", "'Xã'"])
DAY = st.sampled_from(
    ["day", "DATE('2025-06-15')", "DATE('2025-01-01')", "TIMESTAMP('2025-12-15T00:00:00Z')"]
)
AREA = st.sampled_from(
    ["BBOX(104.95, 20.95, 105.15, 21.25)", "POINT(105.1 21.1)",
     "POLYGON((104.98 20.98, 105.33 20.98, 105.33 21.33, 104.98 20.98))",
     "LINESTRING(105 21, 105.4 21.4)", "MULTIPOINT((105 21), (105.2 21.2))"]
)  # fmt: skip
ORDER = st.sampled_from(["=", "<>", "<", ">", "<=", ">="])
SPATIAL = st.sampled_from(["S_INTERSECTS", "S_DISJOINT", "S_WITHIN", "S_CONTAINS", "S_TOUCHES", "S_EQUALS"])
TEMPORAL = st.sampled_from(["T_AFTER", "T_BEFORE", "T_EQUALS", "T_DISJOINT", "T_INTERSECTS"])
SIMPLE = st.one_of(
    st.builds("{} {} {}".format, NUMBER, ORDER, NUMBER),
    st.builds("{} {} {}".format, TEXT, st.sampled_from(["=", "<>"]), TEXT),
    st.builds("{} {} {}".format, DAY, ORDER, DAY),
    st.builds('"tên" LIKE {}'.format, PATTERN),
    st.builds("{} BETWEEN {} AND 3".format, NUMBER, st.sampled_from(["-1", "0.5"])),
    st.builds("m IN ({}, {})".format, st.integers(0, 7), st.integers(0, 7)),
    st.builds("\"loại\" IN ('Xã', {})".format, st.sampled_from(["'Phường'", "'không'"])),
    st.builds('"có" = {}'.format, st.sampled_from(["TRUE", "FALSE"])),
    st.builds("{} IS NULL".format, st.sampled_from(["n", "day", '"tên"'])),
    st.builds("{}(geometry, {})".format, SPATIAL, AREA),
    st.builds("{}({}, {})".format, TEMPORAL, DAY, DAY),
)  # fmt: skip
FILTERS = st.recursive(
    SIMPLE,
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner),
        st.builds("({} OR {})".format, inner, inner),
        st.builds("NOT ({})".format, inner),
    ),
    max_leaves=5,
)
QUIET = settings(max_examples=250, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


@QUIET
@given(FILTERS)
def test_all_at_once_is_what_the_library_finds_one_by_one(text: str) -> None:
    """Catches any operation that differs from the library's own, alone or joined with others."""
    expression = cql2.parse_text(text)
    assert found(text) == [row for row, one in enumerate(FEATURES) if expression.matches(one)], text
    assert found(json.dumps(expression.to_json()), "cql2-json") == found(text)


def test_unknown_is_neither_true_nor_false() -> None:
    """Catches NOT that finds what is missing, and comparisons that take null for zero or for no text."""
    every = list(range(len(THINGS.ids)))
    for text in ("gone = 0", "NOT gone = 0", "gone < 1 OR NOT gone < 1", "gone BETWEEN 0 AND 1",
                 "gone + n > 0",
                 "gone IN (1, 2)", "NOT gone IN (1, 2)", "n / 0 = 1", "NOT (n / 0 = 1)"):  # fmt: skip
        assert found(text) == [], text
    assert found("gone IS NULL") == found("NOT gone IS NOT NULL") == every
    assert found("gone = 0 OR n > -99") == every
    assert found("NOT (gone = 0 AND n < -99)") == every
    assert found("some = 'x'") == found("some IS NOT NULL") == every[::2]
    assert found("NOT some = 'x'") == found("some <> 'x'") == found("some LIKE 'y%'") == []


def test_texts_in_vietnamese() -> None:
    """Catches marks and case that matter where they should not, and forms of one letter that differ."""
    assert found("CASEI(\"tên\") = CASEI('HY CƯƠNG')") == found("CASEI(\"tên\") IN (CASEI('Hy Cương'))")
    assert {
        operand_of(THINGS.columns["tên"]).full[row] for row in found("ACCENTI(CASEI(\"tên\")) LIKE 'd% b_c'")
    } == {"Đà Bắc"}
    assert found("ACCENTI(\"tên\") = ACCENTI('Đa Bắc')") == found("\"tên\" = 'Đà Bắc'")
    assert found("\"tên\" = 'Ta\u0302n Hoa\u0300'") == found("\"tên\" = 'Tân Hoà'") != []
    assert without_marks("Phường Thuỷ Đường") == "Phuong Thuy Duong"
    assert found("\"tên\" = 'O''Nhị'") != []


@pytest.mark.parametrize(
    ("pattern", "yes", "no"),
    [("100\\%", "100%", "1000"), ("a\\_b", "a_b", "axb"), ("%b", "ab", "ba"), ("a%", "ab", "ba"),
     ("", "", "a"), ("%", "", None), ("a%b%c", "aXbXbc", "acb"),
     ("_%_", "ab", "a"), ("\\\\", "\\", "a"), ("a%a", "aa", "a"),
     ("x\\", "x\\", "x"), ("%ab%ab", "abab", "ab"), ("(.*", "(.*", "x"), ("a\nb%", "a\nbc", "ab")],
)  # fmt: skip
def test_like(pattern: str, yes: str, no: str | None) -> None:
    """Catches wildcards that are escaped, characters of regular expressions, and parts that overlap."""
    assert like(pattern)(yes)
    assert no is None or not like(pattern)(no)


@settings(max_examples=200, derandomize=True, database=None)
@given(st.text("ab%_", max_size=12), st.text("ab", max_size=12))
def test_like_is_what_sql_means(pattern: str, text: str) -> None:
    """Catches a match given up too soon: parts are never tried again at a later place."""
    table = [[False] * (len(text) + 1) for _ in range(len(pattern) + 1)]
    table[0][0] = True
    for i, sign in enumerate(pattern):
        for j in range(len(text) + 1):
            if sign == "%":
                table[i + 1][j] = table[i][j] or (j > 0 and table[i + 1][j - 1])
            else:
                table[i + 1][j] = j > 0 and table[i][j - 1] and sign in ("_", text[j - 1])
    assert like(pattern)(text) == table[-1][-1]


def test_geometries_in_other_systems() -> None:
    """Catches axes of a filter in the wrong order, and a filter-crs that is ignored."""
    wanted = found("S_INTERSECTS(geometry, BBOX(104.9, 20.9, 105.15, 21.15))")
    assert len(wanted) == 4
    assert found("S_INTERSECTS(geometry, BBOX(20.9, 104.9, 21.15, 105.15))", system=f"{EPSG}4326") == wanted
    west, south, east, north = 510000, 2310000, 545000, 2345000
    ring = f"{west} {south}, {east} {south}, {east} {north}, {west} {north}, {west} {south}"
    zone = f"S_WITHIN(geometry, POLYGON(({ring})))"
    assert found(zone, system=f"{EPSG}9208") == wanted


def test_a_geometry_and_itself() -> None:
    """Catches the long way to what is known: each geometry against itself."""
    every = list(range(len(THINGS.ids)))
    for name, wanted in {"INTERSECTS": every, "EQUALS": every, "WITHIN": every, "CONTAINS": every}.items():
        assert found(f"S_{name}(geometry, geometry)") == wanted
        assert found(f"NOT S_{name}(geometry, geometry)") == []
    for name in ("DISJOINT", "TOUCHES", "OVERLAPS", "CROSSES"):
        assert found(f"S_{name}(geometry, geometry)") == []


def test_intervals_of_properties() -> None:
    """Catches open ends and intervals made of properties, of which the library knows nothing."""
    every = list(range(len(THINGS.ids)))
    assert found("T_DURING(INTERVAL(day, '2025-12-31'), INTERVAL('2025-01-01', '..'))") == every
    assert found("T_INTERSECTS(INTERVAL(day, '..'), DATE('2024-01-01'))") == []
    march = [row for row in every if row % 12 == 2]
    assert found("T_DURING(day, INTERVAL('2025-03-01', '2025-03-31'))") == march
    assert found("T_STARTS(INTERVAL('2025-03-15', '2025-04-01'), INTERVAL(day, '..'))") == march
    assert found("day = '2025-03-15'") == march


WRONG = [
    "", "n >", "n = 'x'", "\"tên\" > 3", "nothing = 1", "n", "'x'", "3", "foo(n) = 1",
    "S_BUFFER(geometry, 1)",
    "n LIKE 'x'", "\"tên\" LIKE \"loại\"", "S_INTERSECTS(n, POINT(1 1))", "S_INTERSECTS(geometry, 3)",
    "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))", "S_INTERSECTS(geometry, BBOX(1, 2, 3))",
    "S_INTERSECTS(geometry, POINT(1000 1000))", "T_AFTER(n, DATE('2025-01-01'))", "day > DATE('x')",
    "n = 1e999",
    "day > 3", "\"có\" > TRUE", "CASEI(n) = 'x'", "n + 'x' = 1", "geometry = 1", "A_CONTAINS(n, (1, 2))",
    "T_AFTER(day, INTERVAL('..', 'x'))", "n IN ('a')", "n = NULL", "\x00", "n = 1; DROP TABLE x", "ế" * 100,
]  # fmt: skip


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_in_both_languages(text: str) -> None:
    """Catches a wrong filter that finds something, or one whose error does not help."""
    with pytest.raises(FeatureQueryError, match=r"filter|bbox") as caught:
        found(text)
    assert caught.value.vi != str(caught.value)
    assert not re.search(r"\b(this|condition|comparison|function|pattern|else)\b", caught.value.vi)
    assert len(str(caught.value)) < 1000


def test_the_place_of_a_fault_is_said() -> None:
    """Catches a refusal that leaves the reader to search."""
    with pytest.raises(FeatureQueryError, match=r"line 2, character 8, near '> 3'") as caught:
        found("n = 1 AND\nm = 2 >> 3")
    assert "dòng 2, ký tự 8" in caught.value.vi
    with pytest.raises(FeatureQueryError, match=r"line 1, character 8"):
        found('{"op": ]', "cql2-json")
    with pytest.raises(FeatureQueryError, match="it has tên, loại"):
        found("name = 'x'")


def deep(count: int) -> Sequence[str]:
    return (
        "(" * count + "n=1" + ")" * count,
        "NOT " * count + "n=1",
        "NOT (" * count + "n=1" + ")" * count,
        "-" * count + "1=1",
        "CASEI(" * count + "n" + ")" * count + "='a'",
        "2^" * count + "2=4",
        "n" + "+1" * count + "=1",
        "n" + "-1" * count + "=1",
        " AND ".join(["n=1"] * count),
        "n IN (" + "(" * count + "1" + ")" * count + ")",
    )


@pytest.mark.parametrize("count", [DEEPEST + 1 + MOST_OPERATIONS, 1000, 20_000])
def test_nothing_goes_too_deep(count: int) -> None:
    """Catches a filter that takes the whole process with it: the parser goes down a level for each."""
    for text in deep(count):
        begun = time.perf_counter()
        with pytest.raises(FeatureQueryError):
            found(text)
        assert time.perf_counter() - begun < 1
    nested: Any = {"op": "=", "args": [{"property": "n"}, 1]}
    for _ in range(200):
        nested = {"op": "not", "args": [nested]}
    for text in (json.dumps(nested), "[" * count, '{"op":' * count):
        with pytest.raises(FeatureQueryError):
            found(text[:LONGEST], "cql2-json")


def test_quoted_parentheses_are_texts() -> None:
    """Catches a name refused for its brackets."""
    assert found(f"\"tên\" = '{'(' * 100}{'-' * 600}'") == []


@QUIET
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from([
                "n", "tên", '"tên"', "(", ")", "=", "<", "AND", "OR", "NOT", "'", '"', "1", "-", "LIKE",
                "'%'", "IN", ",",
                "BETWEEN", "IS", "NULL", "S_INTERSECTS(", "geometry", "POINT(1 1)", "BBOX(", "INTERVAL(",
                "'..'", "DATE(",
                "day", "CASEI(", "+", "*", "{", "}", ":", "[", "]", '"op"', '"args"', "ế", "\x00", "\ud7ff",
            ]),
            max_size=14,
        ).map(" ".join),
    ),
    st.sampled_from(["cql2-text", "cql2-json"]),
)  # fmt: skip
def test_no_text_breaks_the_filter(text: str, language: str) -> None:
    """Catches an exception that would be a 500."""
    try:
        found(text, language)
    except FeatureQueryError as error:
        assert error.vi  # noqa: PT017


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["n", "..", "2025-01-01", "x"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["op", "args", "property", "date", "timestamp", "interval", "bbox", "type",
            "coordinates"]),
        inner | st.sampled_from([*FUNCTIONS, "Point", "Polygon", "geometry"]),
        max_size=3,
    ),
    max_leaves=12,
)  # fmt: skip


@QUIET
@given(st.sampled_from(FUNCTIONS), VALUES)
def test_no_json_breaks_the_filter(name: str, arguments: Any) -> None:
    """Catches an exception from a tree whose parts are of any kind."""
    try:
        found(json.dumps({"op": name, "args": arguments}), "cql2-json")
    except FeatureQueryError as error:
        assert error.vi  # noqa: PT017


def test_the_most_a_filter_may_do_is_quick() -> None:
    """Catches a filter within the limits that keeps a server busy."""
    worst = "%a" * 30 + "%b"
    many = " OR ".join([f"\"tên\" LIKE '{worst}'"] * 90)
    begun = time.perf_counter()
    found(many[:LONGEST])
    assert time.perf_counter() - begun < 2
    assert parse_filter("n = 1", "cql2-text") == {"op": "=", "args": [{"property": "n"}, 1.0]}
    hostile = like("%a" * 40 + "%b")
    begun = time.perf_counter()
    assert not hostile("a" * 10_000)
    assert time.perf_counter() - begun < 1
