"""Names of communes, new and old, and sites that lie elsewhere."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.areas import Areas
from geocover.errors import AreasError
from geocover.io.areas import read_areas
from geocover.resources import shipped
from geocover.site_lists.findings import Findings
from geocover.site_lists.places.communes import check_communes, written_distance
from geocover.site_lists.places.naming import named_communes
from geocover.site_lists.places.old_units import read_old_units, shipped_old_units
from geocover.site_lists.places.reference import Reference
from geocover.site_lists.places.unit_names import UnitName, read_code, read_district, read_unit
from tests.site_lists.small_tables import FIRST_ROW, codes, listed, only

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

AREAS = read_areas(shipped("boundaries/phu-tho-schematic.geojson"))
PHU_THO = Reference.of(AREAS)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("xã Minh Đài, huyện Tân Sơn", UnitName("Xã", "Minh Đài", "Tân Sơn")),
        ("P. Nông Trang", UnitName("Phường", "Nông Trang")),
        ("P.Nông Trang - TP Việt Trì", UnitName("Phường", "Nông Trang", "Việt Trì")),
        ("TT Lâm Thao", UnitName("Thị trấn", "Lâm Thao")),
        ("Thị trấn Yên Lập", UnitName("Thị trấn", "Yên Lập")),
        ("Minh Đài (Tân Sơn)", UnitName("", "Minh Đài", "Tân Sơn")),
        ("X. Minh Đài, H. Tân Sơn, T. Phú Thọ", UnitName("Xã", "Minh Đài", "Tân Sơn")),
        ("xã Minh Đài huyện Tân Sơn tỉnh Phú Thọ", UnitName("Xã", "Minh Đài", "Tân Sơn")),
        ("07894 - Nông Trang", UnitName("", "Nông Trang", "", "07894")),
        ("Phường Hùng Vương, TX. Phú Thọ", UnitName("Phường", "Hùng Vương", "Phú Thọ")),
        ("Xã Tinh Nhuệ", UnitName("Xã", "Tinh Nhuệ")),
        ("Tinh Nhue", UnitName("", "Tinh Nhue")),
        ("thi tran Yen Lap", UnitName("Thị trấn", "Yen Lap")),
        ("Phường 12", UnitName("Phường", "12")),
        ("TP Việt Trì", UnitName("", "", "Việt Trì")),
        ("Xã", UnitName("", "Xã")),
        ("", UnitName()),
    ],
)
def test_names_as_they_are_written(text: str, unit: UnitName) -> None:
    """Catches a type, a district or a code that is taken for part of the name."""
    assert read_unit(text) == unit


@pytest.mark.parametrize(
    "text", ["Huyện Tân Sơn", "H. Tân Sơn", "H.Tân Sơn", "Tân Sơn", "huyện Tân Sơn, tỉnh Phú Thọ"]
)
def test_districts_as_they_are_written(text: str) -> None:
    """Catches a district that is not known by its bare name."""
    assert read_district(text) == "Tân Sơn"


@pytest.mark.parametrize(
    ("text", "code"),
    [("07894", "07894"), ("7894", "07894"), ("7894.0", "07894"), ("123", ""), ("x", ""), ("", "")],
)
def test_codes_get_their_zero_back(text: str, code: str) -> None:
    """Catches a code that a spreadsheet made a number of."""
    assert read_code(text) == code


@given(st.text(max_size=40))
def test_any_text_is_a_name_or_none(text: str) -> None:
    """Catches a crash on whatever stands in the column."""
    PHU_THO.candidates(read_unit(text))
    assert isinstance(read_district(text), str)


def means(text: str, district: str = "") -> list[str]:
    """Names of the communes that a cell can mean."""
    table = listed(commune=[text], district=[district])
    (way,) = named_communes(table.table, table.columns, PHU_THO).meant
    return sorted(f"{AREAS.table['type'].iloc[row]} {AREAS.table['name'].iloc[row]}" for row in way.communes)


@pytest.mark.parametrize(
    ("text", "district", "names"),
    [
        ("Phường Nông Trang", "", ["Phường Nông Trang"]),
        ("nông trang", "", ["Phường Nông Trang"]),
        ("NONG TRANG", "", ["Phường Nông Trang"]),
        ("Xã Thanh Thủy", "", ["Xã Thanh Thuỷ"]),
        ("Xã Văn Luông", "", ["Xã Minh Đài"]),
        ("P. Tiên Cát", "TP Việt Trì", ["Phường Thanh Miếu"]),
        ("Vầy Nưa", "Đà Bắc", ["Phường Thống Nhất", "Xã Tiền Phong"]),
        ("Xã Không Có", "", []),
        ("", "", []),
    ],
)
def test_names_new_and_old(text: str, district: str, names: list[str]) -> None:
    """Catches an old name that is unknown, a divided unit that loses a part, or tone marks that matter."""
    assert means(text, district) == names


def test_one_old_name_in_several_districts() -> None:
    """Catches a district that is not used to tell old units apart, or a wrong one that hides them."""
    assert means("Xã Đồng Thịnh, huyện Yên Lập") != means("Xã Đồng Thịnh, huyện Sông Lô")
    both = {*means("Xã Đồng Thịnh, huyện Yên Lập"), *means("Xã Đồng Thịnh, huyện Sông Lô")}
    assert set(means("Xã Đồng Thịnh")) == both
    assert set(means("Xã Đồng Thịnh", "Huyện Nào Đó")) == both


def test_codes_and_names_together() -> None:
    """Catches a code of before or of today that is unknown, and a name that contradicts it unseen."""
    table = listed(
        commune_code=["07894", "7894", 4789, None, "99999"],
        commune=[None, "Nông Trang", "Vân Phú", None, None],
    )
    named = named_communes(table.table, table.columns, PHU_THO)
    assert named.known.tolist() == [True, True, True, False, False]
    assert named.contradicted.tolist() == [False, False, True, False, False]
    assert named.unknown.tolist() == [False, False, False, False, True]


def checked(reference: Reference, **values: Any) -> tuple[list[str], dict[str, list[int | None]], Findings]:
    findings = Findings()
    table = listed(**values)
    positions = pd.DataFrame({"lon": np.array(values["lon"], float), "lat": np.array(values["lat"], float)})
    found = check_communes(table.table, table.columns, positions, reference, findings)
    return found.tolist(), codes(findings), findings


@pytest.fixture(scope="module")
def squares(areas: Areas) -> Reference:
    return Reference(areas)


def test_sites_in_their_communes(
    squares: Reference, lonlat: Callable[[float, float], tuple[float, float]]
) -> None:
    """Catches a finding where all is well, a site metres over a border, or a code of the wrong commune."""
    at = [lonlat(2000, 1500), lonlat(6000, 1500), lonlat(3900, 1500), lonlat(4100, 1500)]
    lon, lat = zip(*at, strict=True)
    found, told, _ = checked(
        squares, lon=lon, lat=lat, commune=["Hòa Bình", "Xã Thủy Sơn", "Hoà Bình", "Hoà Bình"]
    )
    assert found == ["00001", "00002", "00001", "00002"]
    assert told == {}


def test_sites_elsewhere(squares: Reference, lonlat: Callable[[float, float], tuple[float, float]]) -> None:
    """Catches a site in another commune that nobody is told of, or told without where and how far."""
    at = [lonlat(5000, 1500), lonlat(2000, 1500), lonlat(-3000, 1500), lonlat(-60_000, 1500)]
    lon, lat = zip(*at, strict=True)
    found, told, findings = checked(
        squares, lon=lon, lat=lat, commune=["Phường Hoà Bình", "Hà Nội", "Hoà Bình", "Hoà Bình"]
    )
    assert found == ["00002", "00001", "", ""]
    assert told == {
        "not-in-commune": [FIRST_ROW, FIRST_ROW + 2],
        "commune-unknown": [FIRST_ROW + 1],
        "outside-province": [FIRST_ROW + 2],
        "far-from-province": [FIRST_ROW + 3],
    }
    first = next(finding for finding in findings if finding.code == "not-in-commune")
    assert "1000 m" in first.vi
    assert "Xã Thuỷ Sơn" in first.vi
    assert only(findings, "far-from-province").en.startswith("A (lon): ")
    assert "60 km" in only(findings, "far-from-province").en


def test_sites_on_the_other_side_of_the_earth_are_far(squares: Reference) -> None:
    """Catches a crash where the province's zone has no metres for a position, and a made-up distance."""
    lon, lat = [-105.4, 105.4, -74.0], [0.0, -21.3, 21.3]
    found, told, findings = checked(squares, lon=lon, lat=lat)
    assert told == {"far-from-province": [FIRST_ROW, FIRST_ROW + 1, FIRST_ROW + 2]}
    assert found == ["", "", ""]
    assert all(re.search(r"is [4-9]\d{3}|1\d{4} km away", one.en) for one in findings)


