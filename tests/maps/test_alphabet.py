"""Vietnamese names stand where a Vietnamese reader looks for them."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from geocover.maps.pages import GapFilter, PlaceFilter, Visit, gaps_page, places_page
from geocover.maps.pages.alphabet import alphabet_key
from geocover.maps.pages.frame import commune_names
from geocover.names import split_type
from geocover.store import Snapshot

if TYPE_CHECKING:
    from collections.abc import Callable

ORDERED = [
    "Ba", "Bà", "Bả", "Bã", "Bá", "Bạ", "Ba Vì", "Bản Nguyên", "Bao La", "Bằng Luân", "Bình Xuyên",
    "Cao Sơn", "Dân Chủ", "Dũng Tiến", "Đà Bắc", "Đại Đồng", "Hạ Hòa", "Hoà Bình", "Hòa Cơ", "Hoá Cơ",
    "Hồng Sơn", "Hợp Lý", "Tân Lạc", "Tân Lạc 2", "Tân Lạc Đông", "Thuỵ Vân", "Ưng", "Vân", "Yên Lập",
]  # fmt: skip


def test_letters_come_before_tones() -> None:
    """Catches the order of code points: Bình before Bản, and everything with Đ at the end."""
    mixed = ORDERED.copy()
    random.Random(7).shuffle(mixed)
    assert sorted(mixed, key=alphabet_key) == ORDERED
    assert sorted(["Bao", "Âu", "Ăn", "Ao"], key=alphabet_key) == ["Ao", "Ăn", "Âu", "Bao"]


def test_spelling_of_a_name_does_not_move_it() -> None:
    """Catches an order that depends on where a tone mark is written, on case or on composition."""
    letters = {
        alphabet_key(one)[:2] for one in ("Hoà Bình", "Hòa Bình", "HÒA BÌNH", "Ho\u0061\u0300 Bi\u0300nh")
    }
    assert len(letters) == 1


@pytest.mark.parametrize("page", [
    lambda snapshot: gaps_page(snapshot, Visit("n"), GapFilter()),
    lambda snapshot: places_page(snapshot, Visit("n"), PlaceFilter()),
])  # fmt: skip
def test_lists_of_communes_are_in_order(snapshots: list[Snapshot], page: Callable[[Snapshot], str]) -> None:
    """Catches a list of communes to choose from in the order of code points, "Đà Bắc" last."""
    newest = snapshots[-1]
    names = ["Vân", "Đà Bắc", "Bình Xuyên", "Bản Nguyên"]
    made = Snapshot(newest.path, newest.manifest)
    vars(made)["communes"] = newest.communes.assign(name=names[: len(newest.communes)])
    told = [split_type(one)[1] for one in commune_names(made).values()]
    assert told == ["Bản Nguyên", "Bình Xuyên", "Đà Bắc", "Vân"]
    choice = page(made).partition('id="f-commune"')[2].partition("</select>")[0]
    assert [split_type(one)[1] for one in re.findall(r">([^<]+)</option>", choice)[1:]] == told
