"""Cases about where a site is: spellings of coordinates, metres and their zones, communes, duplicates."""

from __future__ import annotations

import datetime as dt
from typing import Any

from geocover.crs import WGS84, transformer
from tests.site_lists.corpus.case import (
    HEAD,
    SITES,
    Case,
    changed,
    csv,
    listed,
    with_column,
    without_columns,
    xlsx,
)

BARE = without_columns("Kinh độ", "Vĩ độ")


def placed(*columns: tuple[str, list[Any]]) -> list[list[Any]]:
    """The five sites with other columns of coordinates."""
    table = BARE
    for head, values in columns:
        table = with_column(head, values, table)
    return table


def dms(degrees: float, letter: str) -> str:
    minutes, seconds = divmod(round(degrees * 36_000) / 10, 60)
    whole, minutes = divmod(minutes, 60)
    return f"{whole:.0f}°{minutes:02.0f}'{seconds:04.1f}\"{letter}"


def metres(crs: str, sites: list[list[Any]] = SITES) -> tuple[list[float], list[float]]:
    """East and north of the sites in a zone."""
    east, north = transformer(WGS84, crs).transform([site[3] for site in sites], [site[4] for site in sites])
    return [round(value, 2) for value in east], [round(value, 2) for value in north]


def in_metres(crs: str, first: str = "X", second: str = "Y") -> list[list[Any]]:
    """As Vietnamese surveys write it: X is north, Y is east."""
    east, north = metres(crs)
    return placed((first, north), (second, east))


LON, LAT = [site[3] for site in SITES], [site[4] for site in SITES]
NAMES = ["Thanh Miếu", "Thanh Sơn", "Minh Đài", "Phúc Yên", "Hiền Lương"]
FAR = ["PTO006", "Viettel", "4G", 106.70, 10.78, "Xã Thanh Sơn"]
NEAR = ["PTO006", "Viettel", "4G", 105.90, 21.30, None]
WITH = {"reference": True}

