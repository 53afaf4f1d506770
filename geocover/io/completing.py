"""What a site list leaves out: filled from ``network_defaults.toml`` by operator and technology, flagged."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
import pandas as pd

from geocover.errors import ModelError, NetworkError
from geocover.link_budget import lte_blocks, nr_blocks, rsrp_eirp_dbm
from geocover.network import COLUMNS, LIMITS, PARAMETERS, unknown_antenna

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from geocover.antennas import Antennas

DEFAULTS = Path(__file__).with_name("network_defaults.toml")
BUDGET = ("power_dbm", "resource_blocks", "antenna_gain_dbi", "feeder_loss_db")
# An unknown azimuth is an omnidirectional antenna; EIRP follows from the budget.
DEFAULTED = (
    *(name for name in PARAMETERS if name not in ("azimuth_deg", "eirp_dbm")),
    "mechanical_tilt_deg",
)
_BLOCKS: dict[str, Callable[[float], int]] = {"4G": lte_blocks, "5G": nr_blocks}
NUMBERS = (*LIMITS, "azimuth_deg", *BUDGET, "bandwidth_mhz", "pci")
# May stay unknown.
OPTIONAL = {"azimuth_deg": (0.0, 360.0), "pci": (0.0, 1007.0)}  # TS 38.211 section 7.4.2.1
TEXTS = ("position_id", "station_id", "cell_id", "antenna", "environment")
ASSUMED = "assumed"
POSITION_DECIMALS = 5  # about a metre: antennas closer than that stand on one mast
SHOWN = 5

Defaults = dict[str, dict[str, dict[str, Any]]]


class Problems:
    """Collects what is wrong, row by row as the user's file counts rows, to say it all at once."""

    def __init__(self, source: str, first_row: int) -> None:
        self.source = source
        self.first_row = first_row
        self.found: list[tuple[str, str]] = []

    def add(self, row: SupportsIndex, column: str, value: object, remedy: tuple[str, str]) -> None:
        """Add one: row counted from 0, what stands there, and the remedy in English and in Vietnamese."""
        shown = "" if value is None or value is pd.NA or value != value else value  # noqa: PLR0124
        at = int(row) + self.first_row
        self.found.append(
            (f"row {at}, {column} = {shown!r}: {remedy[0]}", f"dòng {at}, {column} = {shown!r}: {remedy[1]}")
        )

    def refuse(self) -> None:
        """Raise a NetworkError that names what was found, if anything was."""
        if not self.found:
            return
        more = len(self.found) - SHOWN
        english = "; ".join(text for text, _ in self.found[:SHOWN]) + (
            f"; and {more} more" if more > 0 else ""
        )
        viet = "; ".join(text for _, text in self.found[:SHOWN]) + (
            f"; và {more} lỗi khác" if more > 0 else ""
        )
        raise NetworkError(f"{self.source}: {english}", f"{self.source}: {viet}")


def complete_cells(
    cells: pd.DataFrame,
    source: str,
    *,
    defaults: str | Path | None = None,
    antennas: Antennas | None = None,
) -> pd.DataFrame:
    """Complete cells of a list to the columns of a `geocover.network.Network`.

    Parameters
    ----------
    cells
        One row a cell, RangeIndex: ``operator``, ``technology``, ``lon``, ``lat``, and any of what
        `geocover.io.network.read_network` reads, as numbers (NaN where unknown), ``on_air`` as dates and
        texts (empty where unknown). Columns that are not there count as unknown.
    source
        Name of the list, for errors.
    defaults
        TOML file of assumed values instead of the shipped one.
    antennas
        Patterns that the cells may name; without them names are kept and not looked up.

    Raises
    ------
    NetworkError
        A value cannot be, named with its cell counted from 1; or the defaults leave one out.
    """
    table = cells.reset_index(drop=True)
    table = table.assign(**{name: np.nan for name in NUMBERS if name not in table})
    table = table.assign(**{name: "" for name in (*TEXTS, ASSUMED) if name not in table})
    if "on_air" not in table:
        table["on_air"] = pd.NaT
    return complete(table, Problems(source, first_row=1), defaults, antennas)


def complete(
    cells: pd.DataFrame, problems: Problems, defaults: str | Path | None, antennas: Antennas | None
) -> pd.DataFrame:
    """Do what `complete_cells` says to cells with all columns, and tell what is wrong along with `problems`.

    Raises
    ------
    NetworkError
        As `complete_cells`, and for problems that were found before.
    """
    cells["resource_blocks"] = cells["resource_blocks"].fillna(_blocks(cells, problems))
    if antennas is not None:
        _take_from_antennas(cells, antennas, problems)
    problems.refuse()
    table = _assume(cells, load_defaults(defaults))
    _check_limits(table, problems)
    problems.refuse()
    return _identify(table)


def _take_from_antennas(cells: pd.DataFrame, antennas: Antennas, problems: Problems) -> None:
    """Fill what the list leaves out and the named antenna's file states; an unknown name is a problem."""
    for name in filter(None, cells["antenna"].unique()):
        rows = np.flatnonzero(cells["antenna"] == name)
        if name not in antennas:
            for row in rows:
                problems.add(row, "antenna", name, unknown_antenna(antennas))
            continue
        antenna = antennas[name]
        stated = {
            "antenna_gain_dbi": antenna.gain_dbi,
            "downtilt_deg": antenna.electrical_tilt_deg,
            "beamwidth_h_deg": antenna.beamwidth_h_deg,
            "beamwidth_v_deg": antenna.beamwidth_v_deg,
        }
        cells.loc[rows, list(stated)] = cells.loc[rows, list(stated)].fillna(stated)


