"""Files of every kind give the same cells; what is no list is refused with a remedy."""

from __future__ import annotations

import datetime as dt
import re
import struct
import zipfile
from itertools import pairwise
from pathlib import Path

import openpyxl
import pytest

from geocover.errors import SiteListError
from geocover.site_lists.findings import Findings
from geocover.site_lists.reading import Limits, read_book
from geocover.site_lists.reading.bad_cells import TOLD, BadCells
from geocover.site_lists.sheets import Book
from tests.site_lists.reading import builders
from tests.site_lists.reading.builders import SITES


def read(path: Path, limits: Limits | None = None, name: str | None = None) -> tuple[Book, Findings]:
    findings = Findings()
    return read_book(path, name=name, limits=limits or Limits(), findings=findings), findings


def codes(findings: Findings) -> list[str]:
    return [finding.code for finding in findings]


def refusal(path: Path, limits: Limits | None = None) -> SiteListError:
    with pytest.raises(SiteListError) as caught:
        read(path, limits)
    assert path.name in str(caught.value)
    assert caught.value.vi != str(caught.value)
    return caught.value


@pytest.mark.parametrize("kind", ["xlsx", "xls", "xlsb", "ods", "csv"])
def test_every_kind_gives_the_same_cells(tmp_path: Path, kind: str) -> None:
    """Catches a kind whose reader loses, moves or retypes cells."""
    writer = {"csv": builders.text}.get(kind) or getattr(builders, kind)
    book, findings = read(writer(tmp_path / f"tram.{kind}", SITES))
    expected = SITES if kind != "csv" else [[str(value) for value in row] for row in SITES]
    assert book.kind == kind
    assert [list(row) for row in book.sheets[0].rows] == expected
    assert book.sheets[0].name == ("" if kind == "csv" else "Trạm")
    assert not codes(findings)


def test_content_and_not_the_suffix_tells_the_kind(tmp_path: Path) -> None:
    """Catches trust in suffixes: an XLSX called .csv, as mail programs rename it."""
    book, findings = read(builders.xlsx(tmp_path / "tram.csv", SITES))
    assert book.kind == "xlsx"
    assert codes(findings) == ["suffix-wrong"]


def test_name_and_digest_are_of_the_partners_file(tmp_path: Path) -> None:
    """Catches the name of a temporary upload in the report, or a digest of something else."""
    import hashlib

    path = builders.text(tmp_path / "upload-7f3a", SITES)
    book, findings = read(path, name="Danh sách trạm.csv")
    assert (book.name, book.digest) == ("Danh sách trạm.csv", hashlib.sha256(path.read_bytes()).hexdigest())
    assert not codes(findings)


def test_rows_columns_merges_and_hidden_sheets_are_where_the_owner_sees_them(tmp_path: Path) -> None:
    """Catches numbering from the used range instead of from the sheet's own first row and column."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["C4"], sheet["D4"], sheet["C5"] = "Mã trạm", "Kinh độ", "PTO0001"
    sheet.merge_cells("C2:D3")
    sheet["C2"] = "Danh sách"
    book.create_sheet("ẩn").sheet_state = "veryHidden"
    book["ẩn"]["A1"] = 1
    book.save(tmp_path / "a.xlsx")
    read_back, _ = read(tmp_path / "a.xlsx")
    first, hidden = read_back.sheets
    assert (first.first_row, first.first_column, first.merged) == (1, 3, ((2, 3, 3, 4),))
    assert first.rows[3] == ["Mã trạm", "Kinh độ"]
    assert [sheet.hidden for sheet in (first, hidden)] == [False, True]


def test_dates_times_booleans_and_zero_keep_their_types(tmp_path: Path) -> None:
    """Catches a cell of 0 or False read as empty, and dates lost between the processes."""
    row = [
        dt.datetime(2025, 7, 1, 8, 30),  # noqa: DTZ001 - cells know no zones
        dt.time(8, 30),
        True,
        False,
        0,
        1.5,
        "x",
    ]
    book, _ = read(builders.xlsx(tmp_path / "a.xlsx", [row]))
    assert book.sheets[0].rows[0] == row


def test_formulas_without_values_and_errors_are_told(tmp_path: Path) -> None:
    """Catches silence where a program wrote formulas that Excel never computed, and #N/A read as nothing."""
    book = openpyxl.Workbook()
    book.active.append(["=1+1", "=A1*2", 3])
    book.active["D1"] = "#N/A"
    book.save(tmp_path / "a.xlsx")
    found = [(one.code, one.sheet, one.row, one.letter, one.value) for one in read(tmp_path / "a.xlsx")[1]]
    assert found == [
        ("formulas-without-values", "Sheet", 1, "A", ""),
        ("formulas-without-values", "Sheet", 1, "B", ""),
        ("cells-with-errors", "Sheet", 1, "D", "#N/A"),
    ]


