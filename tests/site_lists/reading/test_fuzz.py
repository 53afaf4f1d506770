"""Whatever bytes arrive, the answer is a book or a `SiteListError`: the program never falls."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from geocover.errors import SiteListError
from geocover.site_lists.findings import Findings
from geocover.site_lists.reading import Limits, read_book
from geocover.site_lists.tables import find_tables
from tests.site_lists.reading import builders
from tests.site_lists.reading.builders import SITES

KINDS = ("xlsx", "xls", "xlsb", "ods", "csv", "geojson", "gpkg", "kml", "kmz", "html")
LIMITS = Limits(memory_bytes=1 << 30, seconds=20)
# Every example starts a process, so there are few; `derandomize` keeps runs alike.
FEW = settings(max_examples=12, derandomize=True, database=None)


@lru_cache(maxsize=1)
def whole_files() -> dict[str, bytes]:
    """A good file of each kind."""
    with TemporaryDirectory() as folder:
        root = Path(folder)
        for kind in ("xlsx", "xls", "xlsb", "ods"):
            getattr(builders, kind)(root / f"a.{kind}", SITES)
        builders.text(root / "a.csv", SITES, ";")
        builders.geojson(root / "a.geojson", [builders.feature(105.3, 21.3, tên="A")])
        builders.gpkg(root / "a.gpkg")
        (root / "a.kml").write_text(builders.kml(), encoding="utf-8")
        builders.archive(root / "a.kmz", {"doc.kml": builders.kml()})
        (root / "a.html").write_text("<table><tr><td>Mã trạm<td rowspan=3>x</table>", encoding="utf-8")
        return {kind: (root / f"a.{kind}").read_bytes() for kind in KINDS}


def survive(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    findings = Findings()
    try:
        book = read_book(path, limits=LIMITS, findings=findings)
    except SiteListError as error:
        # Damage is told as damage: no mistake of ours hides behind it.
        if "mistake of the program" in str(error):
            raise AssertionError(str(error)) from error
        return
    find_tables(book, lambda text: float(text in SITES[0]), findings)


@pytest.mark.parametrize("kind", KINDS)
@FEW
@given(data=st.data())
def test_damaged_files_do_not_crash(tmp_path: Path, kind: str, data: st.DataObject) -> None:
    """Catches panics, aborts and endless work in parsers: flipped, cut and repeated bytes of good files."""
    content = bytearray(whole_files()[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(
            st.sampled_from([0, 1, 0x7F, 0x80, 0xFF, content[at] ^ 1, content[at] ^ 0x40])
        )
    stop = data.draw(st.one_of(st.none(), st.integers(1, len(content))))
    survive(tmp_path / f"a.{kind}", bytes(content[:stop]))


@pytest.mark.parametrize(
    "head", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"SQLite format 3\x00", b"<kml>"]
)
@FEW
@given(content=st.binary(max_size=600))
def test_any_bytes_do_not_crash(tmp_path: Path, head: bytes, content: bytes) -> None:
    """Catches crashes on noise behind the first bytes of each kind."""
    survive(tmp_path / "a.xlsx", head + content)


def test_headers_of_old_files_that_ask_for_too_much_memory(tmp_path: Path) -> None:
    """Catches the aborts that a forged table of sectors causes: counts of two thousand million."""
    content = whole_files()["xls"]
    for at in (0x2C, 0x40, 0x44, 0x48):
        forged = content[:at] + b"\xff\xff\xff\x7f" + content[at + 4 :]
        survive(tmp_path / "a.xls", forged)


def test_old_files_with_cells_far_away(tmp_path: Path) -> None:
    """Catches a small file whose one cell stands in column 65,535 of row 65,535."""
    import struct

    content = whole_files()["xls"]
    # NUMBER record ([MS-XLS] 2.4.180) or RK: row 1, column 1 of the fixture.
    at = (
        content.index(struct.pack("<HHH", 0x0203, 14, 1))
        if struct.pack("<HHH", 0x0203, 14, 1) in content
        else -1
    )
    assert at > 0
    forged = content[: at + 4] + struct.pack("<HH", 65_535, 65_535) + content[at + 8 :]
    survive(tmp_path / "a.xls", forged)


def test_repeated_rows_and_columns_of_ods(tmp_path: Path) -> None:
    """Catches a sheet that repeats one cell a million times a million."""
    path = builders.ods(tmp_path / "a.ods", SITES)

    def change(xml: bytes) -> bytes:
        xml = xml.replace(b"<table:table-row>", b'<table:table-row table:number-rows-repeated="1000000">', 1)
        return xml.replace(
            b"<table:table-cell ", b'<table:table-cell table:number-columns-repeated="16000" ', 1
        )

    survive(
        tmp_path / "b.ods", builders.repacked(path, tmp_path / "c.ods", {"content.xml": change}).read_bytes()
    )
