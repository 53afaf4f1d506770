"""`geocover sites`: exit codes, what is printed, what is written."""

from __future__ import annotations

import json
from pathlib import Path

import openpyxl
import pytest
from typer.testing import CliRunner

from geocover.cli import app
from geocover.errors import SiteListError
from geocover.io.network import read_network
from tests.calling import geocover

GOOD = "Mã trạm,Nhà mạng,Công nghệ,Kinh độ,Vĩ độ\nP1,Viettel,4G,105.43771,21.29271\n"
BAD = GOOD + "P2,Viettel,4G,105.4,\n"


@pytest.fixture
def good(tmp_path: Path) -> Path:
    path = tmp_path / "good.csv"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.csv"
    path.write_text(BAD, encoding="utf-8")
    return path


def run(*arguments: object) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["sites", *map(str, arguments)])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.stdout


def test_all_accepted_is_0(good: Path) -> None:
    """Catches a good list that a script takes for a bad one, and a report in one language."""
    code, told = run("check", good)
    assert code == 0
    assert "nhận 1, không nhận 0" in told
    assert "1 rows read: 1 accepted" in told
    assert "thêm --province 25" in told


def test_a_rejected_row_is_1_and_is_named(bad: Path) -> None:
    """Catches a rejected row that nobody hears of."""
    code, told = run("check", bad)
    assert code == 1
    assert "nhận 1, không nhận 1" in told
    assert "LỖI/ERROR coordinate-missing" in told
    assert "dòng 3 E" in told


def test_unreadable_is_2_without_a_traceback(tmp_path: Path) -> None:
    """Catches a traceback in front of a planner."""
    path = tmp_path / "empty.xlsx"
    path.write_bytes(b"")
    done = geocover("sites", "check", path)
    assert done.returncode == 2
    assert done.stderr.startswith("Lỗi: ")
    assert "\nError: " in done.stderr
    assert "Traceback" not in done.stderr


def test_json_is_all_that_is_printed(bad: Path) -> None:
    """Catches prose in the JSON, counts that do not add up, and keys that programs rely on gone."""
    code, told = run("check", bad, "--json", "--report", bad.with_suffix(".xlsx"))
    report = json.loads(told)
    assert code == 1
    assert report["rows"] == {"read": 2, "accepted": 1, "rejected": 1}
    assert report["tables"][0]["range"] == "A2:E3"
    assert report["tables"][0]["columns"][3] == {
        "letter": "D", "head": "Kinh độ", "field": "lon", "confidence": 1.0, "by": "head",
    }  # fmt: skip
    found = [finding for finding in report["findings"] if finding["severity"] == "error"]
    assert [(finding["code"], finding["row"], finding["letter"]) for finding in found] == [
        ("coordinate-missing", 3, "E")
    ]
    assert set(found[0]) == {"code", "severity", "sheet", "row", "letter", "column", "value", "vi", "en"}
    assert report["severities"]["error"] == 1
    assert report["codes"]["coordinate-missing"] == 1
    assert report["totals"] == {"positions": 1, "stations": 1, "cells": 1}


def test_report_and_network_are_written(bad: Path, tmp_path: Path) -> None:
    """Catches a report without its status, and a network that the reader of networks refuses."""
    report, network = tmp_path / "report.xlsx", tmp_path / "network.csv"
    run("check", bad, "--report", report, "--out", network)
    sheet = openpyxl.load_workbook(report).worksheets[0]
    assert [str(sheet.cell(row, 6).value).split(" ")[0] for row in (1, 2, 3)] == ["Kết", "Nhận", "Không"]
    assert read_network(network).counts() == {"positions": 1, "stations": 1, "cells": 1}


def test_the_mapping_as_understood_reads_the_next_list_alike(tmp_path: Path, good: Path) -> None:
    """Catches a mapping that cannot be reused."""
    mapping, strange = tmp_path / "m.json", tmp_path / "strange.csv"
    run("check", good, "--save-mapping", mapping)
    told = json.loads(mapping.read_text(encoding="utf-8"))
    assert told["columns"]["Kinh độ"] == "lon"
    told["columns"] |= {"Cột lạ": "lon"}
    mapping.write_text(json.dumps(told), encoding="utf-8")
    strange.write_text(GOOD.replace("Kinh độ", "Cột lạ"), encoding="utf-8")
    assert run("check", strange, "--mapping", mapping)[0] == 0


def test_operator_and_technology_of_the_caller(tmp_path: Path) -> None:
    """Catches arguments that are not passed on."""
    path = tmp_path / "bare.csv"
    path.write_text("Mã trạm,Kinh độ,Vĩ độ\nP1,105.43771,21.29271\n", encoding="utf-8")
    assert run("check", path)[0] == 1
    assert run("check", path, "--operator", "Viettel", "--technology", "4G")[0] == 0


def test_checked_against_the_province_when_asked(tmp_path: Path) -> None:
    """Catches a list of another province accepted for Phú Thọ, and one refused that nobody compared."""
    path = tmp_path / "far.csv"
    path.write_text(GOOD.replace("105.43771,21.29271", "106.7,10.78"), encoding="utf-8")
    assert run("check", path)[0] == 0
    assert run("check", path, "--province", "25")[0] == 1


def test_dates_to_come_are_told_against_the_reporting_date(tmp_path: Path) -> None:
    """Catches a reporting date that is not passed on, or not a date."""
    path = tmp_path / "dates.csv"
    path.write_text(
        GOOD.replace("Vĩ độ\n", "Vĩ độ,Ngày phát sóng\n").replace("21.29271", "21.29271,01/03/2026")
    )
    assert "date-future" not in run("check", path)[1]
    assert "date-future" in run("check", path, "--as-of", "2025-12-31")[1]
    with pytest.raises(Exception, match="is no date"):
        run("check", path, "--as-of", "31/12/2025")


@pytest.mark.parametrize("option", ["--out", "--report", "--save-mapping"])
def test_the_list_itself_is_never_written_over(good: Path, option: str) -> None:
    """Catches the partner's list lost."""
    with pytest.raises(Exception, match="would replace the list"):
        run("check", good, option, good)
    assert good.read_text(encoding="utf-8") == GOOD


def test_template(tmp_path: Path) -> None:
    """Catches a template that is not written, or that its own check cannot read."""
    path = tmp_path / "mau.xlsx"
    assert run("template", path, "--operator", "Viettel")[0] == 0
    code, told = run("check", path)
    assert code == 1
    assert "no-rows" in told
    with pytest.raises(SiteListError):
        run("template", tmp_path / "mau.csv")
