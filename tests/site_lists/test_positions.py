"""Positions of the rows of a table: placed, put right with a finding, or refused with one."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.crs import WGS84, transformer
from geocover.errors import CrsError
from geocover.io.areas import read_areas
from geocover.resources import shipped
from geocover.site_lists.findings import Findings
from geocover.site_lists.places.positions import read_positions
from geocover.site_lists.places.reference import Reference
from tests.site_lists.small_tables import FIRST_ROW, Listed, codes, listed, only

if TYPE_CHECKING:
    import pandas as pd

LON, LAT = [105.21, 105.22, 105.40], [21.20, 21.21, 21.30]
PHU_THO = Reference.of(read_areas(shipped("boundaries/phu-tho-schematic.geojson")))
CENTRES = PHU_THO.areas.table.iloc[60:80]


def place(
    what: Listed, reference: Reference | None = PHU_THO, crs: str = ""
) -> tuple[pd.DataFrame, dict[str, list[int | None]], Findings]:
    findings = Findings()
    positions = read_positions(what.table, what.columns, reference, findings, crs=crs)
    assert len(positions) == len(what.table)
    nowhere = positions["lon"].isna().to_numpy()
    assert (findings.refused(what.table) >= nowhere).all()
    assert (positions["crs"] == "").tolist() == nowhere.tolist()
    return positions, codes(findings), findings


def lonlat(positions: pd.DataFrame) -> list[tuple[float, float]]:
    return [
        (round(lon, 6), round(lat, 6)) for lon, lat in zip(positions["lon"], positions["lat"], strict=True)
    ]


def in_metres(crs: str, lon: Any = None, lat: Any = None) -> tuple[list[float], list[float]]:
    """East and north of the centres of twenty communes, or of other places."""
    lon = CENTRES["centre_lon"] if lon is None else lon
    lat = CENTRES["centre_lat"] if lat is None else lat
    east, north = transformer(WGS84, crs).transform(np.asarray(lon), np.asarray(lat))
    return east.round(2).tolist(), north.round(2).tolist()


def test_degrees_as_headed() -> None:
    """Catches decimals that move, and a list that is told nothing about what its degrees refer to."""
    positions, found, _ = place(listed(lon=["105,21", 105.22, "105°24'00\"Đ"], lat=LAT))
    assert lonlat(positions) == list(zip(LON, LAT, strict=True))
    assert found == {"wgs84-assumed": [None]}
    assert set(positions["crs"]) == {"EPSG:4326"}


def test_degrees_of_vn2000_are_moved() -> None:
    """Catches the datum ignored (224 m) where the head or the caller names it; and a WGS 84 head doubted."""
    named, found, _ = place(listed({"lon": "Kinh độ (VN-2000)"}, lon=LON, lat=LAT))
    stated, _, _ = place(listed(lon=LON, lat=LAT), crs="EPSG:4756")
    lon, lat = transformer("EPSG:4756", WGS84).transform(LON, LAT)
    assert (
        lonlat(named) == lonlat(stated) == [(round(x, 6), round(y, 6)) for x, y in zip(lon, lat, strict=True)]
    )
    assert found == {"degrees-vn2000": [None]}
    assert place(listed({"lat": "Vĩ độ WGS84"}, lon=LON, lat=LAT))[1] == {}
    assert abs(lon[0] - LON[0]) + abs(lat[0] - LAT[0]) > 0.001


def test_swapped_columns_are_one_finding() -> None:
    """Catches a finding in each row where the two columns are simply headed wrongly."""
    positions, found, findings = place(listed(lon=LAT, lat=LON))
    assert lonlat(positions) == list(zip(LON, LAT, strict=True))
    assert found == {"columns-swapped": [None], "wgs84-assumed": [None]}
    assert only(findings, "columns-swapped").en.startswith("the columns A (lon) and B (lat)")


def test_swapped_row_is_named_with_its_values() -> None:
    """Catches a swapped row that is silently turned, or reported at another row."""
    positions, found, findings = place(listed(lon=[105.21, 21.21, 105.40], lat=[21.20, 105.22, 21.30]))
    assert lonlat(positions) == list(zip(LON, LAT, strict=True))
    assert found["coordinates-swapped"] == [FIRST_ROW + 1]
    assert only(findings, "coordinates-swapped").value == "21.21; 105.22"


def test_what_is_put_right_is_said() -> None:
    """Catches a lost point, a wrong sign, or a time that is used without a word."""
    hours = dt.timedelta(hours=105, minutes=24)
    positions, found, _ = place(listed(lon=["105.210.000", -105.22, hours], lat=LAT))
    assert lonlat(positions) == list(zip(LON, LAT, strict=True))
    assert found["coordinate-point-restored"] == [FIRST_ROW]
    assert found["coordinate-sign"] == [FIRST_ROW + 1]
    assert found["coordinate-from-time"] == [FIRST_ROW + 2]


@pytest.mark.parametrize(
    ("lon", "lat", "code"),
    [
        (None, 21.2, "coordinate-missing"),
        ("105,3", "#N/A", "coordinate-missing"),
        (None, None, "coordinate-missing"),
        ("gần chợ", 21.2, "coordinate-unreadable"),
        ("105°72'10\"", 21.2, "coordinate-minutes"),
        (0, 0, "coordinates-zero"),
        (405.1, 121.5, "coordinates-outside-world"),
        ("105.3E", "105.3E", "coordinates-same-axis"),
        (568123, 568123, "coordinates-outside-world"),
    ],
)
def test_what_cannot_be_used_is_refused_in_its_row(lon: Any, lat: Any, code: str) -> None:
    """Catches a row without a position that has no error, or an error that spoils its neighbours."""
    positions, found, _ = place(listed(lon=[105.21, lon, 105.40], lat=[21.20, lat, 21.30]))
    assert found[code] == [FIRST_ROW + 1]
    assert positions["lon"].isna().tolist() == [False, True, False]


def test_only_the_missing_coordinate_is_named() -> None:
    """Catches a finding at the longitude where it is the latitude that is missing."""
    _, _, findings = place(listed(lon=LON, lat=[21.2, None, 21.3]))
    assert only(findings, "coordinate-missing").column == "lat"


def test_a_table_without_coordinates_is_refused_row_by_row() -> None:
    """Catches a sheet without coordinates that spoils the file's other sheets, or is accepted."""
    _, found, _ = place(listed(station_id=["a", "b"], lon=[105.2, 105.3]))
    assert found == {"no-coordinates": [FIRST_ROW, FIRST_ROW + 1]}