def test_cells_in_error_beyond_a_number_are_counted(tmp_path: Path) -> None:
    """Catches thousands of findings of one kind, and cells over two sheets and many pieces that get lost."""
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Nhà & cột")):
        for row in range(1, 90):
            sheet.append(["x" * row, "#DIV/0!" if row % 9 else "x"])
    book.save(tmp_path / "a.xlsx")
    findings = [one for one in read(tmp_path / "a.xlsx")[1] if one.code == "cells-with-errors"]
    placed = [one for one in findings if one.row is not None]
    assert len(placed) == TOLD < 160
    assert {(one.sheet, one.letter, one.value) for one in placed} == {
        ("Sheet", "B", "#DIV/0!"),
        ("Nhà & cột", "B", "#DIV/0!"),
    }
    assert not any(one.row % 9 == 0 for one in placed if one.row is not None)
    (rest,) = [one for one in findings if one.row is None]
    assert f"{160 - TOLD}" in rest.vi


def test_a_cell_in_error_is_found_wherever_the_xml_is_cut() -> None:
    """Catches a cell that is lost, or told twice, where it lies over the end of a piece."""
    error, formula = b'<c r="AB12" t="e"><f>1/0</f><v>#N/A</v></c>', b'<c r="C1"><f>A1</f><v></v></c>'
    xml = b'<row><c r="A1" s="1"/>' + error + formula + b"</row>"
    for cut in range(len(xml)):
        cells = BadCells()
        cells.add(xml[:cut])
        cells.add(xml[cut:])
        assert cells.places == {
            "cells-with-errors": [("AB", 12, "#N/A")],
            "formulas-without-values": [("C", 1, "")],
        }


def test_a_formula_with_its_value_is_no_finding(tmp_path: Path) -> None:
    """Catches false alarms about files that Excel did save."""
    path = builders.xlsx(tmp_path / "a.xlsx", [["=1+1"]])
    good = builders.repacked(
        path,
        tmp_path / "b.xlsx",
        {"xl/worksheets/sheet1.xml": lambda xml: re.sub(rb"<v ?/>|<v></v>", b"<v>2</v>", xml)},
    )
    book, findings = read(good)
    assert book.sheets[0].rows == [[2]]
    assert not codes(findings)


def test_a_chart_sheet_is_told_and_skipped(tmp_path: Path) -> None:
    """Catches a crash on sheets without cells."""
    book = openpyxl.Workbook()
    book.active.append([1])
    book.create_chartsheet("Biểu đồ")
    book.save(tmp_path / "a.xlsx")
    read_back, findings = read(tmp_path / "a.xlsx")
    assert [sheet.name for sheet in read_back.sheets] == ["Sheet"]
    assert codes(findings) == ["sheet-not-cells"]


def test_filtered_rows_are_rows(tmp_path: Path) -> None:
    """Catches sites lost because their owner saved the list with a filter on."""
    book = openpyxl.Workbook()
    for row in SITES:
        book.active.append(row)
    book.active.row_dimensions[2].hidden = True
    book.save(tmp_path / "a.xlsx")
    assert len(read(tmp_path / "a.xlsx")[0].sheets[0].rows) == len(SITES)


def test_real_lists_are_read(shared_data: Path) -> None:
    """Catches what made-up lists do not show: a list in Chinese, and one of three columns."""
    sanxia, findings = read(shared_data / "cell-sites" / "sanxia_lte_cells.csv")
    assert len(sanxia.sheets[0].rows) == 5_505
    assert sanxia.sheets[0].rows[1][10] == "华为"
    assert not codes(findings)
    ambato, _ = read(shared_data / "cell-sites" / "ambato_base_stations.csv")
    assert ambato.sheets[0].rows[:2] == [["site", "lat", "lon"], ["1", "-1.2360368", "-78.619995"]]


