"""calibrate(): a drive test beside the prediction of a model."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from geocover.calibration.bins import predict_bins, thin
from geocover.calibration.fit import block_labels, fold_of_blocks, out_of_fold_db
from geocover.calibration.result import Calibration, Settings
from geocover.crs import local_crs
from geocover.errors import InputError, NetworkError

if TYPE_CHECKING:
    import pandas as pd

    from geocover.io.drive_tests import DriveTest
    from geocover.network import Network
    from geocover.profiles import Profile
    from geocover.propagation.base import Model
    from geocover.terrain import Terrain

FEWEST_BINS = 10


def calibrate(
    test: DriveTest,
    network: Network,
    model: Model,
    profile: Profile,
    *,
    terrain: Terrain | None = None,
    operator: str | None = None,
    settings: Settings | None = None,
) -> Calibration:
    """Compare a drive test with the prediction.

    Parameters
    ----------
    test
        The measurements.
    network
        The cells; those of the profile's technology count.
    model
        The propagation model.
    profile
        The definition of "covered".
    terrain
        Elevation that holds the cells and the positions; its CRS is the frame. Without it the frame is the
        UTM zone of the measurements.
    operator
        Whose cells were measured; needed where the list has several operators.
    settings
        Bins, blocks, folds; the usual ones where none are given.

    Raises
    ------
    InputError
        No measurement of the technology, or too few of them within reach of the cells.
    NetworkError
        No cell of the technology or operator, or several operators and none is named.
    ModelError, TerrainError
        The model cannot be used so.
    """
    settings = settings or Settings()
    used = test.of_technology(profile.technology)
    cells = cells_of(network, profile.technology, operator)
    crs = terrain.grid.crs if terrain else _crs_of(used)
    found = predict_bins(thin(used, cells, crs, settings.bin_m), cells, model, terrain, crs)
    lost = found["predicted_dbm"].isna()
    return Calibration(
        test=used,
        network=cells,
        model=model,
        profile=profile,
        settings=settings,
        crs=crs,
        terrain_source=terrain.source if terrain else None,
        bins=_with_blocks(used, found[~lost].reset_index(drop=True), settings),
        lost_bins=int(lost.sum()),
        lost_points=int(found.loc[lost, "points"].sum()),
    )


def cells_of(network: Network, technology: str, operator: str | None) -> Network:
    """Cells of one technology and one operator.

    Raises
    ------
    NetworkError
        If there is none, or the list has several operators and none is named.
    """
    chosen = network.select(technologies=[technology])
    names = chosen.operators()
    if operator is None and len(names) > 1:
        raise NetworkError(
            f"{network.source}: several operators ({', '.join(names)}); say whose network was measured "
            "with --operator",
            f"{network.source}: có nhiều nhà mạng ({', '.join(names)}); hãy chọn mạng đã đo bằng --operator",
        )
    name = operator if operator is not None else names[0]
    if name not in names:
        raise NetworkError(
            f"{network.source}: no {technology} cell of operator {name!r}; there are {', '.join(names)}",
            f"{network.source}: không có cell {technology} của nhà mạng {name!r}; có {', '.join(names)}",
        )
    return replace(chosen, cells=chosen.cells[chosen.cells["operator"] == name].reset_index(drop=True))


def _crs_of(test: DriveTest) -> str:
    return local_crs(float(test.points["lon"].median()), float(test.points["lat"].median()))


def _with_blocks(test: DriveTest, bins: pd.DataFrame, settings: Settings) -> pd.DataFrame:
    """Residuals, blocks and folds of the bins that have a prediction."""
    if len(bins) < FEWEST_BINS:
        raise InputError(
            f"{test.source}: {len(bins)} bins within reach of the cells, at least {FEWEST_BINS} are needed; "
            "check positions and site list, measure more, or give a smaller --bin",
            f"{test.source}: chỉ có {len(bins)} ô trong tầm phủ của các cell, cần ít nhất {FEWEST_BINS}; "
            "hãy kiểm tra vị trí và danh sách trạm, đo thêm, hoặc giảm --bin",
        )
    block = block_labels(bins["x_m"].to_numpy(), bins["y_m"].to_numpy(), settings.block_m)
    blocks = int(block.max()) + 1
    if blocks < 2:
        raise InputError(
            f"{test.source}: all bins lie in one block of {settings.block_m:g} m; give a smaller --block",
            f"{test.source}: mọi ô nằm trong một khối {settings.block_m:g} m; hãy giảm --block",
        )
    with_folds = bins.assign(
        residual_db=bins["rsrp_dbm"] - bins["predicted_dbm"],
        block=block,
        fold=fold_of_blocks(block, min(settings.folds, blocks)),
    )
    correction_db = out_of_fold_db(with_folds, slope=settings.slope)
    return with_folds.assign(out_of_fold_db=with_folds["residual_db"] - correction_db)