def test_pairs_in_any_order() -> None:
    """Catches a pair in the wrong order where letters, the province or an impossible latitude tell it."""
    pairs = ["105,21/21,20", "21.21, 105.22", "21°18'00\"B 105°24'00\"Đ"]
    positions, found, _ = place(listed(position=pairs))
    assert lonlat(positions) == list(zip(LON, LAT, strict=True))
    assert found == {"wgs84-assumed": [None]}
    assert lonlat(place(listed(position=pairs), None)[0]) == lonlat(positions)


def test_pairs_from_elsewhere_say_what_was_assumed() -> None:
    """Catches a guess of the order that nobody is told, and one against the head."""
    pairs = ["-1.2360368, -78.619995"]
    assumed, found, _ = place(listed(position=pairs), None)
    assert lonlat(assumed) == [(-78.619995, -1.236037)]
    assert found["pair-order-assumed"] == [None]
    headed, found, _ = place(listed({"position": "Lon, Lat"}, position=pairs), None)
    assert lonlat(headed) == [(-1.236037, -78.619995)]
    assert "pair-order-assumed" not in found


def test_undecided_pairs_follow_the_decided_ones() -> None:
    """Catches two orders in one column of pairs."""
    positions, _, _ = place(listed(position=["120.5, 45.1", "45.3, 44.9"]), None)
    assert lonlat(positions) == [(120.5, 45.1), (45.3, 44.9)]


