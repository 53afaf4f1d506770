"""The path to the serving station against closed forms, the engine's own profile and antenna gains."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.coverage_points import _SECTOR
from geocover.coverage_points import _gain_db as engine_gain_db
from geocover.crs import WGS84, transformer
from geocover.errors import AreasError, ProfileError
from geocover.kernels.p1812_points import profile_to
from geocover.report import path_profile
from geocover.report.audience import ALL_OF_IT, audience_of
from geocover.report.path_geometry import (
    Path,
    clearance_m,
    earth_bulge_m,
    fresnel_radius_m,
    knife_edge_db,
    worst_obstacle,
)
from geocover.report.path_profile import MOST_SAMPLES, ground_between, path_profile_json
from geocover.store import list_snapshots
from geocover.store.reading import read_part
from tests.small_snapshots import SIDE, SOUTH, WEST

if TYPE_CHECKING:
    import pathlib

    from geocover.store import Snapshot

NEAR = (WEST + 0.5 * SIDE, SOUTH + 0.55 * SIDE)


@pytest.fixture(scope="module")
def small(small_root: pathlib.Path) -> Snapshot:
    """Without terrain."""
    return list_snapshots(small_root)[-1]


def ask(snapshot: Snapshot, position: tuple[float, float], *choice: str | None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path_profile_json(snapshot, ALL_OF_IT, position, *choice))
    return found


def flat(length_km: float, ground_m: float = 0.0, count: int = 101) -> Path:
    """Level ground between two antennas of 40 m at 2 GHz."""
    return Path(np.linspace(0, length_km, count), np.full(count, ground_m), 40.0, 40.0, 2.0)


@given(length_km=st.floats(0.1, 100), freq_ghz=st.floats(0.1, 6))
def test_the_zone_is_widest_in_the_middle(length_km: float, freq_ghz: float) -> None:
    """Catches km for m, MHz for GHz: 8.656 sqrt(d / f) m in the middle, nothing at the ends."""
    radius_m = fresnel_radius_m(np.linspace(0, length_km, 101), freq_ghz)
    assert radius_m[50] == pytest.approx(8.656 * math.sqrt(length_km / freq_ghz), rel=2e-4)
    assert (radius_m[0], radius_m[-1]) == (0.0, 0.0)
    np.testing.assert_allclose(radius_m, radius_m[::-1], atol=1e-9)
    assert radius_m.argmax() == 50


@given(length_km=st.floats(0.1, 100))
def test_the_earth_bulges_in_the_middle(length_km: float) -> None:
    """Catches a wrong radius: d² / (8 k a), which is d² / 67.96 m for d in km and k = 4/3."""
    bulge_m = earth_bulge_m(np.linspace(0, length_km, 101))
    assert bulge_m[50] == pytest.approx(length_km**2 / 67.96, rel=1e-3)
    # P.530: h = d1 d2 / (12.74 k)
    assert bulge_m[25] == pytest.approx(length_km**2 * 3 / 16 / (12.742 * 4 / 3), rel=1e-3)


def test_flat_ground_is_seen_over_to_the_radio_horizon() -> None:
    """Catches a bulge that is added to the line: two masts of 40 m see 2 sqrt(2 k a h) = 52.1 km."""
    horizon_km = 2 * math.sqrt(2 * 4 / 3 * 6371 * 0.040)
    for length_km, seen in ((horizon_km - 0.1, True), (horizon_km + 0.1, False)):
        worst = worst_obstacle(flat(length_km, count=1001))
        assert worst is not None
        assert (worst["ratio"] > 0) == seen
        assert worst["index"] == pytest.approx(500, abs=1)


def test_clearance_is_from_the_ground_up() -> None:
    """Catches heights above the ground for heights above the sea."""
    path = Path(np.array([0.0, 1.0, 2.0]), np.array([100.0, 90.0, 300.0]), 30.0, 10.0, 1.0)
    expected = (130 + 310) / 2 - 90 - 1e3 / (2 * 4 / 3 * 6371)
    assert clearance_m(path) == pytest.approx([30.0, expected, 10.0])


@pytest.mark.parametrize("ratio", [-1.5, -0.5, 0.0, 0.3, 0.6, 0.9])
def test_a_knife_edge_is_found_and_weighed(ratio: float) -> None:
    """Catches the wrong obstacle, sign or loss: an edge that reaches into the zone by a known part."""
    path = flat(10.0, ground_m=-500.0)
    radius_m = fresnel_radius_m(path.distance_km, path.freq_ghz)
    path.ground_m[0] = path.ground_m[-1] = 0.0
    top_m = 40.0 - earth_bulge_m(path.distance_km)[30] - ratio * radius_m[30]
    path.ground_m[30] = top_m
    worst = worst_obstacle(path)
    assert worst is not None
    assert worst["index"] == 30
    assert worst["ratio"] == pytest.approx(ratio, abs=1e-9)
    assert worst["nu"] == pytest.approx(-math.sqrt(2) * ratio, abs=1e-9)
    d1, d2, wavelength = 3000.0, 7000.0, 0.299792458 / 2
    assert worst["nu"] == pytest.approx(
        -worst["clearance_m"] * math.sqrt(2 / wavelength * (1 / d1 + 1 / d2)), abs=1e-9
    )
    assert worst["knife_edge_db"] == knife_edge_db(worst["nu"])


@pytest.mark.parametrize(
    ("nu", "loss_db"), [(-1.0, 0.0), (0.0, 6.03), (1.0, 13.93), (2.4, 20.54), (10.0, 32.9)]
)
def test_knife_edge_losses(nu: float, loss_db: float) -> None:
    """Catches a slip in J(ν): 6 dB where the line touches, and 13 + 20 log ν far behind."""
    assert knife_edge_db(nu) == pytest.approx(loss_db, abs=0.05)


def test_unknown_ground_is_not_free(cut: Snapshot) -> None:
    """Catches a free path over missing terrain; a blocked one stays blocked."""
    hole = flat(10.0)
    hole.ground_m[40:60] = np.nan
    worst = worst_obstacle(hole)
    assert worst is not None
    assert not 40 <= worst["index"] < 60
    assert path_profile._verdict(worst, 0.0, known=False) is None
    assert path_profile._verdict({**worst, "ratio": -0.1}, 0.0, known=False) is False
    assert worst_obstacle(flat(10.0, ground_m=math.nan)) is None
    assert path_profile._verdict(None, 0.6, known=False) is None


def test_ground_is_what_the_model_takes(cut: Snapshot) -> None:
    """Catches a shift by half a pixel, rows for columns, and another interpolation than the engine's."""
    whole = read_part(cut, path_profile.ELEVATION_FILE, cut.grid.whole())
    assert whole is not None
    ground = np.where(np.isfinite(whole), whole, np.float32(-9999.0))
    generator = np.random.default_rng(3)
    for start, end in generator.uniform(1, 20, (25, 2, 2)):
        ends = path_profile._Ends(tuple(start), tuple(end))
        part = np.linspace(0, 1, ends.steps + 1)
        found = ground_between(cut, ends, part)
        theirs = profile_to(
            ground, np.zeros((0, 0), np.float32), tuple(start), tuple(end), cut.grid.resolution_m
        )
        assert found is not None
        known = np.isfinite(found)
        assert known.any()
        np.testing.assert_allclose(found[known], theirs.h_m[known], atol=1e-4)


