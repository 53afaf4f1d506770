"""Tiles over HTTP: who may have which, how they are kept, and whether GDAL reads them."""

from __future__ import annotations

import io
import shutil
import subprocess
from typing import TYPE_CHECKING

import mapbox_vector_tile
import numpy as np
import pytest
import rasterio
from PIL import Image

from api.web import negotiation
from geocover._version import program_digest
from geocover.tiles import Tile, level_tile
from tests.api.filling import A, B
from tests.api.running import bearer
from tests.small_snapshots import HOSTILE_NAMES, QUOTES

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from geocover.store import Snapshot
    from tests.api.filling import Filled

FOREVER, SOON = "public, max-age=31536000, immutable", "public, max-age=300"
AT, FINE, EMPTY = "9/405/224", "12/3246/1799", "9/0/0"
RASTERS = [
    "raster/outdoor-4g/any", "raster/outdoor-5g/all", "probability/4G", "population",
]  # fmt: skip
VECTORS = ["communes", "gaps", "places"]
READERS = {  # kind of reader: operators whose own coverage and stations it sees
    "none": (set(), set()), "viewer": ({A, B}, set()), "a": ({A}, {A}), "b": ({B}, {B}),
    "planner": ({A, B}, {A, B}), "admin": ({A, B}, {A, B}),
}  # fmt: skip


def key(filled: Filled, reader: str) -> dict[str, str]:
    return bearer(filled.tokens[reader]) if reader != "none" else {}


def properties(response: httpx.Response, layer: str) -> list[dict[str, object]]:
    """Properties of a vector tile's features."""
    found = mapbox_vector_tile.decode(response.content)[layer]["features"] if response.content else []
    return [one["properties"] for one in found]


@pytest.mark.parametrize("reader", READERS)
def test_who_may_have_which_tiles(
    closed: httpx.Client, filled: Filled, snapshot: Snapshot, reader: str
) -> None:
    """Catches an operator's coverage or station given to another, in tiles, documents, errors and headers."""
    coverage, stations = READERS[reader]
    headers, answers = key(filled, reader), []
    for operator in (A, B, "Nobody"):
        for tail in (f"{AT}.png", f"{AT}.webp", "tilejson.json"):
            path = f"/tiles/{snapshot.id}/raster/outdoor-4g/{operator}/{tail}"
            response = closed.get(path, headers=headers)
            assert response.status_code == (200 if operator in coverage else 404), path
            answers += [] if operator in coverage else [(operator, response)]
    for zoom in (AT, FINE):
        response = closed.get(f"/tiles/{snapshot.id}/stations/{zoom}.mvt", headers=headers)
        if stations:
            assert {one["operator"] for one in properties(response, "stations")} <= stations
            answers += [("", response)]
        else:
            assert response.status_code == (401 if reader == "none" else 403)
    response = closed.get(f"/tiles/{snapshot.id}/stations/tilejson.json", headers=headers)
    assert response.status_code == (200 if stations else 404)
    for path in ("/tiles", *(f"/tiles/{snapshot.id}/{one}/{AT}.mvt" for one in VECTORS)):
        answers += [("", closed.get(path, headers=headers))]
    hidden = {A: (A, "PTO0", "PTO1"), B: (B, "PTO2")}
    for asked, response in answers:
        body = response.text.replace(asked, "") + str(response.headers) if asked else response.text
        for operator in {A, B} - coverage - stations:
            assert not [word for word in hidden[operator] if word in body], response.url


def test_what_is_missing_is_told_with_a_remedy(closed: httpx.Client, snapshot: Snapshot) -> None:
    """Catches a list of no operators at all, and a zoom that nobody has blamed on the column."""

    def detail(path: str) -> str:
        response = closed.get(f"/tiles/{snapshot.id}/{path}?lang=en")
        assert response.status_code == 404
        return str(response.json()["detail"])

    assert "need a key" in detail(f"raster/outdoor-4g/{A}/{AT}.png")
    assert "outdoor-4g" in detail(f"raster/outdoor/any/{AT}.png")
    assert "z is 24 at most" in detail("communes/30/0/0.mvt")


