"""The pre-merger units behind the schematic boundaries: read from the dataset, checked and repaired.

The dataset (PyPI ``vietnamadminunits``) gives every commune of before 2025-07-01 a point and a bounding box,
every new commune a point and an area, and which old unit went into which new one. Some points and boxes are
wrong; what is wrong shows in the data themselves, and nothing else is used to find it.
"""

from __future__ import annotations

import json
import sqlite3
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
import pandas as pd

from geocover.crs import VN2000_ZONES, WGS84, transformer
from geocover.errors import AreasError

if TYPE_CHECKING:
    import numpy.typing as npt

PACKAGE = "vietnamadminunits"
WORK_CRS = VN2000_ZONES["UTM 48N"]

# A commune fills on average this share of its bounding box (479 old communes of three provinces: official
# areas over boxes, boxes that are plainly wrong left out).
FILL = 0.54
NEIGHBOUR_DEG = 0.35  # how far around the province units take part
SWAPPED = 3.0  # a new commune's point this many times the root of its area from its units is not its own
LOST = 1.2  # so is an old unit's box from the new commune's point
TOO_LARGE = 1.3  # a unit cannot exceed the commune it went into; beyond this ratio its box is another's
SMALLEST_BOX_KM2 = {"Xã": 3.0}  # below it, the box is that of one address or hamlet
SMALLEST_TOWN_BOX_KM2 = 0.3
SHARE_OF_UNKNOWN = 0.35  # of an equal share of the commune: least area of a unit without a usable box
DEFICIT = 0.75  # boxes that explain less of the commune's area than this are boxes of parts
ROLE_SHARE = {"whole": 1.0, "main": 0.8, "minor": 0.2}  # of a divided unit, where only the order is known
EDGE = 0.75  # of the way from the centre of a box to its edge: where a minor part lies
REACH = 0.6  # a deduced centre stays this many roots of the area from the commune's point

_LEGACY = """
    select province, district, ward, wardType as type,
    provinceKey || '_' || coalesce(districtKey, '') || '_' || coalesce(wardKey, '') as old_key,
    wardLon as lon, wardLat as lat, wardBounds as bounds, wardBounds = districtBounds as box_of_district
    from admin_units_legacy where wardBounds is not null
"""
_CURRENT = """
    select provinceKey || '_' || wardKey as new_key, provinceCode as province_code, wardCode as code,
    ward as full_name, wardLon as new_lon, wardLat as new_lat, wardAreaKm2 as area_km2
    from admin_units where wardAreaKm2 is not null
"""


class Repair(NamedTuple):
    """One correction: which commune and unit, what was wrong, what was done."""

    code: str
    unit: str
    fault: str
    remedy: str


class Units(NamedTuple):
    """The repaired dataset around a province.

    ``communes``: one row a new commune, indexed by code: full_name, province_code, area_km2, x_m, y_m.
    ``sites``: one row a generator: code, x_m, y_m (point), west_m, east_m, south_m, north_m (box), and soft
    (the box says only where and about how large, not where the unit ends).
    ``members``: one row an old unit and new commune: code, ward, district, province, lon, lat.
    """

    communes: pd.DataFrame
    sites: pd.DataFrame
    members: pd.DataFrame
    repairs: tuple[Repair, ...]


