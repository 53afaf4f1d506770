"""Drive tests: positions with a measured RSRP, and the serving cell where the receiver told it.

Receivers write rows that hold no measurement. Such rows are set aside and counted by reason, never dropped
without a word; a value that cannot be read at all refuses the file.
"""

from __future__ import annotations

import csv
import re
import tomllib
import warnings
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from geocover.errors import InputError
from geocover.names import fold

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

WORDS = Path(__file__).with_suffix(".toml")
COLUMNS = ("lon", "lat", "rsrp_dbm", "cell", "pci", "technology", "measured_at", "row")
REQUIRED = ("lon", "lat", "rsrp_dbm")
LOWEST_DBM, HIGHEST_DBM = -160.0, -20.0
HIGHEST_PCI = 1007  # NR, TS 38.211 section 7.4.2.1; LTE ends at 503
# TS 27.007 section 8.5: the level of GSM is reported as -113 dBm + 2 dB * n, n = 0..31.
GSM_RSSI_DBM = (-113.0, -51.0)
LIMITS_DEG = {"lon": 180.0, "lat": 90.0}
# From the turn of the century to 2100, in seconds; a thousand times as much in milliseconds.
EPOCH_S = (946_684_800.0, 4_102_444_800.0)
SHOWN = 5

REASONS: dict[str, tuple[str, str]] = {
    "blank": ("dòng trống", "empty row"),
    "no_position": ("không có vị trí (trống hoặc 0, 0)", "no position (empty or 0, 0)"),
    "not_rsrp": ("2G, 3G: mức RSSI, RSCP, không phải RSRP", "2G, 3G: the level is RSSI or RSCP, not RSRP"),
    "unknown_technology": ("không nhận ra công nghệ", "technology not recognised"),
    "no_level": ("không có mức thu", "no level"),
    "level_out_of_range": (
        f"mức thu ngoài {LOWEST_DBM:.0f} … {HIGHEST_DBM:.0f} dBm",
        f"level outside {LOWEST_DBM:.0f} … {HIGHEST_DBM:.0f} dBm",
    ),
    "other_technology": ("công nghệ khác chuẩn đánh giá", "another technology than the profile's"),
}


class Remark(NamedTuple):
    """What a reader of the result must know, in Vietnamese and English."""

    vi: str
    en: str


class SetAside(NamedTuple):
    """Rows that are not used.

    Attributes
    ----------
    reason
        Key of `REASONS`.
    rows
        How many.
    first_row
        The first of them, as a spreadsheet counts rows (the header is row 1).
    """

    reason: str
    rows: int
    first_row: int


