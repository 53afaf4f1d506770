"""Computing a scenario: read the inputs, predict, and answer every question it asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import shapely

from geocover.commune_shares import province_totals, shares
from geocover.coverage import Coverage, Work, predict
from geocover.crs import WGS84, transformer
from geocover.errors import NetworkError, ScenarioError, TerrainError
from geocover.gaps import find_gaps
from geocover.grid import Grid
from geocover.io.antennas import read_antennas
from geocover.io.areas import read_areas
from geocover.io.clutter import read_clutter
from geocover.io.network import read_network
from geocover.io.places import read_places
from geocover.io.population import compare_population, read_population
from geocover.io.terrain import read_terrain
from geocover.place_reach import reach, reach_summary
from geocover.places import Places
from geocover.population import label_communes, spread_population
from geocover.profiles import Profile, main_profile, read_profiles
from geocover.propagation import model_from_dict
from geocover.raster import Raster
from geocover.terrain import with_clutter

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import geopandas as gpd

    from geocover.areas import Areas
    from geocover.network import Network
    from geocover.propagation.base import Model
    from geocover.scenario.definition import Scenario
    from geocover.terrain import Terrain

Progress = Callable[[str, int, int], None]

WARD = "Phường"


@dataclass(frozen=True, eq=False)
class Result:
    """What came of a scenario, in memory; `geocover.store` writes it as a Snapshot.

    ``shares`` and ``totals``, ``gaps``, ``reach`` and ``reach_totals`` hold the tables of the functions of
    these names, all profiles below each other. ``terrain`` stands on the coverage's grid; ``surroundings`` is
    what the prediction read: the same with a margin, where a model needs terrain. ``clutter`` tells the
    classes of land cover inside the communes, ``population_check`` sums a population raster beside the
    registered people; both are plain values, None where there is no such input.
    """

    scenario: Scenario
    digest: str
    areas: Areas
    network: Network
    places: Places
    terrain: Terrain | None
    surroundings: Terrain | None
    clutter: dict[str, object] | None
    population: Raster
    population_method: str
    population_method_vi: str
    population_check: dict[str, float] | None
    coverage: Coverage
    profiles: Mapping[str, Profile]
    shares: pd.DataFrame
    totals: pd.DataFrame
    gaps: gpd.GeoDataFrame
    reach: pd.DataFrame
    reach_totals: pd.DataFrame


class _Ground(NamedTuple):
    """Terrain as the prediction reads it, that on the grid alone, that without clutter; clutter's facts."""

    surroundings: Terrain | None = None
    terrain: Terrain | None = None
    bare: Terrain | None = None
    clutter: dict[str, object] | None = None


class _People(NamedTuple):
    """People per pixel, a word on how in two languages, and a raster's sums beside the registered ones."""

    raster: Raster
    method: str
    method_vi: str
    check: dict[str, float] | None = None


def compute(
    scenario: Scenario,
    *,
    threads: int | None = None,
    progress: Progress | None = None,
    keep: Path | None = None,
) -> Result:
    """Read the inputs, predict, and answer every question of the scenario.

    Parameters
    ----------
    scenario
        The inputs.
    threads
        Threads for the prediction; as many as processors where none is given.
    progress
        Called with the name of a step, and how much of how much of it is done.
    keep
        Folder for finished tiles: a run that was stopped continues there, with the same result. Tiles in it
        that this run does not use are removed in the end.

    Raises
    ------
    GeocoverError
        An input is missing or cannot be used; nothing is written but finished tiles.
    """
    say = progress or _silent
    scenario.check_clutter()
    digest = scenario.digest()
    say("read", 0, 1)
    areas = read_areas(scenario.areas)
    catalogue = _catalogue(scenario)
    models = {technology: model_from_dict(model) for technology, model in scenario.chosen_models().items()}
    grid = Grid.around(areas, scenario.resolution_m)
    network = _network(scenario, areas, grid)
    places = _places(scenario, areas)
    ground = _ground(scenario, areas, grid, models)
    people = _population(scenario, areas, grid, ground.bare)
    say("read", 1, 1)
    coverage = predict(
        network,
        ground.surroundings,
        model=models,
        grid=grid,
        max_reach_m=scenario.max_reach_m,
        count_dbm=scenario.count_dbm,
        work=Work(threads=threads, keep=keep, progress=lambda done, total: say("predict", done, total)),
    )
    say("answer", 0, 1)
    profiles = _profiles(scenario, catalogue, coverage)
    tables = _answers(scenario, coverage, areas, places, people.raster, profiles)
    say("answer", 1, 1)
    return Result(
        scenario=scenario,
        digest=digest,
        areas=areas,
        network=network,
        places=places,
        terrain=ground.terrain,
        surroundings=ground.surroundings,
        clutter=ground.clutter,
        population=people.raster,
        population_method=people.method,
        population_method_vi=people.method_vi,
        population_check=people.check,
        coverage=coverage,
        profiles=profiles,
        **tables,
    )


