"""Cases about what a row says: technologies, bands, heights, tilts, powers, dates."""

from __future__ import annotations

import datetime as dt

import openpyxl

from tests.site_lists.corpus.case import (
    HEAD,
    SITES,
    Case,
    changed,
    csv,
    listed,
    with_column,
    without_columns,
    xls,
    xlsx,
)

BARE = without_columns("Công nghệ")


def extra(head: str, *values: object) -> list[list[object]]:
    """The five sites with another column, its last value repeated."""
    return with_column(head, [*values, *[values[-1]] * (5 - len(values))])


def networks(countries: list[object], codes: list[object]) -> list[list[object]]:
    """The five sites with the codes of countries and networks in place of operators."""
    rows = zip(SITES, countries, codes, strict=True)
    return [[HEAD[0], "MCC", "MNC", *HEAD[2:]], *[[site[0], mcc, mnc, *site[2:]] for site, mcc, mnc in rows]]


def in_1904(book: openpyxl.Workbook) -> None:
    book.epoch = dt.datetime(1904, 1, 1)  # noqa: DTZ001  Excel has no zones


def as_errors(book: openpyxl.Workbook) -> None:
    for letter in ("G2", "G3"):
        book["Trạm"][letter].data_type = "e"


CASES = (
    Case("several-technologies.csv", csv(changed(0, "Công nghệ", "2G/3G/4G"))),
    Case(
        "technology-words.csv",
        csv(
            [
                HEAD,
                *[
                    [*site[:2], word, *site[3:]]
                    for site, word in zip(SITES, ["LTE", "gNodeB", "FDD-LTE", "WCDMA", "GSM900"], strict=True)
                ],
            ]
        ),
    ),
    Case("unknown-technology.csv", csv(changed(0, "Công nghệ", "WiMAX"))),
    Case("empty-technology.csv", csv(changed(0, "Công nghệ", None))),
    Case(
        "tick-columns.csv",
        csv(
            with_column(
                "5G",
                ["", "x", "", "", ""],
                with_column("4G", ["x", "X", "1", "", "có"], with_column("3G", ["", "", "", "✓", "-"], BARE)),
            )
        ),
    ),
    Case(
        "tick-columns-without-any.csv",
        csv(with_column("5G", ["", "x", "", "", ""], with_column("4G", ["x", "", "x", "0", "x"], BARE))),
    ),
    Case(
        "cell-counts.csv",
        csv(with_column("Số cell 4G", [3, 6, 0, 3, 3], with_column("Số cell 3G", [0, 0, 3, 0, 0], BARE))),
    ),
    Case("earfcn.csv", csv(with_column("EARFCN", [1300, 1300, 1300, 3350, 38400], BARE))),
    Case("impossible-earfcn.csv", csv(with_column("EARFCN", [1300, 1300, 1300, 1300, 999_999_999], BARE))),
    Case("bands.csv", csv(extra("Băng tần", "1800", "n41", "B3", "2100", "900"))),
    Case("several-bands.csv", csv(extra("Băng tần", "1800/2100", "n41", "B3", "2100", "900"))),
    Case("unknown-band.csv", csv(extra("Băng tần", "xanh", "n41", "B3", "2100", "900"))),
    Case("heights-with-units.csv", csv(extra("Độ cao ăng-ten (m)", "42m", "35 m", "≈30", "30+5", "45,5"))),
    Case("impossible-height.csv", csv(extra("Độ cao ăng-ten (m)", 0, 999, "cao", 42))),
    Case("azimuths-in-one-cell.csv", csv(extra("Azimuth", "0/120/240", "30°", "360", "0;90", "omni"))),
    Case(
        "three-azimuth-columns.csv",
        csv(
            with_column(
                "Azimuth 3", [240] * 5, with_column("Azimuth 2", [120] * 5, with_column("Azimuth 1", [0] * 5))
            )
        ),
    ),
    Case("impossible-azimuth.csv", csv(extra("Azimuth", 400, -20, "bắc", 90))),
    Case(
        "tilts.csv",
        csv(
            with_column(
                "Total tilt",
                [6, 6, 6, 6, 6],
                with_column("M-Tilt", [2, 2, 2, 2, 2], with_column("E-Tilt", [4, 4, 4, 4, 9])),
            )
        ),
    ),
    Case("power-in-watts.csv", csv(extra("Công suất", "40W", "2x40W", "46 dBm", "20 W", "43"))),
    Case("power-impossible.csv", csv(extra("Công suất (dBm)", 460, 46))),
    Case(
        "dates-as-text.csv",
        csv(extra("Ngày phát sóng", "15/08/2025", "01-07-25", "2025-12-31", "5/8/2025", "12/2025")),
    ),
    Case("dates-as-serials.csv", csv(extra("Ngày phát sóng", 45884, 45000, 44000, 43000, 42000))),
    Case("dates-of-excel.xls", xls(extra("Ngày phát sóng", dt.date(2025, 8, 15), dt.date(2024, 1, 2)))),
    Case(
        "dates-of-a-mac.xlsx",
        xlsx(extra("Ngày phát sóng", dt.date(2025, 8, 15), dt.date(2024, 1, 2)), after=in_1904),
    ),
    Case(
        "impossible-dates.csv",
        csv(extra("Ngày phát sóng", "31/02/2025", "hôm qua", "00/00/0000", "1/1/2025")),
    ),
    Case(
        "dates-to-come.csv",
        csv(extra("Ngày phát sóng", "01/01/2026", "01/01/2025")),
        options={"as_of": dt.date(2025, 12, 31)},
    ),
    Case(
        "operators-in-many-spellings.csv",
        csv(
            [
                HEAD,
                *[
                    [site[0], name, *site[2:]]
                    for site, name in zip(SITES, ["VIETTEL", "452-04", "VNPT", "Mobi", "VNM"], strict=True)
                ],
            ]
        ),
    ),
    Case("unknown-operator.csv", csv(changed(0, "Nhà mạng", "Gtel"))),
    Case("empty-operator.csv", csv(changed(0, "Nhà mạng", None))),
    Case("two-operators-in-a-cell.csv", csv(changed(0, "Nhà mạng", "Viettel, VNPT"))),
    Case("networks-of-two-countries.csv", csv(networks([460, 452, None, "VN", 456], [4, "04", 2, 1, 9]))),
    Case(
        "operators-beside-codes.csv",
        csv(with_column("MCC", [452] * 5, with_column("MNC", [4, 4, 2, 4, 5]))),
    ),
    Case("reserved-operator.csv", csv(changed(0, "Nhà mạng", "all"))),
    Case("ids-as-numbers.xlsx", xlsx(listed(*[[float(n + 1), *site[1:]] for n, site in enumerate(SITES)]))),
    Case("formula-injection.csv", csv(changed(0, "Mã trạm", "=cmd|' /C calc'!A0"))),
    Case("markup.csv", csv(changed(0, "Mã trạm", "<img src=x onerror=alert(1)>"))),
    Case("long-text.csv", csv(changed(0, "Mã trạm", "x" * 50_000))),
    Case(
        "numbers-with-thousands-marks.csv",
        csv(extra("Tần số (MHz)", "1.800", "2.100", "1.800", "2.100", "2.600")),
    ),
    Case("error-cells.xlsx", xlsx(extra("Độ cao ăng-ten (m)", "#N/A", "#REF!", 35), after=as_errors)),
    Case(
        "stations-not-on-air.csv",
        csv(
            with_column(
                "Trạng thái",
                [
                    "Đang hoạt động",
                    "Đã tháo dỡ 12/2024",
                    "Quy hoạch",
                    "Tạm ngưng hoạt động",
                    "Chưa phát sóng",
                ],
            )
        ),
    ),
    Case(
        "not-on-air-in-place-of-a-date.csv",
        csv(extra("Ngày phát sóng", "15/08/2025", "Chưa phát sóng", "01/07/2025")),
    ),
    Case(
        "one-head-over-all-channels.csv",
        csv(with_column("EARFCN/NRARFCN", [1300, 529_230, 3350, 10_812, 62])),
    ),
    Case(
        "height-of-the-ground.csv",
        csv(with_column("Độ cao", [125] * 5, with_column("Chiều cao cột (m)", ["42,5"] * 5))),
    ),
    Case("heights-in-thousands.xlsx", xlsx(extra("Chiều cao anten (m)", "1.025", 30))),
    Case(
        "counts-beside-a-total.csv",
        csv(
            with_column(
                "Tổng số cell",
                [9, 7, 6, 8, 5],
                with_column("Số cell 4G", [6, 3, 6, 6, ""], with_column("Số cell 3G", [3, 3, 0, 3, 5], BARE)),
            )
        ),
    ),
    Case("half-a-cell.csv", csv(extra("Số cell", 3.5, 3))),
    Case("ticks-of-wingdings.xlsx", xlsx(with_column("4G", ["ü", "ü", "x", "x", "o"], BARE))),
    Case(
        "letters-for-names.csv",
        csv(changed(0, "Công nghệ", "G/U/L", changed(0, "Nhà mạng", "VTT"))),
    ),
    Case(
        "ditto-marks.csv",
        csv(
            changed(1, "Công nghệ", "nt", changed(2, "Nhà mạng", '"', changed(1, "Nhà mạng", "như trên"))),
        ),
    ),
    Case("band-of-japan.csv", csv(extra("Băng tần", "18", "n41", "1800", "2100", "900"))),
)
