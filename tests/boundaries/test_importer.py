"""Importing a partner's boundaries: guessed columns, restored codes, repaired polygons, measured faults."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod
from typer.testing import CliRunner

from geocover.areas import Areas
from geocover.boundaries.checks import check_areas
from geocover.boundaries.importer import guess_columns, import_areas, restore_code
from geocover.cli.boundaries import app, parse_columns
from geocover.errors import AreasError, CrsError
from geocover.io.areas import read_areas

if TYPE_CHECKING:
    from pathlib import Path

REAL = "communes/phu_tho_communes_148.parquet"
NATION = "communes/vietnam_communes_3321_simplified.parquet"
ATTRIBUTES = "communes/phu_tho_communes_148_attributes.csv"


def box(step: int, width: float = 0.1) -> shapely.Polygon:
    """A commune-sized rectangle, the step-th of a row."""
    return shapely.box(105 + 0.1 * step, 21, 105 + 0.1 * step + width, 21.1)


def partner_table(**rows: list[object]) -> gpd.GeoDataFrame:
    """Two communes as a partner sends them: codes as numbers, types in the names."""
    own = {"MA_XA": [4792, 4795], "TEN_XA": ["Phường Tân Hòa", "Xã Hòa Bình"], "Dân số": [14316, 78605]}
    shapes = rows.pop("geometry", [box(0), box(1)])
    return gpd.GeoDataFrame({**own, **rows}, geometry=shapes, crs="EPSG:4326")


def written(table: gpd.GeoDataFrame, path: Path) -> Path:
    """The table in a file."""
    pyogrio.write_dataframe(table, path)
    return path


# Columns


@pytest.mark.parametrize(
    ("headers", "ours"),
    [
        (["Mã xã", "Tên xã", "Dân số"], {"code": "Mã xã", "name": "Tên xã", "population": "Dân số"}),
        (["ma_xa", "ten_xa"], {"code": "ma_xa", "name": "ten_xa"}),
        (["MaXa", "TenXa"], {"code": "MaXa", "name": "TenXa"}),
        (["ward_code", "ward_name"], {"code": "ward_code", "name": "ward_name"}),
        (["code", "ma_xa", "name"], {"code": "code", "name": "name"}),
        (["Ma\u0303 xa\u0303", "Te\u0302n"], {"code": "Ma\u0303 xa\u0303", "name": "Te\u0302n"}),
        (["code", "name", "pre_merger"], {"code": "code", "name": "name", "pre_merger_units": "pre_merger"}),
        (["code", "name", "area_offic"], {"code": "code", "name": "name", "area_official_km2": "area_offic"}),
        (["code", "name", "area"], {"code": "code", "name": "name"}),
    ],
)
def test_headers_are_recognised(headers: list[str], ours: dict[str, str]) -> None:
    """Catches a Vietnamese, English, decomposed or cut header missed, and a doubtful one taken."""
    assert guess_columns(headers, {}) == ours


def test_stated_columns_win_and_are_not_taken_twice() -> None:
    """Catches a guess overruling the user, or one header filling two columns."""
    found = guess_columns(["code", "ma_xa", "ten", "name"], {"code": "ma_xa", "type": "ten"})
    assert found == {"code": "ma_xa", "type": "ten", "name": "name"}
    with pytest.raises(AreasError, match="no column colour to fill; one of code, name"):
        guess_columns(["code"], {"colour": "code"})


def test_unrecognised_columns_are_one_clear_error(tmp_path: Path) -> None:
    """Catches a guess where there is nothing to guess from."""
    path = written(partner_table().rename(columns={"MA_XA": "X1"}), tmp_path / "a.gpkg")
    with pytest.raises(AreasError, match=r"recognised as code; the columns are X1, TEN_XA.*--columns code="):
        import_areas(path)
    areas, _ = import_areas(path, columns={"code": "X1"})
    assert areas.codes == ["04792", "04795"]


# Codes


@given(st.integers(1, 99_999))
def test_codes_survive_every_way_of_storing_them(number: int) -> None:
    """Catches a leading zero lost as integer, float, text of either, or text with Excel's apostrophe."""
    code = f"{number:05d}"
    for stored in (code, number, float(number), str(number), f"{number}.0", f" {code} ", f"'{code}"):
        assert restore_code(stored) == code


