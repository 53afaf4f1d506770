"""Site lists in canonical columns, CSV or XLSX, to a Network and back.

What a list leaves out is filled from ``network_defaults.toml`` by operator and technology, and flagged as
assumed cell by cell. Every row is read or refused: an error names all the rows that cannot be used.
"""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsIndex

import numpy as np
import pandas as pd

from geocover.antennas import Antennas
from geocover.crs import WGS84, known_crs, transformer
from geocover.errors import ModelError, NetworkError
from geocover.io.atomic import atomic_path
from geocover.network import COLUMNS, LIMITS, PARAMETERS, TECHNOLOGIES, Network, unknown_antenna
from geocover.propagation.link_budget import lte_blocks, nr_blocks, rsrp_eirp_dbm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


DEFAULTS = Path(__file__).with_name("network_defaults.toml")
BUDGET = ("power_dbm", "resource_blocks", "antenna_gain_dbi", "feeder_loss_db")
# An unknown azimuth is an omnidirectional antenna; EIRP follows from the budget.
DEFAULTED = (
    *(name for name in PARAMETERS if name not in ("azimuth_deg", "eirp_dbm")),
    "mechanical_tilt_deg",
)
_BLOCKS: dict[str, Callable[[float], int]] = {"4G": lte_blocks, "5G": nr_blocks}
NUMBERS = (*LIMITS, "azimuth_deg", "x_m", "y_m", *BUDGET, "bandwidth_mhz", "pci")
# May stay unknown.
OPTIONAL = {"azimuth_deg": (0.0, 360.0), "pci": (0.0, 1007.0)}  # TS 38.211 section 7.4.2.1
ENVIRONMENTS = ("urban", "suburban", "open")
ASSUMED = "assumed"
POSITION_DECIMALS = 5  # about a metre: antennas closer than that stand on one mast
SHOWN = 5

Defaults = dict[str, dict[str, dict[str, Any]]]


class _Problems:
    """Collects what is wrong, row by row as the user's file counts rows, to say it all at once."""

    def __init__(self, source: str, first_row: int) -> None:
        self.source = source
        self.first_row = first_row
        self.found: list[tuple[str, str]] = []

    def add(self, row: SupportsIndex, column: str, value: object, remedy: tuple[str, str]) -> None:
        shown = "" if value is None or value is pd.NA or value != value else value  # noqa: PLR0124
        at = int(row) + self.first_row
        self.found.append(
            (f"row {at}, {column} = {shown!r}: {remedy[0]}", f"dòng {at}, {column} = {shown!r}: {remedy[1]}")
        )

    def refuse(self) -> None:
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


def read_network(
    path: str | Path,
    *,
    crs: str | None = None,
    defaults: str | Path | None = None,
    antennas: Antennas | None = None,
    source: str | None = None,
    illustrative: bool = False,
) -> Network:
    """Read a site list with canonical column names; one row a cell.

    Parameters
    ----------
    path
        ``.csv`` (UTF-8, with or without BOM) or ``.xlsx`` (first sheet, header in the first row).
        Required columns: ``operator``, ``technology`` and either ``lon``, ``lat`` (degrees, WGS 84) or
        ``x_m``, ``y_m`` (east, north in metres, in ``crs`` or in the CRS of a column ``crs``). Optional:
        ``position_id``, ``station_id``, ``cell_id``, ``on_air`` (ISO date), ``freq_mhz``, ``height_m``,
        ``azimuth_deg``, ``downtilt_deg`` (electrical), ``mechanical_tilt_deg``, ``beamwidth_h_deg``,
        ``beamwidth_v_deg``, ``antenna`` (the name of a pattern), ``environment`` and ``eirp_dbm`` per
        resource element or ``power_dbm``, ``resource_blocks`` (or ``bandwidth_mhz``),
        ``antenna_gain_dbi``, ``feeder_loss_db``; ``pci`` (physical cell identity, by which drive tests
        name cells; a column of the network only if the list tells any); ``assumed`` names the parameters
        of the row that are assumptions although the file states them.
    crs
        CRS of ``x_m``, ``y_m``, for example a VN-2000 zone (``EPSG:9208``); EPSG 6960 is applied.
    defaults
        TOML file of assumed values instead of the shipped one.
    antennas
        Patterns that the list may name. What they state (gain, electrical tilt, beamwidths) then counts as
        stated where the list is silent. Without them names are kept and not looked up.
    source
        Name by which figures call the list; the file's name where none is given.
    illustrative
        Whether the sites are made up.

    Raises
    ------
    NetworkError
        The file cannot be read, has no row, lacks a column, holds values that cannot be, or names an
        antenna that is not among those given.
    CrsError
        Metres without a CRS.
    """
    path = Path(path)
    source = source or path.name
    raw = _read_text_table(path, source)
    problems = _Problems(source, first_row=2)
    cells = _parse(raw, problems)
    _place(cells, raw, crs, source, problems)
    if antennas is not None:
        _take_from_antennas(cells, antennas, problems)
    problems.refuse()
    table = _assume(cells, _load_defaults(defaults))
    _check_limits(table, problems)
    problems.refuse()
    return Network(_identify(table), source, illustrative, antennas or Antennas())


