"""The corpus of nasty files: each is read with exactly the findings that it deserves, and loses no row."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest

from docs.site_lists import PAGE, page
from geocover.boundaries.index import shipped_index
from geocover.errors import SiteListError
from geocover.site_lists.answer import answer_json
from geocover.site_lists.checked import CheckedList
from geocover.site_lists.checking import check_list
from geocover.site_lists.columns.mapping import ColumnMapping
from geocover.site_lists.findings import Finding, catalogue
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.workbook import write_report
from tests.site_lists.corpus import doubts, files, layout, places, values
from tests.site_lists.corpus.case import SITES, Case

CASES = (*files.CASES, *layout.CASES, *places.CASES, *values.CASES, *doubts.CASES)
EXPECTED = tomllib.loads((Path(__file__).parent / "corpus" / "expected.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def province() -> Reference:
    return Reference.of(shipped_index("25"))


def check(case: Case, folder: Path, province: Reference) -> CheckedList:
    """Check a case's file with its options; `twice` checks the report of a first check."""
    options = dict(case.options)
    path = folder / case.name
    case.build(path)
    if "mapping" in options:
        options["mapping"] = ColumnMapping(options["mapping"])
    if options.pop("reference", False):
        options["reference"] = province
    if options.pop("twice", False):
        again = folder / f"again-{case.name}"
        write_report(check_list(path, **options), path, again)
        path = again
    return check_list(path, **options)


def told(finding: Finding) -> str:
    """A finding as the corpus writes it: code, row, letter."""
    return " ".join(str(part) for part in (finding.code, finding.row, finding.letter) if part is not None)


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_findings_are_those_that_the_file_deserves(case: Case, tmp_path: Path, province: Reference) -> None:
    """Catches a mistake of a partner that nobody is told of, a false alarm, and a row lost or misjudged."""
    expected = EXPECTED[case.name]
    if "refused" in expected:
        with pytest.raises(SiteListError) as caught:
            check(case, tmp_path, province)
        assert expected["refused"] in str(caught.value)
        assert caught.value.vi != str(caught.value)
        return
    checked = check(case, tmp_path, province)
    assert sorted(told(finding) for finding in checked.found) == sorted(expected["findings"])
    assert {name: checked.counts[name] for name in ("read", "accepted")} == {
        name: expected[name] for name in ("read", "accepted")
    }
    assert len(checked.cells) == expected["cells"]
    assert at_home(checked) == expected["at_home"]
    nothing_is_lost(checked)


def at_home(checked: CheckedList) -> bool:
    """Whether all accepted rows stand within five metres of the five sites from which most cases are made."""
    rows = checked.rows
    if len(rows) != len(SITES):
        return False
    accepted = rows["accepted"].to_numpy(bool)
    off = (
        rows.loc[accepted, ["lon", "lat"]].to_numpy(float) - np.array([site[3:5] for site in SITES])[accepted]
    )
    return bool(accepted.any() and (np.abs(off) < 5e-5).all())


def nothing_is_lost(checked: CheckedList) -> None:
    """Counts add up, each accepted row has cells and no other has, and they make a network."""
    counts = checked.counts
    assert counts["accepted"] + counts["rejected"] == counts["read"] == len(checked.rows)
    places = set(zip(checked.cells["sheet"], checked.cells["row"], strict=True))
    accepted = checked.rows[checked.rows["accepted"].astype(bool)]
    assert places == set(zip(accepted["sheet"], accepted["row"], strict=True))
    if places:
        assert len(checked.network()) == len(checked.cells)
    assert answer_json(checked) == answer_json(checked)


def test_names_are_different() -> None:
    """Catches a case that hides another one."""
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names) >= 60
    assert set(names) == set(EXPECTED)


# Codes that the corpus does not bring about, and why. Refusals of whole files (file-...) have cases by what
# they say, and tests in tests/site_lists/reading.
WITHOUT_CASE = {
    "encoding-unknown": "reading/test_text.py has bytes of no known encoding",
    "feature-damaged": "reading/test_features.py breaks a geometry inside a GeoPackage",
    "layer-without-crs": "reading/test_features.py writes a layer without one",
    "number-ambiguous": "the limits of every field decide today; test_numbers.py has wider ones",
    "operator-foreign": "of uploads, which are one operator's: tests/api/test_uploads.py",
    "row-without-cells": "a guard behind all other checks: test_checking.py takes them away",
}


def test_every_code_has_a_case_or_a_reason() -> None:
    """Catches a finding that no file of the corpus brings about."""
    covered = {finding.split(" ")[0] for case in CASES for finding in EXPECTED[case.name].get("findings", ())}
    codes = {code for code in catalogue() if not code.startswith("file-")}
    assert codes - covered == set(WITHOUT_CASE)


def test_page_of_codes_is_up_to_date() -> None:
    """Catches docs/site-lists.md behind the texts; run `python docs/site_lists.py`."""
    current = PAGE.read_text(encoding="utf-8")
    assert page(current) == current
