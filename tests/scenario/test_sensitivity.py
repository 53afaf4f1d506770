"""Sensitivity: what was assumed moves, what was stated does not, and the shares follow."""

from __future__ import annotations

import datetime as dt
import json
import tomllib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import rasterio
from affine import Affine

from geocover.commune_shares import province_totals, shares
from geocover.coverage import predict
from geocover.errors import ScenarioError
from geocover.io.areas import write_areas
from geocover.io.network import DEFAULTS
from geocover.network import Network
from geocover.scenario import Result, Scenario, compute
from geocover.scenario.plausible import PLAUSIBLE, Plausible, read_plausible
from geocover.scenario.sensitivity import EIRP, HEIGHT, HIGH, LOW, at_end, sensitivity
from tests.calling import geocover

WIDE = {
    technology: {
        where: Plausible((10.0, 60.0), "test", (-6.0, 5.0), "test") for where in ("urban", "suburban")
    }
    for technology in ("4G", "5G")
}


@pytest.fixture
def mixed(make_network) -> Network:
    """Heights stated for every second cell, powers for every third; both technologies."""
    return make_network(
        [
            {
                "at": (900 + 700 * (number % 10), 800 + 500 * (number // 2)),
                "technology": "5G" if number % 2 else "4G",
                "operator": "VinaPhone" if number % 3 else "Viettel",
                "height_m": 30 if number % 2 else "",
                "eirp_dbm": 14 if number % 3 else "",
                "azimuth_deg": "",
            }
            for number in range(12)
        ]
    )


@pytest.fixture
def result(tmp_path: Path, areas, mixed: Network) -> Result:
    return computed(tmp_path, areas, mixed)


def computed(
    folder: Path, areas, network: Network, names=("outdoor-4g", "outdoor-5g"), **more: object
) -> Result:
    write_areas(areas, folder / "areas.geojson")
    scenario = Scenario(
        "Thử", "25", dt.date(2025, 12, 31), folder / "areas.geojson", folder / "network.csv",
        profiles=tuple(names), **more,
    )  # fmt: skip
    return compute(scenario, threads=1)


def test_stated_values_stay_untouched(mixed: Network) -> None:
    """Catches an end laid over a value of the list, of another parameter, or a cell of the wrong ends."""
    before = mixed.cells
    for parts, end in (((HEIGHT,), LOW), ((EIRP,), HIGH), ((HEIGHT, EIRP), LOW)):
        after = at_end(mixed, parts, end, WIDE).cells
        for name in (HEIGHT, EIRP):
            assumed = before[f"{name}_assumed"] & (name in parts)
            assert after.loc[~assumed, name].tolist() == before.loc[~assumed, name].tolist()
            by_db = (-6.0, 5.0)[end]
            wanted = (10.0, 60.0)[end] if name == HEIGHT else before.loc[assumed, name] + by_db
            assert (after.loc[assumed, name] == wanted).all()
        rest = [name for name in before.columns if name not in (HEIGHT, EIRP)]
        pd.testing.assert_frame_equal(after[rest], before[rest])
    assert 0 < before["height_m_assumed"].sum() < len(before)
    assert 0 < before["eirp_dbm_assumed"].sum() < len(before)


def test_ends_do_not_cross_the_assumed_height(mixed: Network) -> None:
    """Catches a low end above what was assumed, by which "low" would be a higher mast."""
    narrow = {
        technology: {where: replace(one, height_m=(50.0, 55.0)) for where, one in by_where.items()}
        for technology, by_where in WIDE.items()
    }
    assert at_end(mixed, (HEIGHT,), LOW, narrow) is mixed
    raised = at_end(mixed, (HEIGHT,), HIGH, narrow).cells
    assert (raised.loc[mixed.cells["height_m_assumed"], HEIGHT] == 55.0).all()


def test_shares_are_those_of_a_prediction_at_the_ends(result: Result, areas) -> None:
    """Catches ends swapped, another technology's, basis' or profile's share, or the old list."""
    table = sensitivity(result, WIDE, threads=1)
    keys = ["technology", "profile", "basis", "parameter"]
    assert not table.duplicated(keys).any()
    assert len(table) == 2 * 2 * 3
    rows = table.set_index(keys)
    moved = at_end(result.network, (HEIGHT, EIRP), HIGH, WIDE)
    coverage = predict(moved, grid=result.coverage.grid, model=result.coverage.models)
    for technology in ("4G", "5G"):
        name = f"outdoor-{technology.lower()}"
        totals = province_totals(shares(coverage, result.areas, name, population=result.population))
        for row in totals[totals["operator"] == "any"].to_dict("records"):
            found = rows.loc[(technology, name, row["basis"], "both")]
            assert found["share_at_high"] == row["share"]
            base = result.totals.set_index(["operator", "profile", "basis"])["share"]
            assert found["share"] == base["any", name, row["basis"]]


def test_more_power_covers_more(result: Result) -> None:
    """Catches low and high swapped: with the same masts, power alone decides."""
    table = sensitivity(result, WIDE, threads=1)
    power = table[table["parameter"] == "eirp_dbm"]
    assert (power["share_at_low"] < power["share"]).all()
    assert (power["share"] < power["share_at_high"]).all()
    cells = result.network.cells
    for technology, assumed in power.groupby("technology")["assumed_share"]:
        wanted = cells.loc[cells["technology"] == technology, "eirp_dbm_assumed"].mean()
        assert assumed.tolist() == pytest.approx([wanted] * len(assumed))
    heights = table[table["parameter"] == "height_m"].set_index("technology")["assumed_share"]
    assert set(heights["4G"]) == {1.0}
    assert set(heights["5G"]) == {0.0}


def test_without_assumptions_nothing_moves(tmp_path: Path, areas, make_network) -> None:
    """Catches a prediction that is not the same twice, and figures that hide that nothing was assumed."""
    network = make_network(
        [{"at": (2_000, 2_000), "technology": t, "height_m": 30, "eirp_dbm": 15} for t in ("4G", "5G")]
    )
    table = sensitivity(computed(tmp_path, areas, network), threads=1)
    assert (table["assumed_share"] == 0).all()
    assert table["share_at_low"].tolist() == table["share"].tolist() == table["share_at_high"].tolist()


def test_prediction_is_over_the_same_ground(tmp_path: Path, areas, make_network) -> None:
    """Catches a second prediction over other ground: next to no change moves nothing.

    The only mast stands 3 km west of the communes, on ground that only the surroundings hold.
    """
    network = make_network([{"at": (-3_000, 3_000), "height_m": 60, "azimuth_deg": ""}])
    dem = tmp_path / "dem.tif"
    height_m = np.add.outer(20 * np.sin(np.arange(400) / 9), 30 * np.cos(np.arange(400) / 7)) + 60
    with rasterio.open(
        dem, "w", driver="GTiff", height=400, width=400, count=1, dtype="float32", crs="EPSG:4326",
        transform=Affine(0.001, 0, 105.2, 0, -0.001, 21.5),
    ) as file:  # fmt: skip
        file.write(height_m.astype(np.float32), 1)
    result = computed(
        tmp_path, areas, network, terrain=dem, models={"4G": {"name": "p1812"}}, names=["outdoor-4g"]
    )
    same = {"4G": dict.fromkeys(("urban", "suburban"), Plausible((1, 99), "test", (-1e-7, 1e-7), "test"))}
    table = sensitivity(result, same, threads=1)
    power = table[table["parameter"] == "eirp_dbm"]
    assert (power["assumed_share"] == 1.0).all()
    assert (power["share"] > 0.02).any()
    assert power["share_at_low"].tolist() == pytest.approx(power["share"].tolist(), abs=2e-3)
    assert power["share_at_high"].tolist() == pytest.approx(power["share"].tolist(), abs=2e-3)


def test_technology_without_range_is_named(mixed: Network) -> None:
    """Catches a KeyError, or an assumed value silently left where it is."""
    with pytest.raises(ScenarioError, match=r'\["5G"\.suburban\]'):
        at_end(mixed, (EIRP,), LOW, {"4G": WIDE["4G"]})


def test_end_outside_a_model_is_one_clear_error(tmp_path: Path, areas, mixed: Network) -> None:
    """Catches advice to correct a value that stands in no list: Okumura-Hata begins at 30 m."""
    models = {"4G": {"name": "cost231-hata"}}
    write_areas(areas, tmp_path / "areas.geojson")
    result = compute(
        Scenario(
            "Thử",
            "25",
            dt.date(2025, 12, 31),
            tmp_path / "areas.geojson",
            tmp_path / "network.csv",
            models=models,
        )
    )
    with pytest.raises(ScenarioError, match=r"plausible end.*allowed 30.*narrower ranges"):
        sensitivity(result, threads=1)


def test_shipped_ranges_hold_the_shipped_defaults() -> None:
    """Catches an end on the wrong side of what is assumed, and a range without a source."""
    ranges, defaults = read_plausible(), tomllib.loads(DEFAULTS.read_text(encoding="utf-8"))
    for technology in ("2G", "3G", "4G", "5G"):
        for where in ("urban", "suburban", "open"):
            one = ranges[technology][where]
            assert one.height_m[0] < defaults["any"][technology]["height_m"] < one.height_m[1]
            assert one.eirp_db[0] < 0 < one.eirp_db[1]
            for source in (one.height_source, one.eirp_source):
                assert "assumption" in source or "ITU-R" in source or "3GPP" in source


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("height_m = [20, 40]", "height_m = [40, 20]", "lower first"),
        ("height_m = [20, 40]", "height_m = [20]", "urban"),
        ("height_m = [20, 40]", "height_m = 20", "urban"),
        ("height_m = [20, 40]", "height = [20, 40]", "height"),
        ("eirp_db = [-4, 3]", "eirp_db = [1, 3]", "holds 0"),
        ("eirp_db = [-4, 3]", "eirp_db = [nan, 3]", "eirp_db"),
        ('["2G".urban]', '["2G".urban', "TOML"),
        ("height_source = ", 'height_source = "" # ', "where the ends come from"),
    ],
)
def test_broken_ranges_name_the_file(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(PLAUSIBLE.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ScenarioError, match=words) as caught:
        read_plausible(path)
    assert "mine.toml" in str(caught.value)
    assert "mine.toml" in caught.value.vi


def test_command_prints_both_ends(tmp_path: Path, areas, mixed: Network) -> None:
    """Catches a command that is not there, figures that are not those of the function, and missing words."""
    write_areas(areas, tmp_path / "areas.geojson")
    path = tmp_path / "scenario.toml"
    path.write_text(
        '[scenario]\nname = "Thử"\nprovince_code = "25"\nas_of = 2025-12-31\nprofiles = ["outdoor-4g"]\n'
        '[inputs]\nareas = "areas.geojson"\nnetwork = "network.csv"\n[models.4G]\nname = "extended-hata"\n',
        encoding="utf-8",
    )
    told = geocover("sensitivity", path)
    assert told.returncode == 0, told.stderr
    assert "Mức thấp" in told.stdout
    assert "At high" in told.stdout
    answer = json.loads(geocover("sensitivity", path, "--json").stdout)
    assert answer["assumed"]
    assert [row["parameter"] for row in answer["sensitivity"]] == ["height_m", "eirp_dbm", "both"] * 2
    first = answer["sensitivity"][1]
    assert first["share_at_low"] < first["share"] < first["share_at_high"]
    assert f"{100 * first['share']:.1f}".replace(".", ",") in told.stdout