@given(st.text(max_size=8))
def test_other_codes_come_back_as_they_are(text: str) -> None:
    """Catches a name, a six-digit number or a fraction bent into a code."""
    restored = restore_code(text)
    plain = text.strip().removeprefix("'").partition(".")[0].partition(",")[0]
    digits = plain.isascii() and plain.isdigit() and len(plain) <= 5
    assert restored == text.strip() or digits


@pytest.mark.parametrize("value", [4792.5, 104_792, -4792, "4792.50", "4792a", float("inf")])
def test_no_code_is_invented(value: float | str) -> None:
    """Catches rounding, clipping or dropping of signs on the way to five digits."""
    assert restore_code(value) == str(value)
    assert restore_code(None) is None
    assert restore_code(float("nan")) is None


def test_restored_codes_and_split_names_are_reported(tmp_path: Path) -> None:
    """Catches a repair without a word, and a type left in the name."""
    areas, report = import_areas(written(partner_table(), tmp_path / "a.gpkg"))
    assert areas.table["name"].tolist() == ["Tân Hòa", "Hòa Bình"]
    assert areas.table["type"].tolist() == ["Phường", "Xã"]
    assert areas.table["population"].tolist() == [14316, 78605]
    assert any("2 mã xã" in note.vi for note in report.notes)
    assert any("code = MA_XA" in note.vi for note in report.notes)


@pytest.mark.parametrize("codes", [[4792, 4792], ["4792", "04792"], [4792.0, 4792.0]])
def test_duplicate_codes_name_their_rows(tmp_path: Path, codes: list[object]) -> None:
    """Catches a commune in two rows, even where the two are spelt differently."""
    path = written(partner_table(MA_XA=codes), tmp_path / "a.gpkg")
    with pytest.raises(AreasError, match=r"a\.gpkg: .*04792 \(1, 2\)"):
        import_areas(path)


# Areas and provinces


@pytest.mark.parametrize(("factor", "unit"), [(1.0, ""), (100.0, "ha"), (1e6, "m²")])
def test_unit_of_the_official_area_is_told_by_the_polygons(tmp_path: Path, factor: float, unit: str) -> None:
    """Catches hectares or square metres taken for km²."""
    stated = [round(115.5 * factor, 3), round(115.5 * factor, 3)]
    areas, report = import_areas(written(partner_table(dien_tich=stated), tmp_path / "a.gpkg"))
    assert areas.table["area_official_km2"].tolist() == pytest.approx([115.5, 115.5])
    assert any(f"tính bằng {unit}" in note.vi for note in report.notes) == bool(unit)


def test_province_is_filtered_and_rows_keep_their_numbers(tmp_path: Path) -> None:
    """Catches rows of other provinces, and row numbers that count only what was kept."""
    table = partner_table(MA_TINH=["01", "25"])
    areas, _ = import_areas(written(table, tmp_path / "a.gpkg"), province="25")
    assert areas.codes == ["04795"]
    with pytest.raises(AreasError, match=r"no commune of province 99 \(province_code: 01, 25\)"):
        import_areas(tmp_path / "a.gpkg", province="99")
    bad = written(partner_table(MA_TINH=["01", "25"], MA_XA=["04792", "x"]), tmp_path / "b.gpkg")
    with pytest.raises(AreasError, match="row 2: commune code 'x'"):
        import_areas(bad, province="25")
    with pytest.raises(AreasError, match="no column of province codes"):
        import_areas(written(partner_table(), tmp_path / "c.gpkg"), province="25")


def index() -> Areas:
    """The list of a province of which the partner's file holds one commune and lacks another."""
    table = {
        "code": ["04795", "04828"],
        "name": ["Hoà Bình", "Thống Nhất"],
        "population": [78605, 1],
        "area_official_km2": [115.5, 115.5],
        "centre_lon": [105.15, 105.25],
        "centre_lat": [21.05, 21.05],
        "centre_accuracy_m": [1500, 1500],
    }
    areas = gpd.GeoDataFrame(table, geometry=[box(3), box(4)], crs="EPSG:4326")
    return Areas(areas, quality="schematic", metadata={"province_code": "25", "note_vi": "sơ đồ"})


