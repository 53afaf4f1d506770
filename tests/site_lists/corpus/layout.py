"""Cases about where the table is: titles, heads of several lines, notes, groups, sheets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import openpyxl

from tests.site_lists.corpus.case import (
    HEAD,
    SITES,
    Case,
    changed,
    csv,
    listed,
    raw,
    text_of,
    with_column,
    without_columns,
    xlsx,
)

TITLE = [
    ["CỘNG HOÀ XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    [],
    ["DANH SÁCH TRẠM BTS TỈNH PHÚ THỌ"],
    ["(Kèm theo Công văn số 12)"],
    [],
]
TWO_LINES = [
    ["Mã trạm", "Nhà mạng", "Công nghệ", "Toạ độ", None, "Xã, phường"],
    [None, None, None, "Kinh độ", "Vĩ độ", None],
]


def merged_head(book: openpyxl.Workbook) -> None:
    sheet = book["Trạm"]
    sheet.merge_cells("D1:E1")
    for letter in "ABCF":
        sheet.merge_cells(f"{letter}1:{letter}2")


def second_sheet(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("Trạm 5G")
    for row in listed(["PTO009", "Viettel", "5G", 105.57089, 21.3747, "Xã Tam Dương"]):
        sheet.append(row)


def hidden_sheet(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("Cũ")
    for row in listed():
        sheet.append(row)
    sheet.sheet_state = "hidden"


def cover_first(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("Bìa", 0)
    sheet["B2"] = "BÁO CÁO"
    sheet["B3"] = "Kính gửi: Sở Khoa học và Công nghệ"


def shifted(book: openpyxl.Workbook) -> None:
    sheet = book["Trạm"]
    sheet.insert_cols(1, 2)
    sheet.insert_rows(1, 3)


def second_below(book: openpyxl.Workbook) -> None:
    sheet = book["Trạm"]
    sheet.append([])
    sheet.append([])
    for row in listed(
        ["Viettel", "5G", 21.3747, 105.57089, "PTO009"], head=["Nhà mạng", "RAT", "Lat", "Long", "Site ID"]
    ):
        sheet.append(row)


def filtered(book: openpyxl.Workbook) -> None:
    sheet = book["Trạm"]
    sheet.auto_filter.ref = "A1:F6"
    sheet.row_dimensions[3].hidden = True
    sheet.row_dimensions[4].hidden = True


def formulas(book: openpyxl.Workbook) -> None:
    sheet = book["Trạm"]
    for row in range(2, 7):
        sheet.cell(row, 6).value = f'=CONCATENATE("Xã ", A{row})'
        sheet.cell(row, 6).data_type = "f"


def sheet_of(title: str, *rows: list[object]) -> Callable[[openpyxl.Workbook], None]:
    def add(book: openpyxl.Workbook) -> None:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)

    return add


def headed_over(book: openpyxl.Workbook) -> None:
    sheet = book["Trạm"]
    sheet.merge_cells("D1:F1")
    sheet.merge_cells("G1:I1")


def named_by_sheet(book: openpyxl.Workbook) -> None:
    book["Trạm"].title = "Viettel 4G"
    other = without_columns("Nhà mạng", rows=listed(["PTO009", "", "5G", 105.57089, 21.3747, "Xã Tam Dương"]))
    sheet_of("Khác", ["Danh sách trạm VNPT"], *other)(book)


def beside(title: bool, gap: int) -> list[list[Any]]:
    """The first three sites, and right of them the others under the same heads."""
    titles = [["DANH SÁCH TRẠM A", *[None] * (5 + gap), "DANH SÁCH TRẠM B"]] if title else []
    others = [HEAD, *SITES[3:], [None] * 6]
    pairs = zip([HEAD, *SITES[:3]], others, strict=True)
    return [*titles, *[[*left, *[None] * gap, *right] for left, right in pairs]]


def in_minutes(value: float) -> list[Any]:
    minutes = (value - int(value)) * 60
    return [int(value), int(minutes), round((minutes - int(minutes)) * 60, 2)]


def changed_commas() -> list[list[Any]]:
    """The five sites with decimal commas."""
    return [HEAD[:5], *[[str(cell).replace(".", ",") for cell in site[:5]] for site in SITES]]


SPLIT = [[*site[:3], *in_minutes(site[3]), *in_minutes(site[4]), site[5]] for site in SITES]
SPLIT_HEAD = [*HEAD[:3], "Kinh độ", None, None, "Vĩ độ", None, None, HEAD[5]]
SECTORS = [
    [*(SITES[0] if azimuth == 0 else ["", "", "4G", "", "", ""]), azimuth] for azimuth in (0, 120, 240)
]

CASES = (
    Case(
        "summary-beside.xlsx",
        xlsx(
            after=sheet_of("Tổng hợp", ["Huyện", "Số trạm 3G", "Số trạm 4G", "Tổng"], ["Lâm Thao", 1, 2, 3])
        ),
    ),
    Case(
        "second-sheet-without-operator.xlsx",
        xlsx(after=sheet_of("Thêm", *without_columns("Nhà mạng", rows=listed(SITES[0])))),
    ),
    Case("side-by-side-with-titles.xlsx", xlsx(beside(title=True, gap=1))),
    Case("side-by-side-without-gap.xlsx", xlsx(beside(title=False, gap=0))),
    Case(
        "degrees-minutes-seconds-apart.xlsx",
        xlsx([SPLIT_HEAD, [*[None] * 3, *["Độ", "Phút", "Giây"] * 2, None], *SPLIT], after=headed_over),
    ),
    Case("degrees-apart-without-heads.xlsx", xlsx([SPLIT_HEAD, *SPLIT], after=headed_over)),
    Case(
        "groups-with-counts.xlsx",
        xlsx(
            [
                ["STT", *HEAD],
                ["I", "Huyện Lâm Thao", None, None, None, None, 2],
                *[[n, *site] for n, site in enumerate(SITES[:2], 1)],
                ["II", "Thành phố Việt Trì", None, None, None, None, 3],
                *[[n, *site] for n, site in enumerate(SITES[2:], 1)],
            ]
        ),
    ),
    Case("sectors-below-their-site.xlsx", xlsx([[*HEAD, "Azimuth"], *SECTORS])),
    Case(
        "named-by-sheets-and-titles.xlsx",
        xlsx(without_columns("Nhà mạng", "Công nghệ"), after=named_by_sheet),
    ),
    Case("decimal-commas-unquoted.csv", raw(text_of(changed_commas(), ";").replace(";", ","))),
    Case("on-its-side.xlsx", xlsx([list(row) for row in zip(*listed(), strict=True)])),
    Case("titles-above.xlsx", xlsx([*TITLE, *listed()])),
    Case("titles-above.csv", csv([*TITLE, *listed()])),
    Case("two-line-head.xlsx", xlsx([*TWO_LINES, *SITES], after=merged_head)),
    Case("two-line-head-unmerged.csv", csv([*TWO_LINES, *SITES])),
    Case("column-numbers.xlsx", xlsx([HEAD, ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)"], *SITES])),
    Case(
        "notes-below.xlsx",
        xlsx(
            [
                *listed(),
                [],
                ["Ghi chú: số liệu đến 31/12/2025"],
                [None, None, None, "NGƯỜI LẬP BIỂU", None, "GIÁM ĐỐC"],
            ]
        ),
    ),
    Case(
        "group-rows.xlsx",
        xlsx([HEAD, ["I. Thành phố Việt Trì"], SITES[0], ["II. Huyện Thanh Sơn"], *SITES[1:]]),
    ),
    Case("totals.xlsx", xlsx([*listed(), ["Tổng cộng: 5 trạm"]])),
    Case("printed-pages.csv", csv([HEAD, *SITES[:2], HEAD, *SITES[2:]])),
    Case("blank-rows-between.xlsx", xlsx([HEAD, SITES[0], [], [], *SITES[1:]])),
    Case("away-from-the-corner.xlsx", xlsx(after=shifted)),
    Case("two-sheets.xlsx", xlsx(after=second_sheet)),
    Case("hidden-sheet.xlsx", xlsx(after=hidden_sheet)),
    Case("cover-sheet.xlsx", xlsx(after=cover_first)),
    Case("two-tables-below.xlsx", xlsx(after=second_below)),
    Case("filtered-rows.xlsx", xlsx(after=filtered)),
    Case("formulas-never-computed.xlsx", xlsx(after=formulas)),
    Case("english-heads.csv", csv(listed(head=["Site ID", "Operator", "RAT", "Long", "Lat", "Ward"]))),
    Case(
        "heads-without-marks.csv",
        csv(listed(head=["MA TRAM", "NHA MANG", "CONG NGHE", "KINH DO", "VI DO", "XA PHUONG"])),
    ),
    Case(
        "mixed-and-misspelt-heads.csv",
        csv(
            listed(
                head=[
                    "Ma_Tram (BTS)",
                    "Nhà mạng/Operator",
                    "Loại công nghệ",
                    "Longtitude",
                    "Lattitude",
                    "Xã/Phường/TT",
                ]
            )
        ),
    ),
    Case(
        "combining-marks.csv",
        csv(
            listed(
                head=[
                    "Ma\u0303 tra\u0323m",
                    "Nha\u0300 ma\u0323ng",
                    "Co\u0302ng nghe\u0323\u0302",
                    "Kinh đo\u0323\u0302",
                    "Vi\u0303 đo\u0323\u0302",
                    "Xa\u0303, phu\u031bo\u031b\u0300ng",
                ]
            )
        ),
    ),
    Case("no-head.csv", csv(SITES)),
    Case("no-table.csv", raw("Kính gửi: Sở Khoa học và Công nghệ\n\nTrân trọng./.\n")),
    Case("head-only.csv", csv([HEAD])),
    Case("one-row.csv", csv([HEAD, SITES[0]])),
    Case("numbered-rows.csv", csv([["STT", *HEAD], *[[n, *site] for n, site in enumerate(SITES, 1)]])),
    Case("no-break-spaces.csv", raw(text_of(listed(), ";").replace(";", "\u00a0; \u200b"))),
    Case("unknown-columns.csv", csv(with_column("Qwerty", ["a", "b", "c", "d", "e"]))),
    Case("same-head-twice.csv", csv(with_column("Kinh độ", [1, 2, 3, 4, 5]))),
    Case(
        "mapped-by-the-partner.csv",
        csv(listed(head=["Cột1", "Cột2", "Cột3", "Cột4", "Cột5", "Cột6"])),
        options={
            "mapping": {
                "Cột1": "station_id",
                "Cột2": "operator",
                "Cột3": "technology",
                "Cột4": "lon",
                "Cột5": "lat",
                "Cột6": "commune",
            }
        },
    ),
    Case("our-own-report.xlsx", xlsx(changed(0, "Mã trạm", "PTO001")), options={"twice": True}),
    Case("operator-by-the-caller.csv", csv(without_columns("Nhà mạng")), options={"operator": "Viettel"}),
    Case("no-operator.csv", csv(without_columns("Nhà mạng"))),
    Case("technology-by-the-caller.csv", csv(without_columns("Công nghệ")), options={"technology": "4G"}),
    Case("no-technology.csv", csv(without_columns("Công nghệ"))),
    Case(
        "drive-test.csv",
        raw("lat,lon,rsrp,act,cellid\n" + "".join(f"21.29,105.4{n},-9{n},LTE,{n}\n" for n in range(5))),
    ),
    Case("no-coordinates.csv", csv(without_columns("Kinh độ", "Vĩ độ"))),
)