def test_html_called_xls_is_read(tmp_path: Path) -> None:
    """Catches refusal of what portals export: spans, entities and nested markup included."""
    page = """<html><head><style>td {x}</style></head><body><table>
    <tr><th colspan=2>Danh s&aacute;ch</th></tr><tr><td rowspan="2">PTO0001</td><td>105,34808</td></tr>
    <tr><td><b>21,3</b><br>2</td></tr></table></body>"""
    (tmp_path / "export.xls").write_text(page, encoding="utf-8")
    book, findings = read(tmp_path / "export.xls")
    assert book.sheets[0].rows == [["Danh sách"], ["PTO0001", "105,34808"], [None, "21,3 2"]]
    assert book.sheets[0].merged == ((1, 1, 1, 2), (2, 1, 3, 1))
    assert set(codes(findings)) == {"html-table", "suffix-wrong"}


_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000)
_REFUSED = {
    "empty.csv": (b"", "empty"),
    "blank.csv": (b"\xef\xbb\xbf \r\n\t\r\n", "empty"),
    "list.pdf": (b"%PDF-1.7\n1 0 obj", "PDF"),
    "list.png": (b"\x89PNG\r\n\x1a\n\x00\x00", "PNG"),
    "list.jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "JPEG"),
    "locked.xlsx": (_OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
    "list.doc": (_OLE + "WordDocument".encode("utf-16-le"), "Word"),
    "list.ppt": (_OLE + "PowerPoint Document".encode("utf-16-le"), "Office"),
    "half.xls": (_OLE + "Workbook".encode("utf-16-le"), "damaged"),
    "list.rar": (b"Rar!\x1a\x07\x00", "archive"),
    "list.gz": (b"\x1f\x8b\x08\x00", "archive"),
    "list.shp": (b"\x00\x00\x27\x0a" + bytes(100), "Shapefile"),
    "list.rtf": (b"{\\rtf1 PTO}", "RTF"),
    "list.json": (b'[{"site": 1, "lat": 2}]', "GeoJSON"),
    "cut.geojson": (b'{"type": "FeatureCollection", "features": [', "damaged"),
    "cut.xlsx": (b"PK\x03\x04" + bytes(100), "damaged"),
    "list.gpx": (b"<?xml version='1.0'?><gpx></gpx>", "XML file (gpx)"),
    "page.html": (b"<!DOCTYPE html><html><body>no</body></html>", "without a table"),
    "2003.xml": (
        b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="urn:x"></Workbook>',
        "XML Spreadsheet 2003",
    ),
    "other.gpkg": (b"SQLite format 3\x00" + bytes(200), "damaged"),
    "noise.bin": (bytes(range(1, 32)) * 20, "binary"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(_REFUSED))
def test_what_is_no_list_is_refused_with_its_remedy(tmp_path: Path, name: str) -> None:
    """Catches tracebacks and vague refusals: each kind of wrong file has an answer of its own."""
    content, word = _REFUSED[name]
    (tmp_path / name).write_bytes(content)
    assert word in str(refusal(tmp_path / name))


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("word/document.xml", "Word"),
        ("a.shp", "Shapefile"),
        ("tram.xlsx", "unpack"),
        ("ppt/presentation.xml", "Power"),
    ],
)
def test_archives_of_other_things_are_named(tmp_path: Path, part: str, word: str) -> None:
    """Catches a ZIP taken for a damaged workbook."""
    assert word in str(refusal(builders.archive(tmp_path / "a.zip", {part: "x"})))


def test_a_missing_file_is_no_traceback(tmp_path: Path) -> None:
    """Catches a bare FileNotFoundError."""
    assert "path" in str(refusal(tmp_path / "none.xlsx"))


def test_truncated_workbooks_are_refused(tmp_path: Path) -> None:
    """Catches an upload that broke off half way being read as a shorter list."""
    for kind in ("xlsx", "xls", "ods", "xlsb"):
        whole = getattr(builders, kind)(tmp_path / f"whole.{kind}", SITES)
        cut = tmp_path / f"cut.{kind}"
        cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
        refusal(cut)


def test_limits_name_the_sheet_and_what_to_do(tmp_path: Path) -> None:
    """Catches limits that are not enforced: file size, rows, columns, cells."""
    path = builders.xlsx(tmp_path / "a.xlsx", [[1] * 10] * 20)
    assert "too large" in str(refusal(path, Limits(file_bytes=100)))
    assert "“Trạm” has more than 19 rows" in str(refusal(path, Limits(rows=19)))
    assert "column J" in str(refusal(path, Limits(columns=9)))
    assert "more than 199" in str(refusal(path, Limits(cells=199)))
    assert read(path, Limits(rows=20, columns=10, cells=200))[0].sheets[0].rows