def write_network(network: Network, path: str | Path) -> None:
    """Write the canonical CSV of a network; a column ``assumed`` names what was assumed in each row."""
    table = network.cells[[*COLUMNS, *network.cells.columns.intersection(["pci"])]].copy()
    flags = network.cells[[f"{name}_assumed" for name in PARAMETERS]].to_numpy(dtype=bool)
    table[ASSUMED] = [" ".join(np.asarray(PARAMETERS)[row]) for row in flags]
    table["on_air"] = network.cells["on_air"].dt.strftime("%Y-%m-%d")
    with atomic_path(Path(path)) as temporary:
        table.to_csv(temporary, index=False, encoding="utf-8-sig", lineterminator="\n")


def _read_text_table(path: Path, source: str) -> pd.DataFrame:
    """All cells of the file as text, header names stripped and lower-case."""
    if not path.is_file():
        raise NetworkError(f"{path}: no such file", f"{path}: không có tệp này")
    try:
        table = _READERS[path.suffix.lower()](path)
    except KeyError:
        raise NetworkError(
            f"{source}: cannot read {path.suffix or 'a file without suffix'}; give .csv or .xlsx",
            f"{source}: không đọc được định dạng {path.suffix}; hãy dùng .csv hoặc .xlsx",
        ) from None
    except Exception as error:  # the parsers raise many kinds; each means the same to the user
        raise NetworkError(
            f"{source}: cannot be read as a table ({error})", f"{source}: không đọc được bảng ({error})"
        ) from error
    table.columns = pd.Index([str(name).strip().lower() for name in table.columns])
    if table.empty:
        raise NetworkError(
            f"{source}: the list has no row below its header",
            f"{source}: danh sách trống, không có dòng nào dưới tiêu đề",
        )
    for name in table.columns:
        table[name] = table[name].str.strip()
    return table


def _read_csv(path: Path) -> pd.DataFrame:
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def _read_xlsx(path: Path) -> pd.DataFrame:
    table = pd.read_excel(path, dtype=str, engine="calamine")
    return table.fillna("").astype(str)


_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {".csv": _read_csv, ".xlsx": _read_xlsx}


def _parse(raw: pd.DataFrame, problems: _Problems) -> pd.DataFrame:
    """Numbers, dates and names of the columns that are there; NaN where a value is empty."""
    cells = pd.DataFrame(index=raw.index)
    for name in ("operator", "technology"):
        cells[name] = _required_text(raw, name, problems)
    for row in np.flatnonzero(~cells["technology"].isin([*TECHNOLOGIES, ""])):
        problems.add(
            row,
            "technology",
            cells["technology"].iloc[row],
            ("must be 2G, 3G, 4G or 5G", "phải là 2G, 3G, 4G hoặc 5G"),
        )
    for name in NUMBERS:
        cells[name] = _numbers(raw[name], name, problems) if name in raw else np.nan
    cells["resource_blocks"] = cells["resource_blocks"].fillna(_blocks(cells, problems))
    cells["environment"] = _environments(raw, problems)
    cells["on_air"] = _dates(raw, problems)
    cells[ASSUMED] = raw.get(ASSUMED, "")
    for name in ("position_id", "station_id", "cell_id", "antenna"):
        cells[name] = raw.get(name, "")
    return cells