def test_minutes_and_seconds_in_columns_of_their_own() -> None:
    """Catches degrees alone taken for the position."""
    positions, _, _ = place(
        listed(
            lon=[105.0, 105.0], lon_minute=[20.0, 21.0], lon_second=[52.9, None], lat=[21, None],
            lat_minute=[13, 1],
            lat_second=[7, 1],
        )
    )  # fmt: skip
    assert lonlat(positions)[0] == (105.348028, 21.218611)
    assert positions["lon"].isna().tolist() == [False, True]


@pytest.mark.parametrize("crs", ["EPSG:9208", "EPSG:9211"])
@pytest.mark.parametrize("fields", [("x", "y"), ("y_m", "x_m"), ("lat", "lon")])
def test_zone_found_by_the_communes(crs: str, fields: tuple[str, str]) -> None:
    """Catches metres placed in another zone, or north and east exchanged; says what it rests on."""
    east, north = in_metres(crs)
    values: dict[str, Any] = {fields[0]: north, fields[1]: east, "commune": list(CENTRES["name"])}
    positions, found, findings = place(listed(**values))
    np.testing.assert_allclose(positions["lon"], CENTRES["centre_lon"], atol=1e-6)
    np.testing.assert_allclose(positions["lat"], CENTRES["centre_lat"], atol=1e-6)
    assert found["zone-found"] == [None]
    assert crs in only(findings, "zone-found").vi
    assert set(positions["crs"]) == {crs}
    assert ("metres-in-degree-columns" in found) == (fields == ("lat", "lon"))
    assert "metres-exchanged" not in found


def test_easting_headed_as_northing_is_said() -> None:
    """Catches columns headed the wrong way round that are turned without a word."""
    east, north = in_metres("EPSG:9208")
    _, found, _ = place(listed(x_m=north, y_m=east, commune=list(CENTRES["name"])))
    assert found["metres-exchanged"] == [None]


@pytest.mark.parametrize("reference", [PHU_THO, None], ids=["reference", "none"])
def test_unknown_zone_refuses_the_list(reference: Reference | None) -> None:
    """Catches a zone that is guessed: 105°00′ and UTM 48N cannot be told apart here, or nothing is known."""
    east, north = in_metres("EPSG:5897")
    what = listed(x=north, y=east, commune=list(CENTRES["name"]))
    positions, found, findings = place(what, reference)
    assert found == {"zone-unknown": [None]}
    assert findings.refused(what.table).all()
    assert not findings.refused(listed(lon=LON, lat=LAT).table).any()
    assert positions["lon"].isna().all()


def test_few_rows_of_an_unknown_zone_spoil_no_list() -> None:
    """Catches a list of degrees refused as a whole for one row of metres."""
    what = listed(lon=[*LON, 500123], lat=[*LAT, 2350123])
    _, found, findings = place(what)
    assert found["row-zone-unknown"] == [FIRST_ROW + 3]
    assert findings.refused(what.table).tolist() == [False, False, False, True]


@pytest.mark.parametrize("crs", ["EPSG:5897", "EPSG:3405", "EPSG:32648"])
def test_stated_zones_are_used(crs: str) -> None:
    """Catches a zone that the caller or a column states and that is searched for, or not used."""
    east, north = in_metres(crs)
    values: dict[str, Any] = {"x": north, "y": east}
    stated, found, _ = place(listed(**values), crs=crs)
    np.testing.assert_allclose(stated["lon"], CENTRES["centre_lon"], atol=1e-6)
    assert found == {}
    written, found, _ = place(listed(**values, zone=[crs] * len(east)), None)
    np.testing.assert_allclose(written["lat"], CENTRES["centre_lat"], atol=1e-6)
    assert found == {}