def test_everybody_has_the_same_tiles_of_all_together(
    closed: httpx.Client, client: httpx.Client, filled: Filled, snapshot: Snapshot
) -> None:
    """Catches "all" made of the operators that a reader may see, and one's tile under another's tag."""
    paths = [f"/tiles/{snapshot.id}/{one}/{AT}.png?v={program_digest()}" for one in RASTERS]
    paths += [f"/tiles/{snapshot.id}/{one}/{AT}.mvt?v={program_digest()}" for one in VECTORS]
    for path in paths:
        found = [closed.get(path, headers=key(filled, reader)) for reader in READERS] + [client.get(path)]
        assert {one.status_code for one in found} == {200}, path
        assert len({one.content for one in found}) == len({one.headers["etag"] for one in found}) == 1, path
        assert {one.headers["cache-control"] for one in found} == {FOREVER}
        assert found[0].headers["geocover-snapshot"] == snapshot.id


def test_what_is_for_some_is_kept_by_them(closed: httpx.Client, filled: Filled, snapshot: Snapshot) -> None:
    """Catches an operator's tile in a shared cache, and tags that match across readers."""
    for path in (f"raster/outdoor-4g/{A}/{AT}.png", f"stations/{AT}.mvt"):
        own, planner = (
            closed.get(f"/tiles/{snapshot.id}/{path}", headers=key(filled, one)) for one in ("a", "planner")
        )
        assert own.headers["cache-control"] == "private, no-cache"
        assert {"Authorization", "Cookie", "X-API-Key"} <= set(own.headers["vary"].split(", "))
        assert own.headers["etag"] != planner.headers["etag"]
        again = {**key(filled, "a"), "If-None-Match": own.headers["etag"]}
        assert closed.get(f"/tiles/{snapshot.id}/{path}", headers=again).status_code == 304
        stolen = {"If-None-Match": own.headers["etag"]}
        assert closed.get(f"/tiles/{snapshot.id}/{path}", headers=stolen).status_code in (401, 404)


@pytest.mark.parametrize("path", [f"raster/outdoor-4g/any/{EMPTY}.png", f"communes/{EMPTY}.mvt"])
def test_nothing_is_204(closed: httpx.Client, snapshot: Snapshot, path: str) -> None:
    """Catches empty pictures sent whole, and empty tiles that are asked for again and again."""
    address = f"/tiles/{snapshot.id}/{path}?v={program_digest()}"
    response = closed.get(address)
    assert (response.status_code, response.content) == (204, b"")
    assert "content-type" not in response.headers
    assert response.headers["cache-control"] == FOREVER
    again = closed.get(address, headers={"If-None-Match": response.headers["etag"]})
    assert again.status_code == 304