def _take_from_antennas(cells: pd.DataFrame, antennas: Antennas, problems: _Problems) -> None:
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


def _required_text(raw: pd.DataFrame, name: str, problems: _Problems) -> pd.Series:
    if name not in raw:
        raise NetworkError(
            f"{problems.source}: column {name!r} is missing; found: {', '.join(raw.columns)}",
            f"{problems.source}: thiếu cột {name!r}; các cột có: {', '.join(raw.columns)}",
        )
    for row in np.flatnonzero(raw[name] == ""):
        problems.add(row, name, "", ("must not be empty", "không được để trống"))
    return raw[name]


def _numbers(column: pd.Series, name: str, problems: _Problems) -> pd.Series:
    values = pd.to_numeric(column.where(column != ""), errors="coerce").astype(float)
    unread = (column != "") & ~np.isfinite(values)
    for row in np.flatnonzero(unread):
        problems.add(
            row,
            name,
            column.iloc[row],
            ("not a number; use a decimal point", "không phải số; dùng dấu chấm thập phân"),
        )
    return values


def _blocks(cells: pd.DataFrame, problems: _Problems) -> pd.Series:
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


def _environments(raw: pd.DataFrame, problems: _Problems) -> pd.Series:
    if "environment" not in raw:
        return pd.Series("", index=raw.index)
    for row in np.flatnonzero(~raw["environment"].isin([*ENVIRONMENTS, ""])):
        problems.add(
            row,
            "environment",
            raw["environment"].iloc[row],
            ("must be urban, suburban or open", "phải là urban, suburban hoặc open"),
        )
    return raw["environment"]


def _dates(raw: pd.DataFrame, problems: _Problems) -> pd.Series:
    if "on_air" not in raw:
        return pd.Series(pd.NaT, index=raw.index)
    text = raw["on_air"].str.slice(0, 10)
    dates = pd.to_datetime(text.where(text != ""), format="%Y-%m-%d", errors="coerce")
    for row in np.flatnonzero((text != "") & dates.isna()):
        problems.add(
            row,
            "on_air",
            raw["on_air"].iloc[row],
            ("not a date; write 2025-12-31", "không phải ngày; hãy ghi dạng 2025-12-31"),
        )
    return dates


def _place(cells: pd.DataFrame, raw: pd.DataFrame, crs: str | None, source: str, problems: _Problems) -> None:
    """Fill lon and lat, from metres where the list gives metres; an empty position is a problem."""
    metres = "x_m" in raw and "y_m" in raw
    if not metres and not ("lon" in raw and "lat" in raw):
        raise NetworkError(
            f"{source}: no coordinates; give columns lon and lat, or x_m and y_m",
            f"{source}: không có toạ độ; cần cột lon và lat, hoặc x_m và y_m",
        )
    names = ("x_m", "y_m") if metres else ("lon", "lat")
    for name in names:
        for row in np.flatnonzero(cells[name].isna() & (raw[name] == "")):
            problems.add(row, name, "", ("a coordinate is missing", "thiếu toạ độ"))
    if metres:
        systems = raw["crs"] if "crs" in raw else pd.Series(crs or "", index=raw.index)
        for system in sorted(systems.unique()):
            rows = (systems == system).to_numpy()
            convert = transformer(known_crs(system, f"{source}, x_m/y_m").to_string(), WGS84)
            lon, lat = convert.transform(cells.loc[rows, "x_m"].to_numpy(), cells.loc[rows, "y_m"].to_numpy())
            cells.loc[rows, "lon"], cells.loc[rows, "lat"] = lon, lat


def _load_defaults(path: str | Path | None) -> Defaults:
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


def _check_limits(table: pd.DataFrame, problems: _Problems) -> None:
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
