"""What of a snapshot each reader is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from geocover.coverage import ALL, ANY
from geocover.report.audience import (
    ALL_OF_IT,
    OPEN_EN,
    OPEN_VI,
    PUBLIC,
    Audience,
    audience_of,
    note_of_data,
    seen_by,
)
from geocover.report.point_answers import point_json
from geocover.store import Snapshot, list_snapshots

if TYPE_CHECKING:
    from pathlib import Path


def test_levels_of_all_together_give_nobody_away(small_root: Path) -> None:
    """Catches a level from which, beside one's own, a rival's can be worked out to the last digit."""
    whole = list_snapshots(small_root)[-1]
    assert not np.allclose(whole.reach["level_dbm"] % 1, 0)
    operator = next(name for name in whole.reach["operator"].unique() if name not in (ANY, ALL))
    for audience in (PUBLIC, audience_of(operator)):
        reach = seen_by(whole, audience).reach.set_index("operator")["level_dbm"]
        assert ALL not in reach.index or reach.loc[[ALL]].isna().all()
        assert (reach.loc[[ANY]].dropna() % 1 == 0).all()
    own = seen_by(whole, audience_of(operator)).reach
    kept = own[own["operator"] == operator]["level_dbm"].to_numpy()
    assert np.array_equal(
        kept, whole.reach[whole.reach["operator"] == operator]["level_dbm"].to_numpy(), equal_nan=True
    )


def test_the_level_at_a_point_is_told_in_whole_decibels(small_root: Path) -> None:
    """Catches a level of any operator, at a point, that tells more to the public than to the department."""
    whole = list_snapshots(small_root)[-1]
    places = whole.places.geometry.representative_point()
    told = {
        audience: [
            row["level_dbm"]
            for at in places
            for row in json.loads(point_json(whole, audience, at.x, at.y))["levels"]
            if row["operator"] == ANY and row["level_dbm"] is not None
        ]
        for audience in (PUBLIC, ALL_OF_IT)
    }
    assert told[PUBLIC] == [round(level) for level in told[ALL_OF_IT]]
    assert told[PUBLIC] != told[ALL_OF_IT]


@pytest.mark.parametrize("note", ["", "Số liệu thử; chưa kiểm tra"])
def test_paper_says_nothing_of_who_may_see_it(small_root: Path, note: str) -> None:
    """Catches "open server" on a printed sheet, and a note of the data that is lost with it."""
    first = list_snapshots(small_root)[-1]
    parameters = {**first.manifest["parameters"], "note_vi": note, "note_en": note}
    whole = Snapshot(first.path, {**first.manifest, "parameters": parameters})
    told = seen_by(whole, Audience(None, None, everybody=True))
    for language, access in (("vi", OPEN_VI), ("en", OPEN_EN)):
        assert told.manifest["parameters"][f"note_{language}"] == "; ".join(filter(None, [note, access]))
        assert note_of_data(told, language) == note == note_of_data(whole, language)
