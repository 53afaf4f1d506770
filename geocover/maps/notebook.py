"""A map for notebooks: communes by share and gaps, whole without the internet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from geocover.coverage import ANY
from geocover.errors import MapError
from geocover.maps.assets import inline_css, static_asset
from geocover.maps.texts import texts

if TYPE_CHECKING:
    import folium
    import geopandas as gpd
    import pandas as pd

    from geocover.areas import Areas

SCRIPT = Path(__file__).parent / "static" / "notebook.js"
DECIMALS = 5
TOLERANCE_DEG = 0.0014  # about 150 m
HEIGHT = "560px"
GAP_COLUMNS = ("technology", "area_km2", "people", "nearest_station", "nearest_operator", "nearest_km")


def show(
    areas: Areas,
    shares: pd.DataFrame,
    gaps: gpd.GeoDataFrame | None = None,
    *,
    operator: str = ANY,
    basis: str = "area",
    language: str = "vi",
) -> folium.Map:
    """Draw communes by share, and gaps, as a map that a notebook shows; nothing is fetched from anywhere.

    Parameters
    ----------
    areas
        Communes.
    shares
        Table of `geocover.commune_shares.shares` of one profile.
    gaps
        Table of `geocover.gaps.find_gaps`, or None.
    operator, basis
        Which of the shares to draw: an operator, "any" or "all"; "area" or "population".
    language
        "vi" or "en".

    Raises
    ------
    MapError
        The shares hold no row for the operator and basis, more than one profile, or lack a commune.
    """
    import folium
    from branca.element import Element, MacroElement
    from folium.template import Template

    rows = _rows(areas, shares, operator, basis)
    west, south, east, north = areas.bounds
    the_map = folium.Map(
        location=[(south + north) / 2, (west + east) / 2],
        tiles=None,
        maxZoom=18,
        zoomSnap=0.25,
        zoom_control="bottomright",
    )
    the_map.default_js, the_map.default_css = [], []
    figure: Any = the_map.get_root()
    figure.height = HEIGHT
    figure.header.add_child(Element(_head()), name="geocover_assets")
    drawing: Any = MacroElement()  # type: ignore[no-untyped-call]
    drawing._name, drawing._template = "Drawing", Template(_macro())  # noqa: SLF001  how folium is extended
    drawing.data = {
        "bounds": [[south, west], [north, east]],
        "communes": _features(
            _simplified(areas).assign(share=rows["share"], low=rows["share_low"], high=rows["share_high"])
        ),
        "gaps": _features(gaps) if gaps is not None else None,
        "title": f"{rows['technology'].iloc[0]} – {rows['profile'].iloc[0]}",
        "basis": basis,
        "language": language,
        "text": texts(language),
        "schematic": areas.quality == "schematic",
        "illustrative": bool(shares["illustrative"].any()),
    }
    drawing.add_to(the_map)
    return the_map


def _rows(areas: Areas, shares: pd.DataFrame, operator: str, basis: str) -> pd.DataFrame:
    """Give the shares to draw, in the order of the communes."""
    chosen = shares[(shares["operator"] == operator) & (shares["basis"] == basis)]
    profiles = sorted(chosen["profile"].unique())
    if len(profiles) != 1:
        held = ", ".join(sorted(shares["operator"].unique()))
        raise MapError(
            f"shares of {operator!r} by {basis!r} are of {len(profiles)} profiles {profiles}, one is needed; "
            f"operators in the table: {held}",
            f"bảng tỷ lệ của “{operator}” theo “{basis}” có {len(profiles)} chuẩn {profiles}, cần đúng một; "
            f"nhà mạng trong bảng: {held}",
        )
    missing = sorted(set(areas.codes) - set(chosen["code"]))
    if missing:
        raise MapError(f"the shares lack communes {missing[:5]}", f"bảng tỷ lệ thiếu xã {missing[:5]}")
    return chosen.set_index("code").loc[areas.codes].reset_index()


def _simplified(areas: Areas) -> gpd.GeoDataFrame:
    """Communes for drawing; shared borders stay shared."""
    import shapely

    shapes = shapely.coverage_simplify(areas.table.geometry.to_numpy(), TOLERANCE_DEG)
    return areas.table.set_geometry(shapes, crs=areas.table.crs)


def _features(table: gpd.GeoDataFrame) -> dict[str, Any]:
    """GeoJSON with the columns that the drawing reads, coordinates to a metre."""
    import numpy as np
    import shapely

    columns = [
        name for name in ("code", "name", "type", "share", "low", "high", *GAP_COLUMNS) if name in table
    ]
    rounded = shapely.transform(table.geometry.to_numpy(), lambda at: np.round(at, DECIMALS))
    found: dict[str, Any] = json.loads(
        table[[*columns, "geometry"]].set_geometry(rounded, crs=4326).to_json()
    )
    return found


def _head() -> str:
    """Leaflet itself, inside the page."""
    styles = inline_css("leaflet.css") + static_asset("map.css")[0].decode()
    return f"<style>{styles}</style><script>{_inside_script(static_asset('leaflet.js')[0].decode())}</script>"


def _inside_script(code: str) -> str:
    return code.replace("</script", "<\\/script")


def _macro() -> str:
    """Call of our script with the data: as JSON, in which folium's filter leaves no markup."""
    code = _inside_script(SCRIPT.read_text(encoding="utf-8"))
    start, end = "{% macro script(this, kwargs) %}", "{% endmacro %}"
    call = "geocoverDraw({{ this._parent.get_name() }}, {{ this.data|tojson }});"
    return f"{start}{{% raw %}}{code}{{% endraw %}}\n{call}{end}"
