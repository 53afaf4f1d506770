"""What is kept stays within its bytes, and is made once."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import pytest

from geocover.keeping import Kept


@dataclass
class Thing:
    """Something of a size."""

    size: int


def test_the_longest_unused_goes_first() -> None:
    """Catches memory that grows with every question, and forgetting what is still asked for."""
    kept, made = Kept(100, lambda thing: thing.size), []

    def thing(name: str, size: int = 40) -> Thing:
        def make() -> Thing:
            made.append(name)
            return Thing(size)

        return kept.get(name, make)

    for name in ("a", "b", "a", "c", "a", "b"):
        thing(name)
    assert made == ["a", "b", "c", "b"]
    assert kept.used_bytes <= 100
    thing("huge", 1000)
    thing("huge", 1000)
    assert made[-2:] == ["huge", "huge"]
    assert kept.used_bytes <= 100


def test_of_many_that_ask_at_once_one_makes() -> None:
    """Catches the same work done by every thread of a server that has just started."""
    kept, made = Kept(100, lambda thing: thing.size), []

    def make() -> Thing:
        made.append(1)
        time.sleep(0.05)
        return Thing(1)

    found: list[Thing] = []
    threads = [threading.Thread(target=lambda: found.append(kept.get("x", make))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert len({id(one) for one in found}) == 1


def test_a_failure_is_not_kept() -> None:
    """Catches a lock that is never given back after an error."""
    kept = Kept(100, lambda thing: thing.size)

    def fail() -> Thing:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            kept.get("x", fail)
    assert kept.get("x", lambda: Thing(1)).size == 1
