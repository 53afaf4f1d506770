"""CQL2 evaluated: a tree over all features of a table at once.

Truth is three-valued as in SQL: what compares with a missing value is neither true nor false, and only
``IS NULL`` tells it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocover.features.errors import FeatureQueryError
from geocover.features.expressions import Tree, parse_filter
from geocover.features.moments import EVER, OPEN
from geocover.features.operands import (
    COMPARE,
    Operand,
    Truth,
    alike,
    compare,
    mismatch,
    operand_of,
    read_moment,
    truth,
)
from geocover.features.patterns import like, without_case, without_marks
from geocover.features.places import RELATIONS, Place, literal, relate
from geocover.features.spans import SPANS, Span
from geocover.names import nfc

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from geocover.features.shapes import Shapes
    from geocover.features.tables import FeatureTable

GEOMETRY = "geometry"
CHANGES = {"casei": without_case, "accenti": without_marks}
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": np.divide,
    "div": np.floor_divide,
    "%": np.fmod,
    "^": np.power,
}
LOGIC = ("and", "or", "not")
FUNCTIONS = (*LOGIC, *COMPARE, "isNull", "like", "between", "in", *CHANGES, *ARITHMETIC, *RELATIONS, *SPANS)


def matching(
    table: FeatureTable, asked: tuple[str, str], system: str, shapes: Callable[[], Shapes]
) -> NDArray[np.bool_]:
    """Which features fulfil a filter.

    Parameters
    ----------
    table
        The features.
    asked
        The expression and its language.
    system
        System of the geometries in it.
    shapes
        Gives the table's geometries in that system.

    Raises
    ------
    FeatureQueryError
        It is no CQL2, names what is not there, or compares what cannot be compared.
    """
    with np.errstate(all="ignore"):
        return _Filter(table, system, shapes).truth(parse_filter(*asked)).yes


class _Filter:
    """A filter's surroundings; each method evaluates one sort of node."""

    def __init__(self, table: FeatureTable, system: str, shapes: Callable[[], Shapes]) -> None:
        self.table, self.system, self.shapes = table, system, shapes
        self.count = len(table.ids)

    def truth(self, node: Tree) -> Truth:
        """Evaluate a condition."""
        name = _name(node)
        if name in LOGIC:
            return self._logic(name, node["args"])
        if name in COMPARE:
            left, right = self._operands(node, 2)
            return compare(name, left, right, self.count)
        test = self._test(name)
        if test is not None:
            return test(node)
        found = self.operand(node)
        if found.sort != "boolean":
            raise mismatch("a condition", found.sort, "a comparison", "một phép so sánh")
        return truth(found.values, found.missing, self.count)

    def _test(self, name: str) -> Callable[[Tree], Truth] | None:
        if name in RELATIONS:
            return self._relation
        if name in SPANS:
            return self._span_relation
        tests = {"isnull": self._is_null, "like": self._like, "between": self._between, "in": self._in}
        return tests.get(name)

    def _logic(self, name: str, nodes: list[Tree]) -> Truth:
        _check_count(name, nodes, 1 if name == "not" else len(nodes))
        result = self.truth(nodes[0])
        if name == "not":
            return ~result
        for node in nodes[1:]:
            other = self.truth(node)
            result = result & other if name == "and" else result | other
        return result

    def _is_null(self, node: Tree) -> Truth:
        (inner,) = _arguments(node, 1)
        missing = self.shapes().missing if _is_geometry(inner) else self.operand(inner).missing
        return truth(missing, False, self.count)

    def _like(self, node: Tree) -> Truth:
        text, pattern = self._operands(node, 2)
        if text.sort != "text":
            raise mismatch("LIKE", text.sort, "text", "văn bản")
        if not isinstance(pattern.values, str):
            raise mismatch("LIKE", "a pattern that is no plain text", "a pattern in quotes", "mẫu trong nháy")
        return truth(text.holds(like(pattern.values)), text.missing, self.count)

    def _between(self, node: Tree) -> Truth:
        value, low, high = self._operands(node, 3)
        return compare(">=", value, low, self.count) & compare("<=", value, high, self.count)

    def _in(self, node: Tree) -> Truth:
        value, options = _arguments(node, 2)
        if not isinstance(options, list) or not options:
            raise mismatch(
                "IN", "something else than a list", "a list such as (1, 2)", "danh sách, ví dụ (1, 2)"
            )
        wanted = self.operand(value)
        if wanted.sort == "text" and all(isinstance(option, str) for option in options):
            known = frozenset(map(nfc, options))
            return truth(wanted.holds(known.__contains__), wanted.missing, self.count)
        found = [compare("=", wanted, self.operand(option), self.count) for option in options]
        result = found[0]
        for one in found[1:]:
            result = result | one
        return result

    def _relation(self, node: Tree) -> Truth:
        left, right = (self._place(one) for one in _arguments(node, 2))
        return relate(_name(node), left, right, self.count)

    def _place(self, node: Tree) -> Place:
        if _is_geometry(node):
            return Place(shapes=self.shapes())
        if isinstance(node, dict) and ("bbox" in node or "type" in node):
            return literal(node, self.system)
        if isinstance(node, dict) and "property" in node:
            self._property(node["property"])  # says so where there is none of this name
        raise mismatch(
            "a spatial function", "this", "geometry, a WKT geometry or BBOX(…)", "geometry, WKT hoặc BBOX(…)"
        )

    def _span_relation(self, node: Tree) -> Truth:
        left, right = (self._span(one) for one in _arguments(node, 2))
        missing = np.asarray(left.missing) | np.asarray(right.missing)
        return truth(SPANS[_name(node)](left, right), missing, self.count)

    def _span(self, node: Tree) -> Span:
        if isinstance(node, dict) and "interval" in node:
            ends = node["interval"]
            if not isinstance(ends, list) or len(ends) != 2:
                raise mismatch("INTERVAL", "this", "two ends", "hai đầu mút")
            start, end = self._end(ends[0], EVER.min), self._end(ends[1], EVER.max)
            return Span(start.values, end.values, np.asarray(start.missing) | np.asarray(end.missing))
        moment = self._moment(node)
        return Span(moment.values, moment.values, moment.missing)

    def _end(self, node: Tree, forever: int) -> Operand:
        return Operand("moment", int(forever)) if node in OPEN else self._moment(node)

    def _moment(self, node: Tree) -> Operand:
        found = self.operand(node)
        moment, _ = alike("a temporal function", found, Operand("moment", 0))
        return moment

    def _operands(self, node: Tree, count: int) -> list[Operand]:
        return [self.operand(one) for one in _arguments(node, count)]

    def operand(self, node: Tree) -> Operand:
        """Evaluate a value."""
        if not isinstance(node, dict):
            return _literal(node)
        if "property" in node:
            return self._property(node["property"])
        if "date" in node or "timestamp" in node:
            return Operand("moment", read_moment(str(node.get("date", node.get("timestamp")))))
        name = _name(node)
        if name in CHANGES:
            return self._changed(name, node)
        if name in ARITHMETIC:
            return self._computed(name, node)
        if name in LOGIC or name in COMPARE or self._test(name) is not None:
            held = self.truth(node)
            return Operand("boolean", held.yes, ~(held.yes | held.no))
        raise _unknown_function(node)

    def _property(self, name: object) -> Operand:
        if not isinstance(name, str) or name not in self.table.columns:
            raise unknown_property("filter", str(name), self.table)
        return operand_of(self.table.columns[name])

    def _changed(self, name: str, node: Tree) -> Operand:
        (text,) = self._operands(node, 1)
        if text.sort != "text":
            raise mismatch(name.upper(), text.sort, "text", "văn bản")
        return text.texts(CHANGES[name])

    def _computed(self, name: str, node: Tree) -> Operand:
        left, right = self._operands(node, 2)
        if left.sort != "number" or right.sort != "number":
            wrong = right if left.sort == "number" else left
            raise mismatch(name, wrong.sort, "numbers", "số")
        values = ARITHMETIC[name](np.asarray(left.values, dtype=np.float64), right.values)
        return Operand("number", values, np.asarray(left.missing) | right.missing | ~np.isfinite(values))


