"""The schematic boundaries: repairs, cells, weights, polygons, and the file that ships built again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from geocover.boundaries import schematic, schematic_units
from geocover.boundaries.schematic_bridges import bridged
from geocover.boundaries.schematic_cells import (
    Frame,
    Generators,
    Targets,
    _box_misfit,
    candidate_pairs,
    cheapest,
    commune_pairs,
    costs,
    fit_shapes,
    generators,
    joined_labels,
    labels_of,
    solve_weights,
    strays,
)
from geocover.boundaries.schematic_facts import commune_facts
from geocover.boundaries.schematic_lines import polygons_of
from geocover.errors import AreasError

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "data" / "boundaries" / "phu-tho-schematic.geojson"


def boxes(*rows: tuple[str, float, float, float, float]) -> pd.DataFrame:
    """Sites with their points in the middle of boxes given as code, west, south, east, north in km."""
    table = pd.DataFrame(rows, columns=["code", "west_m", "south_m", "east_m", "north_m"])
    table[table.columns[1:]] *= 1000.0
    table["x_m"] = (table["west_m"] + table["east_m"]) / 2
    table["y_m"] = (table["south_m"] + table["north_m"]) / 2
    return table.assign(soft=False)


def cells_of(sites: pd.DataFrame, codes: str) -> Generators:
    """Generators whose communes are the letters of ``codes``; any other letter stands for outside."""
    row = {code: number for number, code in enumerate(codes)}
    return generators(sites, np.array([row.get(code, len(codes)) for code in sites["code"]], dtype=np.int64))


def targets_of(*areas_km2: float) -> Targets:
    area = np.array([*areas_km2, 1.0])
    far = np.full(len(area), 1e7)  # no point is trusted
    return Targets(area, far, far, np.arange(len(area)) < len(areas_km2))


@pytest.fixture(scope="module")
def units() -> schematic_units.Units:
    return schematic_units.read_units(
        "25", {code: each.area_km2 for code, each in commune_facts("25").items()}
    )


# --- the file that ships ---------------------------------------------------------------------------------


def test_the_shipped_file_is_what_the_builder_builds(tmp_path: Path) -> None:
    """Catches a file edited by hand, a builder changed without a rebuild, and any chance in the build."""
    lines: list[str] = []
    path = tmp_path / "again.geojson"
    schematic.write_schematic(path, "25", progress=lines.append)
    assert path.read_bytes() == SHIPPED.read_bytes()
    assert lines
    assert "areas within" in lines[-1]
    assert [each.name for each in tmp_path.iterdir()] == ["again.geojson"]


@pytest.mark.data
def test_quality_against_the_real_boundaries(shared_data: Path) -> None:
    """Catches a change that makes the boundaries worse than SOURCES.md says (mean IoU 0.769, 86.4 %)."""
    real = gpd.read_parquet(shared_data / "communes" / "phu_tho_communes_148.parquet")
    found = schematic.measure_against(gpd.read_file(SHIPPED), real)
    assert found["mean_iou"] > 0.76
    assert found["min_iou"] > 0.57
    assert found["area_share"] > 0.855
    assert len(found["worst"]) == 10
    assert found["worst"][0][1] == found["min_iou"]


def test_every_repair_is_listed(units: schematic_units.Units) -> None:
    """Catches a repair that the user is not told of, and a list of repairs that are no longer made."""
    listed = [
        line
        for line in (ROOT / "data/boundaries/SOURCES.md").read_text("utf-8").splitlines()
        if line[:3] == "| 0"
    ]
    expected = [f"| {each.code} | {each.unit} | {each.fault} | {each.remedy} |" for each in units.repairs]
    assert listed == expected


# --- the dataset and its repairs -------------------------------------------------------------------------


def test_without_the_dataset_the_error_names_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches an ImportError, or a message that leaves the user without the remedy."""
    monkeypatch.setattr(schematic_units, "find_spec", lambda _name: None)
    with pytest.raises(AreasError, match="uv sync --group boundaries") as caught:
        schematic.build_schematic("25")
    assert "pip install vietnamadminunits" in caught.value.vi


@pytest.mark.parametrize("code", ["99", "01", ""])
def test_a_province_without_facts_is_refused(code: str) -> None:
    """Catches boundaries built without population and official areas."""
    with pytest.raises(AreasError, match="facts"):
        schematic.build_schematic(code)


def test_an_unknown_province_is_refused() -> None:
    """Catches an empty result for a mistyped code."""
    with pytest.raises(AreasError, match="'99'"):
        schematic_units.read_units("99", {})


def test_swapped_points_are_given_back(units: schematic_units.Units) -> None:
    """Catches Lương Sơn (south-east) and Sơn Lương (north-west) drawn in each other's place."""
    north = units.communes["y_m"]
    assert north["08296"] - north["04924"] > 50_000
    swapped = [each.code for each in units.repairs if "swapped" in each.remedy]
    assert swapped == ["04924", "08296"]


