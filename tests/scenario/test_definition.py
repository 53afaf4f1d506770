"""What a scenario depends on: models by terrain, and digests of every input."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from geocover.errors import ScenarioError
from geocover.io.clutter import TABLE
from geocover.scenario import Scenario, read_scenario

if TYPE_CHECKING:
    from pathlib import Path

HEAD = '[scenario]\nname = "Thử"\nprovince_code = "25"\nas_of = 2025-12-31\n[inputs]\n'


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    """A scenario whose files exist and hold their names alone."""
    for name in ("areas.geojson", "sites.csv", "dem.tif", "cover.tif", "heights.toml"):
        (tmp_path / name).write_text(name)
    (tmp_path / "scenario.toml").write_text(f'{HEAD}areas = "areas.geojson"\nnetwork = "sites.csv"\n')
    return read_scenario(tmp_path / "scenario.toml")


def names(scenario: Scenario) -> dict[str, object]:
    return {technology: model["name"] for technology, model in scenario.parameters()["models"].items()}


def test_models_follow_the_terrain_unless_they_are_set(scenario: Scenario, tmp_path: Path) -> None:
    """Catches Hata where there is terrain, P.1812 where there is none, and a setting that does not win."""
    hilly = replace(scenario, terrain=tmp_path / "dem.tif")
    assert names(scenario) == {"4G": "extended-hata", "5G": "tr38901"}
    assert names(hilly) == {"4G": "p1812", "5G": "p1812"}
    assert names(replace(hilly, models={"4G": {"name": "okumura-hata"}})) == {"4G": "okumura-hata"}


def test_clutter_and_its_table_are_in_the_digest(scenario: Scenario, tmp_path: Path) -> None:
    """Catches a result that keeps its name where land cover, or a height in the table, has changed."""
    hilly = replace(scenario, terrain=tmp_path / "dem.tif")
    wooded = replace(hilly, clutter=tmp_path / "cover.tif")
    other = replace(wooded, clutter_table=tmp_path / "heights.toml")
    assert len({one.digest() for one in (scenario, hilly, wooded, other)}) == 4
    assert "clutter_table" not in hilly.inputs()
    assert wooded.inputs()["clutter_table"]["name"] == TABLE.name
    (tmp_path / "heights.toml").write_text("other heights")
    assert other.digest() != wooded.digest()


def test_clutter_that_nothing_reads_is_refused(scenario: Scenario, tmp_path: Path) -> None:
    """Catches woods that are given, and silently left out."""
    with pytest.raises(ScenarioError, match="clutter is given without terrain"):
        replace(scenario, clutter=tmp_path / "cover.tif").check_clutter()
    with pytest.raises(ScenarioError, match="clutter_table is given without clutter"):
        replace(scenario, clutter_table=tmp_path / "heights.toml").check_clutter()


def test_digest_of_antennas_is_that_of_all_their_files(scenario: Scenario, tmp_path: Path) -> None:
    """Catches a folder of which one file counts, or whose files' dates and order count."""
    folder = tmp_path / "antennas"
    folder.mkdir()
    for name in ("b.msi", "A.PLN", "c.prn"):
        (folder / name).write_text(name)
    with_antennas = replace(scenario, antennas=folder)
    first = with_antennas.digest()
    assert first != scenario.digest()
    (folder / "notes.txt").write_text("no antenna")
    (folder / "b.msi").unlink()
    (folder / "b.msi").write_text("b.msi")
    assert with_antennas.digest() == first
    (folder / "c.prn").write_text("changed")
    second = with_antennas.digest()
    (folder / "b.msi").rename(folder / "d.msi")
    assert len({first, second, with_antennas.digest()}) == 3


def test_single_antenna_file_and_missing_one(scenario: Scenario, tmp_path: Path) -> None:
    """Catches a path that leads nowhere and counts as no antennas."""
    (tmp_path / "one.msi").write_text("one")
    assert replace(scenario, antennas=tmp_path / "one.msi").inputs()["antennas"]["name"] == "one.msi"
    with pytest.raises(ScenarioError, match=r"antennas: no file .*nowhere"):
        replace(scenario, antennas=tmp_path / "nowhere").digest()
