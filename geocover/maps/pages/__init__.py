"""Pages beside the map: commune, comparison, gaps, places, downloads, method; what to do where there is none.

The server writes the tables; scripts add the map and little more, so that every page reads without them.
"""

from __future__ import annotations

from geocover.maps.header import Visit
from geocover.maps.pages.commune import commune_page
from geocover.maps.pages.compare import SORTS, CompareFilter, compare_page, one_date_page
from geocover.maps.pages.downloads import downloads_page
from geocover.maps.pages.gaps import ORDERS, GapFilter, gaps_page
from geocover.maps.pages.method import method_page
from geocover.maps.pages.places import STATES, PlaceFilter, places_page
from geocover.maps.pages.trouble import empty_page, trouble_page
from geocover.report.counting import KINDS

__all__ = [
    "KINDS", "ORDERS", "SORTS", "STATES", "CompareFilter", "GapFilter", "PlaceFilter", "Visit",
    "commune_page", "compare_page", "downloads_page", "empty_page", "gaps_page", "method_page",
    "one_date_page", "places_page", "trouble_page",
]  # fmt: skip