def _silent(_step: str, _done: int, _total: int) -> None:
    pass


def _catalogue(scenario: Scenario) -> dict[str, Profile]:
    """Known profiles; a name in the scenario that is not among them is refused before the long work."""
    known = read_profiles(scenario.catalogue)
    missing = [name for name in scenario.profiles if name not in known]
    if missing:
        raise ScenarioError(
            f"unknown profiles {missing}; known: {sorted(known)}",
            f"không có chuẩn {missing}; các chuẩn có: {sorted(known)}",
        )
    return known


def _profiles(scenario: Scenario, catalogue: Mapping[str, Profile], coverage: Coverage) -> dict[str, Profile]:
    if scenario.profiles:
        return {name: catalogue[name] for name in scenario.profiles}
    found = {name: one for name, one in catalogue.items() if one.technology in coverage.technologies}
    if not found:
        raise ScenarioError(
            f"no profile of {', '.join(coverage.technologies)}; add one to the catalogue",
            f"không có chuẩn nào cho {', '.join(coverage.technologies)}; hãy thêm vào danh mục chuẩn",
        )
    return found


def _network(scenario: Scenario, areas: Areas, grid: Grid) -> Network:
    """Cells on air at the reporting date, none far outside.

    Surroundings that the list does not state are assumed by the commune: urban in a ward (phường), elsewhere
    suburban, for open country as Hata means it (no trees, no hills) is not found here.
    """
    listed = read_network(
        scenario.network,
        crs=scenario.network_crs,
        defaults=scenario.defaults,
        antennas=read_antennas(scenario.antennas) if scenario.antennas else None,
        illustrative=scenario.illustrative,
    )
    _refuse_far(listed, areas, grid, scenario.outside_km)
    network = listed.select(as_of=scenario.as_of)
    labels = label_communes(areas, grid)
    row, col = grid.index(*network.xy_m(grid.crs))
    commune = np.where(row >= 0, labels[row, col], -1)
    ward = (areas.table["type"] == WARD).to_numpy()
    return network.with_environment(np.where((commune >= 0) & ward[commune], "urban", "suburban").tolist())


def _refuse_far(network: Network, areas: Areas, grid: Grid, outside_km: float) -> None:
    """Refuse a list with sites too far outside: wrong coordinates, or another province's list."""
    outline = shapely.union_all(areas.to_crs(grid.crs).geometry.simplify(grid.resolution_m))
    points = shapely.points(*network.xy_m(grid.crs))
    shapely.prepare(outline)
    far = np.flatnonzero(shapely.distance(points, outline) > outside_km * 1000.0)
    if far.size == 0:
        return
    first = network.cells.iloc[far[0]]
    at = f"{first['cell_id']} ({first['lon']:.5f}, {first['lat']:.5f})"
    raise NetworkError(
        f"{network.source}: {far.size} cells lie more than {outside_km:g} km outside the area, first in row "
        f"{far[0] + 2}, {at}; check longitude, latitude and CRS, or raise outside_km",
        f"{network.source}: {far.size} cell nằm cách khu vực hơn {outside_km:g} km, đầu tiên là dòng "
        f"{far[0] + 2}, {at}; hãy kiểm tra kinh độ, vĩ độ và hệ toạ độ, hoặc tăng outside_km",
    )


def _places(scenario: Scenario, areas: Areas) -> Places:
    """Listed places and the commune centres that are known; the manifest counts those that are not."""
    known = areas.table[["centre_lon", "centre_lat"]].notna().all(axis=1)
    centres = [Places.commune_centres(areas.select(areas.table.loc[known, "code"]))] if known.any() else []
    return Places.concat([Places.none(), *centres, *(read_places(path) for path in scenario.places)])


