"""The files, read back by the programs that people read them with."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pystac
import pytest
import rasterio
import shapely
from pystac.extensions.file import FileExtension
from pystac.extensions.projection import ProjectionExtension
from pystac.validation import RegisteredValidator
from pystac.validation.stac_validator import JsonSchemaSTACValidator

from geocover.exports.layers import layers_of, totals_of
from geocover.exports.licences import terms_of
from geocover.exports.spreadsheet import ABOUT, LEFT_OUT, head_of, wording
from geocover.exports.stac import EXTENSIONS
from tests.exports.conftest import A, B

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geocover.store import Snapshot

LAYERS = ["communes", "coverage", "gaps", "places", "reach", "stations"]


def test_geopackage_holds_every_layer(planner: Path, snapshot: Snapshot) -> None:
    """Catches a lost layer, row, coordinate system or notice."""
    path = planner / "geocover.gpkg"
    assert sorted(name for name, _ in pyogrio.list_layers(path)) == LAYERS
    for name, table in layers_of(snapshot, stations=True).items():
        read = gpd.read_file(path, layer=name)
        assert (len(read), read.crs.to_epsg()) == (len(table), 4326)
        assert list(read.columns) == [*(one for one in table.columns if one != "geometry"), "geometry"]
        about = json.loads(pyogrio.read_info(path, layer=name)["layer_metadata"]["geocover"])
        assert (about["snapshot"], about["illustrative"]) == (snapshot.id, False)


@pytest.mark.parametrize("name", LAYERS)
def test_all_formats_say_the_same(planner: Path, name: str) -> None:
    """Catches a format that loses rows, moves geometry or changes numbers and codes."""
    packed = gpd.read_file(planner / "geocover.gpkg", layer=name)
    flat = gpd.read_file(planner / f"{name}.fgb")
    parquet = gpd.read_parquet(planner / f"{name}.parquet")
    plain = pd.read_csv(planner / f"{name}.csv", dtype={"code": str, "commune_code": str})
    key = ["snapshot", *(one for one in ("code", "id", "station_id", "profile", "operator") if one in packed)]
    columns = [one for one in packed.columns if one != "geometry"]
    tables = [table.sort_values(key, ignore_index=True) for table in (packed, flat, parquet, plain)]
    for other in tables[1:]:
        assert len(other) == len(packed)
        for column in columns:
            left, right = (
                table[column].astype(object).fillna("").astype(str) for table in (tables[0], other)
            )
            if pd.api.types.is_float_dtype(packed[column]):
                wanted = tables[0][column].to_numpy(float)
                assert np.allclose(other[column].to_numpy(float), wanted, equal_nan=True), column
            elif not (packed[column].dtype.kind in "iM" or column in ("valid_from", "on_air")):
                assert left.tolist() == right.tolist(), (name, column)
    shapes = [shapely.normalize(table.geometry.to_numpy()) for table in tables[:3]]
    for other in shapes[1:]:
        assert shapely.equals_exact(*(list(map(parts, one)) for one in (shapes[0], other)), 1e-9).all()


def parts(shape: shapely.Geometry) -> shapely.Geometry:
    """A polygon as the multipolygon that some formats make of it."""
    return shapely.MultiPolygon([shape]) if shape.geom_type == "Polygon" else shape


def test_figures_are_the_snapshots(planner: Path, snapshot: Snapshot) -> None:
    """Catches shares that stand beside another commune, operator or basis."""
    table = pd.read_csv(planner / "coverage.csv", dtype={"code": str})
    keys = ["code", "technology", "operator", "profile"]
    for basis in ("area", "population"):
        wanted = snapshot.shares[snapshot.shares["basis"] == basis].set_index(keys)
        found = table.set_index(keys).loc[wanted.index]
        for name in ("covered", "total", "share", "share_low", "share_high", "rests_on"):
            assert np.allclose(found[f"{basis}_{name}"], wanted[name], atol=1e-6, equal_nan=True), name
    places = pd.read_csv(planner / "places.csv").set_index("id")
    reach = snapshot.reach[
        (snapshot.reach["operator"] == "any") & (snapshot.reach["profile"] == "outdoor-5g")
    ]
    assert places["reached_5g"].loc[reach["id"]].tolist() == reach["reached"].tolist()


def test_csv_is_for_spreadsheets(public: Path) -> None:
    """Catches CSV that Excel reads in another alphabet, and a figure without its date and source."""
    for path in public.glob("*.csv"):
        content = path.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        head = content.decode("utf-8-sig").splitlines()[0].split(",")
        assert {"as_of", "snapshot", "digest", "illustrative", "schematic"} <= set(head), path.name


def test_workbook_is_vietnamese_and_says_what_it_is(planner: Path, snapshot: Snapshot) -> None:
    """Catches sheets without source, heads in English, narrow columns, dates and shares as texts."""
    book = openpyxl.load_workbook(planner / "geocover.xlsx")
    assert book.sheetnames == [ABOUT, *(vi for vi, _ in wording()["sheets"].values())]
    told = {str(cell.value) for row in book[ABOUT].iter_rows() for cell in row if cell.value is not None}
    assert {"31/12/2025", snapshot.id, snapshot.digest, "4G ngoài trời", "không có"} <= told
    sheet = book["Phủ sóng"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:5] == ["Mã xã", "Tên", "Loại", "Công nghệ", "Nhà mạng (any: ít nhất một)"]
    row = dict(zip(heads, sheet[2], strict=True))
    assert row["Mã xã"].value == "07894"
    assert row["Tỷ lệ diện tích"].number_format == "0.0%"
    assert row["Ngày số liệu"].value == dt.datetime(2025, 12, 31)  # noqa: DTZ001  a day has no zone
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref.startswith("A1:")
    assert all(10 <= one.width <= 48 for one in sheet.column_dimensions.values())
    assert book["Trạm"].max_row == len(snapshot.stations) + 1


def test_every_column_has_a_head(snapshot: Snapshot) -> None:
    """Catches a column that is added to a table and shows its English name to planners."""
    tables = [totals_of(snapshot), *layers_of(snapshot, stations=True).values()]
    names = {name for table in tables for name in table.columns} - LEFT_OUT
    assert [name for name in names if head_of(name)[0] == name] == []


@pytest.mark.parametrize("technology", ["4G", "5G"])
def test_levels_are_cloud_optimized(planner: Path, snapshot: Snapshot, technology: str) -> None:
    """Catches a plain TIFF, changed levels, a lost scale, and a raster that does not say what it is of."""
    for operator in ("any", A, B):
        path = planner / f"level-{technology.lower()}-{operator.lower()}.tif"
        with rasterio.open(path) as file:
            assert file.tags(ns="IMAGE_STRUCTURE")["LAYOUT"] == "COG"
            values = file.read(1, masked=True) * file.scales[0]
            tags = file.tags()
        wanted = snapshot.level(operator, technology).values
        assert np.allclose(values.filled(np.nan), wanted, atol=0.006, equal_nan=True)
        assert (tags["GEOCOVER_DIGEST"], tags["GEOCOVER_OPERATOR"]) == (snapshot.digest, operator)
        assert (tags["GEOCOVER_ILLUSTRATIVE"], tags["AREA_OR_POINT"]) == ("False", "Area")


@pytest.fixture
def offline() -> Iterator[None]:
    """pystac with the extensions' fields by heart: their own schemas are on the web."""
    fields: dict[str, Any] = {
        "file:checksum": {"type": "string", "pattern": "^1220[a-f0-9]{64}$"},
        "file:size": {"type": "integer", "minimum": 1},
        "proj:code": {"type": "string", "pattern": "^EPSG:[0-9]+$"},
        "proj:shape": {"type": "array", "minItems": 2, "maxItems": 2, "items": {"type": "integer"}},
        "proj:transform": {"type": "array", "minItems": 6, "maxItems": 6, "items": {"type": "number"}},
    }
    before, validator = RegisteredValidator.get_validator(), JsonSchemaSTACValidator()
    for uri in EXTENSIONS:
        prefix = uri.split("/")[3].replace("projection", "proj")
        own = {name: one for name, one in fields.items() if name.startswith(f"{prefix}:")}
        asset = {
            "properties": own, "additionalProperties": False, "patternProperties": {f"^(?!{prefix}:)": {}}
        }  # fmt: skip
        schema = {"properties": {"assets": {"additionalProperties": asset}}, "required": ["stac_extensions"]}
        draft = "http://json-schema.org/draft-07/schema#"
        validator.schema_cache[uri] = {"$schema": draft, "$id": uri, **schema}
    RegisteredValidator.set_validator(validator)
    yield
    RegisteredValidator.set_validator(before)


