"""Profiles to test P.1812-8 with: a plain, and ITU-R's validation set with a log for every case."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from geocover.kernels.p1812 import Link, Locations
from geocover.kernels.p1812_profile import INLAND, Climate, Profile, mid_latitude_deg

if TYPE_CHECKING:
    from pathlib import Path

PHU_THO = Climate(45.0, 325.0, 21.3, 500.0, 500.0)

FOLDER = "rf-validation/p1812-8_Py1812"

# How many measurements each profile holds: the cases are known by name before the data are.
MEASUREMENTS = {
    "b2iseac": 3,
    "b2iseac_dense_urban_land": 3,
    "b2iseac_dense_urban_land_eqdist": 3,
    "b2iseac_eqdist": 3,
    "b2iseac_eqdist_vertical": 3,
    "b2iseac_rural_land_100km": 3,
    "b2iseac_rural_land_100km_eqdist": 3,
    "b2iseac_rural_land_10km": 3,
    "b2iseac_rural_land_10km_eqdist": 3,
    "b2iseac_rural_land_1km": 3,
    "b2iseac_rural_land_1km_eqdist": 3,
    "b2iseac_vertical": 3,
    "rburg": 3,
    "rburg_rural_noclutter": 3,
    "rburg_rural_noclutter_los": 3,
    "rburg_rural_noclutter_los_subpath_diffraction": 3,
    "rburg_rural_with_clutter": 3,
    "rburg_urban_with_clutter": 6,
    "rburg_urban_with_clutter_vertical": 6,
}
CASES = [f"{name}_{number}" for name, count in MEASUREMENTS.items() for number in range(count)]

# Names in a log beside the field of Geometry that they print ...
GEOMETRY = {
    "d (km)": "d_km",
    "dlt (km),Eq (78)": "dlt_km",
    "dlr (km),Eq (81a)": "dlr_km",
    "th_t (mrad),Eqs (76-78)": "theta_t_mrad",
    "th_r (mrad),Eqs (79-81)": "theta_r_mrad",
    "th (mrad),Eq (82)": "theta_mrad",
    "hts (m)": "hts_m",
    "hrs (m)": "hrs_m",
    "htc (m),Table 5": "hts_m",
    "hrc (m),Table 5": "hrs_m",
    "w,Table 5": "omega",
    "dtm (km),Sec 3.6": "dtm_km",
    "dlm (km),Sec 3.6": "dlm_km",
    "b0 (%),Eq (5)": "beta0_pct",
    "ae (km),Eq (7a)": "ae_km",
    "hst (m),Eq (85)": "hst_raw_m",
    "hsr (m),Eq (86)": "hsr_raw_m",
    "hst (m),Eq (90a)": "hst_m",
    "hsr (m),Eq (90b)": "hsr_m",
    "hstd (m),Eq (89)": "hstd_m",
    "hsrd (m),Eq (89)": "hsrd_m",
    "htc (m),Eq (37a)": "htc_m",
    "hrc (m),Eq (37b)": "hrc_m",
    "hte (m),Eq (92a)": "hte_m",
    "hre (m),Eq (92b)": "hre_m",
    "hm (m),Eq (93)": "hm_m",
}
# ... and of Loss. Bullington's and the spherical Earth's losses are printed for the Earth of beta_0. The line
# "Lbd" prints L_bda (equation 61) wherever that is the smaller one; `lbd_db` is tested by its equation.
LOSS = {
    "Fi,Eq (40)": "fi",
    "Fj,Eq (57)": "fj",
    "Fk,Eq (58)": "fk",
    "Lbfs,Eq (8)": "lbfs_db",
    "Lb0p,Eq (10)": "lb0p_db",
    "Lb0b,Eq (11)": "lb0b_db",
    "Lbulla (dB),Eq (21)": "beta.lbulla_db",
    "Lbulls (dB),Eq (21)": "beta.lbulls_db",
    "Ldsph (dB),Eq (27)": "beta.ldsph_db",
    "Ld50 (dB),Eq (39)": "median.ld_db",
    "Ldb (dB),Eq (39)": "beta.ld_db",
    "Ldp (dB),Eq (41)": "ldp_db",
    "Lbd50 (dB),Eq (42)": "lbd50_db",
    "Lbd (dB),Eq (43)": "lbda_db",
    "Lminb0p (dB),Eq (59)": "lminb0p_db",
    "Lba (dB),Eq (46)": "lba_db",
    "Lminbap (dB),Eq (60)": "lminbap_db",
    "Lbda (dB),Eq (61)": "lbda_db",
    "Lbam (dB),Eq (62)": "lbam_db",
    "Lbs (dB),Eq (44)": "lbs_db",
    "Lbc (dB),Eq (63)": "lbc_db",
    "Lb (dB),Eq (69)": "lb_db",
    "Ep (dBuV/m),Eq (70)": "ep_dbuv_m",
}


@dataclass(frozen=True)
class Case:
    """What one log was computed from, and what it printed: name with reference -> text of the number."""

    profile: Profile
    climate: Climate
    link: Link
    locations: Locations
    printed: dict[str, str]


def flat(total_km: float, points: int, height_m: float = 0.0) -> Profile:
    """Bare inland plain."""
    d_km = np.linspace(0.0, total_km, points)
    return Profile(d_km, np.full(points, height_m), np.zeros(points), np.full(points, INLAND))


@lru_cache(maxsize=32)
def read_rows(path: Path) -> list[list[str]]:
    """Lines of a CSV file, split."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