def _blocks(cells: pd.DataFrame, problems: Problems) -> pd.Series:
    """Resource blocks of the stated channel bandwidth: LTE for 4G, NR at 30 kHz for 5G."""
    blocks: list[float] = []
    for row, (technology, width_mhz) in enumerate(
        zip(cells["technology"], cells["bandwidth_mhz"], strict=True)
    ):
        found = math.nan
        if technology in _BLOCKS and math.isfinite(width_mhz):
            try:
                found = _BLOCKS[technology](width_mhz)
            except ModelError as error:
                problems.add(row, "bandwidth_mhz", width_mhz, (str(error), error.vi))
        blocks.append(found)
    return pd.Series(blocks, index=cells.index)


def load_defaults(path: str | Path | None) -> Defaults:
    """Assumed values of a TOML file, or those that ship where none is named.

    Raises
    ------
    NetworkError
        The file cannot be read.
    """
    chosen = Path(path) if path is not None else DEFAULTS
    try:
        loaded: Defaults = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise NetworkError(f"{chosen}: cannot be read as TOML ({error})") from error
    return loaded


def default_of(
    defaults: Mapping[str, Mapping[str, Mapping[str, Any]]], operator: str, technology: str
) -> dict[str, Any]:
    """Assumed values of an operator's technology: its own before those of any operator.

    Raises
    ------
    NetworkError
        If the defaults leave a value out.
    """
    found = {**defaults.get("any", {}).get(technology, {}), **defaults.get(operator, {}).get(technology, {})}
    missing = [name for name in (*DEFAULTED, *BUDGET) if name not in found]
    if missing:
        raise NetworkError(
            f"defaults: {operator} {technology} lacks {', '.join(missing)}",
            f"giá trị mặc định: {operator} {technology} thiếu {', '.join(missing)}",
        )
    return found


def _assume(cells: pd.DataFrame, defaults: Defaults) -> pd.DataFrame:
    """Fill what is empty and flag it; EIRP is computed where it is not given."""
    table = cells.copy()
    for name in PARAMETERS:
        table[f"{name}_assumed"] = table[name].eq("") if name == "environment" else table[name].isna()
    table["eirp_dbm_assumed"] &= table[list(BUDGET)].isna().any(axis=1)
    for name in PARAMETERS:
        table[f"{name}_assumed"] |= table[ASSUMED].str.split().map(lambda named, name=name: name in named)
    pairs = table[["operator", "technology"]].drop_duplicates().sort_values(["operator", "technology"])
    for operator, technology in pairs.itertuples(index=False, name=None):
        of_pair = (table["operator"] == operator) & (table["technology"] == technology)
        _fill(table, table.index[of_pair], default_of(defaults, operator, technology))
    return table


def _fill(table: pd.DataFrame, rows: pd.Index, values: dict[str, Any]) -> None:
    for name in (*DEFAULTED, *BUDGET):
        column = table.loc[rows, name]
        empty = column.eq("") if name == "environment" else column.isna()
        table.loc[rows, name] = column.where(~empty, values[name])
    part = table.loc[rows]
    budget = [_eirp_dbm(*row) for row in part[list(BUDGET)].itertuples(index=False, name=None)]
    table.loc[rows, "eirp_dbm"] = part["eirp_dbm"].where(part["eirp_dbm"].notna(), budget)


def _eirp_dbm(power_dbm: float, resource_blocks: float, gain_dbi: float, feeder_db: float) -> float:
    if not resource_blocks > 0:
        return power_dbm + gain_dbi - feeder_db
    return rsrp_eirp_dbm(power_dbm, round(resource_blocks), gain_dbi, feeder_db)


def _check_limits(table: pd.DataFrame, problems: Problems) -> None:
    for name, (low, high) in {**LIMITS, **OPTIONAL}.items():
        values = table[name].to_numpy(dtype=float)
        allowed = f"{low:g} … {high:g}"
        remedy = (f"must be {allowed}", f"phải trong khoảng {allowed}")
        unknown = np.isnan(values) & (name in OPTIONAL)
        broken = (name == "pci") & (values % 1 != 0)
        for row in np.flatnonzero(~unknown & (broken | ~((values >= low) & (values <= high)))):
            problems.add(row, name, float(values[row]), remedy)


def _identify(table: pd.DataFrame) -> pd.DataFrame:
    """Give positions, stations and cells that the list does not name a name of their own."""
    at = [
        f"{lat:.{POSITION_DECIMALS}f}_{lon:.{POSITION_DECIMALS}f}"
        for lon, lat in zip(table["lon"], table["lat"], strict=True)
    ]
    position = table["position_id"].where(table["position_id"] != "", pd.Series(at, index=table.index))
    own = position + "/" + table["operator"] + "/" + table["technology"]
    station = table["station_id"].where(table["station_id"] != "", own)
    number = (table.groupby(station).cumcount() + 1).astype(str)
    cell = table["cell_id"].where(table["cell_id"] != "", station + "/" + number)
    flags = [f"{name}_assumed" for name in PARAMETERS]
    named = table.assign(position_id=position, station_id=station, cell_id=cell)
    told = ["pci"] if named["pci"].notna().any() else []
    return named[[*COLUMNS, *flags, *told]].astype(dict.fromkeys(told, "Int64")).reset_index(drop=True)
