"""Snapshot: a finished Scenario on disk, immutable; the one thing that maps, API and reports read.

A folder ``<reporting date>-<first 12 digits of the digest>`` with ``manifest.json`` (inputs with SHA-256,
parameters, models, profiles, versions, and the SHA-256 of every file), ``tables/`` (GeoParquet, Parquet and
GeoJSON) and ``rasters/`` (Cloud-Optimized GeoTIFF). The same inputs give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import pandas as pd

from geocover.coverage import ANY
from geocover.errors import SnapshotError
from geocover.grid import Grid
from geocover.io.rasters import read_level
from geocover.names import fold
from geocover.profiles import main_profile
from geocover.store.certainty import read_open, read_probability

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from geocover.raster import Raster

FORMAT = 2
MANIFEST = "manifest.json"
DIGEST_LENGTH = 12
ELEVATION_FILE, POPULATION_FILE = "rasters/elevation.tif", "rasters/population.tif"


def layer_file(kind: str, operator: str, technology: str) -> str:
    """Name of the raster of a layer inside a snapshot.

    Kinds are "level", "server", "servers" (the number of cells at or above the counting level) and
    "probability".
    """
    return f"rasters/{kind}-{technology.lower()}-{operator_slug(operator)}.tif"


def operator_slug(operator: str) -> str:
    """Name of an operator that can stand in the name of a file or in an address.

    One that is not plain ASCII letters and digits gets a digest, so that no two names share a file and none
    leaves the folder.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", fold(operator)).strip("-")
    if plain == operator.lower():
        return plain
    return f"{plain}-{hashlib.sha256(operator.encode()).hexdigest()[:6]}".strip("-")