def test_zones_by_row() -> None:
    """Catches one zone for all rows where a column states several, and a zone that is not understood."""
    east, north = in_metres("EPSG:9208")
    other_east, other_north = in_metres("EPSG:9211")
    zone = ["104°45'", "106-00"]
    positions, _, _ = place(listed(x=[north[0], other_north[1]], y=[east[0], other_east[1]], zone=zone), None)
    np.testing.assert_allclose(positions["lon"], CENTRES["centre_lon"].iloc[:2], atol=1e-6)
    _, found, _ = place(listed(x=[north[0]], y=[east[0]], zone=["theo bản vẽ"]), None)
    assert found == {"zone-unread": [FIRST_ROW], "zone-unknown": [None]}


def test_stated_zone_against_the_communes() -> None:
    """Catches a wrong zone (26 km) that is used without a warning; the stated zone stays in use."""
    east, north = in_metres("EPSG:9208")
    positions, found, findings = place(
        listed(x=north, y=east, commune=list(CENTRES["name"])), crs="EPSG:5897"
    )
    assert found == {"zone-contradicted": [None]}
    assert "104°45′" in only(findings, "zone-contradicted").en
    assert set(positions["crs"]) == {"EPSG:5897"}


def test_a_row_in_another_zone_is_refused() -> None:
    """Catches one row of 106°00′ among those of 104°45′ that is placed 130 km away."""
    east, north = in_metres("EPSG:9208")
    other_east, other_north = in_metres("EPSG:9211")
    east[7], north[7] = other_east[7], other_north[7]
    _, found, findings = place(listed(x=north, y=east, commune=list(CENTRES["name"])))
    assert found["row-in-other-zone"] == [FIRST_ROW + 7]
    assert "106°00′" in only(findings, "row-in-other-zone").vi


def test_metres_from_elsewhere_as_headed() -> None:
    """Catches Vietnam's sizes asked of a grid that the caller states."""
    east, north = in_metres("EPSG:32717", [-78.62], [-1.236])
    positions, _, _ = place(listed(x_m=east, y_m=north), None, crs="EPSG:32717")
    assert lonlat(positions) == [(-78.62, -1.236)]


def test_unknown_crs_is_an_error() -> None:
    """Catches a mistyped CRS that falls back to WGS 84."""
    with pytest.raises(CrsError, match="EPSG:99999"):
        place(listed(lon=LON, lat=LAT), crs="EPSG:99999")


CELLS = st.one_of(
    st.none(), st.floats(), st.integers(-(10**20), 10**20), st.booleans(), st.text(max_size=12), st.times(),
    st.timedeltas(), st.dates(), st.floats(102, 110), st.floats(8, 24), st.floats(2e5, 8e5),
    st.floats(9e5, 2.6e6),
    st.sampled_from(["105,3", "21,2", "105°20'B", "105.348.080", "568.123", "2.350.123", "21.2;105.3"]),
)  # fmt: skip


FIELDS = [
    ("lon", "lat", "zone", "commune"), ("x", "y", "zone", "commune"), ("x_m", "y_m", "position", "note"),
    ("position", "lon", "lat", "commune_code"), ("lon", "lat", "x_m", "y_m"),
]  # fmt: skip


@given(
    st.lists(st.lists(CELLS, min_size=4, max_size=4), min_size=1, max_size=6),
    st.sampled_from(FIELDS),
    st.booleans(),
)  # fmt: skip
def test_every_row_is_placed_or_refused(rows: list[list[Any]], fields: tuple[str, ...], known: bool) -> None:
    """Catches a crash, a row without position and error, and a position that is none (checked in `place`)."""
    values = {field: [row[number] for row in rows] for number, field in enumerate(fields)}
    positions, _, _ = place(listed(**values), PHU_THO if known else None)
    placed = positions.dropna()
    assert placed["lon"].between(-180, 180).all()
    assert placed["lat"].between(-90, 90).all()
