"""The network: a validated table of cells; position (vị trí) -> station (trạm) -> cell.

BTS are counted at three levels that are never mixed: a position is a place with at least one antenna; a
station is one operator's one technology at a position (a "BTS" in provincial reports); a cell is one sector
on one carrier of a station.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from geocover.antennas import Antennas
from geocover.crs import WGS84, transformer
from geocover.errors import NetworkError
from geocover.names import fold

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from numpy.typing import NDArray


Technology = Literal["2G", "3G", "4G", "5G"]
TECHNOLOGIES: tuple[Technology, ...] = ("2G", "3G", "4G", "5G")

# Views over all operators; no operator may be called so.
RESERVED = ("any", "all")

# Physical parameters that a list may leave out; each carries a flag column "<name>_assumed".
PARAMETERS = (
    "freq_mhz",
    "eirp_dbm",
    "height_m",
    "azimuth_deg",
    "downtilt_deg",
    "beamwidth_h_deg",
    "beamwidth_v_deg",
    "environment",
)
COLUMNS = (
    "position_id",
    "station_id",
    "cell_id",
    "operator",
    "technology",
    "on_air",
    "lon",
    "lat",
    *PARAMETERS,
    "mechanical_tilt_deg",
    "antenna",
)
LIMITS: dict[str, tuple[float, float]] = {
    "lon": (-180.0, 180.0),
    "lat": (-90.0, 90.0),
    "freq_mhz": (100.0, 100_000.0),
    "eirp_dbm": (-30.0, 80.0),
    "height_m": (1.0, 500.0),
    "downtilt_deg": (-30.0, 45.0),
    "mechanical_tilt_deg": (-30.0, 45.0),
    "beamwidth_h_deg": (1.0, 360.0),
    "beamwidth_v_deg": (1.0, 180.0),
}


@dataclass(frozen=True, eq=False)
class Network:
    """Cells of all operators.

    Attributes
    ----------
    cells
        One row a cell, RangeIndex, the columns of `COLUMNS` and a boolean ``<name>_assumed`` for each of
        `PARAMETERS`. ``lon``, ``lat`` in degrees (WGS 84); ``eirp_dbm`` per resource element; ``azimuth_deg``
        NaN for an omnidirectional antenna; ``on_air`` a date or NaT where the list is silent.
        ``downtilt_deg`` is the electrical tilt, a mere subtraction of angles; ``mechanical_tilt_deg`` turns
        the panel as a body. ``antenna`` names a measured pattern (`geocover.antennas`) and is empty for
        3GPP's pattern by the two beamwidths. The last two are never flagged as assumed.
    source
        Name of the list.
    illustrative
        Whether the sites are made up.
    antennas
        Measured patterns that cells may name.

    Raises
    ------
    NetworkError
        On construction: empty, columns missing, or a value that cannot be (named with its row).
    """

    cells: pd.DataFrame
    source: str
    illustrative: bool = False
    antennas: Antennas = field(default_factory=Antennas)

    def __post_init__(self) -> None:
        _check_columns(self.cells, self.source)
        _check_values(self.cells, self.source)
        _check_operators(self.cells, self.source)

    def __len__(self) -> int:
        return len(self.cells)

    @cached_property
    def layers(self) -> tuple[tuple[str, str], ...]:
        """Pairs of operator and technology that have cells, sorted."""
        pairs = self.cells[["operator", "technology"]].drop_duplicates()
        return tuple(sorted(map(tuple, pairs.to_numpy().tolist())))

    def operators(self, technology: str | None = None) -> tuple[str, ...]:
        """Operators with cells (of a technology), sorted."""
        return tuple(sorted({op for op, tech in self.layers if technology in (None, tech)}))

    def select(self, *, technologies: Sequence[str] | None = None, as_of: dt.date | None = None) -> Network:
        """Cells of given technologies that were on air at the end of a day; a cell without a date counts."""
        keep = pd.Series(data=True, index=self.cells.index)
        if technologies is not None:
            keep &= self.cells["technology"].isin(list(technologies))
        if as_of is not None:
            keep &= self.cells["on_air"].isna() | (self.cells["on_air"] <= pd.Timestamp(as_of))
        if not keep.any():
            raise NetworkError(
                f"{self.source}: no cell of {technologies} on air at {as_of}; check dates and technologies",
                f"{self.source}: không có cell {technologies} nào phát sóng đến {as_of}; "
                "hãy kiểm tra ngày và công nghệ",
            )
        return replace(self, cells=self.cells[keep].reset_index(drop=True))

    def with_environment(self, environment: Sequence[str]) -> Network:
        """Return the network with the surroundings of the cells replaced where they were assumed."""
        cells = self.cells.copy()
        assumed = cells["environment_assumed"].to_numpy(dtype=bool)
        cells["environment"] = np.where(assumed, np.asarray(environment, dtype=object), cells["environment"])
        return replace(self, cells=cells)

    def check_antennas(self, antennas: Antennas) -> None:
        """Refuse a cell whose antenna is not among those given.

        Raises
        ------
        NetworkError
            Naming the first such cell, its antenna and the antennas that are known.
        """
        named = self.cells["antenna"]
        unknown = [name for name in named.unique() if name != "" and name not in antennas]
        absent = np.flatnonzero(named.isin(unknown).to_numpy()) if unknown else np.zeros(0, np.int64)
        if absent.size:
            row = int(absent[0])
            english, viet = unknown_antenna(antennas)
            raise NetworkError(
                f"{self.source}: cell {row + 1}, antenna = {named.iloc[row]!r}: {english}",
                f"{self.source}: cell thứ {row + 1}, antenna = {named.iloc[row]!r}: {viet}",
            )

    def xy_m(self, crs: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Positions of the cells in a projected CRS, two arrays of shape (cells,), metres."""
        x_m, y_m = transformer(WGS84, crs).transform(
            self.cells["lon"].to_numpy(), self.cells["lat"].to_numpy()
        )
        return np.asarray(x_m), np.asarray(y_m)

    def stations(self) -> pd.DataFrame:
        """One row a station: position, operator, technology, coordinates, date, number of cells."""
        groups = self.cells.groupby("station_id", sort=True)
        table = groups[["position_id", "operator", "technology", "lon", "lat", "on_air"]].first()
        return table.assign(cells=groups.size()).reset_index()

    def counts(self) -> dict[str, int]:
        """Totals at the three levels: positions, stations, cells."""
        return {
            "positions": int(self.cells["position_id"].nunique()),
            "stations": int(self.cells["station_id"].nunique()),
            "cells": len(self.cells),
        }

    def assumed_share(self, operator: str | None = None, technology: str | None = None) -> float:
        """Share of cells in which at least one physical parameter was assumed; NaN without cells."""
        chosen = self.cells
        if operator is not None:
            chosen = chosen[chosen["operator"] == operator]
        if technology is not None:
            chosen = chosen[chosen["technology"] == technology]
        flags = chosen[[f"{name}_assumed" for name in PARAMETERS]].any(axis=1)
        return float(flags.mean()) if len(flags) else float("nan")