def test_no_box_lies_far_from_its_commune(units: schematic_units.Units) -> None:
    """Catches an old unit geocoded to another district (Lương Điền: 75 km away) that was not repaired."""
    home = units.communes.loc[units.sites["code"]]
    away = np.hypot(units.sites["x_m"].to_numpy() - home["x_m"], units.sites["y_m"].to_numpy() - home["y_m"])
    own = home["province_code"].to_numpy() == "25"
    assert (away.to_numpy() / (1e3 * np.sqrt(home["area_km2"].to_numpy())))[own].max() < 1.6


def test_level_fills_the_smallest_first() -> None:
    """Catches areas that do not sum up to the commune's, or a large unit being raised with the small."""
    level = schematic_units._level(np.array([1.0, 2.0, 10.0]), 20.0)
    assert np.maximum([1.0, 2.0, 10.0], level).sum() == pytest.approx(20.0)
    assert level == pytest.approx(5.0)
    assert schematic_units._level(np.array([1.0, 2.0]), 9.0) == pytest.approx(4.5)


# --- cells, weights, bridges -----------------------------------------------------------------------------


def test_two_equal_boxes_part_in_the_middle() -> None:
    """Catches a diagram whose border is not where the costs are equal."""
    frame = Frame.around((0, 0, 8000, 4000), 0, 100)
    cells = cells_of(boxes(("a", 0, 0, 4, 4), ("b", 4, 0, 8, 4)), "ab")
    pairs, value = commune_pairs(*_problem(frame, cells), cells.commune)
    labels = labels_of(frame, pairs, value, np.zeros(3))
    assert (labels[:, :40] == 0).all()
    assert (labels[:, 40:] == 1).all()


def test_a_wide_box_makes_a_wide_cell() -> None:
    """Catches a metric that ignores the box: a plain Voronoi border would stand at 5.5 km, this at 8 km."""
    frame = Frame.around((0, 0, 11000, 4000), 0, 100)
    cells = cells_of(boxes(("a", 0, 0, 8, 4), ("b", 8, 0, 11, 4)), "ab")
    pairs, value = commune_pairs(*_problem(frame, cells), cells.commune)
    labels = labels_of(frame, pairs, value, np.zeros(3))
    assert abs(int((labels[20] == 0).sum()) - 80) <= 1


def test_weights_bring_the_areas() -> None:
    """Catches a Newton step with a wrong sign or scale, on a case whose answer is known."""
    frame = Frame.around((0, 0, 12000, 6000), 0, 100)
    cells = cells_of(boxes(("a", 0, 0, 6, 6), ("b", 6, 0, 12, 6)), "a")
    pairs, value = commune_pairs(*_problem(frame, cells), cells.commune)
    goal = np.array([30.0, 1.0]) / frame.pixel_km2
    weights = solve_weights(pairs, value, np.zeros(2), goal, np.array([True, False]))
    area = (labels_of(frame, pairs, value, weights) == 0).sum() * frame.pixel_km2
    assert area == pytest.approx(30.0, rel=0.02)
    assert weights[1] == 0.0


def test_every_pixel_has_a_candidate() -> None:
    """Catches a hole where no box is near."""
    frame = Frame.around((0, 0, 90_000, 4000), 0, 1000)
    pairs = candidate_pairs(frame, cells_of(boxes(("a", 0, 0, 2, 2), ("b", 88, 2, 90, 4)), "ab"))
    assert np.array_equal(np.unique(pairs.pixel), np.arange(frame.rows * frame.columns))
    assert (np.diff(pairs.pixel) >= 0).all()


def test_reaches_grow_where_cells_fall_short() -> None:
    """Catches a fit that moves a cell away from the edge of its box, or one that is there already."""
    frame = Frame.around((0, 0, 8000, 4000), 0, 100)
    cells = cells_of(boxes(("a", 0, 0, 4, 4), ("b", 2, 0, 8, 4)), "ab")
    pairs, value = _problem(frame, cells)
    west, east, south, north = _box_misfit(frame, pairs, cheapest(value, pairs), cells)
    assert east[0] > 1.01
    assert west[1] > 1.01
    assert np.allclose([west[0], east[1], *south, *north], 1.0)


def test_fit_brings_the_areas_nearer() -> None:
    """Catches a fit in which a commune that is too small does not grow."""
    frame = Frame.around((0, 0, 12000, 6000), 2000, 200)
    cells = cells_of(boxes(("a", 0, 0, 6, 6), ("b", 6, 0, 12, 6)).assign(soft=True), "ab")
    fitted = fit_shapes(frame, cells, targets_of(50.0, 22.0))
    before, after = ((_labels(frame, each) == 0).mean() for each in (cells, fitted))
    assert after > before + 0.02


