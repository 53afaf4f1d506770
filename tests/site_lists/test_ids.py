"""Ids, statuses and ditto marks: one thing however it is written, and not two that only look alike."""

from __future__ import annotations

import numpy as np
import pytest

from geocover.site_lists.values.ditto import is_ditto
from geocover.site_lists.values.ids import id_key, one_spelling
from geocover.site_lists.values.status import status_of


@pytest.mark.parametrize("text", ["PTO0001", "pto0001", "PTO 0001", "PTO-0001", "pto_0001", " PTO–0001 "])
def test_one_id_in_many_spellings(text: str) -> None:
    """Catches a station counted twice for a blank, a dash or lower case."""
    assert id_key(text) == "PTO0001"


def test_ids_that_are_two() -> None:
    """Catches ids of numbers that run together without their dash, and marks of Vietnamese lost."""
    assert len({id_key(text) for text in ("1-12", "11-2", "112", "HÒA1", "HOA1")}) == 5


def test_the_first_spelling_stays() -> None:
    """Catches an id brought to a spelling which the list has not, and no id made one of others."""
    ids = np.array(["Pto-1", "", "PTO1", "pto 1", "PTO2"], object)
    assert one_spelling(ids).tolist() == ["Pto-1", "", "Pto-1", "Pto-1", "PTO2"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Đã tháo dỡ", "gone"),
        ("Quy hoạch 2027", "gone"),
        ("CHƯA PHÁT SÓNG", "gone"),
        ("Chưa", "gone"),
        ("Not on air", "gone"),
        ("Ngừng hoạt động", "gone"),
        ("Tạm ngưng hoạt động từ 3/2026", "paused"),
        ("Đang bảo trì", "paused"),
        ("Đang hoạt động", ""),
        ("On air", ""),
        ("Trạm quy hoạch, đã phát sóng", ""),
        ("Tốt", ""),
        ("Chưa rõ", ""),
    ],
)
def test_statuses(text: str, status: str) -> None:
    """Catches a planned or dismantled station that counts as on air, and a working one that is refused."""
    assert status_of(text) == status


def test_marks_of_ditto() -> None:
    """Catches a mark taken for a name, and a name taken for a mark."""
    assert all(map(is_ditto, ["nt", "NT", '"', "″", "như trên", "-nt-"]))
    assert not any(map(is_ditto, ["Viettel", "4G", "", None, 3, "NT5"]))
