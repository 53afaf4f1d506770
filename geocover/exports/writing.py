"""Writing an export: all its files, the STAC item over them, their checksums and their list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from geocover.coverage import ANY
from geocover.exports.catalogue import INDEX, ITEM, SUMS, ExportFile, listing_json
from geocover.exports.layers import TOTALS, layers_of, totals_of
from geocover.exports.licences import LICENCE_FILE, licence_text
from geocover.exports.rasters import in_whole_db, levels_of, write_level
from geocover.exports.spreadsheet import write_workbook
from geocover.exports.stac import item_json
from geocover.exports.vectors import write_fgb, write_gpkg, write_parquet, write_table
from geocover.report.audience import seen_by
from geocover.report.view import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import geopandas as gpd

    from geocover.report.audience import Audience
    from geocover.store import Snapshot

STRONGEST = ("nhà mạng mạnh nhất", "the strongest operator")
HOLDS = {
    "communes": ("xã, phường, ranh giới đầy đủ", "communes with full boundaries"),
    "coverage": (
        "tỷ lệ phủ sóng theo xã, nhà mạng, chuẩn (ranh giới giản lược 150 m)",
        "shares by commune, operator and definition (boundaries simplified to 150 m)",
    ),
    "gaps": ("điểm lõm sóng", "gaps"),
    "places": (
        "trung tâm xã, khu công nghiệp: có sóng hay chưa",
        "places and whether any operator reaches them",
    ),
    "reach": ("nhà mạng nào phủ tới từng địa điểm", "who reaches which place"),
    "stations": ("trạm phát sóng đến ngày số liệu", "stations on air at the reporting date"),
    "totals": ("tỷ lệ phủ sóng toàn tỉnh", "shares of the province"),
}
TAGGED = ("snapshot", "digest", "as_of", "illustrative", "schematic", "notice_vi", "notice_en")


def write_export(snapshot: Snapshot, audience: Audience, folder: Path) -> None:
    """Write the files that an audience may have of a snapshot into an empty folder, equal ones alike.

    Parameters
    ----------
    snapshot
        The whole snapshot.
    audience
        Who may have what; nothing of another operator gets into any file.
    folder
        It should be under a temporary name (`geocover.io.atomic.atomic_directory`).
    """
    seen = seen_by(snapshot, audience)
    layers = layers_of(seen, stations=audience.stations != frozenset())
    files = [one.measured(folder) for one in _data(seen, audience, layers, folder)]
    (folder / ITEM).write_bytes(item_json(seen, files))
    (folder / LICENCE_FILE).write_text(licence_text(seen), encoding="utf-8")
    files.append(ExportFile(ITEM, "mục STAC", "STAC item", role="metadata").measured(folder))
    files.append(ExportFile(LICENCE_FILE, "giấy phép", "licence", role="metadata").measured(folder))
    (folder / SUMS).write_text("".join(f"{one.sha256}  {one.name}\n" for one in files), encoding="utf-8")
    files.append(ExportFile(SUMS, "mã kiểm tra", "checksums", role="metadata").measured(folder))
    (folder / INDEX).write_bytes(listing_json(seen, audience, files))


def _data(
    seen: Snapshot, audience: Audience, layers: dict[str, gpd.GeoDataFrame], folder: Path
) -> Iterator[ExportFile]:
    """Write the data, and tell of each file once it is there."""
    about, totals = metadata(seen), totals_of(seen)
    rows = {name: len(table) for name, table in layers.items()}
    write_gpkg(layers, folder / "geocover.gpkg", about)
    yield ExportFile("geocover.gpkg", "mọi lớp trong một tệp, cho QGIS", "all layers in one file", rows)
    write_workbook({TOTALS: totals, **layers}, folder / "geocover.xlsx", seen, audience)
    held = {TOTALS: len(totals), **rows}
    yield ExportFile("geocover.xlsx", "mọi bảng trong một tệp Excel", "all tables as a workbook", held)
    for name, table in layers.items():
        yield from _layer(name, table, folder, about)
    write_table(totals, folder / "totals.csv")
    yield ExportFile("totals.csv", *HOLDS[TOTALS], {TOTALS: len(totals)})
    yield from _levels(seen, audience, folder)


def _layer(
    name: str, table: gpd.GeoDataFrame, folder: Path, about: dict[str, object]
) -> Iterator[ExportFile]:
    write_fgb(name, table, folder / f"{name}.fgb")
    write_parquet(table, folder / f"{name}.parquet", about)
    write_table(table, folder / f"{name}.csv")
    for suffix in ("fgb", "parquet", "csv"):
        yield ExportFile(f"{name}.{suffix}", *HOLDS[name], {name: len(table)})


def _levels(seen: Snapshot, audience: Audience, folder: Path) -> Iterator[ExportFile]:
    told = {key: value for key, value in metadata(seen).items() if key in TAGGED}
    for name, operator, technology in levels_of(seen):
        whole_db = in_whole_db(operator, audience)
        frame = write_level(seen, operator, technology, folder / name, told, whole_db=whole_db)
        whose_vi, whose = STRONGEST if operator == ANY else (f"nhà mạng {operator}", f"operator {operator}")
        vi = f"mức thu {technology}, {whose_vi} (đơn vị 0,01 dBm)"
        en = f"level of {technology}, {whose} (in 0.01 dBm)"
        if whole_db:
            vi, en = f"{vi}, làm tròn đến 1 dB", f"{en}, rounded to 1 dB"
        yield ExportFile(name, vi, en, raster=frame)