@dataclass(frozen=True, eq=False)
class DriveTest:
    """Measured levels.

    Attributes
    ----------
    points
        One row a measurement, RangeIndex: ``lon``, ``lat`` in degrees (WGS 84), ``rsrp_dbm``, ``cell`` (text,
        "" unknown), ``pci`` (-1 unknown), ``technology`` ("" not stated), ``measured_at`` (UTC, NaT unknown)
        and ``row`` of the file.
    source
        Name of the file.
    rows_read
        Rows below the header.
    set_aside
        Rows not among the points, by reason.
    columns
        The file's name of each column that was found.
    remarks
        What looks doubtful.

    Raises
    ------
    InputError
        On construction, if points and rows set aside do not add up to the rows read.
    """

    points: pd.DataFrame
    source: str
    rows_read: int
    set_aside: tuple[SetAside, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()

    def __post_init__(self) -> None:
        aside = sum(each.rows for each in self.set_aside)
        if len(self.points) + aside != self.rows_read:
            raise InputError(f"{self.source}: {len(self.points)} + {aside} rows are not {self.rows_read}")

    def __len__(self) -> int:
        return len(self.points)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north in degrees (WGS 84)."""
        lon, lat = self.points["lon"], self.points["lat"]
        return float(lon.min()), float(lat.min()), float(lon.max()), float(lat.max())

    def of_technology(self, technology: str) -> DriveTest:
        """Points of a technology, and those whose technology is not stated; the others are set aside.

        Raises
        ------
        InputError
            If no point is left.
        """
        keep = self.points["technology"].isin([technology, ""])
        others = self.points.loc[~keep, "row"].tolist()
        aside = (*self.set_aside, *([SetAside("other_technology", len(others), others[0])] if others else []))
        points = self.points[keep].reset_index(drop=True)
        if points.empty:
            raise _nothing_left(self.source, aside)
        return DriveTest(points, self.source, self.rows_read, aside, self.columns, self.remarks)


def read_drive_test(path: str | Path) -> DriveTest:
    """Read a drive test.

    Parameters
    ----------
    path
        ``.csv`` or ``.txt`` in UTF-8 with a header, separated by comma, semicolon or tab (with the last two,
        numbers may have a decimal comma). Needed: longitude, latitude (degrees, WGS 84) and RSRP in dBm;
        used where present: cell identity, PCI, technology, time (ISO 8601, or seconds or milliseconds since
        1970). ``drive_tests.toml`` lists the names by which columns are known.

    Raises
    ------
    InputError
        The file is missing, no table in UTF-8, lacks a column, holds a number that cannot be read or a
        coordinate that cannot be, or no row of it can be used.
    """
    path = Path(path)
    raw, decimal_comma = _read_text(path)
    columns = _find_columns(path.name, raw)
    table = pd.DataFrame({name: raw[found] for name, found in columns.items()})
    numbers = {
        name: _numbers(path.name, table[name], columns[name], decimal_comma=decimal_comma)
        for name in REQUIRED
    }
    _check_degrees(path.name, numbers, columns)
    points = pd.DataFrame(numbers).assign(**_optional(table), row=np.arange(2, len(raw) + 2))
    reasons = _reasons(raw, points)
    aside = _count(points, reasons)
    kept = points.loc[reasons == "", list(COLUMNS)].reset_index(drop=True)
    if kept.empty:
        raise _nothing_left(path.name, aside)
    return DriveTest(kept, path.name, len(raw), aside, columns, _remarks(kept, table))


@lru_cache(maxsize=1)
def _words() -> dict[str, dict[str, Any]]:
    return tomllib.loads(WORDS.read_text(encoding="utf-8"))


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(text))


def _read_text(path: Path) -> tuple[pd.DataFrame, bool]:
    """All values as text without surrounding blanks, and whether numbers may have a decimal comma."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file", f"{path}: không có tệp này")
    if path.suffix.lower() not in (".csv", ".txt", ".tsv"):
        raise InputError(
            f"{path.name}: drive tests are read from .csv, not {path.suffix!r}; save the sheet as CSV UTF-8",
            f"{path.name}: chỉ đọc đo sóng từ .csv, không phải “{path.suffix}”; hãy lưu bảng dạng CSV UTF-8",
        )
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            header = file.readline()
        separator = max(",;\t", key=header.count)
        table = _parse(path, separator)
    except (ValueError, csv.Error, pd.errors.ParserWarning) as error:
        raise InputError(
            f"{path.name}: cannot be read as a CSV table in UTF-8 ({error})",
            f"{path.name}: không đọc được dạng bảng CSV UTF-8 ({error})",
        ) from error
    if table.empty:
        raise InputError(
            f"{path.name}: there is no row below the header; record or export the measurements again",
            f"{path.name}: không có dòng nào dưới tiêu đề; hãy xuất lại dữ liệu đo",
        )
    return table.fillna("").apply(lambda column: column.str.strip()), separator != ","


def _parse(path: Path, separator: str) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)  # a row longer than the header loses values
        return pd.read_csv(
            path,
            sep=separator,
            dtype=str,
            keep_default_na=False,
            encoding="utf-8-sig",
            index_col=False,
            skip_blank_lines=False,
        )


def _find_columns(source: str, raw: pd.DataFrame) -> dict[str, str]:
    """Our name of a column to the file's."""
    plain = {_plain(str(name)): str(name) for name in reversed(raw.columns)}
    known = _words()["columns"]
    found = {
        name: plain[next(word for word in words if word in plain)]
        for name, words in known.items()
        if any(word in plain for word in words)
    }
    missing = [name for name in REQUIRED if name not in found]
    if missing:
        wanted = "; ".join(f"{name}: {', '.join(known[name][:4])}" for name in missing)
        there = ", ".join(map(str, raw.columns))
        raise InputError(
            f"{source}: no column for {', '.join(missing)}; name it so ({wanted}); found: {there}",
            f"{source}: thiếu cột {', '.join(missing)}; hãy đặt tên cột ({wanted}); các cột có: {there}",
        )
    return found


def _is_missing(text: pd.Series[str]) -> pd.Series[bool]:
    return text.str.lower().isin(_words()["missing"]["text"])


def _numbers(source: str, text: pd.Series[str], name: str, *, decimal_comma: bool) -> pd.Series[float]:
    """Numbers of a column; NaN where the file says that it has none."""
    missing = _is_missing(text)
    pointed = text.str.replace(",", ".", regex=False) if decimal_comma else text
    values = pd.to_numeric(pointed.where(~missing), errors="coerce").astype(float)
    unread = np.flatnonzero(~missing & ~np.isfinite(values))
    if unread.size:
        _refuse(source, name, text, unread, ("not a number", "không phải số"))
    return values.mask(values.isin(_words()["missing"]["numbers"]))


def _refuse(
    source: str, column: str, values: pd.Series[Any], rows: NDArray[np.intp], remedy: tuple[str, str]
) -> None:
    first = rows[:SHOWN]
    shown = list(zip((first + 2).tolist(), values.iloc[first].tolist(), strict=True))
    more = len(rows) - len(shown)
    en = "; ".join(f"row {row}, {column} = {value!r}: {remedy[0]}" for row, value in shown)
    vi = "; ".join(f"dòng {row}, {column} = {value!r}: {remedy[1]}" for row, value in shown)
    rest = (f"; and {more} more", f"; và {more} lỗi khác") if more else ("", "")
    raise InputError(f"{source}: {en}{rest[0]}", f"{source}: {vi}{rest[1]}")