def test_the_answer_is_consistent(cut: Snapshot) -> None:
    """Catches columns of unequal length, an obstacle elsewhere than told, and ends that are not the ends."""
    body = ask(cut, NEAR, "4G")
    samples, link, station, worst = (body[name] for name in ("samples", "link", "station", "worst"))
    assert {len(column) for column in samples.values()} == {len(samples["distance_km"])}
    assert (samples["lon"][0], samples["lat"][0]) == pytest.approx((station["lon"], station["lat"]), abs=2e-6)
    assert (samples["lon"][-1], samples["lat"][-1]) == pytest.approx(NEAR, abs=2e-6)
    assert samples["distance_km"][-1] == pytest.approx(station["distance_km"], abs=1e-4)
    assert samples["clearance_m"][0] == pytest.approx(link["tx_height_m"], abs=0.01)
    assert samples["clearance_m"][-1] == pytest.approx(link["rx_height_m"], abs=0.01)
    at = worst["sample"]
    assert samples["clearance_m"][at] == pytest.approx(worst["clearance_m"], abs=0.01)
    assert samples["distance_km"][at] == pytest.approx(worst["distance_km"], abs=1e-4)
    for name in ("ground_m", "bulge_m", "line_m", "clearance_m"):
        assert len(samples[name]) > 2
    line, ground, bulge = (np.array(samples[name]) for name in ("line_m", "ground_m", "bulge_m"))
    assert (line - ground - bulge).tolist() == pytest.approx(samples["clearance_m"], abs=0.02)
    assert body["line_of_sight"] == (worst["ratio"] >= 0)
    assert body["fresnel_60_free"] == (worst["ratio"] >= 0.6)
    assert body["earth"]["effective_radius_km"] == pytest.approx(8494.67, abs=0.01)
    assert "eirp_dbm" in station["assumed"]
    assert link["eirp_towards_dbm"] == pytest.approx(link["eirp_dbm"] + link["antenna_gain_db"])


