"""Figures as people read them: computed beside reported, with everything that says how they were made."""

from __future__ import annotations

from geocover.report.figures import Figure, province_figures

__all__ = ["Figure", "province_figures"]
