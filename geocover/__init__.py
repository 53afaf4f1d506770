"""geocover: mobile coverage of communes.

From commune boundaries, operators' site lists and terrain to shares of area and people with 4G and 5G, the
reach of commune centres and industrial parks, gaps, and how they changed. The public names below are
imported when first used, so that the command line starts quickly::

    import geocover as gc

    areas = gc.read_areas("data/boundaries/phu-tho-schematic.geojson")
    grid = gc.Grid.around(areas, resolution_m=100)
    terrain = gc.read_terrain("dem.tif", grid.widened(15_000))
    network = gc.read_network("sites.csv")
    coverage = gc.predict(network, terrain, grid=grid, model=gc.P1812())
    shares = gc.shares(coverage, areas, profile="outdoor-4g")
    gaps = gc.find_gaps(coverage, areas, profile="outdoor-4g")
    gc.show(areas, shares, gaps)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from geocover._version import __version__

if TYPE_CHECKING:
    from geocover.areas import Areas
    from geocover.calibration import calibrate
    from geocover.commune_shares import province_totals, shares
    from geocover.coverage import Coverage, Work, predict, update
    from geocover.errors import GeocoverError
    from geocover.gaps import find_gaps
    from geocover.grid import Grid
    from geocover.io.antennas import read_antennas
    from geocover.io.areas import read_areas, write_areas
    from geocover.io.clutter import read_clutter
    from geocover.io.drive_tests import read_drive_test
    from geocover.io.network import read_network, write_network
    from geocover.io.places import read_places, write_places
    from geocover.io.population import compare_population, read_population
    from geocover.io.terrain import read_terrain
    from geocover.maps import show
    from geocover.network import Network
    from geocover.place_reach import reach, reach_summary
    from geocover.places import Places
    from geocover.population import spread_population
    from geocover.profiles import Profile, read_profiles
    from geocover.propagation import P1812, TR38901, Cost231Hata, ExtendedHata, Model, OkumuraHata, Radius
    from geocover.raster import Raster
    from geocover.scenario import Scenario, compute, read_scenario
    from geocover.store import Snapshot, list_snapshots, open_snapshot, write_snapshot
    from geocover.terrain import Terrain, with_clutter

_HOMES = {
    "Areas": "areas",
    "Cost231Hata": "propagation",
    "Coverage": "coverage",
    "ExtendedHata": "propagation",
    "GeocoverError": "errors",
    "Grid": "grid",
    "Model": "propagation",
    "Network": "network",
    "OkumuraHata": "propagation",
    "P1812": "propagation",
    "Places": "places",
    "Profile": "profiles",
    "Radius": "propagation",
    "Raster": "raster",
    "Scenario": "scenario",
    "Snapshot": "store",
    "TR38901": "propagation",
    "Terrain": "terrain",
    "Work": "coverage",
    "calibrate": "calibration",
    "compare_population": "io.population",
    "compute": "scenario",
    "find_gaps": "gaps",
    "list_snapshots": "store",
    "open_snapshot": "store",
    "predict": "coverage",
    "province_totals": "commune_shares",
    "reach": "place_reach",
    "reach_summary": "place_reach",
    "read_antennas": "io.antennas",
    "read_areas": "io.areas",
    "read_clutter": "io.clutter",
    "read_drive_test": "io.drive_tests",
    "read_network": "io.network",
    "read_places": "io.places",
    "read_population": "io.population",
    "read_profiles": "profiles",
    "read_scenario": "scenario",
    "read_terrain": "io.terrain",
    "shares": "commune_shares",
    "show": "maps",
    "spread_population": "population",
    "update": "coverage",
    "with_clutter": "terrain",
    "write_areas": "io.areas",
    "write_network": "io.network",
    "write_places": "io.places",
    "write_snapshot": "store",
}

__all__ = [
    "P1812",
    "TR38901",
    "Areas",
    "Cost231Hata",
    "Coverage",
    "ExtendedHata",
    "GeocoverError",
    "Grid",
    "Model",
    "Network",
    "OkumuraHata",
    "Places",
    "Profile",
    "Radius",
    "Raster",
    "Scenario",
    "Snapshot",
    "Terrain",
    "Work",
    "__version__",
    "calibrate",
    "compare_population",
    "compute",
    "find_gaps",
    "list_snapshots",
    "open_snapshot",
    "predict",
    "province_totals",
    "reach",
    "reach_summary",
    "read_antennas",
    "read_areas",
    "read_clutter",
    "read_drive_test",
    "read_network",
    "read_places",
    "read_population",
    "read_profiles",
    "read_scenario",
    "read_terrain",
    "shares",
    "show",
    "spread_population",
    "update",
    "with_clutter",
    "write_areas",
    "write_network",
    "write_places",
    "write_snapshot",
]


def __getattr__(name: str) -> object:
    """Import a public name from its home when it is first used."""
    if name not in _HOMES:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