def test_attributes_are_filled_from_the_list_and_differences_noted(tmp_path: Path) -> None:
    """Catches schematic polygons or quality taken over, stated values lost, and gaps unsaid."""
    table = partner_table(**{"TEN_XA": ["Xã A", "Xã Hòa Bình"], "Dân số": [5, None]})
    areas, report = import_areas(written(table, tmp_path / "a.gpkg"), index=index())
    assert areas.quality == "real"
    assert areas.metadata == {"province_code": "25"}
    assert areas.table.geometry.geom_equals(table.geometry).all()
    assert areas.table["population"].tolist() == [5, 78605]
    assert areas.table["centre_accuracy_m"].tolist() == pytest.approx([float("nan"), 1500], nan_ok=True)
    assert [each.code for each in report.deviations] == ["04795"]
    text = "\n".join(report.lines_vi())
    assert "thiếu 1 trong 2 xã của danh sách: 04828" in text
    assert "1 mã trong tệp không có trong danh sách: 04792" in text
    assert "tên khác" not in text


def test_renamed_communes_are_noted(tmp_path: Path) -> None:
    """Catches another name under a known code; another tone placement is no other name."""
    table = partner_table(TEN_XA=["Tân Hòa", "Hóa Bình"])
    _, report = import_areas(written(table, tmp_path / "a.gpkg"), index=index())
    assert any("04795 Hóa Bình / Hoà Bình" in note.vi for note in report.notes)


def test_a_stated_centre_keeps_its_own_accuracy(tmp_path: Path) -> None:
    """Catches the accuracy of one position written beside another."""
    table = partner_table(centre_lon=[105.02, 105.12], centre_lat=[21.02, 21.02])
    areas, _ = import_areas(written(table, tmp_path / "a.gpkg"), index=index())
    assert areas.table["centre_lon"].tolist() == [105.02, 105.12]
    assert areas.table["centre_accuracy_m"].isna().all()


def test_province_is_told_by_the_list_where_the_file_has_no_column(tmp_path: Path) -> None:
    """Catches a national file without province codes refused, or taken whole."""
    path = written(partner_table(), tmp_path / "a.gpkg")
    assert import_areas(path, province="25", index=index())[0].codes == ["04795"]


# Polygons


def test_invalid_polygons_are_repaired_and_reported(tmp_path: Path) -> None:
    """Catches a bow tie kept, dropped, or repaired without the row and the change of area."""
    bow = shapely.Polygon([(105.1, 21), (105.2, 21.1), (105.2, 21), (105.1, 21.1)])
    path = written(partner_table(geometry=[box(0), bow]), tmp_path / "a.gpkg")
    areas, report = import_areas(path)
    (repair,) = report.repaired
    assert (repair.row, repair.code) == (2, "04795")
    assert "Self-intersection" in repair.reason
    assert areas.table.is_valid.all()
    assert areas.area_km2()[1] == pytest.approx(115 / 2, rel=0.01)
    assert any("Đã sửa đa giác xã 04795 (dòng 2)" in line for line in report.lines_vi())


def test_a_spike_is_cut_off_and_what_has_no_area_is_refused(tmp_path: Path) -> None:
    """Catches a line left in a repaired polygon, and a commune collapsed to nothing."""
    spike = shapely.Polygon(
        [(105, 21), (105.1, 21), (105.1, 21.1), (105.3, 21.1), (105.1, 21.1), (105, 21.1)]
    )
    path = written(partner_table(geometry=[spike, box(1)]), tmp_path / "a.gpkg")
    areas, report = import_areas(path)
    assert areas.bounds[2] == pytest.approx(105.2)
    assert report.repaired[0].area_change_m2 == pytest.approx(0, abs=1)
    flat = shapely.Polygon([(105.1, 21), (105.2, 21), (105.1, 21)])
    path = written(partner_table(geometry=[box(0), flat]), tmp_path / "b.gpkg")
    with pytest.raises(AreasError, match="row 2, commune 04795: the geometry is empty"):
        import_areas(path)


def test_points_are_refused(tmp_path: Path) -> None:
    """Catches a file of commune centres taken for boundaries."""
    points = [shapely.Point(105.1, 21), shapely.Point(105.2, 21)]
    with pytest.raises(AreasError, match="Point instead of a polygon"):
        import_areas(written(partner_table(geometry=points), tmp_path / "a.geojson"))


# Measured faults


def communes(*shapes: shapely.Geometry, official_km2: float | None = None) -> Areas:
    """Communes 00000, 00001 … with these polygons."""
    table = {
        "code": [f"{row:05d}" for row in range(len(shapes))],
        "name": [f"Xã {row}" for row in range(len(shapes))],
        "area_official_km2": [official_km2] * len(shapes),
    }
    return Areas(gpd.GeoDataFrame(table, geometry=list(shapes), crs="EPSG:4326"))