def test_a_bridge_joins_two_parts() -> None:
    """Catches a commune left in two parts that are one commune's units, and a bridge that misses a part."""
    frame = Frame.around((0, 0, 15000, 8000), 1000, 250)
    cells = cells_of(boxes(("a", 0, 0, 6, 8), ("b", 6, 0, 9, 8), ("a", 9, 0, 15, 8)), "ab")
    targets = targets_of(90.0, 30.0)
    joined = bridged(frame, cells, targets)
    assert len(joined.commune) > len(cells.commune)
    assert _parts(frame, cells) == 2
    assert _parts(frame, joined) == 1


def test_small_fragments_go_to_their_neighbours() -> None:
    """Catches a commune in two parts in the end: the smaller must be given up."""
    frame = Frame.around((0, 0, 13000, 8000), 0, 250)
    cells = cells_of(boxes(("a", 0, 0, 6, 8), ("b", 6, 0, 12, 8), ("a", 11, 3, 13, 5)), "ab")
    pairs, value = commune_pairs(*_problem(frame, cells), cells.commune)
    assert strays(labels_of(frame, pairs, value, np.zeros(3))).any()
    labels, _ = joined_labels(frame, pairs, value, np.zeros(3))
    assert not strays(labels).any()
    assert (labels[:, -1] == 1).all()


# --- polygons and their measure --------------------------------------------------------------------------


def test_polygons_share_their_borders() -> None:
    """Catches gaps and overlaps after smoothing and simplifying, and lost area."""
    rng = np.random.default_rng(7)
    seeds = rng.uniform(0, 60, (2, 9))
    rows, columns = np.mgrid[0:60, 0:60]
    labels = np.argmin([(rows - y) ** 2 + (columns - x) ** 2 for x, y in seeds.T], axis=0)
    shapes = polygons_of(Frame(0.0, 9000.0, 150.0, 60, 60), labels, 9)
    assert all(shape.geom_type == "Polygon" and shape.is_valid for shape in shapes)
    assert shapely.coverage_is_valid(shapes)
    whole = shapely.union_all(shapes)
    assert not whole.interiors
    assert sum(shape.area for shape in shapes) == pytest.approx(whole.area, rel=1e-9)
    assert whole.area == pytest.approx(81e6, rel=0.01)


def test_stairs_become_a_line() -> None:
    """Catches borders drawn in steps of a pixel."""
    labels = np.triu(np.ones((40, 40), np.int64))
    shapes = polygons_of(Frame(0.0, 6000.0, 150.0, 40, 40), labels, 2)
    border = shapely.intersection(shapes[0].boundary, shapes[1].boundary)
    assert border.length < 1.05 * 40 * 150 * np.sqrt(2)  # the steps are 1.41 times as long


def squares(*corners: tuple[str, float]) -> gpd.GeoDataFrame:
    shapes = [shapely.box(105 + west, 21, 105.1 + west, 21.1) for _, west in corners]
    return gpd.GeoDataFrame({"code": [code for code, _ in corners]}, geometry=shapes, crs="EPSG:4326")


def test_measure_of_known_squares() -> None:
    """Catches a wrong denominator: half a square off means IoU 1/3 and half of the area."""
    found = schematic.measure_against(squares(("2", 1.0), ("1", 0.05)), squares(("1", 0.0), ("2", 1.0)))
    assert found["min_iou"] == pytest.approx(1 / 3, abs=2e-3)
    assert found["mean_iou"] == pytest.approx(2 / 3, abs=2e-3)
    assert found["area_share"] == pytest.approx(3 / 4, abs=2e-3)
    assert [code for code, _ in found["worst"]] == ["1", "2"]


def test_measure_of_different_communes_is_refused() -> None:
    """Catches a mean over the communes that happen to be in both."""
    with pytest.raises(AreasError, match="different communes: 2"):
        schematic.measure_against(squares(("1", 0.0)), squares(("1", 0.0), ("2", 1.0)))


def _problem(frame: Frame, cells: Generators) -> tuple[Any, Any]:
    pairs = candidate_pairs(frame, cells)
    return pairs, costs(pairs, cells)


def _labels(frame: Frame, cells: Generators) -> Any:
    pairs, value = commune_pairs(*_problem(frame, cells), cells.commune)
    return labels_of(frame, pairs, value, np.zeros(int(cells.commune.max()) + 1))


def _parts(frame: Frame, cells: Generators) -> int:
    shapes = shapely.union_all(polygons_of(frame, np.where(_labels(frame, cells) == 0, 0, 1), 1))
    return len(shapely.get_parts(shapes))
