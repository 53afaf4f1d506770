"""JSON answers from a Snapshot, as bytes: figures, shares, one commune, and the commune table as CSV."""

from __future__ import annotations

import json
import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from geocover.errors import AreasError
from geocover.io.csv_tables import csv_bytes
from geocover.report.figures import province_figures
from geocover.report.view import View, choose_view, metadata

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from geocover.store import Snapshot

Detail = Literal["full", "map"]
SERIES = ["technology", "profile", "operator", "basis"]
NUMBERS = ("covered", "total", "share", "share_low", "share_high", "share_expected", "rests_on")
UNITS = {"area": "km2", "population": "people"}
DECIMALS = 6
MAP_DECIMALS = 4
CACHED = 32
GAP_COLUMNS = (
    "id", "technology", "profile", "operator", "area_km2", "people", "commune_codes", "nearest_station",
    "nearest_operator", "nearest_km", "lon", "lat",
)  # fmt: skip
COMMUNE_COLUMNS = ("code", "name", "type", "population", "area_km2", "area_official_km2", "former_province")


def to_json(value: object) -> bytes:
    """Compact UTF-8 JSON; NaN becomes null, numpy values plain ones, floats keep six decimals."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def plain(value: Any) -> Any:  # noqa: ANN401  JSON is of any kind
    """Turn a table's value, or mappings and lists of them, into what JSON knows."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain(one) for one in value]
    if value is None or value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, (float, np.floating)):
        return round(float(value), DECIMALS) if math.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def snapshots_json(snapshots: Sequence[Snapshot]) -> bytes:
    """Give the metadata of every snapshot, in the order given."""
    return to_json({"snapshots": [metadata(snapshot) for snapshot in snapshots]})


@lru_cache(maxsize=CACHED)
def figures_json(snapshot: Snapshot) -> bytes:
    """Give the figures of `geocover.report.figures.province_figures` with the metadata."""
    figures = [figure.as_dict() for figure in province_figures(snapshot)]
    return to_json({"metadata": metadata(snapshot), "profiles": snapshot.profiles, "figures": figures})


@lru_cache(maxsize=CACHED)
def shares_json(snapshot: Snapshot, profile: str | None = None, detail: Detail = "full") -> bytes:
    """Shares of all communes: one series a technology, profile, operator and basis, in the order of "codes".

    Those of one profile, where it is given. The detail "map" rounds shares to hundredths of a percent.

    Each series holds the numbers of `geocover.commune_shares.shares` (``covered`` and ``total`` in km² or
    people, the others from 0 to 1, null where a commune holds no pixel or nobody, or where nothing is known),
    and the same of the province in ``province`` (null where no commune has a pixel or people).
    """
    if profile is not None:
        choose_view(snapshot, profile=profile)
    codes = [str(code) for code in snapshot.communes["code"]]
    decimals = dict.fromkeys(NUMBERS, DECIMALS if detail == "full" else MAP_DECIMALS)
    shares = snapshot.shares.round(decimals)
    totals = {tuple(row[name] for name in SERIES): row for row in snapshot.totals.to_dict("records")}
    series = [
        _series(
            dict(zip(SERIES, map(str, key), strict=True)), table.set_index("code").loc[codes], totals.get(key)
        )
        for key, table in shares.groupby(SERIES, sort=True)
        if profile in (None, key[1])
    ]
    return to_json({"metadata": metadata(snapshot), "codes": codes, "series": series})


def _series(keys: Mapping[str, str], table: pd.DataFrame, total: Mapping[Any, Any] | None) -> dict[str, Any]:
    return {
        **keys,
        "unit": UNITS[keys["basis"]],
        "evidence": table["evidence"].iloc[0],
        "assumed_share": table["assumed_share"].iloc[0],
        "province": {name: total[name] for name in NUMBERS} if total else None,
        **{name: table[name].tolist() for name in NUMBERS},
    }


def commune_coverage(snapshot: Snapshot, code: str) -> dict[str, Any]:
    """One commune: its attributes, every share of it, its places with who reaches them, and its gaps.

    Raises
    ------
    AreasError
        The snapshot holds no such commune.
    """
    commune = find_commune(snapshot, code)
    shares = snapshot.shares[snapshot.shares["code"] == code]
    stamp = {"as_of": snapshot.as_of, "digest": snapshot.digest}
    coverage = [{**row, "unit": UNITS[row["basis"]], **stamp} for row in shares.to_dict("records")]
    return {
        "commune": {name: commune[name] for name in COMMUNE_COLUMNS},
        "coverage": coverage,
        "places": _places(snapshot, code),
        "gaps": _gaps(snapshot, code),
    }


def find_commune(snapshot: Snapshot, code: str) -> dict[Any, Any]:
    """Attributes of a commune.

    Raises
    ------
    AreasError
        The snapshot holds no such commune.
    """
    communes = snapshot.communes
    found = communes[communes["code"] == code]
    if found.empty:
        raise AreasError(
            f"no commune {code!r} in this snapshot; codes have five digits, as 07894",
            f"bản kết quả không có xã, phường mã “{code}”; mã gồm năm chữ số, ví dụ 07894",
        )
    row: dict[Any, Any] = found.drop(columns="geometry").to_dict("records")[0]
    return row


def _places(snapshot: Snapshot, code: str) -> list[dict[Any, Any]]:
    places = snapshot.places
    inside = places.loc[places["commune_code"] == code, ["id", "name", "kind", "status", "accuracy_m"]]
    found: list[dict[Any, Any]] = inside.merge(snapshot.reach.drop(columns="kind"), on="id").to_dict(
        "records"
    )
    return found


def _gaps(snapshot: Snapshot, code: str) -> list[dict[Any, Any]]:
    touching = gaps_of(snapshot, code).reindex(columns=GAP_COLUMNS)
    found: list[dict[Any, Any]] = touching.to_dict("records")
    return found


def gaps_of(snapshot: Snapshot, code: str) -> pd.DataFrame:
    """Gaps that touch a commune, without their outlines."""
    touching = [code in str(codes).split(" ") for codes in snapshot.gaps["commune_codes"]]
    return pd.DataFrame(snapshot.gaps.drop(columns="geometry"))[np.array(touching, dtype=bool)]


@lru_cache(maxsize=CACHED)
def communes_csv(snapshot: Snapshot, view: View) -> bytes:
    """Give the commune table of a view as CSV for Excel: UTF-8 with BOM, one row a commune and basis.

    A text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    names = snapshot.communes[["code", "type", "name", "population"]]
    shares = snapshot.shares
    chosen = shares[
        (shares["technology"] == view.technology)
        & (shares["operator"] == view.operator)
        & (shares["profile"] == view.profile)
    ]
    table = pd.DataFrame(names).merge(chosen, on="code")
    table["unit"] = table["basis"].map(UNITS)
    for name in ("as_of", "digest", "illustrative", "schematic"):
        table[name] = getattr(snapshot, name)
    return csv_bytes(table.round(DECIMALS))
