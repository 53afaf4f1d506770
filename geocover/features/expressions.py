"""CQL2 read: text or JSON into a tree of plain values, within limits that no reader can exceed.

The library's parser goes down into itself for each level and takes the process with it where there are
thousands: what is too long or too deep is refused before it sees it.
"""

from __future__ import annotations

import json
import re
from typing import Any

import cql2

from geocover.features.errors import FeatureQueryError

LONGEST, DEEPEST, MOST_OPERATIONS, MOST_SIGNS, MOST_MINUSES, MOST_UNARY = 8192, 32, 100, 100, 500, 8
LANGUAGES = ("cql2-text", "cql2-json")
SEE = "https://docs.ogc.org/is/21-065r2/21-065r2.html"
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"")
_UNARY = re.compile(rf"(?:\bNOT\b\s*){{{MOST_UNARY},}}|(?:-\s*){{{MOST_UNARY},}}", re.IGNORECASE)
_POSITION = re.compile(r"-->\s*(\d+):(\d+)")

Tree = Any  # what JSON can hold


def parse_filter(text: str, language: str) -> Tree:
    """Parse a filter into the tree that CQL2 JSON is.

    Raises
    ------
    FeatureQueryError
        It is too long, too deep, or no CQL2; the place of the fault is said.
    """
    if len(text) > LONGEST:
        raise _too(f"longer than {LONGEST} characters", f"dài hơn {LONGEST} ký tự")
    tree = _from_json(text) if language == "cql2-json" else _from_text(text)
    _check(tree)
    return tree


def _from_text(text: str) -> Tree:
    _check_text(_QUOTED.sub("''", text))
    try:
        return cql2.parse_text(text).to_json()
    except (cql2.ParseError, ValueError) as error:
        raise _wrong(text, str(error)) from error


def _from_json(text: str) -> Tree:
    try:
        _check(json.loads(text))
        return cql2.parse_json(text).to_json()
    except (cql2.ParseError, ValueError) as error:
        where = f" --> {error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise _wrong(text, f"{error}{where}") from error
    except RecursionError as error:
        raise _deep() from error


def _check_text(bare: str) -> None:
    """Refuse text, its quotes emptied, that would go too deep for the parser."""
    depth = deepest = 0
    for character in bare:
        depth += (character == "(") - (character == ")")
        deepest = max(deepest, depth)
    signs = sum(bare.count(sign) for sign in "^*/%+")
    if deepest > DEEPEST or _UNARY.search(bare):
        raise _deep()
    if signs > MOST_SIGNS or bare.count("-") > MOST_MINUSES:
        raise _too("of too many operations", "có quá nhiều phép tính")


def _check(tree: Tree) -> None:
    """Refuse a tree that is too deep or holds too many operations."""
    level, depth, operations = [tree], 0, 0
    while level:
        depth += 1
        if depth > 2 * DEEPEST:
            raise _deep()
        operations += sum(isinstance(node, dict) and "op" in node for node in level)
        below: list[Tree] = []
        for node in level:
            below.extend(node.values() if isinstance(node, dict) else node if isinstance(node, list) else ())
        level = below
    if operations > MOST_OPERATIONS:
        raise _too(f"of more than {MOST_OPERATIONS} operations", f"có hơn {MOST_OPERATIONS} phép toán")


def _deep() -> FeatureQueryError:
    return _too(f"nested deeper than {DEEPEST} levels", f"lồng nhau quá {DEEPEST} tầng")


def _too(what: str, vi: str) -> FeatureQueryError:
    return FeatureQueryError(
        f"filter: it is {what}; ask in several requests", f"filter: biểu thức {vi}; hãy chia thành nhiều lần"
    )


def _wrong(text: str, told: str) -> FeatureQueryError:
    """Say where a filter is wrong, by the parser's own word for the place."""
    found = _POSITION.search(told)
    line, column = (int(found[1]), int(found[2])) if found else (1, 0)
    lines = text.splitlines() or [""]
    rest = lines[min(line, len(lines)) - 1][max(column - 1, 0) :][:20] if found else ""
    near, near_vi = (f"near {rest!r}", f"gần “{rest}”") if rest else ("at the end", "ở cuối biểu thức")
    where, place = (
        (f", line {line}, character {column}, {near}", f", dòng {line}, ký tự {column}, {near_vi}")
        if found
        else ("", "")
    )
    return FeatureQueryError(
        f"filter{where}: this is not CQL2; write for example population > 10000 AND name LIKE 'Tân%' ({SEE})",
        f"filter{place}: không phải CQL2; ví dụ đúng: population > 10000 AND name LIKE 'Tân%' ({SEE})",
    )