CASES = (
    Case("known-province.csv", csv(), options=WITH),
    Case(
        "decimal-commas-as-text.xlsx",
        xlsx(
            placed(
                ("Kinh độ", [str(value).replace(".", ",") for value in LON]),
                ("Vĩ độ", [str(value).replace(".", ",") for value in LAT]),
            )
        ),
    ),
    Case(
        "degrees-minutes-seconds.csv",
        csv(
            placed(
                ("Kinh độ", [dms(value, "Đ") for value in LON]), ("Vĩ độ", [dms(value, "B") for value in LAT])
            )
        ),
        options=WITH,
    ),
    Case(
        "both-in-one-cell.csv",
        csv(placed(("Toạ độ", [f"{lat}, {lon}" for lon, lat in zip(LON, LAT, strict=True)]))),
        options=WITH,
    ),
    Case(
        "both-in-one-cell-with-decimal-commas.csv",
        csv(
            placed(("Toạ độ", [f"{lon}/{lat}".replace(".", ",") for lon, lat in zip(LON, LAT, strict=True)]))
        ),
        options=WITH,
    ),
    Case("columns-swapped.csv", csv(placed(("Kinh độ", LAT), ("Vĩ độ", LON))), options=WITH),
    Case(
        "one-row-swapped.csv", csv(changed(2, "Kinh độ", LAT[2], changed(2, "Vĩ độ", LON[2]))), options=WITH
    ),
    Case(
        "lost-points.csv",
        csv(changed(1, "Kinh độ", "105.197.36", changed(1, "Vĩ độ", "21.202.71"))),
        options=WITH,
    ),
    Case("minutes-over-sixty.csv", csv(changed(1, "Kinh độ", "105°72'10\"Đ"))),
    Case("zero-zero.csv", csv(changed(3, "Kinh độ", 0, changed(3, "Vĩ độ", 0)))),
    Case("no-latitude.csv", csv(changed(3, "Vĩ độ", None))),
    Case("not-available.csv", csv(changed(3, "Vĩ độ", "#N/A"))),
    Case("words-for-coordinates.csv", csv(changed(3, "Vĩ độ", "gần chợ"))),
    Case("out-of-the-world.csv", csv(changed(3, "Vĩ độ", 121.5, changed(3, "Kinh độ", 405.1)))),
    Case("vn2000-one-zone.csv", csv(in_metres("EPSG:9208")), options=WITH),
    Case("vn2000-other-zone.csv", csv(in_metres("EPSG:9211", "X (m)", "Y (m)")), options=WITH),
    Case("vn2000-zone-105.csv", csv(in_metres("EPSG:5897")), options=WITH),
    Case("utm-48.csv", csv(in_metres("EPSG:32648", "Northing", "Easting")), options=WITH),
    Case(
        "vn2000-zone-in-a-column.csv",
        csv(with_column("Kinh tuyến trục", ["104°45'"] * 5, in_metres("EPSG:9208"))),
        options=WITH,
    ),
    Case("vn2000-zone-by-the-caller.csv", csv(in_metres("EPSG:9208")), options={"crs": "EPSG:9208"}),
    Case("vn2000-zone-unknown.csv", csv(in_metres("EPSG:9208"))),
    Case("vn2000-no-communes.csv", csv([row[:3] + row[4:] for row in in_metres("EPSG:9208")]), options=WITH),
    Case(
        "metres-north-and-east-mixed.csv",
        csv(placed(("X", metres("EPSG:9208")[0]), ("Y", metres("EPSG:9208")[1]))),
        options=WITH,
    ),
    Case("far-outside.csv", csv(listed(*SITES, FAR)), options=WITH),
    Case("just-outside.csv", csv(listed(*SITES, NEAR)), options=WITH),
    Case("wrong-commune.csv", csv(changed(1, "Xã, phường", "Xã Hiền Lương")), options=WITH),
    Case("unknown-commune.csv", csv(changed(1, "Xã, phường", "Xã Không Có")), options=WITH),
    Case(
        "old-communes.csv",
        csv(
            [
                [*HEAD[:5], "Xã", "Huyện"],
                [*SITES[1][:5], "Thị trấn Thanh Sơn", "Thanh Sơn"],
                [*SITES[2][:5], "X. Minh Đài", "Tân Sơn"],
                [*SITES[3][:5], "P. Nam Viêm", "TP Phúc Yên"],
            ]
        ),
        options=WITH,
    ),
    Case("commune-codes.csv", csv(with_column("Mã xã", [7909, "8542", "08593", 8740, 8110])), options=WITH),
    Case("same-row-twice.csv", csv(listed(*SITES, SITES[1]))),
    Case(
        "same-cell-twice.csv",
        csv(
            [
                ["Mã cell", *HEAD],
                *[[f"C{n}", *site] for n, site in enumerate(SITES)],
                ["C1", *SITES[1][:3], 105.2, 21.2, None],
            ]
        ),
    ),
    Case("one-mast-two-names.csv", csv(listed(*SITES, ["PTO077", *SITES[1][1:]]))),
    Case("one-name-two-places.csv", csv(listed(*SITES, ["PTO002", "Viettel", "5G", 105.3, 21.3, None]))),
    Case(
        "ecuador.csv",
        csv(
            listed(
                ["1", "Claro", "4G", -78.619995, -1.2360368, "Ambato"],
                ["2", "Claro", "4G", -78.62213, -1.23284, "Ambato"],
            )
        ),
    ),
    Case("lost-minus.csv", csv(changed(0, "Kinh độ", -105.43771)), options=WITH),
    Case("id-in-two-spellings.csv", csv(listed(*SITES, ["pto 002", *SITES[1][1:5], None]))),
    Case(
        "station-under-another-name.csv",
        csv(with_column("Tên trạm", [*NAMES, "Trạm mới"], listed(*SITES, SITES[1]))),
    ),
    Case(
        "sectors-by-their-names.csv",
        csv(with_column("Tên trạm", [*NAMES[:4], "Hiền Lương_1", "Hiền Lương_2"], listed(*SITES, SITES[4]))),
    ),
    Case(
        "station-moved-a-little.csv",
        csv(listed(*SITES, [*SITES[2][:3], SITES[2][3] + 0.0003, *SITES[2][4:]])),
    ),
    Case(
        "zone-in-the-heads.csv",
        csv(in_metres("EPSG:5897", "X (VN-2000, KTT 105°, múi 3°)", "Y (VN-2000, KTT 105°, múi 3°)")),
        options=WITH,
    ),
    Case(
        "zone-in-the-heads-without-a-province.csv",
        csv(in_metres("EPSG:5897", "X (VN2000 - 105-00)", "Y (VN2000 - 105-00)")),
    ),
    Case(
        "zone-in-a-title.csv",
        csv(
            [
                ["Kèm công văn số 106/VT-KT"],
                ["Hệ toạ độ VN-2000, kinh tuyến trục 105°00', múi chiếu 3°"],
                [],
                *in_metres("EPSG:5897", "X (m)", "Y (m)"),
            ]
        ),
    ),
    Case("letter-o-for-a-zero.csv", csv(changed(1, "Kinh độ", "1O5.19736")), options=WITH),
    Case("points-between-degrees.csv", csv(changed(1, "Kinh độ", "105.11.50"))),
    Case(
        "apostrophes-before-numbers.csv",
        csv(placed(("Kinh độ", [f"'{value}" for value in LON]), ("Vĩ độ", [f"'{value}" for value in LAT]))),
    ),
    Case(
        "signs-of-minutes-and-seconds-exchanged.csv",
        csv(changed(1, "Kinh độ", "105°11''50.5'Đ", changed(1, "Vĩ độ", "21°12''9.8'B"))),
        options=WITH,
    ),
    Case(
        "degrees-kept-as-times.xlsx",
        xlsx(changed(1, "Kinh độ", dt.timedelta(hours=105, minutes=11, seconds=50.5))),
    ),
)
