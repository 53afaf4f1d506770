"""Looking into an elevation file: every fault that a partner's file can have is named before it does harm."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest
import rasterio
from affine import Affine
from typer.testing import CliRunner

from geocover.cli.terrain import app
from geocover.elevation import info as info_module
from geocover.elevation.info import TerrainInfo, terrain_info
from geocover.errors import TerrainError
from geocover.io.areas import write_areas
from tests.elevation.ground import PAIR, VOID, dem

if TYPE_CHECKING:
    from pathlib import Path

GROUND = {"tags": {"GEOCOVER_TERRAIN_KIND": "terrain"}}


def codes(info: TerrainInfo) -> list[str]:
    assert all(flag.en != flag.vi for flag in info.flags)
    return [flag.code for flag in info.flags]


def rounded(path: Path, step: float, digits: int = 2) -> Path:
    """Heights as multiples of a step, rounded as an export rounds them."""
    with rasterio.open(path, "r+") as file:
        file.write(np.round(np.rint(file.read(1) / step) * step, digits), 1)
    return path


def test_a_good_file_has_no_flag(tmp_path: Path) -> None:
    """Catches flags that cry wolf, and facts that are wrong."""
    info = terrain_info(dem(tmp_path / "dem.tif", units="m", **GROUND), PAIR, 2_000.0)
    assert codes(info) == []
    assert (info.crs, info.unit, info.kind, info.shape) == ("EPSG:4326", "m", "terrain", (300, 300))
    assert info.resolution_m == pytest.approx(107.2, abs=1.0)
    np.testing.assert_allclose(info.bounds_deg, (105.2, 21.2, 105.5, 21.5), atol=1e-9)
    assert (info.void_share, info.holes, info.largest_hole_km2, info.sampled) == (0.0, 0, 0.0, False)
    with rasterio.open(tmp_path / "dem.tif") as file:
        assert (info.lowest, info.highest) == (file.read(1).min(), file.read(1).max())
    assert info.cover is not None
    assert (info.cover.communes, info.cover.share, info.cover.margin_share) == (2, 1.0, 1.0)


def test_holes_are_a_flag_with_share_and_size(tmp_path: Path) -> None:
    """Catches holes that stay invisible until figures come out wrong."""
    path = dem(tmp_path / "dem.tif", hole=(105.31, 21.31, 105.33, 21.32), **GROUND)
    with rasterio.open(path, "r+") as file:
        values = file.read(1)
        values[5, 5] = VOID
        file.write(values, 1)
    info = terrain_info(path, PAIR)
    assert codes(info) == ["holes", "small"]
    assert info.void_share == pytest.approx(201 / 90_000)
    assert info.holes == 2
    assert info.largest_hole_km2 == pytest.approx(200 * 0.103 * 0.111, rel=0.03)
    assert "0,22 % của tệp, lớn nhất 2,30 km²" in "\n".join(info.lines_vi())
    assert "small" not in codes(terrain_info(dem(tmp_path / "d2.tif", **GROUND), PAIR))


def test_a_file_that_is_too_small_is_a_flag_with_its_share(tmp_path: Path) -> None:
    """Catches a file that ends inside the communes, or right at their border."""
    inside = terrain_info(dem(tmp_path / "a.tif", (105.2, 21.2, 105.34, 21.5), **GROUND), PAIR)
    assert codes(inside) == ["small"]
    assert inside.cover is not None
    assert inside.cover.share == pytest.approx(0.4, abs=0.02)
    assert inside.cover.without == 1
    border = terrain_info(dem(tmp_path / "b.tif", (105.2, 21.2, 105.401, 21.5), **GROUND), PAIR, 5_000.0)
    assert codes(border) == ["small"]
    assert border.cover is not None
    assert border.cover.share == 1.0
    assert border.cover.margin_share == pytest.approx(0.78, abs=0.08)
    assert codes(terrain_info(tmp_path / "b.tif", PAIR, 0.0)) == []


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"crs": "EPSG:32649"}, ["unusable"]),
        ({"crs": "EPSG:4326"}, ["impossible_crs", "unusable"]),
        (
            {"crs": "EPSG:4326", "transform": Affine(0.001, 0, 21.2, 0, -0.001, 105.5)},
            ["impossible_crs", "unusable"],
        ),
        ({"crs": None}, ["no_crs"]),
        ({"crs": None, "transform": Affine(0.001, 0, 105.2, 0, -0.001, 21.5)}, ["no_crs"]),
    ],
    ids=["zone 49", "metres as degrees", "swapped", "none", "none, in degrees"],
)
def test_a_wrong_or_missing_crs_is_a_flag(
    tmp_path: Path, changes: dict[str, object], expected: list[str]
) -> None:
    """Catches a report that fails, or stays silent, where the CRS is the very thing to look into."""
    path = dem(tmp_path / "dem.tif", crs="EPSG:32648", pixel=90.0, **GROUND)
    with rasterio.open(path) as source:
        profile, values, tags = {**source.profile, **changes}, source.read(1), source.tags()
    with rasterio.open(path, "w", **profile) as file:
        file.write(values, 1)
        file.update_tags(**tags)
    info = terrain_info(path, PAIR)
    assert codes(info) == expected
    assert info.cover is None
    if expected == ["no_crs"]:
        said = info.flags[0].en
        assert ("look like degrees" in said) == ("transform" in changes)
        assert ("EPSG:4326" in said) == ("transform" in changes)


def test_feet_by_word_by_steps_and_by_height(tmp_path: Path) -> None:
    """Catches feet that would pass for metres, and metres in steps of a foot taken for feet."""
    said = dem(tmp_path / "said.tif", factor=1 / 0.3048, units="US survey foot", **GROUND)
    info = terrain_info(said, PAIR)
    assert codes(info) == ["unit"]
    assert info.cover is not None
    low = dem(tmp_path / "low.tif", lift=-500.0, factor=0.2, **GROUND)
    assert codes(terrain_info(rounded(low, 1 / 0.3048), PAIR)) == ["feet"]
    assert codes(terrain_info(rounded(low, 0.3048), PAIR)) == ["from_feet"]
    assert codes(terrain_info(rounded(low, 0.1), PAIR)) == []
    assert codes(terrain_info(rounded(low, 1.0), PAIR)) == []
    high = terrain_info(dem(tmp_path / "high.tif", factor=1 / 0.3048, **GROUND), PAIR)
    assert codes(high) == ["unusable"]
    assert "possible here are -500 to 3200 m" in high.flags[0].en


def test_an_unknown_kind_and_an_empty_file_are_flags(tmp_path: Path) -> None:
    """Catches a file whose kind nobody stated, and one of nothing but voids."""
    assert codes(terrain_info(dem(tmp_path / "plain.tif"), PAIR)) == ["kind"]
    empty = terrain_info(dem(tmp_path / "void.tif", hole=(0, 0, 180, 90), **GROUND), PAIR)
    assert codes(empty) == ["empty", "unusable"]
    assert (empty.lowest, empty.void_share) == (None, 1.0)
    assert "–" in "\n".join(empty.lines_vi())


def test_a_large_file_is_sampled_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches areas of holes that shrink with the sample."""
    path = dem(tmp_path / "dem.tif", hole=(105.31, 21.31, 105.35, 21.35), **GROUND)
    whole = terrain_info(path, PAIR)
    monkeypatch.setattr(info_module, "MOST_PIXELS", 10_000)
    part = terrain_info(path, PAIR)
    assert part.sampled
    assert part.void_share == pytest.approx(whole.void_share, rel=0.1)
    assert part.largest_hole_km2 == pytest.approx(whole.largest_hole_km2, rel=0.1)
    assert "mẫu" in "\n".join(part.lines_vi())


