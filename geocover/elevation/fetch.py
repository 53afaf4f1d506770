"""Windows of the open Copernicus GLO-30 surface model, read from its public bucket or a mirror of it.

Source: copernicus-dem-30m.s3.amazonaws.com/readme.html: one Cloud-Optimized GeoTIFF a degree, EPSG:4326,
metres above EGM2008; there are no tiles of the open sea. GDAL opens local files only: the parts of each tile
that the grid needs are fetched here by HTTP ranges.
"""

from __future__ import annotations

import json
import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import rasterio
from rasterio.errors import RasterioError
from rasterio.windows import Window

from geocover.crs import WGS84, transformer
from geocover.elevation.importer import ImportedTerrain, grid_for, import_terrain
from geocover.elevation.remote import ChangedRemoteError, MissingRemoteError, RemoteFile
from geocover.elevation.report import Remark
from geocover.elevation.source import TerrainOptions
from geocover.errors import DownloadError
from geocover.io.download import CONTENT_ATTEMPTS, Connection, cache_folder, wrong_content
from geocover.wording import number

if TYPE_CHECKING:
    from collections.abc import Callable

    from geocover.areas import Areas
    from geocover.grid import Grid

BASE_URL = "https://copernicus-dem-30m.s3.amazonaws.com"
CREDIT = (
    "Copernicus DEM GLO-30 Public, © DLR e.V. 2010-2014 and © Airbus Defence and Space GmbH 2014-2018, "
    "provided under COPERNICUS by the European Union and ESA; all rights reserved"
)
HEADER_BYTES = 65_536  # a COG begins with all its directories; those of a tile take about 3 kB
TIFF_MAGIC = {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}
CHUNK_BYTES = 4 * 1024 * 1024
SPARE_DEG = 0.005  # tiles begin half a pixel beside the whole degree, and interpolation needs neighbours

Bounds = tuple[float, float, float, float]
Range = tuple[int, int]


class _WrongTileError(Exception):
    """What was fetched is not the tile that was asked for."""


class _NoBlockError(Exception):
    """The header does not tell where a block lies: the file is no COG."""


@dataclass(frozen=True)
class _Tile:
    """A square degree by its south-western corner."""

    lon: int
    lat: int

    @property
    def name(self) -> str:
        north = f"{'N' if self.lat >= 0 else 'S'}{abs(self.lat):02d}"
        east = f"{'E' if self.lon >= 0 else 'W'}{abs(self.lon):03d}"
        return f"Copernicus_DSM_COG_10_{north}_00_{east}_00_DEM"


def tile_names(bounds: Bounds) -> list[str]:
    """Names of the tiles that hold a rectangle (west, south, east, north in degrees), from the north-west."""
    return [tile.name for tile in _tiles(bounds)]


def _tiles(bounds: Bounds) -> list[_Tile]:
    west, south, east, north = (math.floor(value) for value in bounds)
    return [_Tile(lon, lat) for lat in range(north, south - 1, -1) for lon in range(west, east + 1)]