def _with_dimension(path: Path, target: Path, *, far: bool) -> Path:
    def change(xml: bytes) -> bytes:
        xml = xml.replace(b'ref="A1:D3"', b'ref="A1:XFD1048576"')
        cell = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        return xml.replace(b"</sheetData>", cell) if far else xml

    return builders.repacked(path, target, {"xl/worksheets/sheet1.xml": change})


def test_a_claimed_dimension_costs_nothing(tmp_path: Path) -> None:
    """Catches allocation by the sheet's own claim of 17 thousand million cells."""
    path = _with_dimension(builders.xlsx(tmp_path / "a.xlsx", SITES), tmp_path / "b.xlsx", far=False)
    assert len(read(path)[0].sheets[0].rows) == 3


def test_a_cell_in_the_last_corner_is_refused_and_the_program_lives(tmp_path: Path) -> None:
    """Catches the abort of the whole process by which calamine answers such a sheet."""
    path = _with_dimension(builders.xlsx(tmp_path / "a.xlsx", SITES), tmp_path / "b.xlsx", far=True)
    assert "Ctrl+End" in str(refusal(path))


def test_time_is_limited(tmp_path: Path) -> None:
    """Catches a file that keeps a process busy for ever."""
    path = builders.xlsx(tmp_path / "a.xlsx", SITES)
    assert "0.001 seconds" in str(refusal(path, Limits(seconds=0.001)))


def test_entities_in_a_workbook_are_harmless(tmp_path: Path) -> None:
    """Catches the expansion of nested entities, and reading of files named by external ones."""
    secret = tmp_path / "secret.txt"
    secret.write_text("bi mat")
    names = ["lol", *(f"lol{level}" for level in range(9))]
    nested = "".join(f'<!ENTITY {b} "{f"&{a};" * 10}">' for a, b in pairwise(names))
    head = f'<!DOCTYPE x [<!ENTITY lol "lol">{nested}<!ENTITY ext SYSTEM "file://{secret}">]>'

    def change(xml: bytes) -> bytes:
        return head.encode() + xml.replace(b"PTO0001", b"&lol8;&ext;")

    path = builders.repacked(
        builders.xlsx(tmp_path / "a.xlsx", SITES), tmp_path / "b.xlsx", {"xl/worksheets/sheet1.xml": change}
    )
    try:
        shown = repr(read(path)[0].sheets[0].rows)
    except SiteListError as error:
        shown = str(error)
    assert "bi mat" not in shown
    assert len(shown) < 10_000


def test_zip_bombs_are_refused_before_and_while_expanding(tmp_path: Path) -> None:
    """Catches bombs: honest, with a lying directory, of thousands of parts, with parts that overlap."""
    limits = Limits(expanded_bytes=1 << 20)
    honest = builders.archive(tmp_path / "a.xlsx", {"xl/workbook.xml": bytes(4 << 20)})
    assert "expands" in str(refusal(honest, limits))
    content = honest.read_bytes()
    size, small = struct.pack("<I", 4 << 20), struct.pack("<I", 1_000)
    (tmp_path / "lying.xlsx").write_bytes(content.replace(size, small))
    refusal(tmp_path / "lying.xlsx", limits)
    many = builders.archive(tmp_path / "many.xlsx", {f"xl/{number}": "" for number in range(2_100)})
    assert "2100" in str(refusal(many))
    refusal(_overlapping(tmp_path / "overlap.xlsx"))


def _overlapping(path: Path) -> Path:
    """Archive of two entries that share their packed bytes."""
    builders.archive(path, {"xl/workbook.xml": bytes(1_000), "xl/other.xml": bytes(1_000)})
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as packed:
        at = packed.start_dir
    second = content.index(b"PK\x01\x02", at + 4)
    content[second + 42 : second + 46] = struct.pack("<I", 0)
    path.write_bytes(content)
    return path


def test_two_readings_are_equal(tmp_path: Path) -> None:
    """Catches results that depend on timing between the two processes."""
    path = builders.xlsx(tmp_path / "a.xlsx", [["a", number, number / 7] for number in range(9_000)])
    first, second = (read(path)[0].sheets[0].rows for _ in range(2))
    assert first == second
    assert len(first) == 9_000


def test_twenty_files_at_once(tmp_path: Path) -> None:
    """Catches state shared between readings: twenty uploads at the same time."""
    from concurrent.futures import ThreadPoolExecutor

    paths = [builders.text(tmp_path / f"{number}.csv", [["site"], [number]]) for number in range(20)]
    with ThreadPoolExecutor(20) as pool:
        books = list(pool.map(lambda path: read(path)[0], paths))
    assert [book.sheets[0].rows[1] for book in books] == [[str(number)] for number in range(20)]