def test_the_command_prints_text_or_json(tmp_path: Path) -> None:
    """Catches a report that is no JSON, NaN in it, and a raw error for a file that is no raster."""
    path = dem(tmp_path / "dem.tif", hole=(105.31, 21.31, 105.32, 21.32))
    write_areas(PAIR, tmp_path / "areas.geojson")
    base = ["info", str(path), "--areas", str(tmp_path / "areas.geojson"), "--margin", "1000"]
    text = CliRunner().invoke(app, base)
    assert text.exit_code == 0, text.output
    assert "CẢNH BÁO: 1 lỗ trống, 0,11 % của tệp" in text.stdout
    assert "kể cả lề 1.000 m" in text.stdout
    told = json.loads(CliRunner().invoke(app, [*base, "--json"]).stdout, parse_constant=pytest.fail)
    assert [flag["code"] for flag in told["flags"]] == ["holes", "kind", "small"]
    assert told["cover"]["communes"] == 2
    (tmp_path / "text.tif").write_text("not a raster")
    failed = CliRunner().invoke(app, ["info", str(tmp_path / "text.tif"), *base[2:]])
    assert isinstance(failed.exception, TerrainError)


@pytest.mark.data
def test_the_real_tile(shared_data: Path) -> None:
    """Catches the real tile's 1,539 voids and its missing half of the province left unsaid."""
    from geocover.boundaries.index import shipped_index

    info = terrain_info(shared_data / "dem" / "N21E105.hgt", shipped_index("25"))
    assert codes(info) == ["holes", "small"]
    assert info.void_share * 1_201**2 == pytest.approx(1_539)
    assert info.cover is not None
    assert 0.3 < info.cover.share < 0.5
    assert info.kind == "surface"
    assert info.highest == 1_582
