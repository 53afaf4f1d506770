"""Cases in which a list contradicts itself, or can be read in two ways, or is put right on the way."""

from __future__ import annotations

import datetime as dt
import json

import openpyxl
from openpyxl.chart import BarChart, Reference

from tests.site_lists.corpus.case import (
    HEAD,
    SITES,
    Case,
    changed,
    csv,
    geojson,
    kml,
    listed,
    raw,
    text_of,
    with_column,
    without_columns,
    xlsx,
)
from tests.site_lists.corpus.places import LAT, LON, in_metres, metres, placed

WITH = {"reference": True}
EAST, NORTH = metres("EPSG:9208")
OTHER_EAST, OTHER_NORTH = metres("EPSG:9211")


def one_a_site(head: str, *values: object) -> list[list[object]]:
    return with_column(head, values)


def merged_operator(book: openpyxl.Workbook) -> None:
    sheet = book["Trạm"]
    for row in (2, 3):
        sheet.cell(row, 2).value = "Viettel"
    sheet.merge_cells("B2:B3")


def beside(book: openpyxl.Workbook) -> None:
    sheet = book["Trạm"]
    for number, row in enumerate(listed(*[[f"X{site[0]}", *site[1:]] for site in SITES]), start=1):
        for column, value in enumerate(row, start=9):
            sheet.cell(number, column).value = value


def chart_sheet(book: openpyxl.Workbook) -> None:
    chart = BarChart()
    chart.add_data(Reference(book["Trạm"], min_col=4, min_row=2, max_row=6))
    book.create_chartsheet("Biểu đồ").add_chart(chart)


def headless_second(book: openpyxl.Workbook) -> None:
    sheet = book.create_sheet("Tiếp")
    for site in SITES:
        sheet.append([f"Y{site[0]}", *site[1:]])


def times(book: openpyxl.Workbook) -> None:
    cell = book["Trạm"]["D2"]
    cell.value = dt.timedelta(hours=105, minutes=26, seconds=15.8)
    cell.number_format = "[h]:mm:ss"


def without_geometry() -> str:
    told = json.loads(geojson())
    told["features"][2]["geometry"] = None
    return json.dumps(told, ensure_ascii=False)


def own_zone(row: int) -> list[list[object]]:
    """Metres of one zone with one row of another."""
    north, east = list(NORTH), list(EAST)
    north[row], east[row] = OTHER_NORTH[row], OTHER_EAST[row]
    return placed(("X", north), ("Y", east))


def in_a_narrow_place() -> list[list[object]]:
    """Metres of sites where the province is narrow: any other zone would put them outside."""
    places = [[f"P{n}", "Viettel", "4G", 105.127 + n / 900, 21.629 + n / 900] for n in range(10)]
    east, north = metres("EPSG:9208", places)
    rows = [[*place[:3], y, x] for place, x, y in zip(places, east, north, strict=True)]
    return [["Mã trạm", "Nhà mạng", "Công nghệ", "X", "Y"], *rows]