def open_file(technology: str) -> str:
    """Name of the raster of the pixels of which nobody can say whether they are covered."""
    return f"rasters/open-{technology.lower()}.tif"


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A finished scenario.

    Attributes
    ----------
    path
        Its folder.
    manifest
        The content of ``manifest.json``.
    """

    path: Path
    manifest: dict[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of the scenario, in hexadecimal; names the snapshot and its figures."""
        return str(self.manifest["digest"])

    @property
    def id(self) -> str:
        """Name of the folder: reporting date and the first digits of the digest."""
        return f"{self.as_of}-{self.digest[:DIGEST_LENGTH]}"

    @property
    def as_of(self) -> str:
        """Reporting date, ISO 8601."""
        return str(self.manifest["parameters"]["as_of"])

    @property
    def illustrative(self) -> bool:
        """Whether any of the data are made up."""
        return bool(self.manifest["illustrative"])

    @property
    def schematic(self) -> bool:
        """Whether the boundaries are schematic."""
        return bool(self.manifest["schematic"])

    @property
    def operators(self) -> dict[str, list[str]]:
        """Operators of each technology that was predicted."""
        return dict(self.manifest["operators"])

    @property
    def profiles(self) -> dict[str, dict[str, Any]]:
        """Definitions of "covered" by name."""
        return dict(self.manifest["profiles"])

    def main_profile(self, technology: str) -> str | None:
        """The definition that figures and maps of a technology start with; None where it has none."""
        return main_profile(self.profiles, technology)

    @cached_property
    def grid(self) -> Grid:
        """The frame of the rasters."""
        stored = self.manifest["grid"]
        return Grid(
            stored["crs"], stored["left_m"], stored["top_m"], stored["resolution_m"], tuple(stored["shape"])
        )

    @cached_property
    def communes(self) -> gpd.GeoDataFrame:
        """Communes with their attributes and area, EPSG:4326."""
        return self._geo_table("communes")

    @cached_property
    def gaps(self) -> gpd.GeoDataFrame:
        """Gaps of the outdoor profiles, EPSG:4326; see `geocover.gaps.find_gaps`."""
        return self._geo_table("gaps")

    @cached_property
    def places(self) -> gpd.GeoDataFrame:
        """Commune centres, industrial parks and other places, EPSG:4326."""
        return self._geo_table("places")

    @cached_property
    def stations(self) -> gpd.GeoDataFrame:
        """Stations on air at the reporting date, EPSG:4326."""
        return self._geo_table("stations")

    @cached_property
    def shares(self) -> pd.DataFrame:
        """Shares of the communes; see `geocover.commune_shares.shares`."""
        return self._table("shares")

    @cached_property
    def totals(self) -> pd.DataFrame:
        """Shares of the province; see `geocover.commune_shares.province_totals`."""
        return self._table("totals")

    @cached_property
    def reach(self) -> pd.DataFrame:
        """Which place is reached by whom; see `geocover.place_reach.reach`."""
        return self._table("reach")

    @cached_property
    def reach_totals(self) -> pd.DataFrame:
        """Places reached by kind; see `geocover.place_reach.reach_summary`."""
        return self._table("reach_totals")

    @cached_property
    def cells(self) -> pd.DataFrame:
        """Cells of the network, in the order by which the server rasters number them."""
        return self._table("cells")

    def level(self, operator: str, technology: str) -> Raster:
        """Received level of an operator, or of the best of all ("any").

        Raises
        ------
        SnapshotError
            If there is no such layer.
        """
        return read_level(self.raster_path("level", operator, technology), self.grid)

    def probability(self, technology: str) -> Raster:
        """Share of locations that any operator covers by the main profile, NaN where open.

        Whole percents; see `geocover.probability.coverage_probability`.

        Raises
        ------
        SnapshotError
            If there is no such layer.
        """
        return read_probability(self.raster_path("probability", ANY, technology), self.grid)

    def open_classes(self, technology: str) -> NDArray[np.uint8] | None:
        """Where nobody can say whether any operator covers by the main profile, shape ``grid.shape``.

        0 known, 1 open for missing terrain on the way, 2 open and without terrain under the pixel; None where
        no path was cut, so that all is known.
        """
        name = open_file(technology)
        return read_open(self.path / name, self.grid) if name in self.manifest["files"] else None

    def raster_path(self, kind: str, operator: str, technology: str) -> Path:
        """Path of a layer's raster: "level" or "server" of an operator, "level" or "probability" of "any".

        Raises
        ------
        SnapshotError
            If there is no such layer.
        """
        name = layer_file(kind, operator, technology)
        if name not in self.manifest["files"]:
            raise SnapshotError(
                f"snapshot {self.id}: no {kind} of {operator} {technology}",
                f"bản kết quả {self.id}: không có lớp {operator} {technology}",
            )
        return self.path / name

    def verify(self) -> None:
        """Compare every file with its SHA-256.

        Raises
        ------
        SnapshotError
            Naming the first file that is missing or changed.
        """
        for name, expected in self.manifest["files"].items():
            if not (self.path / name).is_file() or file_sha256(self.path / name) != expected:
                raise SnapshotError(
                    f"{self.path / name}: missing or changed; compute the scenario again",
                    f"{self.path / name}: thiếu hoặc đã bị sửa; hãy tính lại kịch bản",
                )

    def _geo_table(self, name: str) -> gpd.GeoDataFrame:
        return gpd.read_parquet(self.path / "tables" / f"{name}.parquet")

    def _table(self, name: str) -> pd.DataFrame:
        return pd.read_parquet(self.path / "tables" / f"{name}.parquet")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def open_snapshot(path: str | Path) -> Snapshot:
    """Open a snapshot's folder.

    Raises
    ------
    SnapshotError
        No snapshot there, a damaged manifest, or another format version.
    """
    path = Path(path)
    try:
        manifest = json.loads((path / MANIFEST).read_text(encoding="utf-8"))
        version = manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SnapshotError(
            f"{path}: not a snapshot ({error}); run a scenario first",
            f"{path}: không phải bản kết quả ({error}); hãy chạy kịch bản trước",
        ) from error
    if version != FORMAT:
        raise SnapshotError(
            f"{path}: format {version}, this program reads {FORMAT}; compute the scenario again",
            f"{path}: định dạng {version}, chương trình đọc {FORMAT}; hãy tính lại kịch bản",
        )
    return Snapshot(path, manifest)


def list_snapshots(root: str | Path) -> list[Snapshot]:
    """All snapshots below a folder, by reporting date, oldest first; unfinished ones do not show."""
    root = Path(root)
    found = [open_snapshot(file.parent) for file in root.glob(f"[0-9]*/{MANIFEST}")]
    return sorted(found, key=lambda snapshot: (snapshot.as_of, snapshot.digest))