def fetch_terrain(
    areas: Areas,
    *,
    options: TerrainOptions | None = None,
    connection: Connection | None = None,
    cache: Path | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> ImportedTerrain:
    """Fetch the surface model around the communes and put it on their grid.

    Parameters
    ----------
    areas
        The communes (schematic ones will do: only their bounds matter for what is fetched).
    options
        Resolution, margin, filling.
    connection
        Where from and how patiently.
    cache
        Folder of verified parts; by default one for each base URL in the user's cache.
    progress
        Called with a tile's name, the number of its parts that are here, and the number of all.

    Raises
    ------
    DownloadError
        A tile cannot be had or is not what its name says, or there is none at all.
    """
    options = replace(options or TerrainOptions(), kind="surface", unit=None, crs=None, void=None)
    connection = connection or Connection(BASE_URL)
    folder = cache or cache_folder("copernicus-30", connection.base_url)
    needed = _bounds(grid_for(areas, options))
    with tempfile.TemporaryDirectory(prefix="geocover-") as scratch, connection.pool() as pool:
        windows: list[_FetchedWindow] = []
        absent = []
        for tile in _tiles(needed):
            remote = RemoteFile(connection.url(f"{tile.name}/{tile.name}.tif"), folder / tile.name, pool)
            reader = _TileReader(tile, remote, Path(scratch), needed, progress or _silent)
            try:
                windows.append(reader.fetch())
            except MissingRemoteError:
                absent.append(tile.name)
        if not windows:
            raise _none_there(connection, absent)
        imported = import_terrain([each.path for each in windows], areas, options)
    return _credited(imported, windows, absent, connection)


def _silent(_: str, __: int, ___: int) -> None:
    """Report nothing."""


def _bounds(grid: Grid) -> Bounds:
    west, south, east, north = transformer(grid.crs, WGS84).transform_bounds(*grid.bounds_m, densify_pts=101)
    return west - SPARE_DEG, south - SPARE_DEG, east + SPARE_DEG, north + SPARE_DEG


@dataclass(frozen=True)
class _FetchedWindow:
    """A cut of a tile as a file of its own, and what was read for it."""

    path: Path
    name: str
    read_bytes: int
    size: int
    sha256: str


@dataclass(frozen=True)
class _TileReader:
    """One tile on its way: header, blocks, and the window that they make."""

    tile: _Tile
    remote: RemoteFile
    scratch: Path
    needed: Bounds
    progress: Callable[[str, int, int], None]

    def fetch(self) -> _FetchedWindow:
        """Fetch what the rectangle takes of the tile; begin anew where the tile changed or is damaged."""
        self.remote.load()
        fault = ""
        for _ in range(CONTENT_ATTEMPTS):
            try:
                return self._attempt()
            except ChangedRemoteError:
                fault = "the file changes on the server while it is read"
            except _WrongTileError as error:
                fault = str(error)
            self.remote.forget()
        raise wrong_content(self.remote.url, fault)

    def _attempt(self) -> _FetchedWindow:
        self.remote.ensure(0, HEADER_BYTES)
        ranges = self._ranges()
        self._ensure_all(ranges)
        try:
            with self._opened() as source:
                self._check(source)
                path = self._cut(source, self._window(source))
        except RasterioError as error:
            raise _WrongTileError(f"cannot be read as a GeoTIFF ({error})") from error
        parts = [(0, min(HEADER_BYTES, self.remote.size)), *ranges]
        read = sum(end - first for first, end in self.remote.digests)
        return _FetchedWindow(path, self.tile.name, read, self.remote.size, self.remote.digest(parts))

    def _opened(self) -> rasterio.DatasetReader:
        """Open what is here of the tile; the rest of the file is a hole."""
        sparse = self.scratch / "sparse.tif"
        self.remote.assemble(sparse)
        return rasterio.open(sparse, driver="GTiff")

    def _ranges(self) -> list[Range]:
        """Give the bytes of the needed blocks; of the whole file where its header does not tell them."""
        if self.remote.start(4) not in TIFF_MAGIC:
            raise _WrongTileError("not a GeoTIFF")
        try:
            with self._opened() as source:
                self._check(source)
                return _merged(_block_ranges(source, self._window(source), self.remote.size))
        except (RasterioError, _NoBlockError):
            return _chunks(self.remote.size)

    def _ensure_all(self, ranges: list[Range]) -> None:
        for done, (first, end) in enumerate(ranges):
            self.progress(self.tile.name, done, len(ranges))
            self.remote.ensure(first, end)
        self.progress(self.tile.name, len(ranges), len(ranges))

    def _check(self, source: rasterio.DatasetReader) -> None:
        """Refuse a tile of another place, CRS or unit under the name that was asked for."""
        pixel = max(abs(source.transform.a), abs(source.transform.e))
        west, south, east, north = source.bounds
        wanted = (self.tile.lon, self.tile.lat, self.tile.lon + 1, self.tile.lat + 1)
        off = max(abs(a - b) for a, b in zip((west, south, east, north), wanted, strict=True))
        if source.crs is None or source.crs.to_epsg() != 4326 or off > 2 * pixel:
            raise _WrongTileError(f"lies at {tuple(source.bounds)} in {source.crs}, not at {wanted}")

    def _window(self, source: rasterio.DatasetReader) -> Window:
        """Whole blocks of the tile that hold the needed rectangle."""
        block_rows, block_cols = source.block_shapes[0]
        west, south, east, north = self.needed
        inverse = ~source.transform
        cols = _blocks(inverse.a * west + inverse.c, inverse.a * east + inverse.c, block_cols, source.width)
        rows = _blocks(
            inverse.e * north + inverse.f, inverse.e * south + inverse.f, block_rows, source.height
        )
        return Window(cols[0], rows[0], cols[1] - cols[0], rows[1] - rows[0])

    def _cut(self, source: rasterio.DatasetReader, window: Window) -> Path:
        """Write the window as a file of its own, so that nothing reads the holes of the sparse one."""
        path = self.scratch / f"{self.tile.name}.tif"
        profile = {
            "driver": "GTiff", "count": 1, "dtype": source.dtypes[0], "nodata": source.nodata,
            "crs": source.crs, "height": int(window.height), "width": int(window.width),
            "transform": source.window_transform(window),
        }  # fmt: skip
        with rasterio.open(path, "w", **profile) as cut:
            cut.write(source.read(1, window=window), 1)
        return path


def _blocks(first: float, last: float, block: int, size: int) -> tuple[int, int]:
    """Give the first pixel and the one after the last of the blocks that hold a span of pixels."""
    start = max(0, min(size - 1, math.floor(first))) // block * block
    stop = (max(0, min(size - 1, math.floor(last))) // block + 1) * block
    return start, min(stop, size)


def _block_ranges(source: rasterio.DatasetReader, window: Window, size: int) -> list[Range]:
    """Give the bytes of each block of a window, as the file's directory tells them."""
    block_rows, block_cols = source.block_shapes[0]
    ranges = []
    for row in range(int(window.row_off), int(window.row_off + window.height), block_rows):
        for col in range(int(window.col_off), int(window.col_off + window.width), block_cols):
            at = f"{col // block_cols}_{row // block_rows}"
            first = int(source.get_tag_item(f"BLOCK_OFFSET_{at}", "TIFF", bidx=1) or 0)
            length = int(source.get_tag_item(f"BLOCK_SIZE_{at}", "TIFF", bidx=1) or 0)
            if not (0 < first < first + length <= size):
                raise _NoBlockError(at)
            ranges.append((first, first + length))
    return ranges


def _chunks(size: int) -> list[Range]:
    return [(first, min(first + CHUNK_BYTES, size)) for first in range(0, size, CHUNK_BYTES)]


def _merged(ranges: list[Range]) -> list[Range]:
    """Join neighbouring ranges up to ``CHUNK_BYTES``, so that small blocks do not take a request each."""
    merged: list[Range] = []
    for first, end in sorted(ranges):
        if merged and first - merged[-1][1] <= 1_024 and end - merged[-1][0] <= CHUNK_BYTES:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((first, end))
    return merged


def _none_there(connection: Connection, absent: list[str]) -> DownloadError:
    names = ", ".join(absent)
    return DownloadError(
        f"{connection.base_url} has none of the tiles {names}; check the base URL",
        f"{connection.base_url} không có mảnh nào trong số {names}; hãy kiểm tra địa chỉ gốc",
    )


def _credited(
    imported: ImportedTerrain, windows: list[_FetchedWindow], absent: list[str], connection: Connection
) -> ImportedTerrain:
    """Say where the elevation comes from, what was read of each tile, and which tiles do not exist."""
    remarks = [_read_remark(each) for each in windows]
    if absent:
        names = ", ".join(absent)
        remarks.append(
            Remark(
                f"Not on the server (open sea, or not released): {names}; left void",
                f"Máy chủ không có (biển hoặc chưa công bố): {names}; để trống",
            )
        )
    remarks.append(
        Remark(f"Source: {connection.base_url}; {CREDIT}", f"Nguồn: {connection.base_url}; {CREDIT}")
    )
    checksums = json.dumps({each.name: each.sha256 for each in windows})
    return replace(
        imported,
        terrain=replace(imported.terrain, source="Copernicus DEM GLO-30"),
        report=replace(imported.report, remarks=tuple(remarks)),
        tags=(("GEOCOVER_TERRAIN_CREDIT", CREDIT), ("GEOCOVER_TERRAIN_SHA256", checksums)),
    )


def _read_remark(window: _FetchedWindow) -> Remark:
    read, size = window.read_bytes / 1e6, window.size / 1e6
    return Remark(
        f"{window.name}: {read:.1f} of {size:.1f} MB, SHA-256 of the parts used {window.sha256}",
        f"{window.name}: dùng {number(read, 1)} trong {number(size, 1)} MB, SHA-256 {window.sha256}",
    )
