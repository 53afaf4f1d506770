"""What readers are told of a failed job: the file, and not where the server keeps it."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.register import jobs
from geocover.register.computing import enqueue_compute
from geocover.register.database import Database
from geocover.register.errors import RegisterError
from geocover.register.telling import without_folders
from geocover.register.worker import run_job
from tests.register.making import DECEMBER, make_accepted, make_cells
from tests.register.province import SCENARIO, make_province

FOLDER = st.text(st.sampled_from("aZđ 0-_.()&+"), min_size=1, max_size=12).filter(
    lambda one: one.strip() == one and ") " not in one
)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("/srv/Dữ liệu/areas.geojson: there is no such file", "areas.geojson: there is no such file"),
        ("cannot read /a/b.csv, /c/d.csv; and /e/f g/h.toml", "cannot read b.csv, d.csv; and h.toml"),
        ("OSError: [Errno 28] full: '/srv/x (2)/y,z/dem.tif'", "OSError: [Errno 28] full: 'dem.tif'"),
        ("“/srv/a/b c.xlsx” hỏng", "“b c.xlsx” hỏng"),
        ("(/srv/a/b.csv)", "(b.csv)"),
        ("terrain=/srv/a b/dem.tif", "terrain=dem.tif"),
        (r"C:\data\x\y.csv: bad", "y.csv: bad"),
        ("/vsizip//srv/a.zip/b.shp: no", "b.shp: no"),
        ("file:///srv/a.csv, sqlite:////srv/x/register.sqlite", "a.csv, register.sqlite"),
        ("see https://host/a/b; 4G/5G, 3/4, m / s, 12/11/2025", None),
        ("WGS 84 / UTM zone 48N, đọc/ghi", None),
    ],
)  # fmt: skip
def test_files_lose_their_folders(message: str, told: str | None) -> None:
    """Catches a path that is told, a name that is lost, and a slash that is no path's."""
    assert without_folders(message) == (told or message)


@given(st.lists(FOLDER, min_size=1, max_size=4), FOLDER.filter(lambda one: "/" not in one))
def test_no_folder_is_left(folders: list[str], name: str) -> None:
    """Catches folders with signs or spaces in their names that show through."""
    assert without_folders(f"/{'/'.join(folders)}/{name}: no such file") == f"{name}: no such file"


def test_a_failed_computation_names_the_file_alone(
    database: Database, tmp_path: Path, small_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Catches a planner who learns the server's folders, and an operator of the server who does not."""
    folder = make_province(tmp_path / "Dữ liệu (máy chủ)", small_root)
    (folder / "inputs").unlink()
    make_accepted(database, make_cells(2))
    job = enqueue_compute(database, folder, SCENARIO, DECEMBER, "k")
    claimed = jobs.claim(database, "w", job.id)
    assert claimed is not None
    with caplog.at_level(logging.WARNING):
        ended = run_job(database, folder, claimed)
    assert ended.state == "failed"
    for told in (ended.message, ended.message_vi):
        assert "areas.geojson" in told
        assert "/" not in told
        assert "Dữ liệu" not in told
    assert str(folder / "inputs" / "areas.geojson") in caplog.text


def test_an_unexpected_error_names_no_folder_either(
    database: Database, tmp_path: Path, small_root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches an error of the operating system, which quotes whole paths."""
    folder = make_province(tmp_path / "data", small_root)
    make_accepted(database, make_cells(2))
    enqueue_compute(database, folder, SCENARIO, DECEMBER, "k")

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", str(folder / "tiles" / "x.npz"))

    monkeypatch.setattr("geocover.scenario.compute", full)
    claimed = jobs.claim(database, "w")
    assert claimed is not None
    ended = run_job(database, folder, claimed)
    assert ended.message == "OSError: [Errno 28] No space left on device: 'x.npz'"
    assert ended.message_vi.endswith("No space left on device: 'x.npz'")


def test_a_scenario_that_is_not_there_is_refused_without_the_folder(
    database: Database, tmp_path: Path
) -> None:
    """Catches the data folder in an answer to who accepts a list."""
    with pytest.raises(RegisterError) as raised:
        enqueue_compute(database, tmp_path, "absent.toml", DECEMBER, "k")
    assert "absent.toml" in str(raised.value)
    assert tmp_path.name not in str(raised.value) + raised.value.vi