@pytest.mark.usefixtures("offline")
def test_stac_item_is_valid_and_true(planner: Path, snapshot: Snapshot) -> None:
    """Catches an item that pystac refuses, an asset that is not there, and a checksum of another file."""
    item = pystac.Item.from_file(str(planner / "item.json"))
    assert len(item.validate()) == 1 + len(EXTENSIONS)
    assert (item.id, item.datetime) == (snapshot.id, dt.datetime(2025, 12, 31, tzinfo=dt.UTC))
    assert item.bbox is not None
    assert np.allclose(item.bbox, snapshot.communes.total_bounds, atol=1e-6)
    for name, asset in item.assets.items():
        content = (planner / name).read_bytes()
        told = FileExtension.ext(asset)
        assert told.checksum == "1220" + hashlib.sha256(content).hexdigest()
        assert told.size == len(content)
        assert asset.roles == ["data"]
        assert asset.get_absolute_href() == str(planner / name)
    with rasterio.open(planner / "level-4g-any.tif") as file:
        frame = ProjectionExtension.ext(item.assets["level-4g-any.tif"])
        assert frame.shape == list(file.shape)
        assert frame.transform == list(file.transform)[:6]
        assert frame.code == f"EPSG:{file.crs.to_epsg()}"
    assert item.properties["geocover:digest"] == snapshot.digest


