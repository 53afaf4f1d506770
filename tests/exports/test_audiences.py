"""Who gets what: nothing of an operator in anything made for those who may not see it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.exports.conftest import READERS, A, B
from tests.exports.searching import found_in, secrets_of

if TYPE_CHECKING:
    from pathlib import Path

    from geocover.store import Snapshot

TABLES = {f"{layer}.{kind}" for layer in ("communes", "coverage", "gaps", "places", "reach")
          for kind in ("fgb", "parquet", "csv")}  # fmt: skip
ALWAYS = TABLES | {"geocover.gpkg", "geocover.xlsx", "totals.csv", "level-4g-any.tif", "level-5g-any.tif",
                   "item.json", "LICENCE.txt", "SHA256SUMS", "index.json"}  # fmt: skip
STATIONS = {"stations.fgb", "stations.parquet", "stations.csv"}
LEVELS = {one: {f"level-{technology}-{one.lower()}.tif" for technology in ("4g", "5g")} for one in (A, B)}
HAVE = {
    "public": ALWAYS,
    "viewer": ALWAYS | LEVELS[A] | LEVELS[B],
    "a": ALWAYS | STATIONS | LEVELS[A],
    "b": ALWAYS | STATIONS | LEVELS[B],
    "planner": ALWAYS | STATIONS | LEVELS[A] | LEVELS[B],
}


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_has_its_files(exported: dict[str, Path], reader: str) -> None:
    """Catches a file too many for a reader, and one that is missing."""
    assert {path.name for path in exported[reader].iterdir()} == HAVE[reader]


@pytest.mark.parametrize(("reader", "others"), [("public", (A, B)), ("a", (B,)), ("b", (A,))])
def test_nothing_of_others_is_in_any_byte(
    exported: dict[str, Path], snapshot: Snapshot, reader: str, others: tuple[str, ...]
) -> None:
    """Catches another operator's name, station, cell or position in any file, packed or not."""
    secrets = [secret for other in others for secret in secrets_of(snapshot, other)]
    for path in exported[reader].iterdir():
        assert found_in(path.name, path.read_bytes(), secrets) == [], path.name


def test_the_search_finds_what_is_there(exported: dict[str, Path], snapshot: Snapshot) -> None:
    """Catches a search that is blind: it must find each kind of secret in the planner's files."""
    secrets = secrets_of(snapshot, B)
    for name in ("geocover.gpkg", "geocover.xlsx", "stations.fgb", "stations.parquet", "stations.csv"):
        found = found_in(name, (exported["planner"] / name).read_bytes(), secrets)
        assert B.encode() in found, name
        assert len(found) >= 4, name
    packed = found_in("stations.fgb", (exported["planner"] / "stations.fgb").read_bytes(), secrets)
    assert any(len(one) == 8 and one not in (b"PTO2", B.encode()) for one in packed)


def test_a_viewer_has_no_station(exported: dict[str, Path], snapshot: Snapshot) -> None:
    """Catches positions, ids and neighbours of gaps for one who may see operators' coverage alone."""
    names = {operator.encode().lower() for operator in (A, B)} | {A.encode(), B.encode()}
    secrets = {one for operator in (A, B) for one in secrets_of(snapshot, operator)} - names
    for path in exported["viewer"].iterdir():
        assert found_in(path.name, path.read_bytes(), secrets) == [], path.name


def test_the_list_says_whom_it_is_for(exported: dict[str, Path]) -> None:
    """Catches a partner's file that is passed on and does not say whose view it is."""
    told = {
        reader: json.loads((folder / "index.json").read_bytes())["for_en"]
        for reader, folder in exported.items()
    }
    assert told == {
        "public": "the public",
        "viewer": "all operators, without stations",
        "a": "operator viettel",
        "b": "operator vinaphone",
        "planner": "all operators, with stations",
    }
