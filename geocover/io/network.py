"""Site lists in canonical columns, CSV or XLSX, to a Network and back.

What a list leaves out is filled from ``network_defaults.toml`` by operator and technology, and flagged as
assumed cell by cell. Every row is read or refused: an error names all the rows that cannot be used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from geocover.antennas import Antennas
from geocover.crs import WGS84, known_crs, transformer
from geocover.errors import NetworkError
from geocover.io.completing import ASSUMED, DEFAULTS, Problems, complete
from geocover.io.completing import NUMBERS as CELL_NUMBERS
from geocover.io.csv_tables import as_given, write_csv
from geocover.network import COLUMNS, PARAMETERS, TECHNOLOGIES, Network

if TYPE_CHECKING:
    from collections.abc import Callable


NUMBERS = (*CELL_NUMBERS, "x_m", "y_m")
ENVIRONMENTS = ("urban", "suburban", "open")

__all__ = ["DEFAULTS", "read_network", "write_network"]


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
    problems = Problems(source, first_row=2)
    cells = _parse(raw, problems)
    _place(cells, raw, crs, source, problems)
    table = complete(cells, problems, defaults, antennas)
    return Network(table, source, illustrative, antennas or Antennas())


def write_network(network: Network, path: str | Path) -> None:
    """Write the canonical CSV of a network; a column ``assumed`` names what was assumed in each row."""
    table = network.cells[[*COLUMNS, *network.cells.columns.intersection(["pci"])]].copy()
    flags = network.cells[[f"{name}_assumed" for name in PARAMETERS]].to_numpy(dtype=bool)
    table[ASSUMED] = [" ".join(np.asarray(PARAMETERS)[row]) for row in flags]
    table["on_air"] = network.cells["on_air"].dt.strftime("%Y-%m-%d")
    write_csv(table, Path(path))


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
    return pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig").map(as_given)


def _read_xlsx(path: Path) -> pd.DataFrame:
    table = pd.read_excel(path, dtype=str, engine="calamine")
    return table.fillna("").astype(str)


_READERS: dict[str, Callable[[Path], pd.DataFrame]] = {".csv": _read_csv, ".xlsx": _read_xlsx}


def _parse(raw: pd.DataFrame, problems: Problems) -> pd.DataFrame:
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
    cells["environment"] = _environments(raw, problems)
    cells["on_air"] = _dates(raw, problems)
    cells[ASSUMED] = raw.get(ASSUMED, "")
    for name in ("position_id", "station_id", "cell_id", "antenna"):
        cells[name] = raw.get(name, "")
    return cells


def _required_text(raw: pd.DataFrame, name: str, problems: Problems) -> pd.Series:
    if name not in raw:
        raise NetworkError(
            f"{problems.source}: column {name!r} is missing; found: {', '.join(raw.columns)}",
            f"{problems.source}: thiếu cột {name!r}; các cột có: {', '.join(raw.columns)}",
        )
    for row in np.flatnonzero(raw[name] == ""):
        problems.add(row, name, "", ("must not be empty", "không được để trống"))
    return raw[name]


def _numbers(column: pd.Series, name: str, problems: Problems) -> pd.Series:
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


def _environments(raw: pd.DataFrame, problems: Problems) -> pd.Series:
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


def _dates(raw: pd.DataFrame, problems: Problems) -> pd.Series:
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


def _place(cells: pd.DataFrame, raw: pd.DataFrame, crs: str | None, source: str, problems: Problems) -> None:
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
