"""What a calibration writes: figures, bins and pictures."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from geocover.calibration import Calibration, Settings, calibrate, write_calibration
from geocover.calibration.files import calibration_dict, json_text
from geocover.calibration.plots import _tick, write_plots
from geocover.calibration.report import profile_lines, sections
from geocover.io.drive_tests import SetAside
from geocover.network import Network
from geocover.profiles import Profile, profile
from geocover.propagation import ExtendedHata


@pytest.fixture
def found(truth: Callable[..., object], towns: Network) -> Calibration:
    test = truth(known=("cell",))
    aside = (SetAside("no_level", 7, 31),)
    test = replace(test, rows_read=test.rows_read + 7, set_aside=aside)  # type: ignore[type-var]
    settings = Settings(samples=200, slope=True)
    return calibrate(test, towns, ExtendedHata(), profile("outdoor-4g"), settings=settings)  # type: ignore[arg-type]


def test_rows_of_the_file_add_up(found: Calibration) -> None:
    """Catches rows that the figures forget: read = used + without prediction + set aside."""
    counts = calibration_dict(found)["counts"]
    assert isinstance(counts, dict)
    aside = sum(each["rows"] for each in counts["rows_set_aside"].values())
    assert aside == 7
    assert counts["rows_read"] == counts["rows_used"] + counts["rows_without_prediction"] + aside
    assert sum(counts["bins_by_match"].values()) == counts["bins"]


def test_json_is_plain_and_the_same_at_every_call(
    truth: Callable[..., object], towns: Network, found: Calibration
) -> None:
    """Catches NaN in JSON, and a bootstrap that starts elsewhere each time."""
    again = calibrate(found.test, towns, ExtendedHata(), found.profile, settings=found.settings)
    assert json_text(again) == json_text(found)
    figures = json.loads(json_text(found))
    assert figures["residuals"]["within_bin_sd_db"] is None  # one point a bin: no spread within
    assert figures["fit"]["offset_interval_db"][0] < figures["fit"]["offset_db"]
    assert figures["inputs"]["settings"]["slope"] is True


def test_bins_as_csv_and_geojson_hold_the_residuals(found: Calibration, tmp_path: Path) -> None:
    """Catches a table that rounds away, reorders or drops bins; and files that change between runs."""
    keep = tmp_path / "notes.txt"
    keep.write_text("mine")
    paths = write_calibration(found, tmp_path)
    assert [path.name for path in paths] == ["calibration.json", "residuals.csv", "residuals.geojson"]
    table = pd.read_csv(paths[1])
    assert len(table) == len(found.bins)
    assert table["residual_db"].mean() == pytest.approx(found.overall.bias_db, abs=0.01)
    assert np.allclose(table["rsrp_dbm"] - table["predicted_dbm"], table["residual_db"], atol=0.02)
    features = json.loads(paths[2].read_text(encoding="utf-8"))["features"]
    assert len(features) == len(found.bins)
    assert features[0]["geometry"]["coordinates"] == table.loc[0, ["lon", "lat"]].tolist()
    first = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_calibration(found, tmp_path)] == first
    assert keep.read_text() == "mine"
    assert not list(tmp_path.glob(".*"))


def test_pictures_show_something_and_are_the_same_at_every_call(found: Calibration, tmp_path: Path) -> None:
    """Catches an empty picture, a missing glyph (a warning is an error here) and a date in the file."""
    paths = write_plots(found, tmp_path)
    assert len(paths) == 4
    for path in paths:
        pixels = np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGB"))
        assert pixels.shape == (720, 900, 3)
        assert 0.01 < (pixels < 250).any(axis=2).mean() < 0.6
    first = [path.read_bytes() for path in paths]
    assert [path.read_bytes() for path in write_plots(found, tmp_path)] == first


def test_made_up_sites_are_named_so_in_every_picture(found: Calibration, tmp_path: Path) -> None:
    """Catches an illustrative list drawn as if it were real: the note below each picture differs."""
    made_up = replace(found, network=replace(found.network, illustrative=True))
    real, marked = (write_plots(each, tmp_path / name) for each, name in ((found, "a"), (made_up, "b")))
    for one, other in zip(real, marked, strict=True):
        left, right = (np.asarray(Image.open(path).convert("L"), int) for path in (one, other))
        assert (left[695:] != right[695:]).any()


@pytest.mark.parametrize(
    ("value", "text"), [(0.25, "0,25"), (-20.0, "\N{MINUS SIGN}20"), (1.5, "1,5"), (1000.0, "1.000")]
)
def test_axis_labels_are_vietnamese_numbers(value: float, text: str) -> None:
    """Catches a label that rounds its tick: 0.25 is not 0,2."""
    assert _tick(value, None) == text


def test_report_is_bilingual_and_complete(found: Calibration) -> None:
    """Catches a table whose rows are not as long as its head, or a count that is not told."""
    tables = sections(found)
    for table in tables:
        assert " / " in table.title
        assert all(len(row) == len(table.head) for row in table.rows)
    counts = dict(tables[0].rows)
    assert counts["Dòng đã đọc / Rows read"] == "907"
    assert any("không có mức thu / no level (từ dòng 31" in name for name in counts)
    assert any("dB/decade" in row[0] for row in tables[2].rows)


def test_lines_for_a_profile_make_one(found: Calibration) -> None:
    """Catches advice that a profile would refuse, or that is not what the figures say."""
    import tomllib

    fields = tomllib.loads(profile_lines(found))
    assert fields == {name: found.advice[name] for name in ("sigma_db", "level_error_db")}
    assert replace(profile("outdoor-4g"), **fields).sigma_db == fields["sigma_db"]
    assert isinstance(found.profile, Profile)