def test_without_terrain_that_is_said(small: Snapshot) -> None:
    """Catches sea level for unknown ground."""
    body = ask(small, NEAR, "4G")
    assert set(body["samples"]["ground_m"]) == {None}
    assert (body["worst"], body["line_of_sight"], body["fresnel_60_free"]) == (None, None, None)
    assert "địa hình" in body["remark_vi"]
    assert body["samples"]["fresnel_m"][0] == 0.0


@pytest.mark.parametrize("count", [2, 3, 599, 600, 601, 5000])
def test_at_most_so_many_samples(count: int) -> None:
    """Catches a long path that is told in full, and thinning that loses the ends or the obstacle."""
    for worst in (None, 1, count // 2):
        kept = path_profile._thinned(count, worst)
        assert len(kept) <= MOST_SAMPLES
        assert (kept[0], kept[-1]) == (0, count - 1)
        assert worst is None or worst in kept
        assert len(kept) >= min(count, MOST_SAMPLES - 1)


def test_gains_are_the_engines(cut: Snapshot) -> None:
    """Catches an antenna that is turned, tilted up, or taken as omni; grid north apart (here below 0.3°)."""
    generator = np.random.default_rng(5)
    cell = cut.cells.iloc[0].copy()
    cell["beamwidth_h_deg"], cell["beamwidth_v_deg"] = 65.0, 8.0
    for azimuth, tilt, mechanical in [
        (math.nan, 3.0, 0.0),
        (0.0, 2.0, 0.0),
        (120.0, 4.0, 0.0),
        (250.0, 2.0, 5.0),
    ]:
        cell["azimuth_deg"], cell["downtilt_deg"], cell["mechanical_tilt_deg"] = azimuth, tilt, mechanical
        for east, north in generator.uniform(-3000, 3000, (8, 2)):
            length_km = math.hypot(east, north) / 1000
            path = Path(np.array([0.0, length_km]), np.array([50.0, 20.0]), 40.0, 1.5, 1.8)
            way = {"azimuth_deg": math.degrees(math.atan2(east, north)) % 360}
            sector = cell[list(_SECTOR)].to_numpy(float)
            theirs = engine_gain_db(sector, None, np.array([east]), np.array([north]), 40.0 - 1.5 + 30.0)
            assert path_profile._gain_db(cell, path, way) == pytest.approx(float(theirs[0]), abs=1e-9)
    cell["antenna"] = "measured"
    assert path_profile._gain_db(cell, path, way) is None


def test_the_server_is_one_that_may_be_seen(small: Snapshot) -> None:
    """Catches a rival's station behind "any", and an operator without right that is told to exist."""
    best = ask(small, NEAR, "4G")["station"]["operator"]
    other = {"Viettel": "VinaPhone", "VinaPhone": "Viettel"}[best]
    mine = json.loads(path_profile_json(small, audience_of(other), NEAR, "4G"))
    assert mine["station"]["operator"] == other
    assert best not in json.dumps(mine)
    with pytest.raises(ProfileError, match="no operator"):
        path_profile_json(small, audience_of(other), NEAR, "4G", best)


def test_nobody_serves(cut: Snapshot) -> None:
    """Catches a failure where there is no server, and a message that names nobody to try."""
    to_degrees = transformer(cut.grid.crs, WGS84).transform
    right, top = cut.grid.bounds_m[2:]
    with pytest.raises(AreasError, match="choose another"):
        path_profile_json(cut, ALL_OF_IT, to_degrees(right - 50, top - 50), "4G", "Viettel")


def test_at_a_pixels_centre_the_ground_is_the_pixels(cut: Snapshot) -> None:
    """Catches heights that are taken half a pixel beside, which sloping ground would hide."""
    grid, to_degrees = cut.grid, transformer(cut.grid.crs, WGS84).transform
    whole = read_part(cut, path_profile.ELEVATION_FILE, grid.whole())
    assert whole is not None
    row, col = grid.pixel(*transformer(WGS84, grid.crs).transform(*NEAR)) or (0, 0)
    for down, right in ((0, 0), (2, 3), (-3, 1)):
        x_m = grid.left_m + (col + right + 0.5) * grid.resolution_m
        y_m = grid.top_m - (row + down + 0.5) * grid.resolution_m
        body = ask(cut, to_degrees(x_m, y_m), "4G")
        assert body["samples"]["ground_m"][-1] == pytest.approx(whole[row + down, col + right], abs=0.01)
