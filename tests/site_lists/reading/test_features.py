"""GeoJSON, GPKG, KML and KMZ as sheets: names of fields kept, no feature lost, nothing fetched."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path

import pytest

from tests.site_lists.reading import builders
from tests.site_lists.reading.builders import feature
from tests.site_lists.reading.test_books import codes, read, refusal


def test_geojson_keeps_every_value_and_every_feature(tmp_path: Path) -> None:
    """Catches lost members, integers turned to floats, lists left as objects, names laundered."""
    features = [
        feature(105.34808, 21.32292, **{"Mã trạm": "01", "số": 3, "băng": [900, 1800]}),
        {"type": "Feature", "properties": {"Mã trạm": "02", "số": None}, "geometry": None},
        "not a feature",
    ]
    book, findings = read(builders.geojson(tmp_path / "a.geojson", features))
    assert book.kind == "geojson"
    assert book.crs == "EPSG:4326"
    assert book.sheets[0].rows == [
        ["lon", "lat", "Mã trạm", "số", "băng", "feature"],
        [105.34808, 21.32292, "01", 3, "[900, 1800]"],
        [None, None, "02"],
        [None, None, None, None, None, "not a feature"],
    ]
    found = [(finding.code, finding.row) for finding in findings]
    assert found == [("feature-without-position", 3), ("feature-damaged", 4)]


def test_areas_give_a_point_within_and_a_warning(tmp_path: Path) -> None:
    """Catches a polygon's centre that lies outside of it, taken without a word."""
    ring = [[105, 21], [105.1, 21], [105.1, 21.1], [105.09, 21.01], [105, 21]]
    polygon = {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    book, findings = read(builders.geojson(tmp_path / "a.geojson", [polygon]))
    lon, lat = book.sheets[0].rows[1][:2]
    import shapely

    assert shapely.Polygon(ring).contains(shapely.Point(lon, lat))
    assert codes(findings) == ["feature-not-point"]


def test_old_geojson_in_vn2000_is_transformed(tmp_path: Path) -> None:
    """Catches metres taken for degrees, and VN-2000 taken for WGS 84 (224 m off)."""
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::9208"}}
    book, findings = read(builders.geojson(tmp_path / "a.geojson", [feature(561_900, 2_358_700)], crs=crs))
    lon, lat = book.sheets[0].rows[1][:2]
    from geocover.crs import transformer

    assert (lon, lat) == pytest.approx(
        transformer("EPSG:9208", "EPSG:4326").transform(561_900, 2_358_700), abs=1e-9
    )
    assert codes(findings) == ["layer-transformed"]


def test_geopackage_layers_are_sheets(tmp_path: Path) -> None:
    """Catches layers beyond the first, null geometries and missing numbers."""
    book, findings = read(builders.gpkg(tmp_path / "a.gpkg", layers=("tram", "du_phong")))
    assert [sheet.name for sheet in book.sheets] == ["tram", "du_phong"]
    assert book.sheets[0].rows == [
        ["lon", "lat", "Mã trạm", "Chiều cao"],
        [105.34808, 21.32292, "PTO0001", 42.0],
        [None, None, "PTO0002"],
    ]
    assert codes(findings) == ["feature-without-position"] * 2


def test_geopackage_in_metres_is_transformed_or_left_with_a_warning(tmp_path: Path) -> None:
    """Catches a layer's coordinate system ignored, and one that states none guessed."""
    book, findings = read(builders.gpkg(tmp_path / "a.gpkg", "EPSG:9208"))
    assert book.sheets[0].rows[1][0] == pytest.approx(105.347, abs=0.01)
    assert "layer-transformed" in codes(findings)
    with pytest.warns(UserWarning, match="crs"):
        path = builders.gpkg(tmp_path / "b.gpkg", None)
    book, findings = read(path)
    assert book.sheets[0].rows[0][:2] == ["x", "y"]
    assert "layer-without-crs" in codes(findings)


_KML_ROWS = [
    ["lon", "lat", "folder", "name", "Công nghệ", "Chiều cao cột", "description"],
    [105.34808, 21.32292, "Viettel", "PTO0001", "4G", "42"],
]


@pytest.mark.parametrize("kind", ["kml", "kmz"])
def test_kml_keeps_names_of_fields_and_tables_in_descriptions(tmp_path: Path, kind: str) -> None:
    """Catches "Công nghệ" rewritten as "C__ng_ngh___", which GDAL does, and balloons left unread."""
    path = tmp_path / f"a.{kind}"
    if kind == "kml":
        path.write_text(builders.kml(), encoding="utf-8")
    else:
        builders.archive(path, {"doc.kml": builders.kml(), "images/a.png": b"x"})
    book, findings = read(path)
    rows = book.sheets[0].rows
    assert book.kind == kind
    assert rows[:2] == _KML_ROWS
    assert rows[2][3:5] == ["PTO0002", "5G"]
    assert codes(findings) == ["feature-not-point"]


def test_kml_fetches_nothing(tmp_path: Path) -> None:
    """Catches requests that a partner's file makes the server send: links, styles, external entities."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}"
        link = f"<NetworkLink><Link><href>{address}/more.kml</href></Link></NetworkLink>"
        (tmp_path / "a.kml").write_text(builders.kml(link), encoding="utf-8")
        findings = read(tmp_path / "a.kml")[1]
        entity = f'<!DOCTYPE kml [<!ENTITY x SYSTEM "{address}/x">]><kml><name>&x;</name></kml>'
        (tmp_path / "b.kml").write_text(entity, encoding="utf-8")
        refusal(tmp_path / "b.kml")
        server.shutdown()
    assert asked == []
    assert "kml-link" in codes(findings)


def test_nested_entities_are_refused(tmp_path: Path) -> None:
    """Catches the billion laughs in a KML."""
    levels = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
    (tmp_path / "a.kml").write_text(f'<!DOCTYPE kml [<!ENTITY a0 "x">{levels}]><kml>&a9;</kml>')
    assert "ENTITY" in str(refusal(tmp_path / "a.kml"))


def test_deep_nesting_is_refused(tmp_path: Path) -> None:
    """Catches recursion without end in JSON and KML."""
    (tmp_path / "a.geojson").write_text('{"type":"Feature","properties":' + '{"a":' * 100_000)
    refusal(tmp_path / "a.geojson")
    (tmp_path / "a.kml").write_text("<kml>" + "<Placemark>" * 100_000)
    refusal(tmp_path / "a.kml")