def test_the_licence_of_the_item_is_a_file_beside_it(planner: Path, snapshot: Snapshot) -> None:
    """Catches an item of another licence that leads to none, or leaves out a source."""
    item = pystac.Item.from_file(str(planner / "item.json"))
    assert item.properties["license"] == "other"
    (link,) = item.get_links("license")
    assert link.media_type == "text/plain"
    text = (planner / str(link.get_absolute_href()).rpartition("/")[2]).read_text(encoding="utf-8")
    sources = snapshot.manifest["sources"]
    assert snapshot.id in text
    for source in (sources["areas"], sources["network"], snapshot.manifest["terrain"]["source"]):
        assert source is None or f"\n  {source}\n    {terms_of(source)}\n" in text
    assert terms_of("Copernicus DEM GLO-30").startswith("Copernicus DEM: ©")
    assert terms_of("vietnamadminunits 1.0.4 (points); OpenStreetMap") == (
        "MIT; ODbL 1.0: © OpenStreetMap contributors"
    )
    assert terms_of("sites.csv") == "theo đơn vị cung cấp / as its provider says"


def test_sums_and_list_are_of_the_files(planner: Path, snapshot: Snapshot) -> None:
    """Catches a file without checksum, a wrong size, count or digest, and a file nobody is told of."""
    listing = json.loads((planner / "index.json").read_bytes())
    names = {path.name for path in planner.iterdir()} - {"index.json"}
    assert {one["name"] for one in listing["files"]} == names
    sums = dict(line.split("  ")[::-1] for line in (planner / "SHA256SUMS").read_text().splitlines())
    assert set(sums) == names - {"SHA256SUMS"}
    for one in listing["files"]:
        content = (planner / one["name"]).read_bytes()
        assert (one["bytes"], one["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())
        assert one["media_type"]
        assert one["holds_vi"]
        assert one["licence_en"]
        assert sums.get(one["name"], one["sha256"]) == one["sha256"]
    rows = {one["name"]: one["rows"] for one in listing["files"]}
    assert rows["communes.fgb"] == {"communes": 4}
    assert rows["geocover.gpkg"]["stations"] == len(snapshot.stations)
    assert (listing["metadata"]["snapshot"], listing["for_en"]) == (
        snapshot.id,
        "all operators, with stations",
    )


def test_the_best_level_is_told_to_others_in_whole_decibels(
    exported: dict[str, Path], snapshot: Snapshot
) -> None:
    """Catches a raster from which, beside its own, a partner works out a rival's level to the last digit."""
    stored = snapshot.level("any", "4G").values
    for reader, step in (("public", 1.0), ("a", 1.0), ("planner", 0.01)):
        with rasterio.open(exported[reader] / "level-4g-any.tif") as file:
            told = file.read(1).astype(float)
            told[told == file.nodata] = np.nan
            told *= file.scales[0]
        assert np.array_equal(np.isnan(told), np.isnan(stored))
        assert np.nanmax(np.abs(told - stored)) <= step / 2 + 1e-3
        assert (np.nanmax(np.abs(told - np.rint(told))) < 1e-9) == (step == 1.0)