def _check_degrees(source: str, numbers: Mapping[str, pd.Series[float]], columns: Mapping[str, str]) -> None:
    for name, limit in LIMITS_DEG.items():
        wrong = np.flatnonzero(numbers[name].abs() > limit)
        if wrong.size:
            remedy = (
                f"must be {-limit:g} … {limit:g} degrees; are longitude and latitude swapped, or in metres?",
                f"phải trong {-limit:g} … {limit:g} độ; kinh độ, vĩ độ bị đảo hay đang ở dạng mét?",
            )
            _refuse(source, columns[name], numbers[name], wrong, remedy)


def _optional(table: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    """Columns that a file may leave out; a technology that is not recognised is "?"."""
    empty = pd.Series("", index=table.index)
    technology = {word: name for name, words in _words()["technologies"].items() for word in words}
    stated = table.get("technology", empty)
    named = stated.map(lambda text: technology.get(_plain(text), "?"))
    cell = table.get("cell", empty).str.replace(r"\.0+$", "", regex=True)  # 11379203.0 of a spreadsheet
    unknown = _is_missing(cell) | cell.isin(["-1", *map(str, _words()["missing"]["numbers"])])
    pci = pd.to_numeric(table.get("pci", empty), errors="coerce")
    valid = (pci >= 0) & (pci <= HIGHEST_PCI) & (pci % 1 == 0)
    return {
        "technology": named.mask(_is_missing(stated), ""),
        "cell": cell.mask(unknown, ""),
        "pci": pci.where(valid, -1).astype(np.int64),
        "measured_at": _times(table.get("measured_at", empty)),
    }


def _times(text: pd.Series[str]) -> pd.Series[pd.Timestamp]:
    """Times in UTC; NaT where there is none or it cannot be read."""
    number = pd.to_numeric(text, errors="coerce")
    seconds = number.where(number < 1000 * EPOCH_S[0], number / 1000)
    seconds = seconds.where(seconds.between(*EPOCH_S))
    written = pd.to_datetime(text.where(number.isna()), format="ISO8601", errors="coerce", utc=True)
    return pd.to_datetime(seconds, unit="s", utc=True).dt.round("ms").fillna(written)


def _reasons(raw: pd.DataFrame, points: pd.DataFrame) -> NDArray[np.str_]:
    """Why each row is set aside, the first reason that holds; "" where it is used."""
    level = points["rsrp_dbm"]
    nowhere = points["lon"].isna() | points["lat"].isna() | ((points["lon"] == 0) & (points["lat"] == 0))
    tests = {
        "blank": (raw == "").all(axis=1),
        "no_position": nowhere,
        "not_rsrp": points["technology"].isin(["2G", "3G"]),
        "unknown_technology": points["technology"] == "?",
        "no_level": level.isna(),
        "level_out_of_range": ~level.between(LOWEST_DBM, HIGHEST_DBM),
    }
    return np.select([test.to_numpy() for test in tests.values()], list(tests), default="")


def _count(points: pd.DataFrame, reasons: NDArray[np.str_]) -> tuple[SetAside, ...]:
    rows = points["row"].to_numpy()
    chosen = {reason: rows[reasons == reason] for reason in REASONS}
    return tuple(SetAside(reason, len(at), int(at[0])) for reason, at in chosen.items() if len(at))


def _nothing_left(source: str, aside: Sequence[SetAside]) -> InputError:
    en = "; ".join(f"{REASONS[each.reason][1]}: {each.rows} (first: row {each.first_row})" for each in aside)
    vi = "; ".join(
        f"{REASONS[each.reason][0]}: {each.rows} (đầu tiên: dòng {each.first_row})" for each in aside
    )
    return InputError(
        f"{source}: no row can be used ({en}); check columns and units",
        f"{source}: không có dòng nào dùng được ({vi}); hãy kiểm tra cột và đơn vị",
    )


def _remarks(points: pd.DataFrame, table: pd.DataFrame) -> tuple[Remark, ...]:
    found = []
    unstated = int((points["technology"] == "").sum())
    if unstated:
        found.append(
            Remark(
                f"Điểm không ghi công nghệ, được coi là của chuẩn đánh giá: {unstated}",
                f"Points that state no technology and are taken for the profile's: {unstated}",
            )
        )
    level = points.loc[points["technology"] == "", "rsrp_dbm"]
    if len(level) > 1 and level.between(*GSM_RSSI_DBM).all() and (level % 2 == 1).all():
        found.append(
            Remark(
                "CẢNH BÁO: các mức không ghi công nghệ giống RSSI của GSM (-113 … -51 dBm, bước 2 dB)",
                "WARNING: levels without technology look like RSSI of GSM (-113 … -51 dBm, steps of 2 dB)",
            )
        )
    if "measured_at" in table:
        undated = int(points["measured_at"].isna().sum())
        if undated:
            found.append(
                Remark(f"Điểm thiếu thời gian: {undated}", f"Points without readable time: {undated}")
            )
    return tuple(found)