def dataset_folder() -> Path:
    """Folder of the dataset's files.

    Raises
    ------
    AreasError
        If the package that holds it is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise AreasError(
            f"building schematic boundaries needs the package {PACKAGE}; "
            "run `uv sync --group boundaries` or `pip install vietnamadminunits==1.0.4`",
            f"để dựng ranh giới sơ đồ cần gói {PACKAGE}; "
            "hãy chạy `uv sync --group boundaries` hoặc `pip install vietnamadminunits==1.0.4`",
        )
    return Path(spec.origin).parent / "data"


def dataset_version() -> str:
    """Version of the installed dataset, as it goes into the metadata."""
    return version(PACKAGE)


def read_units(province_code: str, official_km2: dict[str, float]) -> Units:
    """Read, check and repair the units of a province and of its surroundings.

    Parameters
    ----------
    province_code
        Two digits, as "25".
    official_km2
        Official areas by commune code, in place of the dataset's.

    Raises
    ------
    AreasError
        If the dataset is not installed or does not know the province.
    """
    table = _near(_joined(dataset_folder()), province_code)
    own = table["code"].map(official_km2)
    table["area_km2"] = own.where(own.notna(), table["area_km2"])
    table, moved = _repair_points(_projected(table))
    table = _judged(table)
    sites = [_sites_of(group) for _, group in table.groupby("code")]
    inside = table[table["province_code"] == province_code]
    repairs = [each for each in moved if each.code in set(inside["code"])] + _unit_repairs(inside)
    communes = table.drop_duplicates("code").set_index("code").sort_index()
    return Units(
        communes[["full_name", "province_code", "area_km2", "new_x", "new_y"]].rename(
            columns={"new_x": "x_m", "new_y": "y_m"}
        ),
        pd.concat(sites, ignore_index=True),
        inside[["code", "ward", "district", "province", "lon", "lat", "new_lon", "new_lat"]],
        tuple(sorted(repairs)),
    )


def _joined(folder: Path) -> pd.DataFrame:
    with sqlite3.connect(folder / "dataset.db") as database:
        old = pd.read_sql_query(_LEGACY, database)
        new = pd.read_sql_query(_CURRENT, database)
    database.close()
    pairs = pd.DataFrame(
        converter_pairs(folder / "converter_2025.json"), columns=["new_key", "old_key", "role"]
    )
    table = pairs.drop_duplicates(["new_key", "old_key"]).merge(old, on="old_key").merge(new, on="new_key")
    return table.sort_values(["code", "old_key"], ignore_index=True)


def converter_pairs(path: Path) -> list[tuple[str, str, str]]:
    """Give (new commune, old unit, role) for each old unit: whole, or the main or a minor part of it."""
    mapping: dict[str, dict[str, dict[str, list[Any]]]] = json.loads(path.read_text(encoding="utf-8"))
    whole, divided = mapping["DICT_PROVINCE_WARD_NO_DIVIDED"], mapping["DICT_PROVINCE_WARD_DIVIDED"]
    pairs = [
        (f"{province}_{new}", old, "whole")
        for province, each in whole.items()
        for new in each
        for old in each[new]
    ]
    parts = [
        (f"{province}_{part['newWardKey']}", old, "main" if part["isDefaultNewWard"] else "minor")
        for province, each in divided.items()
        for old in each
        for part in each[old]
    ]
    return pairs + parts


def _near(table: pd.DataFrame, province_code: str) -> pd.DataFrame:
    own = table[table["province_code"] == province_code]
    if own.empty:
        raise AreasError(
            f"the dataset {PACKAGE} knows no province {province_code!r}; give the two digits of its code",
            f"bộ dữ liệu {PACKAGE} không có tỉnh mã {province_code!r}; hãy nhập mã tỉnh hai chữ số",
        )
    east = table["new_lon"].between(
        own["new_lon"].min() - NEIGHBOUR_DEG, own["new_lon"].max() + NEIGHBOUR_DEG
    )
    north = table["new_lat"].between(
        own["new_lat"].min() - NEIGHBOUR_DEG, own["new_lat"].max() + NEIGHBOUR_DEG
    )
    return table[(east & north) | (table["province_code"] == province_code)].reset_index(drop=True)


def _projected(table: pd.DataFrame) -> pd.DataFrame:
    """Add points and boxes in metres."""
    pattern = r"(-?[\d.]+),(-?[\d.]+) – (-?[\d.]+),(-?[\d.]+)"
    south, west, north, east = table["bounds"].str.extract(pattern).astype(float).to_numpy().T
    move = transformer(WGS84, WORK_CRS).transform
    table = table.copy()
    table["new_x"], table["new_y"] = move(table["new_lon"].to_numpy(), table["new_lat"].to_numpy())
    table["x_m"], table["y_m"] = move(table["lon"].to_numpy(), table["lat"].to_numpy())
    table["west_m"], table["south_m"] = move(west, south)
    table["east_m"], table["north_m"] = move(east, north)
    return _with_centres(table)


def _with_centres(table: pd.DataFrame) -> pd.DataFrame:
    table["mid_x"] = (table["west_m"] + table["east_m"]) / 2
    table["mid_y"] = (table["south_m"] + table["north_m"]) / 2
    table["box_km2"] = (table["east_m"] - table["west_m"]) * (table["north_m"] - table["south_m"]) / 1e6
    table["root_m"] = 1e3 * np.sqrt(table["area_km2"])
    return table


def _offset(table: pd.DataFrame) -> pd.Series[float]:
    """Distance of the new commune's point from its units, in roots of its area (their median: robust)."""
    return cast(
        "pd.Series[float]",
        np.hypot(table["mid_x"] - table["new_x"], table["mid_y"] - table["new_y"]) / table["root_m"],
    )