def _ground(scenario: Scenario, areas: Areas, grid: Grid, models: Mapping[str, Model]) -> _Ground:
    """Terrain with clutter, around the grid as far as masts may stand outside where a model reads it.

    Paths from such masts to the grid's pixels do not leave that margin.

    Raises
    ------
    TerrainError
        Neither can be read, or no elevation is known on the grid itself.
    """
    if scenario.terrain is None:
        return _Ground()
    read = any(model.needs_terrain for model in models.values())
    margin_m = min(scenario.max_reach_m, 1000.0 * scenario.outside_km) if read else 0.0
    around = grid.widened(margin_m)
    bare = _as_float32(read_terrain(scenario.terrain, around))
    inside = bare.cropped(grid)
    if not np.isfinite(inside.elevation.values).any():
        raise TerrainError(
            f"{bare.source}: knows no elevation inside the area, only beside it; check its extent",
            f"{bare.source}: không có độ cao nào trong khu vực, chỉ có ở bên cạnh; hãy kiểm tra phạm vi",
        )
    if scenario.clutter is None:
        return _Ground(bare, inside, inside)
    cover = read_clutter(scenario.clutter, around, scenario.clutter_table)
    covered = with_clutter(bare, cover)
    mask = np.zeros(around.shape, dtype=bool)
    row, col = around.offset_of(grid)
    mask[row : row + grid.shape[0], col : col + grid.shape[1]] = label_communes(areas, grid) >= 0
    return _Ground(covered, covered.cropped(grid), inside, cover.describe(mask))


def _as_float32(terrain: Terrain) -> Terrain:
    """Elevation in half the memory; a quarter of a millimetre at the highest mountain."""
    elevation = terrain.elevation
    return replace(
        terrain, elevation=Raster(elevation.grid, elevation.values.astype(np.float32), elevation.unit)
    )


def _population(scenario: Scenario, areas: Areas, grid: Grid, terrain: Terrain | None) -> _People:
    if scenario.population is not None:
        raster = read_population(scenario.population, grid)
        name = scenario.population.name
        return _People(raster, f"raster {name}", f"lưới dân số {name}", _population_check(raster, areas))
    table = areas.table
    known = table[["centre_lon", "centre_lat"]].notna().all(axis=1)
    centres = table.loc[known, ["centre_lon", "centre_lat"]].to_numpy(dtype=float)
    settlements = (
        transformer(WGS84, grid.crs).transform(centres[:, 0], centres[:, 1]) if len(centres) else None
    )
    people = spread_population(areas, grid, settlements_xy_m=settlements, terrain=terrain)
    how = [("slope", "độ dốc")] * (terrain is not None)
    how += [("distance to commune centres", "khoảng cách đến trung tâm xã")] * (settlements is not None)
    en, vi = zip(*(how or [("area", "diện tích")]), strict=True)
    told = f"commune totals spread by {' and '.join(en)}"
    return _People(people, told, f"chia dân số của xã theo {' và '.join(vi)}")


def _population_check(raster: Raster, areas: Areas) -> dict[str, float] | None:
    """Sums over the communes whose registered people are known; None where none are."""
    table = compare_population(raster, areas).dropna(subset="registered")
    registered, counted = float(table["registered"].sum()), float(table["raster"].sum())
    if registered <= 0:
        return None
    return {"registered": registered, "raster": counted, "difference": counted / registered - 1.0}


def _answers(
    scenario: Scenario,
    coverage: Coverage,
    areas: Areas,
    places: Places,
    population: Raster,
    profiles: Mapping[str, Profile],
) -> dict[str, Any]:
    """Shares and reach of every profile, gaps of each technology's main one, each kind in one table."""
    chosen = list(profiles.values())
    described = {name: one.describe() for name, one in profiles.items()}
    share_table = pd.concat(
        [shares(coverage, areas, one, population=population) for one in chosen], ignore_index=True
    )
    reach_table = pd.concat([reach(coverage, places, one) for one in chosen], ignore_index=True)
    gaps = [
        find_gaps(
            coverage, areas, one, population=population, places=places, min_area_km2=scenario.min_gap_km2
        )
        for one in chosen
        if one.name == main_profile(described, one.technology)
    ]
    return {
        "shares": share_table,
        "totals": province_totals(share_table),
        "gaps": pd.concat(gaps, ignore_index=True),
        "reach": reach_table,
        "reach_totals": reach_summary(reach_table),
    }
