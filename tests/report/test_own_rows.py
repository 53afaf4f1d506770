"""Rows of another operator in a partner's list."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geocover.report.own_rows import own_alone
from geocover.site_lists.checking import check_list

if TYPE_CHECKING:
    from pathlib import Path

METRES = "Mã trạm,X,Y,Công nghệ,Nhà mạng\nA1,2351000,523000,4G,{0}\nA2,2352000,524000,5G,{1}\n"
DEGREES = "Mã trạm,Kinh độ,Vĩ độ,Công nghệ,Nhà mạng\nA1,105.3,21.3,4G,{0}\nA2,105.4,21.3,5G,{1}\n"


@pytest.mark.parametrize(("text", "accepted"), [(METRES, 0), (DEGREES, 1)])
def test_rows_of_others_are_told_with_everything_else(text: str, accepted: int, tmp_path: Path) -> None:
    """Catches a partner that learns only after its zone is mended that the rows are another operator's."""
    path = tmp_path / "list.csv"
    path.write_text(text.format("Viettel", "VNPT"), encoding="utf-8")
    checked = own_alone(check_list(path), "Viettel")
    told = [(one.row, one.value) for one in checked.found if one.code == "operator-foreign"]
    assert told == [(3, "VinaPhone")]
    assert checked.counts == {"read": 2, "accepted": accepted, "rejected": 2 - accepted}
    assert set(checked.cells["operator"]) <= {"Viettel"}


def test_an_own_list_is_left_as_it_is(tmp_path: Path) -> None:
    """Catches an own row refused for a spelling of the operator's name."""
    path = tmp_path / "list.csv"
    path.write_text(DEGREES.format("VNPT", "Vinaphone"), encoding="utf-8")
    checked = check_list(path)
    assert own_alone(checked, "VinaPhone") is checked