def _repair_points(table: pd.DataFrame) -> tuple[pd.DataFrame, list[Repair]]:
    """Give swapped points of new communes back, and replace the other impossible ones by their units'."""
    middle = table.groupby("code")[["mid_x", "mid_y", "new_x", "new_y", "root_m"]].median()
    middle["name"] = table.groupby("code")["full_name"].first()
    wrong = middle[_offset(middle) > SWAPPED]
    repairs = []
    for code in [str(each) for each in wrong.index]:
        row = wrong.loc[[code]].iloc[0]
        point, remedy = _better_point(row, wrong.drop(index=[code]))
        table.loc[table["code"] == code, ["new_x", "new_y"]] = point
        away_km = float(np.hypot(row["mid_x"] - row["new_x"], row["mid_y"] - row["new_y"])) / 1e3
        repairs.append(
            Repair(
                code, f"{row['name']} (new)", f"the new commune's point lies {away_km:.0f} km away", remedy
            )
        )
    back = transformer(WORK_CRS, WGS84).transform
    table["new_lon"], table["new_lat"] = back(table["new_x"].to_numpy(), table["new_y"].to_numpy())
    return table, repairs


def _better_point(row: pd.Series[Any], others: pd.DataFrame) -> tuple[npt.NDArray[np.float64], str]:
    """Give the one other wrong point that lies among the commune's units, or else the units' middle."""
    near = others[np.hypot(others["new_x"] - row["mid_x"], others["new_y"] - row["mid_y"]) < row["root_m"]]
    if len(near) == 1:
        source = near.iloc[0]
        return source[["new_x", "new_y"]].to_numpy(float), f"swapped with {source['name']} ({near.index[0]})"
    return row[["mid_x", "mid_y"]].to_numpy(float), "median of the centres of its units' boxes"


def _judged(table: pd.DataFrame) -> pd.DataFrame:
    """Add ``fault``: why a box cannot be used, or an empty text."""
    whole = table["role"] == "whole"
    least = table["type"].map(SMALLEST_BOX_KM2).fillna(SMALLEST_TOWN_BOX_KM2)
    tests = {
        "box of one address or hamlet": table["box_km2"] < least,
        "box far from the new commune": whole & (_offset(table) > LOST),
        "box larger than the new commune": whole & (FILL * table["box_km2"] > TOO_LARGE * table["area_km2"]),
        "box of the whole district": whole & (table["box_of_district"] == 1),
    }
    table["fault"] = ""
    for fault, holds in tests.items():
        table.loc[holds, "fault"] = fault
    table["lost"] = (table["fault"] != "") & (table["fault"] != "box of one address or hamlet")
    return table


def _unit_repairs(inside: pd.DataFrame) -> list[Repair]:
    found = inside.loc[inside["fault"] != "", ["code", "ward", "fault", "lost"]]
    placed = "placed where the commune's point and its other units leave room"
    remedies = [placed if lost else "box enlarged to the missing area" for lost in found["lost"]]
    columns = (found[name].astype(str) for name in ("code", "ward", "fault"))
    return [Repair(*texts) for texts in zip(*columns, remedies, strict=True)]


def _sites_of(group: pd.DataFrame) -> pd.DataFrame:
    """Generators of one new commune."""
    area_km2, soft = _shares(group)
    sites = _boxed(group, area_km2, soft)
    lost = group["lost"].to_numpy()
    if lost.any():
        # Several lost units cannot be told apart: one generator stands for them.
        sites = pd.concat([sites[~lost], _deduced(group, area_km2, lost)])
    return sites


