"""Operators by the codes of country and network: one list column, two, or beside a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.site_lists.values.operators import country_code, read_operator
from tests.site_lists.hand_tables import codes, read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from geocover.site_lists.findings import Findings

VIETNAM = {"Viettel", "VinaPhone", "MobiFone", "Vietnamobile", "Gmobile"}


def operators(heads: Sequence[str], *rows: Sequence[Any]) -> tuple[list[str], Findings]:
    rows_read, findings, _ = read([*heads, "Công nghệ"], *[[*row, "4G"] for row in rows])
    return rows_read["operator"].tolist(), findings


def test_a_lone_network_code_is_of_vietnam() -> None:
    """Catches a list of one country's networks that needs a column of countries."""
    assert operators(["MNC"], ["04"], [2], [1.0])[0] == ["Viettel", "VinaPhone", "MobiFone"]


def test_country_and_network_in_two_columns_name_the_operator() -> None:
    """Catches a foreign network taken for Viettel, Vietnam's 04, because only its own code is read."""
    found, findings = operators(["MCC", "MNC"], [452, 4], ["452", "02"], [460, 4], ["456", "04"])
    assert found == ["Viettel", "VinaPhone", "460-04", "456-04"]
    assert ("network-abroad", None) in codes(findings)
    (told,) = [one for one in findings if one.code == "network-abroad"]
    assert "460-04, 456-04" in told.vi


def test_a_network_code_without_country_beside_foreign_ones_is_refused() -> None:
    """Catches an empty country code read as Vietnam's in a list of other countries."""
    found, findings = operators(["MCC", "MNC"], [460, 1], [None, 4], ["x", "02"])
    assert found == ["460-01", "", ""]
    expected = {
        ("network-abroad", None),
        ("country-missing", 3),
        ("country-missing", 4),
        ("country-unread", 4),
    }
    assert codes(findings) == expected


def test_an_empty_country_beside_vietnams_is_vietnams() -> None:
    """Catches a refusal of what leaves no doubt."""
    assert operators(["MCC", "MNC"], [452, 4], [None, 2])[0] == ["Viettel", "VinaPhone"]


@pytest.mark.parametrize(
    "text",
    ["45204", "452-04", "452 04", "452/04", "452.04", "452_04", "452004", "452-4", "04", "4", 45204, 452.04],
)
def test_a_whole_code_however_written(text: float | str) -> None:
    """Catches a spelling of 452-04 that is another operator's or nobody's."""
    assert read_operator(text).name == "Viettel"


@pytest.mark.parametrize(
    "text", ["460-04", "460/04", "460 - 04", "46004", 46004, "456,02", "310410", "520 05"]
)
def test_a_foreign_code_is_no_operator_of_vietnam(text: float | str) -> None:
    """Catches 460 / 04 cut in two, of which the second half is Viettel's code at home."""
    found = read_operator(text)
    assert found.abroad
    assert found.name not in VIETNAM
    assert not found.others


@given(
    st.integers(200, 799).filter(lambda code: code != 452),
    st.integers(0, 999),
    st.sampled_from(["", "-", " ", "/", ".", ", ", " - "]),
)
def test_no_foreign_network_is_one_of_vietnam(country: int, network: int, between: str) -> None:
    """Catches any foreign code, in one column or in two, that becomes an operator of Vietnam."""
    digits = f"{network:02}"
    assert read_operator(f"{country}{between}{digits}").name not in VIETNAM
    found, findings = operators(["MCC", "MNC"], [country, network])
    assert found[0] not in VIETNAM
    assert codes(findings) == {("network-abroad", None)}


def test_an_unknown_network_of_vietnam_keeps_its_code() -> None:
    """Catches an unassigned code under a foreign flag."""
    found, findings = operators(["PLMN"], ["45299"])
    assert found == ["452-99"]
    assert codes(findings) == {("operator-respelt", None), ("operator-unknown", None)}


def test_a_name_stands_against_codes_of_another_network_and_is_told() -> None:
    """Catches a contradiction in silence, and a name that codes overrule."""
    found, findings = operators(
        ["Nhà mạng", "MCC", "MNC"],
        ["Viettel", 452, 4],
        ["VNPT", 452, 4],
        ["Viettel", 456, 9],
        ["FPT", 456, 9],
    )
    assert found == ["Viettel", "VinaPhone", "Viettel", "FPT"]
    told = {one.row: one.en for one in findings if one.code == "operator-code-contradicts"}
    assert set(told) == {3, 4}
    assert "(Viettel)" in told[3]
    assert "(456-09)" in told[4]


def test_a_foreign_country_alone_contradicts_a_name() -> None:
    """Catches Metfone's sites in a list that calls them Viettel's, with the country code as the only sign."""
    _, findings = operators(["Nhà mạng", "MCC"], ["Viettel", 452], ["Viettel", 456])
    assert {("operator-code-contradicts", 3)} == codes(findings)


def test_a_bare_code_in_the_column_of_operators_counts_in_its_country() -> None:
    """Catches “4” as Viettel where the row's country is Cambodia."""
    assert operators(["Nhà mạng", "MCC"], ["4", 456], ["4", 452])[0] == ["456-04", "Viettel"]


@pytest.mark.parametrize(
    ("value", "code"), [(452, "452"), (452.0, "452"), ("452", "452"), ("x", ""), (4520, "")]
)
def test_country_codes_have_three_digits(value: float | str, code: str) -> None:
    """Catches a country code from a cell that holds something else."""
    assert country_code(value) == code
