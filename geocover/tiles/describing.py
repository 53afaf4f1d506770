"""What tiles there are: TileJSON 3.0 and OGC API - Tiles in one document, for each set of tiles."""

from __future__ import annotations

import html
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from geocover._version import program_digest
from geocover.coverage import ALL, ANY
from geocover.report.answers import to_json
from geocover.report.view import metadata, notices, operators
from geocover.store.snapshot import ELEVATION_FILE
from geocover.tiles.classes import level_layer, population_layer, probability_layer
from geocover.tiles.errors import NoTileError
from geocover.tiles.matrix import native_zoom
from geocover.tiles.rasters import last_hillshade_zoom, last_zoom
from geocover.tiles.vector_layers import FIELDS
from geocover.tiles.vectors import LAST_ZOOM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from geocover.store import Snapshot

TILEJSON = "3.0.0"
MATRIX_SET = "WebMercatorQuad"
MATRIX_SET_URI = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad"
CRS_URI = "http://www.opengis.net/def/crs/EPSG/0/3857"
TILING_RELATION = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
PNG, WEBP, MVT = "image/png", "image/webp", "application/vnd.mapbox-vector-tile"
SUFFIXES = {PNG: "png", WEBP: "webp", MVT: "mvt"}
VECTOR_TITLES = {
    "communes": ("Xã, phường và tỷ lệ phủ sóng", "Communes and their shares"),
    "gaps": ("Điểm lõm sóng", "Gaps"),
    "places": ("Trung tâm xã, khu công nghiệp", "Commune centres and industrial parks"),
    "stations": ("Trạm phát sóng", "Stations"),
}
STATIONS = "stations"

WHOSE = {ANY: ("ít nhất một nhà mạng", "at least one operator"), ALL: ("mọi nhà mạng", "every operator")}


@dataclass(frozen=True)
class TileSet:
    """A set of tiles.

    Attributes
    ----------
    parts
        Its address below the snapshot's.
    title_vi, title_en
        What it shows.
    media
        Media types of its tiles, the first of them preferred.
    last_zoom
        The highest zoom.
    more
        What the document says beside.
    """

    parts: tuple[str, ...]
    title_vi: str
    title_en: str
    media: tuple[str, ...]
    last_zoom: int
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """Its address below the snapshot's, for a URL."""
        return "/".join(quote(part, safe="") for part in self.parts)


def tile_sets(snapshot: Snapshot, *, positions: bool) -> list[TileSet]:
    """Sets of tiles of a snapshot, as its reader may see it; those of stations for whom they are."""
    vectors = [_vector(name) for name in VECTOR_TITLES if positions or name != STATIONS]
    return [*_levels(snapshot), *_other_rasters(snapshot), *vectors]


def _levels(snapshot: Snapshot) -> Iterator[TileSet]:
    zoom = last_zoom(snapshot.grid)
    for profile, definition in snapshot.profiles.items():
        technology = str(definition["technology"])
        if technology not in snapshot.operators:
            continue
        legend = level_layer(snapshot, profile, ANY).legend.describe()
        for operator in operators(snapshot, technology):
            yield TileSet(
                ("raster", profile, operator),
                f"{definition['title_vi']}: {WHOSE.get(operator, (operator, operator))[0]}",
                f"{definition['title_en']}: {WHOSE.get(operator, (operator, operator))[1]}",
                (PNG, WEBP),
                zoom,
                {"legend": legend, "profile": profile, "operator": operator},
            )


def _other_rasters(snapshot: Snapshot) -> Iterator[TileSet]:
    kinds, zoom = (PNG, WEBP), last_zoom(snapshot.grid)
    for technology in snapshot.operators:
        if snapshot.main_profile(technology) is not None:
            legend = {"legend": probability_layer(snapshot, technology).legend.describe()}
            titles = (f"Xác suất phủ sóng {technology}", f"Probability of {technology} coverage")
            yield TileSet(("probability", technology), *titles, kinds, zoom, legend)
    legend = {"legend": population_layer(snapshot).legend.describe()}
    yield TileSet(("population",), "Dân cư", "Population", kinds, zoom, legend)
    if ELEVATION_FILE in snapshot.manifest["files"]:
        yield TileSet(("hillshade",), "Địa hình", "Hillshade", kinds, last_hillshade_zoom(snapshot.grid))


def _vector(name: str) -> TileSet:
    layers = [
        {"id": layer, "fields": fields, "minzoom": 0, "maxzoom": LAST_ZOOM}
        for layer, fields in FIELDS[name].items()
    ]
    return TileSet((name,), *VECTOR_TITLES[name], (MVT,), LAST_ZOOM, {"vector_layers": layers})