def _shares(group: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Estimated area of each unit in km², and whether its box is too small to say where it ends.

    Where the boxes explain too little of the official area, the smallest are raised to one common level
    until the sum is right: units merged in 2019 and 2020 kept the box of one of their parts.
    """
    total = float(group["area_km2"].iloc[0])
    soft = ((group["fault"] != "") | (group["role"] == "minor")).to_numpy()
    boxed = (FILL * group["box_km2"] * group["role"].map(ROLE_SHARE)).to_numpy(float)
    unknown = (group["fault"] != "").to_numpy()
    least = np.where(unknown, SHARE_OF_UNKNOWN * total / len(group), boxed)
    if least.sum() >= (total if unknown.any() else DEFICIT * total):
        return least, soft
    raised = np.maximum(least, _level(least, total))
    return raised, soft | (raised > 1.25 * boxed)


def _level(areas: npt.NDArray[np.float64], total: float) -> float:
    """Level to which the smallest areas must rise for all to sum up to ``total``."""
    ascending = np.sort(areas)
    for count in range(1, len(ascending) + 1):
        level = (total - ascending[count:].sum()) / count
        if count == len(ascending) or level <= ascending[count]:
            return float(level)
    raise AssertionError


def _boxed(
    group: pd.DataFrame, area_km2: npt.NDArray[np.float64], soft: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Keep the boxes, those of soft units scaled to their area and made less elongated."""
    half = np.stack([group["east_m"] - group["west_m"], group["north_m"] - group["south_m"]]) / 2
    square_m = 1e3 * np.sqrt(area_km2 / FILL) / 2
    grown = half * square_m / np.sqrt(half[0] * half[1])
    half = np.where(soft, np.clip(grown, 0.6 * square_m, 1.6 * square_m), half)
    centre, point = _placed(group)
    return _table(group["code"], centre, half, point, soft)


def _placed(group: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Centres and points (2 x n each) of the units; a minor part lies at the edge towards the commune."""
    centre = np.stack([group["mid_x"], group["mid_y"]])
    half = np.stack([group["east_m"] - group["west_m"], group["north_m"] - group["south_m"]]) / 2
    arm = group[["new_x", "new_y"]].to_numpy(float).T - centre
    edge = centre + EDGE * arm / np.maximum(np.hypot(*(arm / half)), 1e-9)
    minor = (group["role"] == "minor").to_numpy()
    return np.where(minor, edge, centre), np.where(minor, edge, group[["x_m", "y_m"]].to_numpy(float).T)


def _deduced(
    group: pd.DataFrame, area_km2: npt.NDArray[np.float64], lost: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """One generator for all lost units, so that the commune's centre of gravity comes to its point."""
    target = group[["new_x", "new_y"]].iloc[0].to_numpy(float)
    root_m, missing = float(group["root_m"].iloc[0]), area_km2[lost].sum()
    arms = group[["mid_x", "mid_y"]].to_numpy(float)[~lost] - target
    shift = -(area_km2[~lost, None] * arms).sum(axis=0) / missing
    length = float(np.hypot(*shift))
    centre = target + shift * min(1.0, REACH * root_m / max(length, 1.0))
    half = np.full((2, 1), 1e3 * np.sqrt(missing / FILL) / 2)
    return _table(group["code"].iloc[:1], centre[:, None], half, centre[:, None], np.array([True]))


def _table(
    codes: pd.Series[str],
    centre_m: npt.NDArray[np.float64],
    half_m: npt.NDArray[np.float64],
    point_m: npt.NDArray[np.float64],
    soft: npt.NDArray[np.bool_],
) -> pd.DataFrame:
    """Sites from centres and half sizes; a point outside its box counts as unknown: the centre serves."""
    (x, y), (half_x, half_y), (point_x, point_y) = centre_m, half_m, point_m
    within = (np.abs(point_x - x) <= half_x) & (np.abs(point_y - y) <= half_y)
    return pd.DataFrame(
        {
            "code": codes.to_numpy(),
            "x_m": np.where(within, point_x, x),
            "y_m": np.where(within, point_y, y),
            "west_m": x - half_x,
            "east_m": x + half_x,
            "south_m": y - half_y,
            "north_m": y + half_y,
            "soft": soft,
        }
    )