def test_overlap_is_measured() -> None:
    """Catches overlaps missed, doubled, or measured in degrees."""
    report = check_areas(communes(box(0), box(1), box(2, 0.05), box(2, 0.1)))
    (overlap,) = report.overlaps
    expected, _ = Geod(ellps="WGS84").geometry_area_perimeter(box(2, 0.05))
    assert (overlap.code_a, overlap.code_b) == ("00002", "00003")
    assert overlap.area_m2 == pytest.approx(abs(expected), rel=1e-4)
    assert report.large_overlaps == report.overlaps


def test_neighbours_that_share_borders_have_no_overlap_even_where_one_has_more_vertices() -> None:
    """Catches slivers that only a projection makes along a border with unequal vertices."""
    dense = shapely.segmentize(box(1), 0.01)
    report = check_areas(communes(box(0), dense, box(2)))
    assert report.overlaps == ()
    assert report.gaps == ()


def test_gap_is_measured_and_located() -> None:
    """Catches a hole between communes missed, and a hole filled by another commune reported."""
    hole = shapely.box(105.04, 21.04, 105.05, 21.05)
    ring = shapely.difference(box(0), hole)
    assert check_areas(communes(ring, hole)).gaps == ()
    (gap,) = check_areas(communes(ring, box(1))).gaps
    expected, _ = Geod(ellps="WGS84").geometry_area_perimeter(hole)
    assert gap.area_m2 == pytest.approx(abs(expected), rel=1e-4)
    assert hole.contains(shapely.Point(gap.lon, gap.lat))


def test_deviation_from_the_official_area_keeps_its_sign() -> None:
    """Catches a percentage of the wrong base or sign, and a commune without official area counted."""
    own = float(communes(box(0)).area_km2().iloc[0])
    (deviation,) = check_areas(communes(box(0), official_km2=own / 1.05)).deviations
    assert deviation.percent == pytest.approx(5)
    assert check_areas(communes(box(0), official_km2=own / 1.005)).large_deviations == ()
    assert check_areas(communes(box(0))).deviations == ()
    assert "Không có diện tích công bố để đối chiếu" in check_areas(communes(box(0))).lines_vi()


def test_report_reads_as_json_and_as_vietnamese() -> None:
    """Catches figures with English separators in Vietnamese text, and tuples or numpy in JSON."""
    report = check_areas(communes(box(0), box(0, 0.05), official_km2=1234.5))
    assert json.loads(json.dumps(report.to_dict(), allow_nan=False)) == report.to_dict()
    text = "\n".join(report.lines_vi())
    assert "công bố 1.234,50 km²" in text
    assert "Chồng lấn từ 10 m² trở lên: 1" in text


# The command


