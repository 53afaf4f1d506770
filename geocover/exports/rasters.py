"""Levels as Cloud-Optimized GeoTIFF that say of which snapshot they are and whether it is made up."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import rasterio
import rasterio.shutil

from geocover.coverage import ANY
from geocover.store.snapshot import layer_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from numpy.typing import NDArray

    from geocover.report.audience import Audience
    from geocover.store import Snapshot

STORED_IN_A_DB = 100  # int16 in hundredths


def levels_of(seen: Snapshot) -> Iterator[tuple[str, str, str]]:
    """File name, operator and technology of the levels that a snapshot shows: "any" first, then each seen."""
    for technology in sorted(seen.operators):
        for operator in (ANY, *seen.operators[technology]):
            yield PurePosixPath(layer_file("level", operator, technology)).name, operator, technology


def in_whole_db(operator: str, audience: Audience) -> bool:
    """Whether an audience is told a level in whole dB alone (`Audience.told_level`)."""
    return operator == ANY and audience.coverage is not None


def write_level(
    seen: Snapshot, operator: str, technology: str, path: Path, about: Mapping[str, Any], *, whole_db: bool
) -> dict[str, Any]:
    """Copy the level of an operator with tags, and give its frame as a STAC item tells it.

    int16 in hundredths of a dBm by the band's scale, void -32768, as in the snapshot or rounded to whole dB.
    """
    tags = {f"GEOCOVER_{key.upper()}": str(value) for key, value in about.items()}
    tags |= {"GEOCOVER_OPERATOR": operator, "GEOCOVER_TECHNOLOGY": technology}
    with rasterio.open(seen.raster_path("level", operator, technology)) as stored:
        profile = {**stored.profile, "driver": "GTiff"}
        for packing in ("compress", "interleave", "layout", "predictor", "blockxsize", "blockysize"):
            profile.pop(packing, None)
        with rasterio.MemoryFile() as memory:
            with memory.open(**{**profile, "tiled": False}) as plain:
                plain.write(_told(stored, whole_db=whole_db), 1)
                plain.scales, plain.units = stored.scales, stored.units
                plain.update_tags(**tags)
            with memory.open() as plain:
                rasterio.shutil.copy(
                    plain, path, driver="COG", compress="DEFLATE", predictor="STANDARD", blocksize=256,
                    overview_resampling="NEAREST", num_threads=1,
                )  # fmt: skip
        return _frame(stored)


def _told(stored: rasterio.DatasetReader, *, whole_db: bool) -> NDArray[np.int16]:
    level: NDArray[np.int16] = stored.read(1)
    if whole_db:
        rounded = (np.rint(level / STORED_IN_A_DB) * STORED_IN_A_DB).astype(level.dtype)
        level = np.where(level == stored.nodata, level, rounded)
    return level


def _frame(stored: rasterio.DatasetReader) -> dict[str, Any]:
    return {
        "proj:code": f"EPSG:{stored.crs.to_epsg()}",
        "proj:shape": [stored.height, stored.width],
        "proj:transform": [float(one) for one in stored.transform[:6]],
        "bands": [
            {"name": "level", "data_type": "int16", "nodata": int(stored.nodata), "description": "dBm x 100"}
        ],
    }
