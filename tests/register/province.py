"""A folder whose scenario is computed in a second or two, in four tiles."""

from __future__ import annotations

from pathlib import Path

SCENARIO = "province.toml"
TEXT = """
[scenario]
name = "Phú Thọ thử"
province_code = "25"
as_of = 2020-01-01
resolution_m = {resolution_m}
max_reach_m = {max_reach_m}

[inputs]
areas = "inputs/areas.geojson"
places = ["inputs/parks.geojson"]
network = "not-there.csv"
"""


def make_province(
    folder: Path, small_root: Path, resolution_m: float = 12.0, max_reach_m: float = 1500.0
) -> Path:
    """Write a scenario of the four small communes into a folder; its own site list is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "inputs").symlink_to(small_root.with_name(f"{small_root.name}-inputs"))
    text = TEXT.format(resolution_m=resolution_m, max_reach_m=max_reach_m)
    (folder / SCENARIO).write_text(text, encoding="utf-8")
    return folder
