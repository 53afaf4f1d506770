"""One peer in its own Python: `python peer_worker.py NAME TASK.npz`; prints [paths, seconds, median dB].

It runs in the peers' environment, which has no geocover: numpy and the peer are all it may import. Start-up,
imports and reading are over when the clock starts. `--probe` in place of the task only imports the peer.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial

os.environ["OMP_NUM_THREADS"] = "1"  # one thread, as ours; read when the peer is imported

import numpy as np

# What the trial is, from the input file.
Task = dict[str, np.ndarray]
Sample = tuple[int, float, float]

LAND = 4
PERMITTIVITY, CONDUCTIVITY_S_M, REFRACTIVITY, LAPSE = 15.0, 0.005, 325.0, 45.0
CLIMATE_SUBTROPICAL, VERTICAL = 5, 1


def timed(paths: Sequence[Callable[[], float]]) -> Sample:
    """Call every path once, after one that does not count: their number, seconds, and median loss in dB."""
    paths[0]()
    start = time.process_time()
    losses_db = [path() for path in paths]
    return len(paths), time.process_time() - start, statistics.median(losses_db)


def profiles(task: Task) -> list[tuple[np.ndarray, float, float, float]]:
    """Heights in metres, step in metres, longitude and latitude of the end, of every path."""
    parts = np.split(task["heights_m"], task["starts"][1:-1])
    rest = (task[name].tolist() for name in ("steps_m", "lon", "lat"))
    return list(zip(parts, *rest, strict=True))


def itmlogic(task: Task) -> Sample:
    """itmlogic, point-to-point, medians: Hufford's routines in the order that NTIA's driver calls them."""
    qlrpfl = importlib.import_module("itmlogic.preparatory_subroutines.qlrpfl").qlrpfl
    qlrps = importlib.import_module("itmlogic.preparatory_subroutines.qlrps").qlrps
    avar = importlib.import_module("itmlogic.statistics.avar").avar
    freq_mhz = float(task["freq_mhz"])
    antennas_m = [float(task["tx_height_m"]), float(task["rx_height_m"])]

    def loss(heights_m: list[float], step_m: float) -> float:
        count = len(heights_m) - 1
        skipped = int(0.1 * count)
        ground_m = statistics.fmean(heights_m[skipped : len(heights_m) - skipped])
        radio = qlrps(freq_mhz, ground_m, REFRACTIVITY, VERTICAL, PERMITTIVITY, CONDUCTIVITY_S_M)
        path = dict(zip(("wn", "gme", "ens", "zgnd"), radio, strict=True))
        path |= {"hg": list(antennas_m), "pfl": [count, step_m, *heights_m], "kwx": 0, "mdp": -1, "lvar": 5}
        path |= {"klim": CLIMATE_SUBTROPICAL, "klimx": CLIMATE_SUBTROPICAL, "mdvarx": 12}
        path = qlrpfl(path)
        above_db, _ = avar(0.0, 0.0, 0.0, path)
        return 32.45 + 20.0 * math.log10(freq_mhz * count * step_m / 1000.0) + float(above_db)

    return timed([partial(loss, heights_m.tolist(), step_m) for heights_m, step_m, _, _ in profiles(task)])


def py1812(task: Task) -> Sample:
    """Py1812, medians, no clutter."""
    bt_loss = importlib.import_module("Py1812.P1812").bt_loss
    freq_ghz, tx_m, rx_m = (float(task[name]) for name in ("freq_mhz", "tx_height_m", "rx_height_m"))
    mast_lon, mast_lat = float(task["mast_lon"]), float(task["mast_lat"])

    def path(heights_m: np.ndarray, step_m: float, lon: float, lat: float) -> Callable[[], float]:
        out_km = np.arange(len(heights_m)) * step_m / 1000.0
        bare, zone = np.zeros(len(heights_m)), np.full(len(heights_m), LAND)
        ends = (mast_lat, lat, mast_lon, lon)
        link = (freq_ghz / 1000.0, 50.0, out_km, heights_m, bare, zone, tx_m, rx_m, 2)
        return lambda: float(bt_loss(*link, *ends, DN=LAPSE, N0=REFRACTIVITY)[0])

    return timed([path(*given) for given in profiles(task)])


def crc_covlib(task: Task) -> Sample:
    """crc-covlib, P.1812, medians, on given profiles without clutter."""
    covlib = importlib.import_module("crc_covlib.simulation")
    sim = covlib.Simulation()
    sim.SetPropagationModel(covlib.PropagationModel.ITU_R_P_1812)
    sim.SetResultType(covlib.ResultType.PATH_LOSS_DB)
    sim.SetTransmitterLocation(float(task["mast_lat"]), float(task["mast_lon"]))
    sim.SetTransmitterHeight(float(task["tx_height_m"]))
    sim.SetTransmitterFrequency(float(task["freq_mhz"]))
    sim.SetReceiverHeightAboveGround(float(task["rx_height_m"]))
    sim.SetITURP1812TimePercentage(50.0)
    sim.SetITURP1812LocationPercentage(50.0)
    sim.SetITURP1812AverageRadioRefractivityLapseRate(LAPSE)
    sim.SetITURP1812SeaLevelSurfaceRefractivity(REFRACTIVITY)
    loss = sim.GenerateProfileReceptionPointResult
    return timed([partial(loss, lat, lon, len(h_m), h_m) for h_m, _, lon, lat in profiles(task)])


def pycraf(task: Task) -> Sample:
    """pycraf, P.452 over a map: its fast way, one height profile shared by many pixels.

    The map is the square of the disc's area in pixels of 3", for which pycraf steps along profiles by 30 m.
    Extracting the profiles is not counted.
    """
    units = importlib.import_module("astropy.units")
    pathprof = importlib.import_module("pycraf.pathprof")
    side = math.sqrt(math.pi) * float(task["radius_m"]) / 111_195.0 * units.deg
    mast = [float(task[name]) * units.deg for name in ("mast_lon", "mast_lat")]
    with pathprof.SrtmConf.set(srtm_dir=str(task["tiles"]), download="never"):
        ground = pathprof.height_map_data(*mast, side, side, map_resolution=3.0 * units.arcsec)
    antennas = [float(task[name]) * units.m for name in ("tx_height_m", "rx_height_m")]
    air = (float(task["freq_mhz"]) * units.MHz, 293.0 * units.K, 1013.0 * units.hPa)

    def whole_map() -> np.ndarray:
        result = pathprof.atten_map_fast(*air, *antennas, 50.0 * units.percent, ground)
        return np.asarray(result["L_b"])

    whole_map()
    start = time.process_time()
    losses_db = whole_map()
    return losses_db.size, time.process_time() - start, float(np.nanmedian(losses_db))


# By name: the module that tells whether the peer is there, and its run.
PEERS: dict[str, tuple[str, Callable[[Task], Sample]]] = {
    "itmlogic": ("itmlogic.lrprop", itmlogic),
    "pycraf": ("pycraf.pathprof", pycraf),
    "py1812": ("Py1812.P1812", py1812),
    "crc_covlib": ("crc_covlib.simulation", crc_covlib),
}


def main(name: str, given: str) -> None:
    """Run a peer, or only import it."""
    warnings.simplefilter("ignore")
    module, run = PEERS[name]
    importlib.import_module(module)
    if given == "--probe":
        return
    with np.load(given) as task:
        sample = run(dict(task))
    print(json.dumps(sample))


if __name__ == "__main__":
    main(*sys.argv[1:])