def tileset_json(snapshot: Snapshot, parts: tuple[str, ...], base: str, *, positions: bool) -> bytes:
    """TileJSON 3.0 of a set of tiles, which is its OGC tile set metadata too.

    Parameters
    ----------
    snapshot
        A result as its reader may see it.
    parts
        The set's address; see `TileSet.parts`.
    base
        Where the service answers, as ``https://host``.
    positions
        Whether the reader may see stations.

    Raises
    ------
    NoTileError
        If there is no such set for the reader.
    """
    found = [one for one in tile_sets(snapshot, positions=positions) if one.parts == parts]
    if not found:
        name = "/".join(parts)
        raise NoTileError(
            f"no tiles {name!r} in {snapshot.id}; /tiles lists them",
            f"không có lớp ô bản đồ “{name}” trong {snapshot.id}; xem /tiles",
        )
    return to_json(_document(snapshot, found[0], base))


def tilesets_json(snapshot: Snapshot, base: str, *, positions: bool) -> bytes:
    """List of the sets of tiles for a reader (OGC API - Tiles), with what is said of the snapshot."""
    shown = [_summary(snapshot, one, base) for one in tile_sets(snapshot, positions=positions)]
    link = {"rel": "self", "type": "application/json", "href": f"{base}/tiles"}
    return to_json({"tilesets": shown, "links": [link], "metadata": metadata(snapshot)})


def _document(snapshot: Snapshot, one: TileSet, base: str) -> dict[str, Any]:
    west, south, east, north = (round(float(value), 6) for value in snapshot.communes.total_bounds)
    middle = [
        round((west + east) / 2, 6),
        round((south + north) / 2, 6),
        max(0, native_zoom(snapshot.grid) - 3),
    ]
    return {
        "tilejson": TILEJSON,
        "tiles": [_template(snapshot, one, base, one.media[0]).format(z="{z}", x="{x}", y="{y}")],
        "name": one.title_vi,
        "description": one.title_en,
        "attribution": _attribution(snapshot),
        "version": "1.0.0",
        "scheme": "xyz",
        "minzoom": 0,
        "maxzoom": one.last_zoom,
        "bounds": [west, south, east, north],
        "center": middle,
        **one.more,
        **_summary(snapshot, one, base),
        "metadata": metadata(snapshot),
    }


def _summary(snapshot: Snapshot, one: TileSet, base: str) -> dict[str, Any]:
    """Tile set as OGC API - Tiles lists it."""
    itself = f"{base}/tiles/{snapshot.id}/{one.address}/tilejson.json"
    names = {"z": "{tileMatrix}", "x": "{tileCol}", "y": "{tileRow}"}
    links: list[dict[str, Any]] = [
        {"rel": "self", "type": "application/json", "href": itself},
        {"rel": TILING_RELATION, "type": "application/json", "href": f"{base}/tileMatrixSets/{MATRIX_SET}"},
    ]
    for media in one.media:
        href = _template(snapshot, one, base, media).format(**names)
        links.append({"rel": "item", "type": media, "href": href, "templated": True})
    return {
        "title": f"{one.title_vi} | {one.title_en}",
        "dataType": "vector" if one.media == (MVT,) else "map",
        "crs": CRS_URI,
        "tileMatrixSetURI": MATRIX_SET_URI,
        "links": links,
    }


def _template(snapshot: Snapshot, one: TileSet, base: str, media: str) -> str:
    """Address of a tile with {z}, {x} and {y} in it; other braces in it are quoted.

    It names the program that draws: as a tile is kept for ever, another's has another address.
    """
    tile = f"{{z}}/{{x}}/{{y}}.{SUFFIXES[media]}?v={program_digest()}"
    return f"{base}/tiles/{snapshot.id}/{one.address}/{tile}"


def _attribution(snapshot: Snapshot) -> str:
    """Say what it is of; readers put it into their page as HTML, so it is text for HTML."""
    told = notices(snapshot)
    parts = (f"geocover {snapshot.id}", told["notice_vi"], told["notice_en"])
    return html.escape(" · ".join(part for part in parts if part))


def matrix_sets_json(base: str) -> bytes:
    """List of the tile matrix sets: one."""
    href = f"{base}/tileMatrixSets/{MATRIX_SET}"
    link = {"rel": "self", "type": "application/json", "href": href}
    one = {"id": MATRIX_SET, "title": "Google Maps Compatible for the World", "uri": MATRIX_SET_URI}
    return to_json({"tileMatrixSets": [{**one, "crs": CRS_URI, "links": [link]}]})


def matrix_set_json(name: str) -> bytes:
    """Definition of a tile matrix set (OGC 17-083r4).

    Raises
    ------
    NoTileError
        If it is not WebMercatorQuad.
    """
    if name != MATRIX_SET:
        raise NoTileError(
            f"no tile matrix set {name!r}; there is {MATRIX_SET}",
            f"không có lưới ô “{name}”; có {MATRIX_SET}",
        )
    import morecantile

    definition: str = morecantile.tms.get(MATRIX_SET).model_dump_json(exclude_none=True)
    return definition.encode()