def _name(node: Tree) -> str:
    if not isinstance(node, dict) or "op" not in node:
        return ""
    if not isinstance(node.get("args"), list) or not node["args"]:
        raise _without_arguments(str(node["op"])[:50])
    return str(node["op"]).lower()


def _arguments(node: Tree, count: int) -> list[Tree]:
    found: list[Tree] = node["args"]
    _check_count(str(node["op"]), found, count)
    return found


def _check_count(name: str, nodes: list[Tree], count: int) -> None:
    if len(nodes) != count:
        raise FeatureQueryError(
            f"filter: {name} wants {count} operands and has {len(nodes)}",
            f"filter: {name} cần {count} toán hạng, hiện có {len(nodes)}",
        )


def _literal(node: Tree) -> Operand:
    if isinstance(node, bool):
        return Operand("boolean", node)
    if isinstance(node, (int, float)) and np.isfinite(float(node)):
        return Operand("number", float(node))
    if isinstance(node, str):
        return Operand("text", nfc(node))
    raise mismatch(
        "a comparison",
        "this",
        "a property, text, finite number, date or truth",
        "thuộc tính, văn bản, số, ngày",
    )


def _is_geometry(node: Tree) -> bool:
    return isinstance(node, dict) and node.get("property") == GEOMETRY


def _without_arguments(name: str) -> FeatureQueryError:
    return FeatureQueryError(
        f'filter: the operation {name!r} has nothing to work on; give "args": [...]',
        f'filter: phép toán “{name}” thiếu toán hạng; hãy ghi "args": [...]',
    )


def _unknown_function(node: Tree) -> FeatureQueryError:
    name = str(node.get("op", "?"))[:50] if isinstance(node, dict) else "?"
    known = ", ".join(FUNCTIONS)
    return FeatureQueryError(
        f"filter: there is no operation {name!r} here; there are {known}",
        f"filter: không có phép toán “{name}”; có: {known}",
    )


def unknown_property(parameter: str, name: str, table: FeatureTable) -> FeatureQueryError:
    """Say that a collection has no property of a name, and which it has."""
    known = ", ".join([*table.kind.names, GEOMETRY] if parameter == "filter" else table.kind.names)
    return FeatureQueryError(
        f"{parameter}: {table.kind.id} has no property {name[:100]!r}; it has {known}",
        f"{parameter}: {table.kind.id} không có thuộc tính “{name[:100]}”; có: {known}",
    )
