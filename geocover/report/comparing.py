"""Two snapshots side by side: what changed of every figure, of gaps, places and stations.

Everything is told as "to minus from", so that turning the two around turns every sign.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from geocover.io.csv_tables import csv_bytes
from geocover.report.answers import DECIMALS, SERIES, UNITS, to_json
from geocover.report.changes import gap_changes, place_changes, station_changes
from geocover.report.coverage_answers import (
    EVERYTHING,
    Asked,
    absent_of,
    check_asked,
    chosen_rows,
    province_coverage,
)
from geocover.report.view import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geocover.store import Snapshot

CACHED = 16
# Numbers of a commune that are told of both dates: the column they come from, and what it is multiplied by.
COMPARED = {
    "value": ("share", 100.0),
    "low": ("share_low", 100.0),
    "high": ("share_high", 100.0),
    "numerator": ("covered", 1.0),
    "denominator": ("total", 1.0),
    "assumed_share": ("assumed_share", 1.0),
}
VIEW = (*SERIES, "evidence")
VALIDITY = ("code", "valid_from", "valid_to")
AREA_TOLERANCE = 0.001
NUMBERS = ("version", "min_rsrp_dbm", "reliability", "sigma_db", "indoor_loss_db", "indoor_sigma_db",
           "level_error_db", "technology")  # fmt: skip
REMARKS = {
    "dates": (
        "không có số liệu riêng của ngày {day}: dùng số liệu của ngày {as_of}",
        "{day} has no result of its own: that of {as_of} is used",
    ),
    "boundaries": (
        "ranh giới khác nhau: chỉ so sánh các xã, phường giống nhau; số toàn tỉnh là của hai địa bàn",
        "boundaries differ: only communes that are the same are compared; the province's are of two areas",
    ),
    "profiles": (
        "định nghĩa “có sóng” khác nhau: không so sánh các chuẩn {names}",
        'definitions of "covered" differ: profiles {names} are not compared',
    ),
    "models": ("mô hình tính khác nhau", "the models of the prediction differ"),
    "terrain": ("một bên không tính địa hình", "one of the two was computed without terrain"),
    "resolution": ("độ phân giải lưới khác nhau", "the pixels of the two differ in size"),
    "operators": (
        "danh sách nhà mạng khác nhau: “tất cả nhà mạng” không cùng nghĩa",
        'the operators differ: "all operators" does not mean the same',
    ),
    "min_gap": ("diện tích nhỏ nhất của điểm lõm khác nhau", "the smallest gap that is reported differs"),
}  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """Two snapshots as the same reader may see them, and whole, for what is told to everybody.

    Attributes
    ----------
    old, new
        From and to, as the reader may see them.
    whole_old, whole_new
        The same with all operators: numbers of stations alone are told of them.
    days
        For which days the two stand in, where those have no result of their own.
    """

    old: Snapshot
    new: Snapshot
    whole_old: Snapshot
    whole_new: Snapshot
    days: tuple[str | None, str | None] = (None, None)


def turned(pair: Pair) -> Pair:
    """Give the pair the other way around."""
    return Pair(pair.new, pair.old, pair.whole_new, pair.whole_old, pair.days[::-1])


@lru_cache(maxsize=CACHED)
def compare_json(pair: Pair, asked: Asked = EVERYTHING) -> bytes:
    """Compare two snapshots; see `compare`."""
    return to_json(compare(pair, asked))


def compare(pair: Pair, asked: Asked = EVERYTHING) -> dict[str, Any]:
    """Compare two snapshots.

    Parameters
    ----------
    pair
        The snapshots.
    asked
        Which views; without a choice all that both hold.

    Returns
    -------
    Plain tables: ``from`` and ``to`` (their metadata), ``remarks`` (why the two may not be comparable),
    ``absent`` (why there is nothing of a basis or evidence), ``communes`` (those compared, and those that are
    not), ``province`` (a change a figure), ``series`` (columns over ``communes.codes`` a view: percent, with
    ``numerator`` and ``denominator`` in ``counted_in``), ``gaps``, ``places``, ``stations``. A change has
    ``from`` and ``to`` with ``value``, ``low`` and ``high``, ``difference``, and ``within_uncertainty``:
    whether the two intervals overlap (null where either is unknown).

    Raises
    ------
    ProfileError
        A choice that one of the two does not hold.
    """
    check_asked(pair.old, asked)
    check_asked(pair.new, asked)
    common, communes = _communes(pair)
    other = other_profiles(pair.old, pair.new)
    series = list(_series(pair, asked, common, other))
    province = list(_province(pair, asked, other))
    return {
        "from": metadata(pair.old),
        "to": metadata(pair.new),
        "remarks": [*_stand_ins(pair), *_remarks(pair, communes, other)],
        "absent": absent_of(asked, [*province, *series]),
        "communes": communes,
        "province": province,
        "series": series,
        "gaps": gap_changes(pair.whole_old, pair.whole_new, asked, other),
        "places": place_changes(pair.old, pair.new, asked, other),
        "stations": station_changes((pair.old, pair.new), (pair.whole_old, pair.whole_new), asked),
    }


def change(old: Mapping[str, float | None], new: Mapping[str, float | None]) -> dict[str, Any]:
    """Give two values with their intervals, the difference, and whether the intervals overlap."""
    values = [one["value"] for one in (old, new)]
    known = all(value is not None and math.isfinite(value) for value in values)
    return {
        "from": dict(old),
        "to": dict(new),
        "difference": values[1] - values[0] if known else None,  # type: ignore[operator]
        "within_uncertainty": overlap(old, new),
    }


def overlap(old: Mapping[str, float | None], new: Mapping[str, float | None]) -> bool | None:
    """Whether two intervals have a point in common; None where a bound is unknown."""
    bounds = [one[name] for name in ("low", "high") for one in (old, new)]
    known = [bound for bound in bounds if bound is not None and math.isfinite(bound)]
    if len(known) < len(bounds):
        return None
    return max(known[:2]) <= min(known[2:])


def _communes(pair: Pair) -> tuple[list[str], dict[str, Any]]:
    """Codes of the communes that are the same in both, and what to say of the others."""
    tables = [one.communes for one in (pair.old, pair.new)]
    fields = [name for name in VALIDITY if all(name in table for table in tables)]
    keys = [set(map(tuple, table[fields].astype(str).to_numpy())) for table in tables]
    areas = [dict(zip(table["code"], table["area_km2"], strict=True)) for table in tables]
    codes = sorted(key[0] for key in keys[0] & keys[1])
    moved = [code for code in codes if abs(areas[1][code] / areas[0][code] - 1) > AREA_TOLERANCE]
    same = [code for code in codes if code not in set(moved)]
    found = pair.new.communes.set_index("code").loc[same]
    names = found["type"].fillna("") + " " + found["name"]
    return same, {
        "codes": same,
        "names": names.str.strip().tolist(),
        "only_from": sorted({key[0] for key in keys[0] - keys[1]}),
        "only_to": sorted({key[0] for key in keys[1] - keys[0]}),
        "outline_changed": moved,
    }


def other_profiles(one: Snapshot, other: Snapshot) -> frozenset[str]:
    """Names of the profiles that only one holds, or that mean another thing in each."""
    old, new = one.profiles, other.profiles
    both = set(old) & set(new)
    changed = {
        name for name in both if any(old[name].get(field) != new[name].get(field) for field in NUMBERS)
    }
    return frozenset((set(old) ^ set(new)) | changed)


def _stand_ins(pair: Pair) -> Iterator[dict[str, str]]:
    """Which of the two stands in for a day that has no result of its own, in both languages."""
    for day, one in zip(pair.days, (pair.old, pair.new), strict=True):
        if day is not None:
            vi, en = REMARKS["dates"]
            written = {"day": _written(day), "as_of": _written(one.as_of)}
            yield {
                "about": "dates",
                "remark_vi": vi.format(**written),
                "remark_en": en.format(day=day, as_of=one.as_of),
            }


def _written(iso: str) -> str:
    """31/12/2025, as Vietnamese writes a date."""
    return "/".join(reversed(iso.split("-")))


def _remarks(
    pair: Pair, communes: Mapping[str, Sequence[str]], other: frozenset[str]
) -> Iterator[dict[str, str]]:
    """Why the two may not be comparable, in both languages."""
    manifests = [one.manifest for one in (pair.old, pair.new)]
    parameters = [one["parameters"] for one in manifests]
    terrains = [one["terrain"]["used_by_models"] for one in manifests]
    told = {
        "boundaries": any(communes[name] for name in ("only_from", "only_to", "outline_changed")),
        "profiles": bool(other),
        "models": manifests[0]["models"] != manifests[1]["models"],
        "terrain": terrains[0] != terrains[1],
        "resolution": manifests[0]["grid"]["resolution_m"] != manifests[1]["grid"]["resolution_m"],
        "operators": pair.whole_old.operators != pair.whole_new.operators,
        "min_gap": parameters[0]["min_gap_km2"] != parameters[1]["min_gap_km2"],
    }
    for name in [name for name, holds in told.items() if holds]:
        vi, en = (words.format(names=", ".join(sorted(other))) for words in REMARKS[name])
        yield {"about": name, "remark_vi": vi, "remark_en": en}


def _province(pair: Pair, asked: Asked, other: frozenset[str]) -> Iterator[dict[str, Any]]:
    """Change of each figure of the province that both hold, in its unit."""
    old = {figure_key(one): one for one in province_coverage(pair.old, asked)}
    for one in province_coverage(pair.new, asked):
        before = old.get(figure_key(one))
        if before is not None and one["profile"]["name"] not in other:
            yield {
                **{name: one[name] for name in ("key", "title_vi", "title_en", "technology", "operator")},
                **{name: one[name] for name in ("basis", "unit", "evidence", "definition")},
                "profile": one["profile"]["name"],
                **change(figure_numbers(before), figure_numbers(one)),
            }


def figure_key(figure: Mapping[str, Any]) -> tuple[str, str, str, str]:
    """What tells figures of one snapshot apart: key, technology, profile, operator."""
    return figure["key"], figure["technology"], figure["profile"]["name"], figure["operator"]


def figure_numbers(figure: Mapping[str, Any]) -> dict[str, Any]:
    """Give the numbers of a figure that are compared."""
    return {name: figure[name] for name in (*COMPARED, "rests_on")}


def _series(
    pair: Pair, asked: Asked, codes: Sequence[str], other: frozenset[str]
) -> Iterator[dict[str, Any]]:
    """Columns over the communes that are the same: percent, points and whether within uncertainty."""
    old, new = (_by_series(one, asked, codes) for one in (pair.old, pair.new))
    for key in sorted(set(old) & set(new)):
        if key[1] not in other:
            yield {
                **dict(zip(VIEW, key, strict=True)),
                "unit": "%",
                "counted_in": UNITS[key[3]],
                **_columns(old[key], new[key]),
            }


def _by_series(
    snapshot: Snapshot, asked: Asked, codes: Sequence[str]
) -> dict[tuple[str, ...], dict[str, np.ndarray[Any, Any]]]:
    """Numbers of each commune by view."""
    rows = chosen_rows(snapshot.shares, asked)
    found = {}
    for key, table in rows.groupby(list(VIEW), sort=True):
        columns = table.set_index("code").loc[list(codes)]
        found[tuple(map(str, key))] = {
            name: times * columns[stored].to_numpy(float) for name, (stored, times) in COMPARED.items()
        }
    return found


def _columns(
    old: Mapping[str, np.ndarray[Any, Any]], new: Mapping[str, np.ndarray[Any, Any]]
) -> dict[str, Any]:
    meet = np.maximum(old["low"], new["low"]) <= np.minimum(old["high"], new["high"])
    bounds = old["low"] + new["low"] + old["high"] + new["high"]
    return {
        "from": {name: values.round(DECIMALS).tolist() for name, values in old.items()},
        "to": {name: values.round(DECIMALS).tolist() for name, values in new.items()},
        "difference": (new["value"] - old["value"]).round(DECIMALS).tolist(),
        "within_uncertainty": [
            bool(one) if known else None for one, known in zip(meet, np.isfinite(bounds), strict=True)
        ],
    }


@lru_cache(maxsize=CACHED)
def compare_csv(pair: Pair, asked: Asked = EVERYTHING) -> bytes:
    """Compare the communes as CSV for Excel: UTF-8 with BOM, a row a commune and view, percent.

    The province's figures come first, with an empty code; texts that a spreadsheet would run are harmless.

    Raises
    ------
    ProfileError
        As `compare`.
    """
    told = compare(pair, asked)
    rows = [_row("", "", one) for one in told["province"]]
    for one in told["series"]:
        for place, (code, name) in enumerate(
            zip(told["communes"]["codes"], told["communes"]["names"], strict=True)
        ):
            both = {
                side: {key: column[place] for key, column in one[side].items()} for side in ("from", "to")
            }
            rest = {key: one[key][place] for key in ("difference", "within_uncertainty")}
            rows.append(_row(code, name, {**one, **both, **rest, "key": f"{one['basis']}-share"}))
    table = pd.DataFrame(rows, columns=list(_row("", "", _NOTHING)))
    for side in ("from", "to"):
        for name in ("as_of", "digest", "illustrative", "schematic"):
            table[f"{side}_{name}"] = told[side][name]
    return csv_bytes(table.round(DECIMALS))


_NOTHING = {
    **dict.fromkeys(("key", *VIEW, "unit", "difference", "within_uncertainty")),
    "from": dict.fromkeys(COMPARED),
    "to": dict.fromkeys(COMPARED),
}


def _row(code: str, name: str, one: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": code,
        "name": name,
        **{key: one[key] for key in ("key", *VIEW, "unit")},
        **{f"{side}_{key}": one[side][key] for side in ("from", "to") for key in COMPARED},
        "difference": one["difference"],
        "within_uncertainty": one["within_uncertainty"],
    }
