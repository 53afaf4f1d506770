"""Illustrative data ("dữ liệu minh họa"): a made-up terrain and network to try geocover with."""

from __future__ import annotations

from geocover.demo.inputs import build_inputs

__all__ = ["build_inputs"]
