"""What the schematic boundaries say beside their polygons: properties of the communes and metadata."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING, Any

from geocover.boundaries.schematic_units import PACKAGE, Units, dataset_version
from geocover.names import nfc, split_type, tone_key

if TYPE_CHECKING:
    import pandas as pd

    from geocover.boundaries.schematic_facts import CommuneFacts

VALID_FROM = "2025-07-01"
PROVINCES = {"25": "Phú Thọ"}
SEAT_ACCURACY_M = 2000  # points of old communes, as geocoders gave them: 1 to 2 km
PROVINCE_TYPES = ("Tỉnh ", "Thành phố ")

NOTE_VI = (
    "Ranh giới sơ đồ, không phải ranh giới pháp lý: dựng từ điểm và khung bao của các đơn vị trước sáp nhập; "
    "diện tích mỗi xã, phường lệch không quá 1 % so với số liệu chính thức, đường ranh giới chỉ gần đúng."
)
NOTE_EN = (
    "Schematic boundaries, not legal ones: built from points and boxes of the pre-merger units; each area is "
    "within 1 % of the official one, but the border lines are only about right."
)


def attributes(units: Units, facts: dict[str, CommuneFacts]) -> dict[str, dict[str, object]]:
    """Properties of each commune by code, in the order of the facts.

    Parameters
    ----------
    units
        The repaired units (``members`` and ``communes`` are read).
    facts
        Published facts by code.
    """
    members = units.members
    occurrences = Counter(tone_key(ward) for ward in members.drop_duplicates(["ward", "district"])["ward"])
    groups = {str(code): group for code, group in members.groupby("code")}
    return {code: _properties(units, groups[code], each, occurrences) for code, each in facts.items()}


def metadata(province_code: str) -> dict[str, str]:
    """Metadata of the file: quality, titles, notes, source, licence, province, date."""
    name = PROVINCES[province_code]
    return {
        "quality": "schematic",
        "title_vi": f"Ranh giới sơ đồ các xã, phường tỉnh {name}",
        "title_en": f"Schematic boundaries of the communes of {name}",
        "note_vi": NOTE_VI,
        "note_en": NOTE_EN,
        "source": f"{PACKAGE} {dataset_version()} (points, boxes, mapping); see data/boundaries/SOURCES.md",
        "licence": "Apache-2.0; dataset MIT",
        "province_code": province_code,
        "province_name": name,
        "valid_from": VALID_FROM,
    }


def _properties(
    units: Units, members: pd.DataFrame, facts: CommuneFacts, occurrences: Counter[str]
) -> dict[str, object]:
    return {
        "code": facts.code,
        "name": nfc(facts.name),
        "type": split_type(str(units.communes["full_name"][facts.code]))[0],
        "population": facts.population,
        "area_official_km2": facts.area_km2,
        "former_province": _bare_province(str(members["province"].mode().iloc[0])),
        "pre_merger_units": ", ".join(sorted(_unit_name(row, occurrences) for row in members.itertuples())),
        **_centre(members, facts),
        "valid_from": VALID_FROM,
    }


def _bare_province(full_name: str) -> str:
    for prefix in PROVINCE_TYPES:
        full_name = full_name.removeprefix(prefix)
    return nfc(full_name)


def _unit_name(row: Any, occurrences: Counter[str]) -> str:  # noqa: ANN401 - a row of itertuples()
    """Name of an old unit, with its district where the province had the name more than once."""
    if occurrences[tone_key(row.ward)] == 1:
        return nfc(row.ward)
    return nfc(f"{row.ward} ({row.district[0].lower()}{row.district[1:]})")


def _centre(members: pd.DataFrame, facts: CommuneFacts) -> dict[str, object]:
    """Point of the commune's seat, how accurate it is and where it comes from."""
    seat = members[members["ward"] == facts.seat]
    if seat.empty:
        # Without a seat the middle of the commune stands in; the seat may be anywhere in it.
        lon, lat = members[["new_lon", "new_lat"]].iloc[0]
        accuracy = round(1e3 * math.sqrt(facts.area_km2 / math.pi), -2)
        basis = "điểm giữa xã, phường (chưa rõ vị trí trụ sở) / middle of the commune (seat not known)"
    else:
        lon, lat = seat[["lon", "lat"]].iloc[0]
        accuracy = SEAT_ACCURACY_M
        basis = f"điểm của {nfc(facts.seat)} cũ, nơi đặt trụ sở / point of the old unit where the seat is"
    return {
        "centre_lon": round(float(lon), 6),
        "centre_lat": round(float(lat), 6),
        "centre_accuracy_m": int(accuracy),
        "centre_basis": basis,
    }