def unknown_antenna(antennas: Antennas) -> tuple[str, str]:
    """What to do about an antenna's name without a pattern, in English and in Vietnamese."""
    return (
        f"no such antenna; add its file or leave it empty; known: {antennas.known()}",
        f"không có ăng-ten này; hãy thêm tệp hoặc để trống; các ăng-ten đã có: {antennas.known()}",
    )


def _check_columns(cells: pd.DataFrame, source: str) -> None:
    wanted = [*COLUMNS, *(f"{name}_assumed" for name in PARAMETERS)]
    missing = [name for name in wanted if name not in cells.columns]
    if missing:
        raise NetworkError(
            f"{source}: columns missing: {', '.join(missing)}", f"{source}: thiếu cột: {', '.join(missing)}"
        )
    if cells.empty:
        raise NetworkError(
            f"{source}: the list has no cell; give at least one row below the header",
            f"{source}: danh sách trống; cần ít nhất một dòng dưới tiêu đề",
        )


def _check_values(cells: pd.DataFrame, source: str) -> None:
    for name, (low, high) in LIMITS.items():
        values = cells[name].to_numpy(dtype=float)
        wrong = np.flatnonzero(~((values >= low) & (values <= high)))
        if wrong.size:
            _refuse(source, int(wrong[0]), name, values[wrong[0]], f"{low:g} … {high:g}")
    azimuth = cells["azimuth_deg"].to_numpy(dtype=float)
    wrong = np.flatnonzero(~(np.isnan(azimuth) | ((azimuth >= 0) & (azimuth <= 360))))
    if wrong.size:
        _refuse(source, int(wrong[0]), "azimuth_deg", azimuth[wrong[0]], "0 … 360")
    for name, allowed in (("technology", TECHNOLOGIES), ("environment", ("urban", "suburban", "open"))):
        wrong = np.flatnonzero(~cells[name].isin(allowed).to_numpy())
        if wrong.size:
            _refuse(source, int(wrong[0]), name, cells[name].iloc[wrong[0]], ", ".join(allowed))
    wrong = np.flatnonzero([not isinstance(name, str) for name in cells["antenna"]])
    if wrong.size:
        _refuse(
            source, int(wrong[0]), "antenna", cells["antenna"].iloc[wrong[0]], "a name or empty / tên, trống"
        )
    wrong = np.flatnonzero(cells["operator"].isin(RESERVED).to_numpy())
    if wrong.size:
        _refuse(source, int(wrong[0]), "operator", cells["operator"].iloc[wrong[0]], "a name / tên nhà mạng")
    repeated = np.flatnonzero(cells["cell_id"].duplicated().to_numpy())
    if repeated.size:
        _refuse(
            source, int(repeated[0]), "cell_id", cells["cell_id"].iloc[repeated[0]], "unique / không trùng"
        )


def _check_operators(cells: pd.DataFrame, source: str) -> None:
    """Refuse two spellings of one operator: they would be computed as rivals."""
    seen: dict[str, str] = {}
    for name in sorted(cells["operator"].unique()):
        first = seen.setdefault(fold(name) or name, name)
        if first != name:
            raise NetworkError(
                f"{source}: operators {first!r} and {name!r} differ in case or marks alone; use one spelling",
                f"{source}: nhà mạng {first!r} và {name!r} chỉ khác chữ hoa hoặc dấu; hãy dùng một cách viết",
            )


def _refuse(source: str, row: int, column: str, value: object, allowed: str) -> None:
    raise NetworkError(
        f"{source}: cell {row + 1}, {column} = {value!r}: must be {allowed}",
        f"{source}: cell thứ {row + 1}, {column} = {value!r}: phải là {allowed}",
    )
