"""Measured antennas and tilted panels in predict()."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from geocover.antennas import Antenna, Antennas
from geocover.coverage import predict
from geocover.kernels.antenna import table_gains_db
from geocover.propagation import ExtendedHata
from tests.coverage.cases import INNER, Array, cell, centres, network_of

AZIMUTH_DEG, TILT_DEG, HELD_DEG, PANEL_DEG = 250.0, 6.0, 2.0, 5.0


def catalogue() -> Antennas:
    """One antenna, lop-sided in both cuts, whose vertical cut contains 2 degrees of tilt."""
    angle = np.radians(np.arange(360.0))
    horizontal = -12.0 * (1 - np.cos(angle - 0.1)) + 12.0 * (1 - np.cos(0.1)) * np.cos(angle)
    vertical = -16.0 * (1 - np.cos(angle - np.radians(HELD_DEG))) - 2.0 * np.abs(np.sin(2 * angle))
    cuts = [np.minimum(cut, 0.0).astype(np.float32) for cut in (horizontal, vertical)]
    return Antennas([Antenna("Panel 2T", 17.5, 1_800.0, HELD_DEG, *cuts)])


def levels(**values: object) -> Array:
    rows = [cell(60.5, 48.5, height_m=60.0, eirp_dbm=20.0, downtilt_deg=TILT_DEG, **values)]
    network = replace(network_of(rows), antennas=catalogue())
    return predict(network, model=ExtendedHata(), grid=INNER).level("A", "4G").values


def directions(mechanical_deg: float) -> tuple[Array, Array]:
    """Angle from the axis and below it of every pixel, by turning vectors."""
    x_m, y_m = centres(INNER)
    return turned(x_m - middle()[0], y_m - middle()[1], mechanical_deg)


def middle() -> tuple[float, float]:
    xs_m, ys_m = network_of([cell(60.5, 48.5)]).xy_m(INNER.crs)
    return float(xs_m[0]), float(ys_m[0])


def turned(east: Array, north: Array, mechanical_deg: float) -> tuple[Array, Array]:
    turn, tilt = np.radians([AZIMUTH_DEG, mechanical_deg])
    ahead, aside = east * np.sin(turn) + north * np.cos(turn), east * np.cos(turn) - north * np.sin(turn)
    axial, lowered = ahead * np.cos(tilt) + 58.5 * np.sin(tilt), 58.5 * np.cos(tilt) - ahead * np.sin(tilt)
    return np.degrees(np.arctan2(aside, axial)), np.degrees(np.arctan2(lowered, np.hypot(aside, axial)))


def assert_gain(level: Array, gain_db: Array) -> None:
    """A level is that of an isotropic cell and a gain."""
    plain = levels(beamwidth_v_deg=180.0)
    x_m, y_m = centres(INNER)
    own_m = np.hypot(x_m - middle()[0], y_m - middle()[1])
    below = np.degrees(np.arctan2(58.5, own_m)) - TILT_DEG
    isotropic = plain + 12.0 * (below / 180.0) ** 2
    both = np.isfinite(level) & np.isfinite(plain) & (own_m > 100.0)
    assert both.mean() > 0.4
    np.testing.assert_allclose((level - isotropic)[both], gain_db[both], atol=0.03)


def test_a_named_antenna_radiates_by_its_measured_cuts() -> None:
    """Catches the pattern of 3GPP in its place, cuts exchanged, and a tilt counted twice or not at all."""
    antenna = catalogue()["Panel 2T"]
    off, below = directions(0.0)
    gain_db = table_gains_db(off, below - TILT_DEG + HELD_DEG, antenna.horizontal_db, antenna.vertical_db)
    assert_gain(levels(antenna="panel 2t", azimuth_deg=AZIMUTH_DEG), gain_db)


def test_a_named_antenna_is_tilted_as_a_body_too() -> None:
    """Catches a mechanical tilt that measured antennas forget, or that is taken all around."""
    antenna = catalogue()["Panel 2T"]
    off, below = directions(PANEL_DEG)
    gain_db = table_gains_db(off, below - TILT_DEG + HELD_DEG, antenna.horizontal_db, antenna.vertical_db)
    level = levels(antenna="Panel 2T", azimuth_deg=AZIMUTH_DEG, mechanical_tilt_deg=PANEL_DEG)
    assert_gain(level, gain_db)


def test_a_panel_by_beamwidths_is_tilted_as_a_body() -> None:
    """Catches a mechanical tilt left out of 3GPP's pattern."""
    off, below = directions(PANEL_DEG)
    sides_db = np.minimum(12 * (off / 65.0) ** 2, 30.0) + np.minimum(
        12 * ((below - TILT_DEG) / 10.0) ** 2, 30.0
    )
    level = levels(azimuth_deg=AZIMUTH_DEG, mechanical_tilt_deg=PANEL_DEG)
    assert_gain(level, -np.minimum(sides_db, 30.0))


def test_two_antennas_keep_their_own_patterns() -> None:
    """Catches patterns numbered in another order than they are stored: each cell as if it were alone."""
    shipped = catalogue()["Panel 2T"]
    flat = np.full(360, -1.0, np.float32)
    both = Antennas([shipped, Antenna("Alpha", 10.0, 1_800.0, 0.0, flat, flat)])
    rows = [
        cell(50.5, 48.5, azimuth_deg=0.0, antenna="Panel 2T"),
        cell(70.5, 48.5, azimuth_deg=90.0, antenna="Alpha", operator="B"),
    ]
    together = predict(replace(network_of(rows), antennas=both), model=ExtendedHata(), grid=INNER)
    for row in rows:
        alone = predict(replace(network_of([row]), antennas=both), model=ExtendedHata(), grid=INNER)
        operator = str(row["operator"])
        np.testing.assert_array_equal(
            alone.level(operator, "4G").values, together.level(operator, "4G").values
        )
