"""The demo's inputs on disk: areas, terrain, land cover, site list, parks and two scenarios."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from typing import TYPE_CHECKING

import numpy as np
import shapely

from geocover.areas import Areas
from geocover.crs import WGS84, transformer
from geocover.demo.clutter import write_made_up_clutter
from geocover.demo.positions import FRAME_M, choose_positions, survey
from geocover.demo.roads import corridors
from geocover.demo.sites import LABEL, POSITIONS, made_up_sites, write_sites
from geocover.demo.terrain import MARGIN_M, write_made_up_terrain
from geocover.errors import PlacesError
from geocover.grid import Grid
from geocover.io.areas import read_areas, write_areas
from geocover.io.atomic import atomic_path
from geocover.io.places import write_places
from geocover.io.terrain import read_terrain
from geocover.io.vector import read_vector
from geocover.places import Places
from geocover.population import spread_population
from geocover.resources import shipped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.terrain import Terrain

SEED = 25
BOUNDARIES = "boundaries/phu-tho-schematic.geojson"
PARKS = "places/phu-tho-industrial-parks.geojson"
AREAS, SITES, PARKS_COPY = "areas.geojson", "sites.csv", "industrial-parks.geojson"
TERRAIN, CLUTTER = "terrain.tif", "clutter.tif"
MAX_REACH_M = 10_000.0  # with so many sites none serves from farther, and it halves the time
PROVINCE_CODE, PROVINCE_NAME = "25", "Phú Thọ"
OPERATING = "operating"
CENTRE_COLUMNS = ("centre_lon", "centre_lat", "centre_accuracy_m", "centre_basis")
# Sites alone, with terrain, with land cover above it.
MADE_UP = (
    ("trạm", "sites"),
    ("trạm và địa hình", "sites and terrain"),
    ("trạm, địa hình và lớp phủ", "sites, terrain and land cover"),
)
STEPS = 3
OUTSIDE_DEG = 0.01  # a park's point may lie about a kilometre beside the boundary
DATES = (dt.date(2025, 6, 30), dt.date(2025, 12, 31))
REPORT = "Sở KH&CN Phú Thọ, báo cáo cuối 2025"
REPORTED: tuple[dict[str, object], ...] = (
    {"figure": "area-share", "technology": "4G", "value": 98.0, "unit": "%"},
    {"figure": "reach:commune_centre", "technology": "5G", "value": 100.0, "unit": "%"},
    {"figure": "reach:industrial_park", "technology": "5G", "value": 100.0, "unit": "%", "status": OPERATING},
    {"figure": "stations", "technology": "", "value": 9283.0, "unit": "trạm"},
    {
        "figure": "stations-new",
        "technology": "5G",
        "value": 868.0,
        "unit": "trạm",
        "since": dt.date(2025, 7, 1),
    },
)


def build_inputs(
    directory: Path,
    *,
    boundaries: Path | None = None,
    terrain: Path | None = None,
    resolution_m: float = 100.0,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Path]:
    """Write ``directory/inputs/``, what `geocover demo` computes from; equal arguments give equal bytes.

    Parameters
    ----------
    directory
        The demo's folder.
    boundaries
        Communes with population instead of the shipped schematic ones; a centre that the file lacks is
        taken from the shipped list by the commune's code.
    terrain
        Elevation (one self-contained file) instead of the made-up one; it is copied under its own name, and
        no land cover is made up above it.
    resolution_m
        Side of a pixel in the scenarios; the made-up data do not depend on it.
    progress
        Called with the name of a step, and how much of how much of it is done.

    Returns
    -------
    The scenarios, oldest first.

    Raises
    ------
    GeocoverError
        A file is missing or cannot be used.
    PlacesError
        A commune has no centre.
    """
    say = progress or _silent
    folder = directory / "inputs"
    say("inputs", 0, STEPS)
    areas = _read_areas(boundaries)
    write_areas(areas, folder / AREAS)
    grid = Grid.around(areas, FRAME_M)
    centres_m = _centres_m(areas, grid)
    roads = corridors(centres_m, _generator(0))
    say("inputs", 1, STEPS)
    elevation = _place_terrain(folder, terrain, areas, grid, roads)
    if terrain is None:
        _write_clutter(folder, areas, grid, centres_m)
    parks = _write_parks(areas, folder / PARKS_COPY)
    say("inputs", 2, STEPS)
    operating = Places(parks.table[parks.table["status"] == OPERATING])
    country = survey(areas, grid, elevation, centres_m)
    positions = choose_positions(country, centres_m, operating, roads, POSITIONS, _generator(1))
    people = areas.table["population"].to_numpy(dtype=float, na_value=np.nan)
    write_sites(made_up_sites(positions, people, _generator(2)), folder / SITES)
    say("inputs", STEPS, STEPS)
    inputs: dict[str, object] = {
        "areas": AREAS,
        "network": SITES,
        "terrain": elevation.source,
        **({"clutter": CLUTTER} if terrain is None else {}),
        "places": [PARKS_COPY],
    }
    settings = _settings(areas, elevation, resolution_m, cover=terrain is None)
    return [_write_scenario(folder, day, settings, inputs) for day in DATES]


def _read_areas(given: Path | None) -> Areas:
    known = read_areas(shipped(BOUNDARIES))
    if given is None:
        return known
    areas = read_areas(given)
    table, known_table = areas.table.set_index("code"), known.table.set_index("code")
    lacking = table["centre_lon"].isna() | table["centre_lat"].isna()
    for name in CENTRE_COLUMNS:
        table.loc[lacking, name] = known_table[name].reindex(table.index[lacking])
    return Areas(table.reset_index(), areas.quality, areas.source, areas.metadata)


def _silent(_step: str, _done: int, _total: int) -> None:
    pass


def _generator(stream: int) -> np.random.Generator:
    """Chance of one stream: more draws in one part do not move the others."""
    return np.random.Generator(np.random.PCG64([SEED, stream]))


def _centres_m(areas: Areas, grid: Grid) -> NDArray[np.float64]:
    """Commune centres in the grid's CRS, shape (communes, 2), in the order of the areas' table."""
    Places.commune_centres(areas)  # says which communes lack one
    lon, lat = (areas.table[name].to_numpy(dtype=float) for name in ("centre_lon", "centre_lat"))
    return np.column_stack(transformer(WGS84, grid.crs).transform(lon, lat))


def _place_terrain(
    folder: Path, given: Path | None, areas: Areas, grid: Grid, roads: list[NDArray[np.float64]]
) -> Terrain:
    """Copy the elevation given (under its own name, which .hgt needs) or make it up, and read it."""
    path = folder / (given.name if given else TERRAIN)
    if given is None:
        write_made_up_terrain(path, areas, roads, grid.crs)
    else:
        read_terrain(given, grid)
        with atomic_path(path) as temporary:
            shutil.copyfile(given, temporary)
    return read_terrain(path, grid)


def _write_clutter(folder: Path, areas: Areas, grid: Grid, centres_m: NDArray[np.float64]) -> None:
    """Make land cover up on all of the made-up terrain."""
    terrain = read_terrain(folder / TERRAIN, grid.widened(MARGIN_M))
    settlements = (centres_m[:, 0], centres_m[:, 1])
    people = spread_population(areas, terrain.grid, settlements_xy_m=settlements, terrain=terrain)
    write_made_up_clutter(folder / CLUTTER, terrain, np.nan_to_num(people.values))


def _write_parks(areas: Areas, path: Path) -> Places:
    """Copy the shipped parks that lie in the areas, with what their file says about itself."""
    frame, metadata = read_vector(shipped(PARKS), error=PlacesError)
    outline = shapely.union_all(areas.table.geometry.to_numpy()).buffer(OUTSIDE_DEG)
    parks = Places(frame[shapely.intersects(outline, frame.geometry.to_numpy())])
    write_places(parks, path, metadata=metadata)
    return parks


def _notes(areas: Areas, terrain: Terrain, *, cover: bool) -> tuple[str, str]:
    """What is made up, in Vietnamese and English."""
    made_up_vi, made_up_en = MADE_UP[terrain.illustrative + cover]
    schematic = areas.quality == "schematic"
    vi = f"Dữ liệu minh họa: {made_up_vi} không có thật" + (", ranh giới sơ đồ" if schematic else "")
    return vi, f"Illustrative data: made-up {made_up_en}" + (", schematic boundaries" if schematic else "")


def _province(areas: Areas) -> tuple[str, str]:
    """Code and name of the province; Phú Thọ where the boundaries do not say."""
    found = (areas.metadata.get("province_code"), areas.metadata.get("province_name"))
    return (str(found[0]), str(found[1])) if all(found) else (PROVINCE_CODE, PROVINCE_NAME)


def _settings(areas: Areas, terrain: Terrain, resolution_m: float, *, cover: bool) -> dict[str, object]:
    """What the scenarios have in common but for their inputs."""
    note_vi, note_en = _notes(areas, terrain, cover=cover)
    code, name = _province(areas)
    return {
        "name": name,
        "province_code": code,
        "resolution_m": float(resolution_m),
        "max_reach_m": MAX_REACH_M,
        "illustrative": True,
        "note_vi": note_vi,
        "note_en": note_en,
    }


def _write_scenario(
    folder: Path, day: dt.date, settings: Mapping[str, object], inputs: Mapping[str, object]
) -> Path:
    """Write the scenario of a reporting date; the figures reported are Phú Thọ's at the last one."""
    tables = [_table("[scenario]", {**settings, "as_of": day}), _table("[inputs]", inputs)]
    if day == DATES[-1] and settings["province_code"] == PROVINCE_CODE:
        tables += [_table("[[reported]]", {**figure, "source": REPORT}) for figure in REPORTED]
    path = folder / f"scenario-{day}.toml"
    with atomic_path(path) as temporary:
        temporary.write_text("\n".join([f"# {LABEL}", *tables]), encoding="utf-8", newline="\n")
    return path


def _table(header: str, entries: Mapping[str, object]) -> str:
    """Give a table of TOML; JSON text, numbers, booleans and lists of text are TOML as well."""
    lines = [
        f"{key} = {value if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)}"
        for key, value in entries.items()
    ]
    return "\n".join([header, *lines, ""])
