"""Paths per second on one core: the sweep, the scalar references and every peer on the same ground."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numba import njit
from numpy.typing import NDArray

from benchmarks.ground import Profiles, Trial
from benchmarks.peers import PEERS, Peer, PeerError, Rate
from benchmarks.table import Amount, Row, interleaved
from geocover.kernels import itm, p1812
from geocover.kernels.p1812_profile import INLAND, Climate, Profile
from geocover.propagation import P1812

BARE_PER_S, CLUTTER_PER_S = 15e6, 9e6
SCALAR_SAMPLE = 5_000
SWEEPS = 5  # sweeps in one timed run: one alone is too short
RUNS, PEER_RUNS = 5, 3

CLIMATE = Climate(45.0, 325.0, 21.5, 500.0, 500.0)

Sampler = Callable[[], Rate]


def sweep_sampler(trial: Trial, *, clutter: bool) -> Sampler:
    """Runs of the sweep over the whole disc, one thread; the first call compiles and is not timed."""
    terrain, mast, model = trial.terrain(clutter=clutter), trial.mast(), P1812()
    window = terrain.grid.whole().around(mast.x_m, mast.y_m, trial.radius_m)
    if window is None:
        raise ValueError("the mast stands outside of its own ground")
    x_m, y_m = np.meshgrid(window.xs_m() - mast.x_m, window.ys_m() - mast.y_m)
    inside = np.hypot(x_m, y_m) <= trial.radius_m
    wanted = inside.astype(np.uint8)

    def sweep() -> NDArray[np.float32]:
        bands = (mast.link.freq_mhz,)
        found = model.loss_bands(mast, bands, window, terrain, reach_m=trial.radius_m, wanted=wanted)
        loss_db: NDArray[np.float32] = found[0]
        return loss_db

    loss_db = sweep()[inside]
    known = loss_db[np.isfinite(loss_db) & (loss_db > 0.0)]

    def sample() -> Rate:
        start = time.process_time()
        for _ in range(SWEEPS):
            sweep()
        return Rate(SWEEPS * known.size, time.process_time() - start, float(np.median(known)))

    return sample


Heights = NDArray[np.float64]
Indices = NDArray[np.int64]


@njit(nogil=True)
def p1812_losses(heights_m: Heights, starts: Indices, steps_m: Heights, link: p1812.Link) -> Heights:
    """Loss of every profile by the scalar reference of P.1812, dB."""
    losses_db = np.empty(steps_m.size)
    for i in range(steps_m.size):
        h_m = heights_m[starts[i] : starts[i + 1]]
        d_km = np.arange(h_m.size) * (steps_m[i] / 1000.0)
        profile = Profile(d_km, h_m, np.zeros(h_m.size), np.full(h_m.size, INLAND))
        losses_db[i] = p1812.path_loss(profile, CLIMATE, link, p1812.OUTDOOR_MEDIAN)[1].lb_db
    return losses_db


@njit(nogil=True)
def itm_losses(heights_m: Heights, starts: Indices, steps_m: Heights, link: itm.Link) -> Heights:
    """Loss of every profile by the scalar ITM, medians, dB."""
    losses_db = np.empty(steps_m.size)
    for i in range(steps_m.size):
        reference = itm.profile_reference(heights_m[starts[i] : starts[i + 1]], steps_m[i], link)
        losses_db[i] = itm.loss_tls(reference, link, 50.0, 50.0, 50.0)[0]
    return losses_db


def timed_losses(paths: Profiles, losses: Callable[[], np.ndarray]) -> Sampler:
    """Runs over given profiles; the first call compiles and is not timed."""
    median_db = float(np.median(losses()))

    def sample() -> Rate:
        start = time.process_time()
        losses()
        return Rate(len(paths), time.process_time() - start, median_db)

    return sample


def p1812_sampler(trial: Trial) -> Sampler:
    """Our scalar P.1812 on random profiles of the disc."""
    paths = trial.profiles(SCALAR_SAMPLE)
    given = (paths.heights_m, paths.starts, paths.steps_m, p1812_link(trial))
    return timed_losses(paths, lambda: p1812_losses(*given))


def p1812_link(trial: Trial) -> p1812.Link:
    """The trial's link for the scalar reference."""
    return p1812.Link(trial.freq_mhz / 1000.0, 50.0, trial.tx_height_m, trial.rx_height_m, vertical=True)


def itm_sampler(trial: Trial) -> Sampler:
    """Our scalar ITM on random profiles of the disc."""
    paths = trial.profiles(SCALAR_SAMPLE)
    air_and_ground = (itm.VERTICAL, 15.0, 0.005, 325.0, 5, 12)
    link = itm.Link(trial.tx_height_m, trial.rx_height_m, trial.freq_mhz, *air_and_ground)
    given = (paths.heights_m, paths.starts, paths.steps_m, link)
    return timed_losses(paths, lambda: itm_losses(*given))


def median_rate(rates: list[Rate]) -> Rate:
    """Rate of the run in the middle."""
    return sorted(rates, key=lambda rate: rate.per_s)[(len(rates) - 1) // 2]


def per_s(rate: Rate) -> Amount:
    """Paths per second as a cell of the table."""
    return Amount(rate.per_s, "paths/s")


def said(rate: Rate) -> str:
    """Note on what a run computed: its median loss tells whether all computed the same thing."""
    return f"{rate.paths:,} paths, median loss {rate.median_db:.1f} dB"


def path_rows(folder: Path) -> list[Row]:  # noqa: ARG001
    """Ours: bare ground, clutter, and the scalar references beside the sweep."""
    trial = Trial()
    samplers = [
        sweep_sampler(trial, clutter=False),
        sweep_sampler(trial, clutter=True),
        p1812_sampler(trial),
        itm_sampler(trial),
    ]
    bare, clutter, scalar, irregular = map(median_rate, interleaved(samplers, RUNS))
    asked = Amount(BARE_PER_S, "paths/s"), Amount(CLUTTER_PER_S, "paths/s")
    return [
        Row("P.1812 sweep, bare ground, 1 core", per_s(bare), asked[0], 1.0, "paths.bare", said(bare)),
        Row("P.1812 sweep, clutter, 1 core", per_s(clutter), asked[1], 1.0, "paths.clutter", said(clutter)),
        Row(
            "sweep beside our scalar P.1812",
            per_s(bare),
            per_s(scalar),
            note=f"profiles given; {said(scalar)}",
        ),
        Row(
            "sweep beside our scalar ITM",
            per_s(bare),
            per_s(irregular),
            note=f"profiles given; {said(irregular)}",
        ),
    ]


def peer_rows(folder: Path) -> list[Row]:
    """The sweep beside every peer."""
    trial = Trial()
    ours = sweep_sampler(trial, clutter=False)
    return [peer_row(kind(trial, folder / kind.figure), ours) for kind in PEERS]


def peer_row(peer: Peer, ours: Sampler) -> Row:
    """Run the sweep beside one peer; without a figure where it is absent or fails."""
    what = f"sweep beside {peer.name} ({peer.model}), 1 core"
    if not peer.present():
        return Row(what, None, f"not installed: {peer.install}", peer.least, peer.figure, peer.note)
    try:
        peer.prepare()
        first, second = interleaved([ours, peer.measure], PEER_RUNS)
    except PeerError as error:
        return Row(what, None, f"failed: {error}", peer.least, peer.figure, peer.note)
    theirs = median_rate(second)
    note = f"{peer.note}; {said(theirs)}"
    return Row(what, per_s(median_rate(first)), per_s(theirs), peer.least, peer.figure, note)