@pytest.mark.parametrize(("layer", "kind"), [("raster/outdoor-4g/any", "png"), ("communes", "mvt")])
def test_only_this_programs_tiles_are_kept_for_ever(
    closed: httpx.Client, snapshot: Snapshot, layer: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches tiles of an older program that a browser shows for a year after an upgrade."""
    base, old = f"/tiles/{snapshot.id}/{layer}", "0123456789abcdef"
    z, x, y = AT.split("/")
    given = closed.get(f"{base}/tilejson.json").json()["tiles"][0].format(z=z, x=x, y=y)
    drawn = closed.get(given)
    assert drawn.headers["cache-control"] == FOREVER
    for asked in ("", "?v=", f"?v={old}", "?lang=en"):
        other = closed.get(f"{base}/{AT}.{kind}{asked}")
        assert (other.status_code, other.headers["cache-control"]) == (200, SOON), asked
        assert other.content == drawn.content
        held = {"If-None-Match": other.headers["etag"]}
        assert closed.get(str(other.url), headers=held).status_code == 304
    monkeypatch.setattr(negotiation, "PROGRAM", "fedcba9876543210")
    later = closed.get(given, headers={"If-None-Match": drawn.headers["etag"]})
    assert (later.status_code, later.headers["cache-control"]) == (200, SOON)
    assert closed.get(f"{base}/{AT}.{kind}?v=fedcba9876543210").headers["cache-control"] == FOREVER


def test_what_is_held_is_not_sent_again(closed: httpx.Client, snapshot: Snapshot) -> None:
    """Catches tags that are forgotten, and one tag for two formats or codings."""
    tags = set()
    for path in (f"raster/outdoor-4g/any/{AT}.png", f"raster/outdoor-4g/any/{AT}.webp", f"communes/{AT}.mvt"):
        for coding in ("identity", "gzip"):
            headers = {"Accept-Encoding": coding}
            response = closed.get(f"/tiles/{snapshot.id}/{path}", headers=headers)
            tags.add(response.headers["etag"])
            held = {**headers, "If-None-Match": response.headers["etag"]}
            assert closed.get(f"/tiles/{snapshot.id}/{path}", headers=held).status_code == 304
    assert len(tags) == 4  # pictures are packed already, so both codings of them are the same bytes


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("raster/outdoor-4g/any/9/512/0.png", 404), ("raster/outdoor-4g/any/25/0/0.png", 404),
        ("raster/outdoor-4g/any/9/0/-1.png", 404), ("raster/outdoor-4g/any/a/b/c.png", 404),
        (f"raster/outdoor-9g/any/{AT}.png", 404), (f"raster/outdoor-4g/../any/{AT}.png", 404),
        (f"raster/outdoor-4g/any/{AT}.gif", 400), (f"raster/outdoor-4g/any/{AT}.png?x=1", 400),
        (f"raster/outdoor-4g/any/9/{10**30}/0.png", 400), (f"probability/6G/{AT}.png", 404),
        (f"hillshade/{AT}.png", 404), (f"cells/{AT}.mvt", 404), ("communes/15/0/0.mvt", 404),
        ("cells/tilejson.json", 404), ("raster/outdoor-4g/nobody/tilejson.json", 404),
    ],
)  # fmt: skip
def test_what_is_not_there(closed: httpx.Client, snapshot: Snapshot, path: str, status: int) -> None:
    """Catches addresses that fail, answer with a picture of something else, or leave the folder."""
    response = closed.get(f"/tiles/{snapshot.id}/{path}")
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


def test_other_snapshots(closed: httpx.Client, small_root: Path, snapshot: Snapshot) -> None:
    """Catches a tile of another date, and snapshots by any name."""
    older = min(one.name for one in small_root.iterdir())
    first, second = (
        closed.get(f"/tiles/{one}/raster/outdoor-5g/any/{FINE}.png") for one in (older, snapshot.id)
    )
    assert first.headers["geocover-snapshot"] == older
    assert first.content != second.content
    assert closed.get(f"/tiles/2020-01-01-none/communes/{AT}.mvt").status_code == 404
    assert closed.get("/tileMatrixSets/WorldCRS84Quad").status_code == 404


def test_latest_leads_to_a_pinned_address(closed: httpx.Client, snapshot: Snapshot) -> None:
    """Catches an address kept for ever that changes its content, and a way to another host."""
    response = closed.get(f"/tiles/latest/communes/{AT}.mvt?lang=en")
    assert response.status_code == 307
    assert response.headers["location"] == f"/tiles/{snapshot.id}/communes/{AT}.mvt?lang=en"
    assert response.headers["cache-control"] == "no-cache"
    for rest in ("//example.org/x", "%2F%2Fexample.org", "a%0d%0aSet-Cookie:x=1"):
        answer = closed.get(f"/tiles/latest/{rest}")
        assert answer.headers.get("location", "/tiles/").startswith("/tiles/")
        assert "set-cookie" not in answer.headers
    assert closed.get(f"/tiles/latest/communes/{AT}.mvt", follow_redirects=True).status_code == 200


def test_documents_lead_to_tiles(closed: httpx.Client, filled: Filled) -> None:
    """Catches a list, a document or a template whose address does not answer."""
    headers = key(filled, "planner")
    listed = closed.get("/tiles", headers=headers).json()
    assert len(listed["tilesets"]) == 23
    for one in listed["tilesets"]:
        links = {link["rel"]: link["href"] for link in reversed(one["links"])}
        document = closed.get(links["self"], headers=headers)
        assert document.status_code == 200, links
        told = document.json()
        assert told["links"] == one["links"]
        tile = closed.get(told["tiles"][0].format(z=9, x=405, y=224), headers=headers)
        assert tile.status_code == (
            204 if told.get("profile", "").startswith("indoor") and told["operator"] == "all" else 200
        ), told["tiles"]
        by_ogc = (
            links["item"].replace("{tileMatrix}", "9").replace("{tileRow}", "224").replace("{tileCol}", "405")
        )
        assert closed.get(by_ogc, headers=headers).content == tile.content
    assert closed.get("/tileMatrixSets/WebMercatorQuad").json()["id"] == "WebMercatorQuad"
    assert closed.get("/tileMatrixSets").json()["tileMatrixSets"][0]["id"] == "WebMercatorQuad"


def test_hostile_names_are_data(hostile_client: httpx.Client) -> None:
    """Catches names that are lost, changed, or break an address or a header."""
    communes = hostile_client.get(f"/tiles/latest/communes/{AT}.mvt", follow_redirects=True)
    assert {one["name"] for one in properties(communes, "communes")} == set(HOSTILE_NAMES)
    assert communes.headers["content-type"] == "application/vnd.mapbox-vector-tile"
    assert communes.headers["x-content-type-options"] == "nosniff"
    sets = hostile_client.get("/tiles").json()["tilesets"]
    own = [
        link["href"]
        for one in sets
        for link in one["links"]
        if QUOTES in one["title"] and link["rel"] == "self"
    ]
    assert own
    for address in own:
        template = hostile_client.get(address).json()["tiles"][0]
        assert hostile_client.get(template.format(z=9, x=405, y=224)).status_code == 200


@pytest.mark.gdal
def test_gdal_reads_raster_tiles(client: httpx.Client, snapshot: Snapshot, tmp_path: Path) -> None:
    """Catches tiles upside down, in another place or another grid than GDAL and QGIS take them for."""
    x, y = 3246, 1799
    address = (
        f"{client.base_url}".rstrip("/")
        + f"/tiles/{snapshot.id}/raster/outdoor-4g/any/${{z}}/${{x}}/${{y}}.png"
    )
    half, side = 20037508.342789244, 2 * 20037508.342789244 / 2**12
    description = f"""<GDAL_WMS><Service name="TMS"><ServerUrl>{address}</ServerUrl></Service><DataWindow>
    <UpperLeftX>-{half}</UpperLeftX><UpperLeftY>{half}</UpperLeftY><LowerRightX>{half}</LowerRightX>
    <LowerRightY>-{half}</LowerRightY><TileLevel>12</TileLevel><TileCountX>1</TileCountX>
    <TileCountY>1</TileCountY><YOrigin>top</YOrigin></DataWindow><Projection>EPSG:3857</Projection>
    <BlockSizeX>256</BlockSizeX><BlockSizeY>256</BlockSizeY><BandsCount>4</BandsCount>
    <ZeroBlockHttpCodes>204</ZeroBlockHttpCodes></GDAL_WMS>"""
    (tmp_path / "tiles.xml").write_text(description)
    with rasterio.open(tmp_path / "tiles.xml") as source:
        bounds = (x * side - half, half - (y + 1) * side, (x + 1) * side - half, half - y * side)
        window = source.window(*bounds).round_offsets().round_lengths()
        read = source.read(window=window)
    png = level_tile(snapshot, "outdoor-4g", "any", Tile(12, x, y), "png")
    expected = np.moveaxis(np.asarray(Image.open(io.BytesIO(png)).convert("RGBA")), -1, 0)
    assert np.array_equal(read[3], expected[3])
    assert np.array_equal(read[:, expected[3] > 0], expected[:, expected[3] > 0])


@pytest.mark.gdal
def test_gdal_reads_vector_tiles(client: httpx.Client, snapshot: Snapshot) -> None:
    """Catches vector tiles or a TileJSON that GDAL, and so QGIS, does not take."""
    ogrinfo = shutil.which("ogrinfo")
    if ogrinfo is None:
        pytest.skip("ogrinfo is not installed (package gdal-bin)")
    base = f"{client.base_url}".rstrip("/") + f"/tiles/{snapshot.id}/communes"
    options = ["-oo", f"METADATA_FILE={base}/tilejson.json", "-oo", "TILE_EXTENSION=mvt"]
    result = subprocess.run(
        [ogrinfo, "-ro", "-al", "-so", *options, f"MVT:{base}/9"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    assert "Feature Count: 4" in result.stdout
    assert "area_share_4g: Real" in result.stdout
    assert "ERROR" not in result.stderr
