"""Reach of places whose surroundings are drawn by hand."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
from shapely.geometry import Point, box

from geocover.coverage import Coverage
from geocover.crs import WGS84, transformer
from geocover.grid import Grid
from geocover.place_reach import reach, reach_summary
from geocover.places import Places
from geocover.profiles import Profile
from tests.drawn_coverage import drawn

PLAIN = Profile("plain", 1, "5G", "", "", -100.0, 0.5, 8.0, 0.0, 0.0, 3.0, "test")


@pytest.fixture
def coverage(grid: Grid, make_network) -> Coverage:
    """Viettel 5G covers the west half; MobiFone nothing."""
    network = make_network(
        [{"at": (10, 10), "technology": "5G"}, {"at": (10, 10), "technology": "5G", "operator": "MobiFone"}]
    )
    level = np.full((2, *grid.shape), np.nan, np.float32)
    level[1, :, :40] = -90.0
    return drawn(grid, network, {("MobiFone", "5G"): level[0], ("Viettel", "5G"): level[1]})


@pytest.fixture
def places(lonlat, grid: Grid) -> Places:
    """In the west, in the east, near the edge, far outside, and a polygon covered by a quarter."""
    back = transformer(grid.crs, WGS84).transform
    left, top = grid.left_m + 3_500, grid.top_m - 1_000
    corners = [back(x, y) for x, y in box(left, top - 1_000, left + 2_000, top).exterior.coords]
    return Places(
        gpd.GeoDataFrame(
            {
                "id": ["west", "east", "border", "outside", "polygon"],
                "name": ["Tây", "Đông", "Giữa", "Ngoài", "Khu"],
                "kind": ["commune_centre"] * 3 + ["industrial_park"] * 2,
                "commune_code": "00001",
                "accuracy_m": [500.0, 500.0, 500.0, 100.0, 0.0],
                "area_ha": [None, None, 100.0, None, None],
                "status": "operating",
            },
            geometry=[
                Point(lonlat(1_050, 3_050)),
                Point(lonlat(7_050, 3_050)),
                Point(lonlat(3_950, 3_050)),
                Point(lonlat(50_000, 3_000)),
                gpd.GeoSeries.from_xy(*zip(*corners, strict=True)).union_all().convex_hull,
            ],
            crs=4326,
        )
    )


def test_reach(coverage: Coverage, places: Places) -> None:
    """Catches a place outside the grid counted as reached, and certainty that ignores the accuracy."""
    table = reach(coverage, places, PLAIN)
    viettel = table[table["operator"] == "Viettel"].set_index("id")
    assert viettel["reached"].to_dict() == {
        "west": True, "east": False, "border": True, "outside": False, "polygon": False,
    }  # fmt: skip
    assert viettel["certainty"].to_dict() == {
        "west": "yes", "east": "no", "border": "uncertain", "outside": "no", "polygon": "no",
    }  # fmt: skip
    assert viettel.loc["border", "area_share"] == pytest.approx(0.55, abs=0.05)
    assert viettel.loc["polygon", "area_share"] == pytest.approx(0.25, abs=0.03)
    assert np.isnan(viettel.loc["west", "area_share"])
    assert viettel.loc["west", "level_dbm"] == -90.0


def test_any_and_all(coverage: Coverage, places: Places) -> None:
    table = reach(coverage, places, PLAIN).set_index(["operator", "id"])["reached"]
    assert table["any", "west"]
    assert not table["all", "west"]
    assert not table["MobiFone"].any()


def test_summary_counts(coverage: Coverage, places: Places) -> None:
    """Catches numerators and denominators of different kinds mixed."""
    rows = reach_summary(reach(coverage, places, PLAIN)).set_index(["kind", "operator"])
    centres = rows.loc[("commune_centre", "any")]
    assert (centres["covered"], centres["total"], centres["sure"], centres["possible"]) == (2, 3, 1, 2)
    assert rows.loc[("industrial_park", "any"), "total"] == 2


def test_open_pixels_make_a_place_uncertain(coverage: Coverage, places: Places, grid: Grid) -> None:
    """Catches "no" where nobody can say, "uncertain" where the open pixel does not matter, and its reverse.

    Viettel's east half is open. The place in the west stays sure, the one in the east is uncertain with
    nothing known around it, and so is "any"; MobiFone, which is not cut, stays "no".
    """
    cut = np.full(grid.shape, np.nan, np.float32)
    cut[:, 40:] = -99.0
    levels = {layer: coverage.level(*layer).values for layer in coverage.layers}
    table = reach(drawn(grid, coverage.network, levels, {("Viettel", "5G"): cut}), places, PLAIN)
    for view in ("Viettel", "any"):
        rows = table[table["operator"] == view].set_index("id")
        assert rows["certainty"].to_dict() == {
            "west": "yes", "east": "uncertain", "border": "uncertain", "outside": "no",
            "polygon": "uncertain",
        }  # fmt: skip
        assert not rows.loc["east", "reached"]
        assert (rows.loc["west", "rests_on"], rows.loc["east", "rests_on"]) == (1.0, 0.0)
        assert rows.loc["border", "rests_on"] == pytest.approx(rows.loc["border", "accuracy_share"])
        assert np.isnan(rows.loc["outside", "rests_on"])
        assert (rows.loc["border", "area_share"], rows.loc["polygon", "area_share"]) == (1.0, 1.0)
    for view in ("MobiFone", "all"):
        rows = table[table["operator"] == view].set_index("id")
        assert set(rows["certainty"]) == {"no"}
        assert (rows["rests_on"].drop("outside") == 1.0).all()