def test_command_imports_and_writes(tmp_path: Path) -> None:
    """Catches a command that loses an option, the quality or the report."""
    source = written(partner_table().rename(columns={"MA_XA": "X1"}), tmp_path / "partner.gpkg")
    out = tmp_path / "out" / "areas.parquet"
    arguments = ["import", str(source), "--out", str(out), "--columns", "code=X1"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    assert "2 xã, phường (ranh giới thực)" in done.stdout
    assert f"Đã ghi 2 xã, phường vào {out}" in done.stdout
    assert read_areas(out).codes == ["04792", "04795"]
    report = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert (report["communes"], report["out"]) == (2, str(out))


def test_command_never_replaces_its_input(tmp_path: Path) -> None:
    """Catches the partner's file being overwritten by the result."""
    source = written(partner_table(), tmp_path / "partner.gpkg")
    before = source.read_bytes()
    done = CliRunner().invoke(app, ["import", str(source), "--out", str(source)])
    assert isinstance(done.exception, AreasError)
    assert source.read_bytes() == before


def garbled(folder: Path, kind: str) -> Path:
    """A file that is broken in one way."""
    source = folder / "partner.geojson"
    if kind == "duplicate codes":
        return written(partner_table(MA_XA=[4792, 4792]), source)
    if kind == "unknown CRS":
        path = written(partner_table(), folder / "partner.shp")
        path.with_suffix(".prj").unlink()
        return path
    written(partner_table(), source)
    contents = {"truncated": source.read_bytes()[:300], "page": b"<html>", "empty": b""}
    source.write_bytes(contents[kind])
    return source


@pytest.mark.parametrize("kind", ["truncated", "page", "empty", "unknown CRS", "duplicate codes"])
def test_garbled_input_leaves_nothing_half_written(tmp_path: Path, kind: str) -> None:
    """Catches a result, or a temporary file, left behind by an import that failed."""
    source = garbled(tmp_path, kind)
    done = CliRunner().invoke(app, ["import", str(source), "--out", str(tmp_path / "out/areas.geojson")])
    assert isinstance(done.exception, AreasError | CrsError)
    assert done.exception.vi != str(done.exception)
    assert not (tmp_path / "out").exists()


def test_columns_option_is_parsed() -> None:
    """Catches a header with spaces cut, and a typing error passed on."""
    assert parse_columns("code=MA XA, name = Tên xã,") == {"code": "MA XA", "name": "Tên xã"}
    assert parse_columns("") == {}
    for wrong in ("code", "code=", "=MA"):
        with pytest.raises(AreasError, match="code=MA_XA"):
            parse_columns(wrong)


# Real data


@pytest.mark.data
def test_known_faults_of_the_real_communes_are_found(shared_data: Path) -> None:
    """Catches a measure that misses or invents faults: the figures are those recorded with the data."""
    areas, report = import_areas(shared_data / REAL)
    assert report.communes == 148
    assert report.area_km2 == pytest.approx(9353.19, abs=0.005)
    assert len(report.large_deviations) == 26
    assert len(report.gaps) == 7
    assert 3 < report.gaps[0].area_m2 <= 4
    assert len(report.large_overlaps) == 2
    assert report.overlaps[0].area_m2 == pytest.approx(16_028, abs=1)
    assert report.repaired == ()
    filled = ["centre_lon", "centre_lat", "former_province", "pre_merger_units"]
    assert areas.table[filled].notna().to_numpy().all()


@pytest.mark.data
def test_names_are_found_however_their_tone_marks_stand(shared_data: Path) -> None:
    """Catches one of the 148 communes that the decree's spelling (Hòa for Hoà) does not find."""
    areas, _ = import_areas(shared_data / REAL)
    table = pd.read_csv(shared_data / ATTRIBUTES, dtype=str)
    differing = table[table["name"] != table["decree_name"].str.partition(" ")[2]]
    assert len(differing) == 10
    for code, name in zip(table["code"], table["decree_name"], strict=True):
        assert code in areas.find(name)["code"].tolist()


@pytest.mark.data
def test_a_province_is_taken_from_the_national_file(shared_data: Path) -> None:
    """Catches communes of other provinces, or lost ones, among the nation's 3,321."""
    real = read_areas(shared_data / REAL)
    areas, report = import_areas(shared_data / NATION, province="25")
    assert areas.codes == real.codes
    assert report.area_km2 == pytest.approx(9353, abs=2)


@pytest.mark.data
def test_real_communes_come_back_from_a_zipped_vn2000_shapefile(shared_data: Path, tmp_path: Path) -> None:
    """Catches the chain as partners send it: numbers as codes, cut headers, VN-2000, a folder in a ZIP."""
    real, _ = import_areas(shared_data / REAL)
    table = real.to_crs("EPSG:5897").assign(MA_XA=lambda frame: frame["code"].astype(int))
    table = table.rename(columns={"name": "TEN_XA", "area_official_km2": "DIEN_TICH"})
    pyogrio.write_dataframe(
        table[["MA_XA", "TEN_XA", "DIEN_TICH", "pre_merger_units", "geometry"]].rename(
            columns={"pre_merger_units": "pre_merger"}
        ),
        tmp_path / "xa.shp",
        encoding="UTF-8",
    )
    with zipfile.ZipFile(tmp_path / "gui.zip", "w") as archive:
        for part in tmp_path.glob("xa.*"):
            archive.write(part, f"Ranh giới/{part.name}")
    areas, report = import_areas(tmp_path / "gui.zip")
    assert areas.codes == real.codes
    assert areas.table["area_official_km2"].tolist() == real.table["area_official_km2"].tolist()
    assert areas.table["pre_merger_units"].notna().all()
    moved = (areas.table.geometry.bounds - real.table.geometry.bounds).abs().to_numpy()
    assert moved.max() < 1e-7
    assert areas.area_km2().tolist() == pytest.approx(real.area_km2().tolist(), rel=1e-6)
    assert report.area_km2 == pytest.approx(9353.19, abs=0.005)
