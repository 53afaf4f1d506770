"""The register on the command line, on its default database: a SQLite file in a folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from geocover.cli import app
from geocover.register import jobs, lists
from geocover.register.database import open_database
from geocover.register.keys import authenticate
from tests.register.making import JUNE, make_accepted, make_cells, make_checked, make_upload


@pytest.fixture(autouse=True)
def _no_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GEOCOVER_DATABASE_URL", raising=False)


def call(folder: Path, *arguments: str) -> str:
    result = CliRunner().invoke(app, [*arguments, "--dir", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_key_is_made_shown_and_revoked(tmp_path: Path) -> None:
    """Catches a token that does not work, or that is mixed with other text on standard output."""
    token = call(
        tmp_path, "keys", "add", "Viettel PTO", "--role", "partner", "--operator", "Viettel", "--days", "30",
        "--read-only",
    ).strip()  # fmt: skip
    with open_database(folder=tmp_path) as database:
        key = authenticate(database, token)
        assert key is not None
        assert (key.role, key.operator, key.scopes) == ("partner", "Viettel", ("read",))
        assert key.expires_at is not None
        assert round((key.expires_at - key.created_at).total_seconds() / 86_400) == 30
    shown = call(tmp_path, "keys", "list")
    assert key.id in shown
    assert "còn hiệu lực" in shown
    assert token not in shown
    call(tmp_path, "keys", "revoke", key.id)
    assert "đã thu hồi" in call(tmp_path, "keys", "list")
    with open_database(folder=tmp_path) as database:
        assert authenticate(database, token) is None


def test_lists_are_accepted_rejected_counted_and_compared(tmp_path: Path) -> None:
    """Catches a command that does something else than the function it stands for."""
    assert "0001" in call(tmp_path, "register", "migrate")
    with open_database(folder=tmp_path) as database:
        old = make_accepted(database, make_cells(2), JUNE)
        new, bad = (lists.draft(database, make_upload(), "k") for _ in range(2))
        lists.checked(database, new.id, make_checked(make_cells(3)), "k")
        make_accepted(database, make_cells(1, "MobiFone"))
    call(tmp_path, "register", "accept", new.id)
    call(tmp_path, "register", "reject", bad.id, "--reason", "sai")
    shown = call(tmp_path, "register", "lists", "--operator", "viettel")
    assert [line.split("\t")[4] for line in shown.splitlines()] == ["bị từ chối", "đã duyệt", "đã thay thế"]
    totals = call(tmp_path, "register", "totals", "2025-12-31")
    assert "Viettel,4G,3,3,3" in totals.splitlines()
    assert "all,all,3,4,4" in totals.splitlines()
    assert call(tmp_path, "register", "masts", "2025-12-31").count("mast-") == 2
    found = call(tmp_path, "register", "diff", old.id, new.id, "--geojson", str(tmp_path / "d.geojson"))
    assert "thêm / added: 1" in found
    told = json.loads((tmp_path / "d.geojson").read_text(encoding="utf-8"))
    assert [feature["properties"]["cell_id"] for feature in told["features"]] == ["P2-4G-1"]


def test_jobs_are_asked_for_run_and_cancelled(tmp_path: Path, small_root: Path) -> None:
    """Catches a job that the command line cannot run to a published snapshot."""
    (tmp_path / "inputs").symlink_to(small_root.with_name(f"{small_root.name}-inputs"))
    (tmp_path / "s.toml").write_text(
        '[scenario]\nname = "a"\nprovince_code = "25"\nas_of = 2020-01-01\nresolution_m = 800.0\n'
        '[inputs]\nareas = "inputs/areas.geojson"\nnetwork = "absent.csv"\n',
        encoding="utf-8",
    )
    with open_database(folder=tmp_path) as database:
        make_accepted(database)
    job_id = call(tmp_path, "register", "compute", "s.toml", "2025-12-31").strip()
    assert f"{job_id}: done" in call(tmp_path, "register", "jobs", "run", job_id)
    assert len(list((tmp_path / "snapshots").iterdir())) == 1
    assert "\tdone\t" in call(tmp_path, "register", "jobs", "list")
    other = call(tmp_path, "register", "compute", "s.toml", "2025-12-31").strip()
    assert "cancelled" in call(tmp_path, "register", "jobs", "cancel", other)
    with open_database(folder=tmp_path) as database:
        assert jobs.get(database, other).state == "cancelled"