@lru_cache(maxsize=32)
def read_profile(path: Path) -> Profile:
    """The part between the profile's begin and end marks."""
    rows = read_rows(path)
    start = next(i for i, row in enumerate(rows) if row and row[0] == "{Begin of Profile}")
    count = int(rows[start + 1][1])
    table = np.array([[float(cell) for cell in row[:5]] for row in rows[start + 2 : start + 2 + count]])
    end = rows[start + 2 + count][0]
    assert end == "{End of Profile}", f"{path.name}: {count} points, then {end!r}"
    d_km, h_m, _, clutter_m, zone = (np.ascontiguousarray(column) for column in table.T)
    return Profile(d_km, h_m, clutter_m, zone.astype(np.int64))


def read_header(path: Path) -> dict[str, str]:
    """Name -> value of the lines before the profile."""
    return {row[0].rstrip(":"): row[1] for row in read_rows(path)[:40] if len(row) > 1}


def measurement(path: Path, number: int) -> list[str]:
    """The cells of one line under the measurements' begin mark."""
    rows = read_rows(path)
    start = next(i for i, row in enumerate(rows) if row and row[0] == "{Begin of Measurements}")
    return rows[start + 1 + number]


def read_log(path: Path) -> dict[str, str]:
    """Name with its reference -> printed number; the first line of a name counts."""
    printed: dict[str, str] = {}
    for row in read_rows(path):
        if len(row) >= 4 and row[0] and not row[0].startswith("#"):
            printed.setdefault(f"{row[0].strip()},{row[1]}".rstrip(","), row[3])
    return printed


def read_case(shared_data: Path, name: str) -> Case:
    """Inputs from the profile's file, expected values from the log."""
    stem, number = name.rsplit("_", 1)
    folder = shared_data / FOLDER
    path = folder / "validation_profiles" / f"{stem}.csv"
    profile, header, cells = read_profile(path), read_header(path), measurement(path, int(number))
    tx = (float(header["Tx LON"]), float(header["Tx LAT"]))
    rx = (float(header["Rx LON"]), float(header["Rx LAT"]))
    climate = Climate(
        float(header["Average annual values dN (N-units/km)"]),
        float(header["Average annual sea-level surface refractivity No (N-units)"]),
        mid_latitude_deg(tx, rx, float(profile.d_km[-1])),
        500.0,
        500.0,
    )
    link = Link(float(cells[0]) / 1000.0, float(cells[14]), float(cells[1]), float(cells[3]), cells[4] == "2")
    printed = read_log(folder / "validation_results" / f"{name}_log.csv")
    return Case(profile, climate, link, Locations(50.0, 0.0, 0.0, 0.0), printed)