CASES = (
    Case("zone-of-a-narrow-place.csv", csv(in_a_narrow_place()), options=WITH),
    Case("identities-with-points.csv", csv(one_a_site("PCI", "1.005", "1.002", "1.003", "1.004", "1.001"))),
    Case(
        "same-site-other-address.csv",
        csv(with_column("Địa chỉ", ["a", "b", "c", "d", "e", "f"], listed(*SITES, SITES[1]))),
    ),
    Case(
        "channel-and-band-disagree.csv",
        csv(
            with_column(
                "Băng tần",
                ["B7", "n41", "B3", "B1", "B8"],
                one_a_site("EARFCN", 1300, None, 1300, None, None),
            )
        ),
    ),
    Case("band-of-another-technology.csv", csv(one_a_site("Băng tần", "n258", "n41", "B3", "B1", "B8"))),
    Case("uplink-channel.csv", csv(one_a_site("EARFCN", 19_300, None, 1300, None, None))),
    Case(
        "cells-of-three-technologies.csv",
        csv(changed(0, "Công nghệ", "2G/3G/4G", one_a_site("Số cell", 10, 3, 3, 3, 3))),
    ),
    Case("merged-operator.xlsx", xlsx(after=merged_operator)),
    Case("column-without-head.csv", csv(one_a_site("", 1, 2, 3, 4, 5))),
    Case("tables-side-by-side.xlsx", xlsx(after=beside)),
    Case("chart-sheet.xlsx", xlsx(after=chart_sheet)),
    Case("second-sheet-without-head.xlsx", xlsx(after=headless_second)),
    Case(
        "heads-that-nobody-knows.csv",
        csv(listed(head=["Alfa", "Bravo", "Charlie", "Delta", "Echo", "Foxtrot"])),
        options={"operator": "Viettel", "technology": "4G"},
    ),
    Case(
        "numbered-blank-rows.xlsx",
        xlsx([["STT", *HEAD], *[[n, *site] for n, site in enumerate(SITES, 1)], [6], [7]]),
    ),
    Case("unbalanced-quote.csv", raw(text_of(listed()).replace("Xã Minh Đài", '"Xã Minh Đài'))),
    Case("damaged-letters.csv", raw(text_of(listed()).replace("Minh Đài", "Minh \ufffdài"))),
    Case("feature-without-place.geojson", raw(without_geometry())),
    Case(
        "linked.kml",
        raw(
            kml().replace(
                "<name>", "<NetworkLink><Link><href>http://192.0.2.1/x.kml</href></Link></NetworkLink><name>"
            )
        ),
    ),
    Case(
        "commune-code-of-another.csv",
        csv(one_a_site("Mã xã", "07909", "08593", "08593", "08740", "08110")),
        options=WITH,
    ),
    Case(
        "commune-code-unreadable.csv",
        csv(one_a_site("Mã xã", "07909", "8a", "08593", "08740", "08110")),
        options=WITH,
    ),
    Case("longitude-as-time.xlsx", xlsx(after=times)),
    Case(
        "two-longitudes.csv", csv(changed(1, "Vĩ độ", "105°11'50\"Đ", changed(1, "Kinh độ", "105°11'50\"Đ")))
    ),
    Case("degrees-of-vn2000.csv", csv(placed(("Kinh độ VN-2000", LON), ("Vĩ độ VN-2000", LAT)))),
    Case("metres-headed-wrongly.csv", csv(placed(("Easting", NORTH), ("Northing", EAST))), options=WITH),
    Case("metres-headed-as-degrees.csv", csv(placed(("Kinh độ", EAST), ("Vĩ độ", NORTH))), options=WITH),
    Case(
        "pair-in-either-order.csv",
        csv(
            listed(
                ["1", "Claro", "4G", "-1.24, -8.62", "Ambato"],
                ["2", "Claro", "4G", "-1.23, -8.61", "Ambato"],
                head=["Site ID", "Operator", "RAT", "Coordinates", "Ward"],
            )
        ),
    ),
    Case("one-row-of-another-zone.csv", csv(own_zone(4)), options=WITH),
    Case(
        "zone-stated-wrongly.csv",
        csv(with_column("Kinh tuyến trục", ["106°00'"] * 5, in_metres("EPSG:9208"))),
        options=WITH,
    ),
    Case(
        "zone-unreadable.csv",
        csv(
            with_column(
                "Kinh tuyến trục", ["104°45'", "chưa rõ lắm", *["104°45'"] * 3], in_metres("EPSG:9208")
            )
        ),
        options=WITH,
    ),
    Case(
        "zone-in-some-rows.csv",
        csv(
            with_column(
                "Kinh tuyến trục", ["104°45'", None, "104°45'", "104°45'", "104°45'"], in_metres("EPSG:9208")
            )
        ),
    ),
    Case(
        "dates-month-first.csv",
        csv(
            one_a_site("Ngày phát sóng", "12/31/2024", "01/02/2024", "03/04/2024", "05/06/2024", "07/28/2024")
        ),
    ),
    Case(
        "dates-in-both-orders.csv",
        csv(one_a_site("Ngày phát sóng", "12/31/2024", "31/12/2024", "1/2/2024", "", "")),
    ),
    Case(
        "dates-ambiguous.csv",
        csv(one_a_site("On air date", "01/02/2024", "03/04/2024", "05/06/2024", "", "")),
    ),
    Case(
        "dates-of-another-age.csv", csv(one_a_site("Ngày phát sóng", "01/01/1925", "15/08/2025", "", "", ""))
    ),
    Case("numbers-as-text.xlsx", xlsx(one_a_site("Độ cao ăng-ten (m)", "42", "35", "30", "28", "45"))),
    Case(
        "thousands-or-decimals.csv",
        csv(one_a_site("Tần số (MHz)", "2.100", "2.600", "1.800", "2.100", "1.234")),
    ),
    Case(
        "heights-of-sectors.csv",
        csv(
            with_column(
                "Độ cao ăng-ten (m)",
                ["30/32", 30, 30, 30, 30],
                one_a_site("Azimuth", "0/120/240", 0, 0, 0, 0),
            )
        ),
    ),
    Case("sharing-unreadable.csv", csv(one_a_site("Dùng chung CSHT", "ừm", "có", "không", "VNPT", ""))),
    Case(
        "environment-unreadable.csv", csv(one_a_site("Môi trường", "sao Hoả", "đô thị", "nông thôn", "", ""))
    ),
    Case(
        "technology-against-ticks.csv",
        csv(with_column("5G", ["x", "x", "", "", ""], with_column("4G", ["", "", "x", "", ""]))),
    ),
    Case("technology-with-remark.csv", csv(changed(0, "Công nghệ", "4G (sẽ nâng cấp)"))),
    Case(
        "ticks-unreadable.csv",
        csv(with_column("4G", ["x", "ừm", "x", "x", "x"], without_columns("Công nghệ"))),
    ),
    Case(
        "power-that-cannot-be.csv",
        csv(
            with_column(
                "Gain (dBi)",
                [34, 17, 17, 17, 17],
                with_column(
                    "Công suất (dBm)",
                    [64, 46, 46, 46, 46],
                    [HEAD, [*SITES[0][:2], "2G", *SITES[0][3:]], *SITES[1:]],
                ),
            )
        ),
    ),
    Case("tilts-upwards.csv", csv(one_a_site("Tilt điện", -4, -2, -6, -3, -4))),
)
