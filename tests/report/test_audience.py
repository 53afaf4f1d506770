"""What of a snapshot each reader is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from geocover.coverage import ALL, ANY
from geocover.report.audience import ALL_OF_IT, PUBLIC, audience_of, seen_by
from geocover.report.point_answers import point_json
from geocover.store import list_snapshots

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
