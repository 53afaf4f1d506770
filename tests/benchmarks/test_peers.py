"""Peers that are absent or fail are rows, never crashes: nothing here is timed."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import pytest

from benchmarks.ground import Trial
from benchmarks.paths import peer_row
from benchmarks.peers import PEERS, Peer, PeerError, Rate, children_s, run

TRIAL = Trial(radius_m=600.0)


class Pretended(Peer):
    """A peer as the test wants it."""

    name, model, figure, install, note = "Pretended", "none", "peers.pretended", "buy it", "counted by hand"
    least = 10.0
    there = True

    def present(self) -> bool:
        """As the class says."""
        return self.there

    def prepare(self) -> None:
        """Nothing but its folder."""
        self.folder.mkdir()

    def measure(self) -> Rate:
        """100 paths a second."""
        return Rate(200, 2.0, 131.0)


class Absent(Pretended):
    """One that is not installed."""

    there = False


class Failing(Pretended):
    """One that does not run."""

    def measure(self) -> Rate:
        """No rate."""
        raise PeerError("it says no")


def ours() -> Rate:
    return Rate(3_000, 1.0, 130.0)


def test_present_peer_is_measured(tmp_path) -> None:
    """Would catch a ratio of seconds in place of paths per second."""
    row = peer_row(Pretended(TRIAL, tmp_path / "peer"), ours)
    assert row.ratio == pytest.approx(30.0)
    assert row.verdict == "≥ 10.0: met"
    assert "median loss 131.0 dB" in row.note


def test_absent_peer_says_how_to_install_it(tmp_path) -> None:
    """Would catch a crash, or a met bound, where a peer is not installed."""
    row = peer_row(Absent(TRIAL, tmp_path / "peer"), ours)
    assert row.other == "not installed: buy it"
    assert math.isnan(row.ratio)


def test_failing_peer_says_why(tmp_path) -> None:
    """Would catch one broken peer that ends the whole run."""
    assert peer_row(Failing(TRIAL, tmp_path / "peer"), ours).other == "failed: it says no"


def test_names_are_unlike() -> None:
    """Would catch two peers that write into one folder or one line of the history."""
    assert len({kind.figure for kind in PEERS}) == len({kind.name for kind in PEERS}) == len(PEERS)


def test_failed_program_is_an_error_with_its_last_words(tmp_path) -> None:
    """Would catch a program's failure that counts as a very fast run."""
    with pytest.raises(PeerError, match=r"error 3: the reason"):
        run([sys.executable, "-c", "import sys; print('the reason', file=sys.stderr); sys.exit(3)"], tmp_path)


def test_waiting_is_not_processor_time(tmp_path) -> None:
    """Would catch wall time: a busy machine would then slow the peer down."""
    waiting = [sys.executable, "-S", "-c", "import time; time.sleep(1.5)"]
    assert children_s(lambda: run(waiting, Path(tmp_path))) < 1.0
