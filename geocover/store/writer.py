"""Writing a Result as a Snapshot: whole or not at all, the same inputs to the same bytes."""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np

from geocover._version import __version__
from geocover.coverage import ANY
from geocover.crs import WGS84
from geocover.errors import InputError
from geocover.io.atomic import atomic_directory
from geocover.io.rasters import write_cog, write_level, write_plain, write_server
from geocover.io.vector import write_vector
from geocover.population import label_communes
from geocover.profiles import main_profile
from geocover.store.certainty import open_classes, write_open, write_probability
from geocover.store.snapshot import (
    DIGEST_LENGTH,
    ELEVATION_FILE,
    FORMAT,
    MANIFEST,
    POPULATION_FILE,
    Snapshot,
    file_sha256,
    layer_file,
    open_file,
    open_snapshot,
)

if TYPE_CHECKING:
    import pandas as pd

    from geocover.coverage import Coverage
    from geocover.scenario import Result

NO_COUNT = 65_535  # counts have no void: 0 is a count
LIBRARIES = ("numpy", "numba", "pandas", "geopandas", "shapely", "pyproj", "rasterio", "scipy")


def write_snapshot(result: Result, root: str | Path) -> Snapshot:
    """Write a result below a folder and open it; an equal one that is already there is kept.

    The folder appears under its name only when it is complete.
    """
    path = Path(root) / f"{result.scenario.as_of.isoformat()}-{result.digest[:DIGEST_LENGTH]}"
    if (path / MANIFEST).is_file():
        kept = open_snapshot(path)
        kept.verify()
        return kept
    with atomic_directory(path) as folder:
        _write_tables(result, folder / "tables")
        _write_rasters(result, folder)
        manifest = _manifest(result, folder)
        text = json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True)
        (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    return open_snapshot(path)


def _labels(result: Result) -> dict[str, object]:
    """What every table says of itself."""
    return {
        "digest": result.digest,
        "as_of": result.scenario.as_of.isoformat(),
        "quality": result.areas.quality,
        "illustrative": _illustrative(result),
        "note_vi": result.scenario.note_vi,
        "note_en": result.scenario.note_en,
    }


def _illustrative(result: Result) -> bool:
    terrain = result.terrain is not None and result.terrain.illustrative
    return result.scenario.illustrative or result.network.illustrative or terrain


def _write_tables(result: Result, folder: Path) -> None:
    communes = result.areas.table.assign(area_km2=result.areas.area_km2())
    geographic = {
        "communes": communes,
        "gaps": result.gaps,
        "places": result.places.table,
        "stations": _stations(result),
    }
    for name, table in geographic.items():
        for suffix in (".parquet", ".geojson"):
            write_vector(table, folder / f"{name}{suffix}", _labels(result), error=InputError)
    plain = {
        "shares": result.shares,
        "totals": result.totals,
        "reach": result.reach,
        "reach_totals": result.reach_totals,
        "cells": result.network.cells,
    }
    for name, frame in plain.items():
        frame.to_parquet(folder / f"{name}.parquet", index=False)


def _stations(result: Result) -> gpd.GeoDataFrame:
    table = result.network.stations()
    points = gpd.points_from_xy(table["lon"], table["lat"], crs=WGS84)
    dates = table["on_air"].dt.strftime("%Y-%m-%d")
    return gpd.GeoDataFrame(table.assign(on_air=dates.astype(object)), geometry=points)


def _write_rasters(result: Result, folder: Path) -> None:
    coverage = result.coverage
    for operator, technology in coverage.layers:
        _write_level(coverage, folder, operator, technology)
        server = coverage.serving(operator, technology)
        write_server(folder / layer_file("server", operator, technology), coverage.grid, server)
        count = coverage.servers(operator, technology)
        if count is not None:
            path = folder / layer_file("servers", operator, technology)
            write_cog(path, coverage.grid, count, nodata=NO_COUNT, scale=1.0, unit="cells")
    for technology in coverage.technologies:
        _write_level(coverage, folder, ANY, technology)
        _write_certainty(result, folder, technology)
    write_plain(folder / POPULATION_FILE, result.population)
    if result.terrain is not None:
        write_plain(folder / ELEVATION_FILE, result.terrain.elevation)


def _write_level(coverage: Coverage, folder: Path, operator: str, technology: str) -> None:
    path = folder / layer_file("level", operator, technology)
    write_level(path, coverage.grid, coverage.stored_level(operator, technology))


def _write_certainty(result: Result, folder: Path, technology: str) -> None:
    """How sure the coverage of any operator is by the technology's main profile."""
    described = {name: profile.describe() for name, profile in result.profiles.items()}
    name = main_profile(described, technology)
    if name is None:
        return
    coverage, profile = result.coverage, result.profiles[name]
    write_probability(folder / layer_file("probability", ANY, technology), coverage, profile)
    classes = open_classes(coverage, profile, result.terrain)
    if classes is not None:
        write_open(folder / open_file(technology), coverage.grid, classes)


def _manifest(result: Result, folder: Path) -> dict[str, Any]:
    """Everything a reader must know to trust a figure, and the SHA-256 of every other file."""
    coverage, grid = result.coverage, result.coverage.grid
    files = sorted(item for item in folder.rglob("*") if item.is_file())
    return {
        "format": FORMAT,
        "digest": result.digest,
        "illustrative": _illustrative(result),
        "schematic": result.areas.quality == "schematic",
        "inputs": result.scenario.inputs(),
        "parameters": result.scenario.parameters(),
        "models": {
            technology: {"title": model.title, **model.describe()}
            for technology, model in sorted(coverage.models.items())
        },
        "gives_level": {
            technology: model.gives_level for technology, model in sorted(coverage.models.items())
        },
        "settings": dict(coverage.settings),
        "profiles": {name: profile.describe() for name, profile in result.profiles.items()},
        "operators": {tech: list(coverage.operators(tech)) for tech in coverage.technologies},
        "grid": {
            "crs": grid.crs,
            "left_m": grid.left_m,
            "top_m": grid.top_m,
            "resolution_m": grid.resolution_m,
            "shape": list(grid.shape),
        },
        "terrain": _terrain(result),
        "population": {
            "method": result.population_method,
            "method_vi": result.population_method_vi,
            "total": float(np.nansum(result.population.values)),
            "registered": result.population_check,
        },
        "counts": _counts(result),
        "communes_without_centre": int(result.areas.table["centre_lon"].isna().sum()),
        "sources": {"areas": result.areas.source, "network": result.network.source},
        "versions": {"geocover": __version__, **{name: version(name) for name in LIBRARIES}},
        "files": {item.relative_to(folder).as_posix(): file_sha256(item) for item in files},
    }


def _terrain(result: Result) -> dict[str, object]:
    """Where elevation came from, what it was used for, and how much of the communes it covers."""
    read = result.coverage.terrain_source
    if result.terrain is None:
        return {"source": None, "used_by_models": False, "known_share": 0.0}
    inside = label_communes(result.areas, result.coverage.grid) >= 0
    known = np.isfinite(result.terrain.elevation.values[inside]).mean() if inside.any() else 0.0
    return {
        "source": result.terrain.source,
        "used_by_models": read is not None,
        "illustrative": result.terrain.illustrative,
        "known_share": float(known),
        "kind": result.terrain.kind,
        # With clutter on a surface model, rasters/elevation.tif is the ground below it.
        "clutter": result.clutter,
    }


def _counts(result: Result) -> dict[str, Any]:
    """BTS at the three levels: in all, by technology, by operator."""
    cells = result.network.cells
    return {
        "all": result.network.counts(),
        "by_technology": _group_counts(cells, "technology"),
        "by_operator": _group_counts(cells, "operator"),
    }


def _group_counts(cells: pd.DataFrame, column: str) -> dict[str, dict[str, int]]:
    return {
        str(key): {
            "positions": int(part["position_id"].nunique()),
            "stations": int(part["station_id"].nunique()),
            "cells": len(part),
        }
        for key, part in cells.groupby(column, sort=True)
    }