def test_how_far_is_far_can_be_said(
    areas: Areas, lonlat: Callable[[float, float], tuple[float, float]]
) -> None:
    """Catches a limit that is fixed."""
    lon, lat = lonlat(-3000, 1500)
    assert "far-from-province" in checked(Reference(areas, far_km=2), lon=[lon], lat=[lat])[1]
    assert "outside-province" in checked(Reference(areas, far_km=4), lon=[lon], lat=[lat])[1]


def test_schematic_boundaries_are_trusted_less(
    areas: Areas, lonlat: Callable[[float, float], tuple[float, float]]
) -> None:
    """Catches warnings about borders that are only about right."""
    drawn = Reference(Areas(areas.table, quality="schematic"))
    lon, lat = lonlat(5000, 1500)
    assert checked(drawn, lon=[lon], lat=[lat], commune=["Hoà Bình"])[1] == {}


def test_rows_without_position_have_no_commune(squares: Reference) -> None:
    """Catches a crash on rows that could not be placed."""
    assert checked(squares, lon=[np.nan], lat=[np.nan], commune=["Hoà Bình"])[:2] == ([""], {})


@pytest.mark.data
def test_old_communes_lie_in_their_new_ones(shared_data: Path) -> None:
    """Catches names of before that lead elsewhere: all but some of the 479 points lie in what became of them.

    Points of old communes come from geocoders: 12 are known to be wrong, others lie up to 1 to 2 km off.
    """
    old = pd.read_csv(shared_data / "communes/old_communes_2024_points.csv", dtype=str)
    good = old[old["point_suspect"] == "False"]
    real = Reference.of(read_areas(shared_data / "communes/phu_tho_communes_148.parquet"))
    found, told, _ = checked(
        real, lon=good["wardLon"].astype(float).tolist(), lat=good["wardLat"].astype(float).tolist(),
        commune=good["ward"].tolist(), district=good["district"].tolist(),
    )  # fmt: skip
    assert set(told) <= {"not-in-commune", "outside-province"}
    assert len(told["not-in-commune"]) <= 0.05 * len(good)
    assert np.mean(np.array(found) == good["new_code"].to_numpy()) > 0.9


def test_old_units_of_other_provinces_are_none(areas: Areas) -> None:
    """Catches Phú Thọ's old names used for a province that they are not of."""
    assert shipped_old_units(areas) is None
    assert shipped_old_units(AREAS) is not None


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("old_code,old_type\n1,2\n", "old_name"),
        ("old_code,old_type,old_name,old_district,new_code\n00001,Xã,,Huyện A,00002\n", "row 2"),
        ("", "cannot be read"),
    ],
)
def test_unusable_tables_of_old_units(tmp_path: Path, text: str, named: str) -> None:
    """Catches a table that lacks something and is used in part."""
    path = tmp_path / "old.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AreasError, match=named):
        read_old_units(path)


@pytest.mark.parametrize(
    ("metres", "text"), [(0, "0 m"), (854, "850 m"), (9949, "9950 m"), (9951, "10 km"), (26_400, "26 km")]
)
def test_distances_read_alike_in_both_languages(metres: float, text: str) -> None:
    """Catches a decimal point in Vietnamese text."""
    assert written_distance(metres) == text
