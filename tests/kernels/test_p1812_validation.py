"""ITU-R's validation set for P.1812-8: 63 cases, every value that the logs print."""

from __future__ import annotations

import math
from functools import reduce
from typing import TYPE_CHECKING

import pytest

from geocover.kernels.p1812 import path_loss
from tests.kernels.p1812_cases import CASES, FOLDER, GEOMETRY, LOSS, MEASUREMENTS, read_case

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.data

# The logs print ten digits, so half a unit of the last one is at most 5e-8 dB (and 5e-7 km for a_e).
TOLERANCE = 1e-7
TOLERANCE_KM = {"ae (km),Eq (7a)": 5.1e-7}

# What a log prints of its inputs, beside our field; all else that it prints is in GEOMETRY or LOSS.
INPUTS = {
    "f (GHz)": "link.freq_ghz",
    "p (%)": "link.time_pct",
    "pL (%)": "locations.pct",
    "sigmaL (dB)": "locations.sigma_db",
    "htg (m)": "link.tx_height_m",
    "hrg (m)": "link.rx_height_m",
    "DN": "climate.delta_n",
    "N0": "climate.n0",
    "dct (km)": "climate.dct_km",
    "dcr (km)": "climate.dcr_km",
    "phi (deg),Eq (4)": "climate.phi_deg",
}
# Positions went into phi, R2 and Rn-1 are in the profile; power and gains are no part of the loss.
NOT_OURS = {
    *("Ptx (kW)", "Gtx (dBi)", "Grx (dBi)", "phi_t (deg)", "phi_r (deg)", "lam_t (deg)", "lam_r (deg)"),
    *("R2 (m)", "Rn-1 (m)", "pol", "Ep (dBuV/m) w.r.t. Ptx, Gtx"),
}


def field(record: object, name: str) -> float:
    """Value of a dotted field name."""
    return float(reduce(getattr, name.split("."), record))  # type: ignore[arg-type]


def differences(record: object, names: dict[str, str], printed: dict[str, str]) -> dict[str, str]:
    """Names whose value is not the printed one, with both."""
    wrong = {}
    for name, attribute in names.items():
        value, expected = field(record, attribute), float(printed[name])
        if not abs(value - expected) <= TOLERANCE_KM.get(name, TOLERANCE):
            wrong[name] = f"{value!r} instead of {expected!r}"
    return wrong


def test_cases_are_those_on_disk(shared_data: Path) -> None:
    """Catches a case that is left out: 63 logs, 19 profiles."""
    folder = shared_data / FOLDER
    assert {path.stem for path in (folder / "validation_profiles").glob("*.csv")} == set(MEASUREMENTS)
    logs = {path.name.removesuffix("_log.csv") for path in folder.glob("validation_results/*_log.csv")}
    assert logs == set(CASES)
    assert len(CASES) == 63


@pytest.mark.parametrize("name", CASES)
def test_every_printed_value(shared_data: Path, name: str) -> None:
    """Catches any equation that is wrong, by its own name: all 49 results of a log to 1e-7."""
    case = read_case(shared_data, name)
    assert set(case.printed) == {*INPUTS, *GEOMETRY, *LOSS, *NOT_OURS}
    assert differences(case, INPUTS, case.printed) == {}
    assert case.printed["pol"] == ("2" if case.link.vertical else "1")
    path, loss = path_loss(case.profile, case.climate, case.link, case.locations)
    assert differences(path, GEOMETRY, case.printed) == {}
    assert differences(loss, LOSS, case.printed) == {}


@pytest.mark.parametrize("name", CASES)
def test_diffraction_at_p(shared_data: Path, name: str) -> None:
    """Catches a wrong L_bd (43), which the logs overwrite by L_bda where ducting is stronger."""
    case = read_case(shared_data, name)
    _, loss = path_loss(case.profile, case.climate, case.link, case.locations)
    expected = float(case.printed["Lb0p,Eq (10)"]) + float(case.printed["Ldp (dB),Eq (41)"])
    assert math.isclose(loss.lbd_db, expected, rel_tol=0.0, abs_tol=TOLERANCE)


def test_cases_reach_the_branches(shared_data: Path) -> None:
    """Catches a validation set that shrank: both sights, sea, clutter, sub-path loss, ducting, both waves."""
    reached = set()
    for name in CASES:
        case = read_case(shared_data, name)
        path, loss = path_loss(case.profile, case.climate, case.link, case.locations)
        smooth_km = math.sqrt(0.002 * path.abeta_km) * (math.sqrt(path.htc_m) + math.sqrt(path.hrc_m))
        reached |= {
            "sight" if math.isclose(path.dlt_km + path.dlr_km, path.d_km) else "horizon",
            "sea" if path.omega > 0.75 else "land",
            "clutter" if case.profile.clutter_m[1:-1].any() else "bare",
            "sub-path" if loss.beta.ldsph_db > 0.0 and path.d_km < smooth_km else "other",
            "ducting" if loss.lminbap_db <= loss.lbd_db else "diffraction",
            "vertical" if case.link.vertical else "horizontal",
            "below beta_0" if case.link.time_pct < path.beta0_pct else "above beta_0",
        }
    assert {"sight", "horizon", "sea", "land", "clutter", "bare", "ducting", "diffraction"} <= reached
    assert {"vertical", "horizontal", "below beta_0", "above beta_0", "sub-path"} <= reached
