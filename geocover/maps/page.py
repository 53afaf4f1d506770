"""The coverage page: a folium map, our own scripts around it, and nothing from outside."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover._version import program_digest
from geocover.coverage import ALL, ANY
from geocover.errors import MapError
from geocover.maps.header import province_name
from geocover.maps.overlay import raster_bounds
from geocover.maps.texts import texts
from geocover.maps.writing import write_page
from geocover.report.audience import note_of_data
from geocover.store.snapshot import ELEVATION_FILE
from geocover.tiles.classes import COVERED_COLOUR, LEVELS, population_layer
from geocover.tiles.rasters import last_hillshade_zoom, last_zoom

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from geocover.maps.header import Visit
    from geocover.store import Snapshot
    from geocover.wording import Language

MAX_ZOOM = 18
CACHED = 32
# folium names its assets; these are the ones we carry, the others are style for things that we do not use.
LOCAL = {
    "leaflet": "leaflet.js",
    "leaflet_css": "leaflet.css",
    "markerclusterjs": "leaflet.markercluster.js",
    "markerclustercss": "MarkerCluster.css",
}
DROPPED = {
    "jquery", "bootstrap", "awesome_markers", "bootstrap_css", "glyphicons_css", "awesome_markers_font_css",
    "awesome_markers_css", "awesome_rotate_css", "markerclusterdefaultcss",
}  # fmt: skip
# Layers of the map in the order of the control, and whether they are shown at first.
LAYERS = {
    "communes": True, "names": True, "gaps": True, "raster": False, "population": False, "hillshade": True,
    "parks": True, "centres": True,
}  # fmt: skip
STATIONS, HILLSHADE = "stations", "hillshade"
STYLES = ("base.css", "coverage.css", "map.css")


def coverage_page(snapshot: Snapshot, visit: Visit) -> str:
    """HTML of the coverage map of a snapshot.

    The data come by fetch from the API's addresses; names are set by scripts as text only.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    parts = map_parts(snapshot, visit)
    content = {
        **parts,
        "text": texts(visit.language),
        "name": province_name(snapshot),
        "notice": band_text(snapshot, visit.language),
        "styles": [*parts["styles"], *STYLES],
    }
    return write_page("coverage.html", visit, "app.js", content, snapshot=snapshot)


def band_text(snapshot: Snapshot, language: Language) -> list[str]:
    """Lines of the band across made-up maps; none for real data."""
    words = texts(language)
    marks = [(snapshot.illustrative, "illustrative"), (snapshot.schematic, "schematic")]
    return [words[name] for held, name in marks if held]


def _previous(snapshot: Snapshot, history: Sequence[Snapshot]) -> dict[str, str] | None:
    """Give the latest earlier snapshot of the same province."""
    earlier = [one for one in _of_province(snapshot, history) if one.as_of < snapshot.as_of]
    return {"id": earlier[-1].id, "as_of": earlier[-1].as_of} if earlier else None


def _of_province(snapshot: Snapshot, history: Sequence[Snapshot]) -> list[Snapshot]:
    """Give the snapshots of the same province."""
    province = snapshot.manifest["parameters"]["province_code"]
    return [one for one in history if one.manifest["parameters"]["province_code"] == province]


def _config(snapshot: Snapshot, visit: Visit) -> dict[str, Any]:
    """Everything that the scripts must know at once."""
    manifest = snapshot.manifest
    return {
        "language": visit.language,
        "text": texts(visit.language),
        "snapshot": snapshot.id,
        "program": program_digest(),
        "as_of": snapshot.as_of,
        "name": province_name(snapshot),
        "illustrative": snapshot.illustrative,
        "schematic": snapshot.schematic,
        "note": manifest["parameters"][f"note_{visit.language}"],
        "paper_note": note_of_data(snapshot, visit.language),
        "previous": _previous(snapshot, visit.history),
        "operators": {technology: [ANY, ALL, *names] for technology, names in snapshot.operators.items()},
        "positions": visit.positions,
        "profiles": snapshot.profiles,
        "gives_level": manifest["gives_level"],
        "models": {technology: one["title"] for technology, one in manifest["models"].items()},
        "bounds": _communes_bounds(snapshot),
        "raster_bounds": raster_bounds(snapshot),
        "last_zoom": {"raster": last_zoom(snapshot.grid), HILLSHADE: last_hillshade_zoom(snapshot.grid)},
        "population": population_layer(snapshot).legend.describe(),
        "dates": [{"id": one.id, "as_of": one.as_of} for one in _of_province(snapshot, visit.history)],
        "sources": manifest["sources"],
        "min_gap_km2": manifest["parameters"]["min_gap_km2"],
        "levels": LEVELS,
        "covered_colour": COVERED_COLOUR,
    }


