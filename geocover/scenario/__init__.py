"""From inputs to results: a Scenario names the inputs, `compute` gives the Result."""

from __future__ import annotations

from geocover.scenario.computing import Result, compute
from geocover.scenario.definition import DEFAULT_MODELS, Reported, Scenario, read_scenario

__all__ = ["DEFAULT_MODELS", "Reported", "Result", "Scenario", "compute", "read_scenario"]
