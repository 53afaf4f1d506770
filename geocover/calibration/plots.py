"""Pictures of a calibration. Needs matplotlib, which is imported with this module and nowhere else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

from geocover.io.atomic import atomic_path
from geocover.wording import number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes

    from geocover.calibration.result import Calibration

DOT, LINE, GREY = "#225ea8", "#b2182b", "#555555"
DPI = 120
FEW, MIDDLE = 1_000, 5_000
HISTOGRAM_STEP_DB = 2.0


def write_plots(result: Calibration, folder: Path) -> list[Path]:
    """Write four PNG files and give their paths; the same calibration gives the same bytes.

    ``measured-predicted.png``, ``residual-histogram.png``, ``residual-distance.png`` and
    ``residual-map.png``.
    """
    draw: dict[str, Callable[[Axes, Calibration], None]] = {
        "measured-predicted": _scatter,
        "residual-histogram": _histogram,
        "residual-distance": _distance,
        "residual-map": _map,
    }
    return [_write(folder / f"{name}.png", each, result) for name, each in draw.items()]


def _write(path: Path, draw: Callable[[Axes, Calibration], None], result: Calibration) -> Path:
    figure = Figure(figsize=(7.5, 6.0), dpi=DPI, layout="constrained")
    axes = figure.add_subplot()
    axes.grid(color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(_tick))
    draw(axes, result)
    note = f"{result.test.source} · {result.network.source} · {result.model.title}"
    if result.network.illustrative:
        note = f"DỮ LIỆU MINH HỌA / ILLUSTRATIVE · {note}"
    figure.supxlabel(note, fontsize=8, color=GREY)
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="png", metadata={"Software": None})
    return path


def _tick(value: float, _position: int | None) -> str:
    """Write a number with a decimal comma and without needless decimals."""
    decimals = next((n for n in range(4) if math.isclose(value, round(value, n), abs_tol=1e-9)), 4)
    return _minus(number(value, decimals))


def _minus(text: str) -> str:
    return text.replace("-", "\N{MINUS SIGN}")


def _shift(result: Calibration) -> str:
    return _minus(number(result.overall.bias_db, 1, sign="+"))


def _title(axes: Axes, vi: str, en: str, x: str, y: str) -> None:
    axes.set_title(vi, fontsize=12, fontweight="bold", pad=22)
    axes.text(0.5, 1.015, en, transform=axes.transAxes, ha="center", va="bottom", fontsize=9, color=GREY)
    axes.set_xlabel(x)
    axes.set_ylabel(y)


def _dot_size(bins: int) -> float:
    return 14.0 if bins < FEW else 6.0 if bins < MIDDLE else 2.0


def _scatter(axes: Axes, result: Calibration) -> None:
    predicted_dbm, measured_dbm = result.bins["predicted_dbm"], result.bins["rsrp_dbm"]
    axes.scatter(
        predicted_dbm, measured_dbm, s=_dot_size(len(result.bins)), color=DOT, alpha=0.5, linewidths=0
    )
    ends = np.array([predicted_dbm.min() - 5, predicted_dbm.max() + 5])
    axes.plot(ends, ends, color=GREY, linewidth=1, label="Bằng nhau / Equal")
    text = f"Bù / Offset {_shift(result)} dB"
    axes.plot(ends, ends + result.overall.bias_db, color=LINE, linewidth=1.5, linestyle="--", label=text)
    axes.set_xlim(ends[0], ends[1])
    axes.legend(loc="best")
    _title(
        axes,
        f"Mức thu đo và tính, tương quan {_minus(number(result.correlation, 2))}",
        "Measured and predicted level, correlation " + _minus(number(result.correlation, 2, language="en")),
        "Tính / Predicted RSRP (dBm)",
        "Đo / Measured RSRP (dBm)",
    )


def _histogram(axes: Axes, result: Calibration) -> None:
    residual_db = result.bins["residual_db"].to_numpy()
    low = math.floor(residual_db.min() / HISTOGRAM_STEP_DB) * HISTOGRAM_STEP_DB
    high = math.floor(residual_db.max() / HISTOGRAM_STEP_DB + 1) * HISTOGRAM_STEP_DB
    edges = np.arange(low, high + HISTOGRAM_STEP_DB / 2, HISTOGRAM_STEP_DB)
    axes.hist(residual_db, bins=edges.tolist(), color=DOT, alpha=0.6, edgecolor="white", label="Ô / Bins")
    mean_db, sd_db = result.overall.bias_db, result.overall.sd_db
    if sd_db > 0:
        at_db = np.linspace(min(low, mean_db - 3.5 * sd_db), max(high, mean_db + 3.5 * sd_db), 400)
        density = np.exp(-0.5 * ((at_db - mean_db) / sd_db) ** 2) / (sd_db * math.sqrt(2 * math.pi))
        normal = f"Chuẩn / Normal: {_shift(result)} ± {number(sd_db, 1)} dB"
        count = density * residual_db.size * HISTOGRAM_STEP_DB
        axes.plot(at_db, count, color=LINE, linewidth=1.8, label=normal)
    axes.set_ylim(top=axes.get_ylim()[1] * 1.15)
    axes.legend(loc="upper right")
    _title(
        axes,
        "Phân bố sai lệch",
        "Distribution of residuals",
        "Đo trừ tính / Measured minus predicted (dB)",
        "Số ô / Number of bins",
    )


def _distance(axes: Axes, result: Calibration) -> None:
    distance_m, residual_db = result.bins["distance_m"].to_numpy(), result.bins["residual_db"]
    axes.scatter(distance_m, residual_db, s=_dot_size(len(distance_m)), color=DOT, alpha=0.5, linewidths=0)
    axes.axhline(0, color=GREY, linewidth=1)
    at_m = np.geomspace(max(distance_m.min(), 1.0), distance_m.max(), 200)
    text = "Hiệu chỉnh / Fit"
    axes.plot(at_m, result.fit.correction_db(at_m), color=LINE, linewidth=1.8, linestyle="--", label=text)
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_tick))
    axes.legend(loc="upper right")
    _title(
        axes,
        "Sai lệch theo cự ly",
        "Residuals against distance",
        "Cự ly đến trạm / Distance to the mast (m)",
        "Đo trừ tính / Measured minus predicted (dB)",
    )


def _map(axes: Axes, result: Calibration) -> None:
    x_m, y_m, residual_db = (result.bins[name].to_numpy() for name in ("x_m", "y_m", "residual_db"))
    left_m, bottom_m = x_m.min(), y_m.min()
    centred_db = residual_db - result.overall.bias_db
    limit_db = max(math.ceil(float(np.quantile(np.abs(centred_db), 0.98))), 1)
    dots = axes.scatter(
        (x_m - left_m) / 1000,
        (y_m - bottom_m) / 1000,
        c=centred_db,
        s=2 * _dot_size(len(x_m)),
        cmap="RdBu",
        vmin=-limit_db,
        vmax=limit_db,
        edgecolors="#888888",
        linewidths=0.2,
    )
    _masts(axes, result, (left_m, bottom_m))
    bar = axes.figure.colorbar(dots, ax=axes, extend="both", shrink=0.85, format=FuncFormatter(_tick))
    bar.set_label(f"Sai lệch sau bù {_shift(result)} dB / Residual after the offset (dB)")
    _title(
        axes,
        "Bản đồ sai lệch: đỏ là yếu hơn mức tính",
        "Map of residuals: red is weaker than predicted",
        "Đông / East (km)",
        "Bắc / North (km)",
    )


def _masts(axes: Axes, result: Calibration, origin_m: tuple[float, float]) -> None:
    """Masts within a margin around what is drawn; the view ends there."""
    west, east, south, north = axes.axis()
    margin_km = 0.15 * max(east - west, north - south)
    x_m, y_m = result.network.xy_m(result.crs)
    east_km, north_km = (x_m - origin_m[0]) / 1000, (y_m - origin_m[1]) / 1000
    seen = (np.abs(east_km - (west + east) / 2) < (east - west) / 2 + 0.9 * margin_km) & (
        np.abs(north_km - (south + north) / 2) < (north - south) / 2 + 0.9 * margin_km
    )
    axes.scatter(east_km[seen], north_km[seen], marker="^", s=45, color="black", label="Trạm / Mast")
    axes.set_xlim(west - margin_km, east + margin_km)
    axes.set_ylim(south - margin_km, north + margin_km)
    axes.set_aspect("equal")
    axes.legend(loc="best")