def _communes_bounds(snapshot: Snapshot) -> list[list[float]]:
    west, south, east, north = (float(value) for value in snapshot.communes.total_bounds)
    return [[south, west], [north, east]]


def map_parts(snapshot: Snapshot, visit: Visit) -> dict[str, Any]:
    """What any page needs to hold the map.

    Returns
    -------
    ``map_html`` and ``map_script`` (markup), ``scripts`` and ``styles`` (names of served files), ``config``
    (what the map's scripts must know).
    """
    parts = _folium_parts(snapshot, visit.language, visit.tiles, positions=visit.positions)
    return {**parts, "config": _config(snapshot, visit)}


@lru_cache(maxsize=CACHED)
def _folium_parts(
    snapshot: Snapshot, language: Language, tiles: tuple[str, str] | None, *, positions: bool
) -> dict[str, Any]:
    """Markup, script and assets of the folium map; the same for every reader, so built once."""
    from markupsafe import Markup

    layers = [name for name in LAYERS if name != HILLSHADE or ELEVATION_FILE in snapshot.manifest["files"]]
    layers += [STATIONS] * positions
    figure = _folium_map(_communes_bounds(snapshot), texts(language), tiles, layers)
    figure.render()
    scripts, styles = local_assets(figure)
    return {
        "map_html": Markup(figure.html.render()),  # noqa: S704  folium's own markup, no data in it
        "map_script": Markup(figure.script.render()),  # noqa: S704
        "scripts": scripts,
        "styles": styles,
    }


def _folium_map(
    bounds: list[list[float]], words: dict[str, str], tiles: tuple[str, str] | None, layers: Sequence[str]
) -> Any:  # noqa: ANN401
    """Give the folium figure: a map, one group a layer, and the control; scripts of ours fill the groups."""
    import folium

    (south, west), (north, east) = bounds
    the_map = folium.Map(
        location=[(south + north) / 2, (west + east) / 2], zoom_start=9, tiles=None, maxZoom=MAX_ZOOM,
        minZoom=5, zoom_control="bottomright", zoomSnap=0.25,
    )  # fmt: skip
    the_map._id = "coverage"  # noqa: SLF001  folium's names are random: the same page must give the same bytes
    if tiles is not None:
        _add(the_map, _background(*tiles, words["tiles"]), "tiles")
    for key in layers:
        name = words[f"layer_{key}"]
        group = _cluster(name) if key == STATIONS else folium.FeatureGroup(name=name, show=LAYERS[key])
        _add(the_map, group, key)
    _add(the_map, folium.LayerControl(collapsed=False), "layers")
    return the_map.get_root()


def _cluster(name: str) -> Any:  # noqa: ANN401
    from folium.plugins import MarkerCluster

    return MarkerCluster(  # type: ignore[no-untyped-call]
        name=name, show=False, chunkedLoading=True, maxClusterRadius=60, showCoverageOnHover=False,
        disableClusteringAtZoom=16,
    )  # fmt: skip


def _background(url: str, attribution: str, name: str) -> Any:  # noqa: ANN401
    """Tiles below everything; Leaflet takes an attribution for markup, so it is escaped."""
    import folium
    from markupsafe import escape

    return folium.TileLayer(url, attr=str(escape(attribution)) or " ", name=name, overlay=True)


def _add(the_map: Any, element: Any, name: str) -> None:  # noqa: ANN401
    element._id = name  # noqa: SLF001
    element.add_to(the_map)


def local_assets(figure: Any) -> tuple[list[str], list[str]]:  # noqa: ANN401
    """Scripts and styles that the elements of a figure need, as names of ours.

    Raises
    ------
    MapError
        If an element needs one that we neither carry nor know to be needless.
    """
    needed = dict.fromkeys(name for element in _walk(figure) for name in _assets_of(element))
    unknown = [name for name in needed if name not in LOCAL and name not in DROPPED]
    if unknown:
        raise MapError(
            f"folium asks for {', '.join(unknown)}, which the pages do not carry",
            f"folium cần {', '.join(unknown)} mà trang không có sẵn",
        )
    files = [LOCAL[name] for name in needed if name in LOCAL]
    return [name for name in files if name.endswith(".js")], [name for name in files if name.endswith(".css")]


def _walk(element: Any) -> Iterator[Any]:  # noqa: ANN401
    yield element
    for child in element._children.values():  # noqa: SLF001
        yield from _walk(child)


def _assets_of(element: Any) -> list[str]:  # noqa: ANN401
    return [name for name, _ in (*getattr(element, "default_js", ()), *getattr(element, "default_css", ()))]
