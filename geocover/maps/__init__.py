"""Maps: the page, the coverage raster as an image, and a map for notebooks.

folium is imported only inside the functions that need it.
"""

from __future__ import annotations

from geocover.maps.assets import static_asset, static_digest
from geocover.maps.header import Visit
from geocover.maps.notebook import show
from geocover.maps.overlay import raster_png
from geocover.maps.page import coverage_page

__all__ = ["Visit", "coverage_page", "raster_png", "show", "static_asset", "static_digest"]
