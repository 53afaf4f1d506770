"""From inputs to results: a Scenario names the inputs, `compute` gives the Result."""

from __future__ import annotations

from geocover.scenario.computing import Result, compute
from geocover.scenario.definition import Reported, Scenario, read_scenario

__all__ = ["Reported", "Result", "Scenario", "compute", "read_scenario"]
