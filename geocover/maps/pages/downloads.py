"""The page of downloads: files, tables, the address for QGIS, and the results on offer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocover.maps.header import day
from geocover.maps.pages.frame import render, words_of

if TYPE_CHECKING:
    from geocover.maps.header import Visit
    from geocover.store import Snapshot

# Addresses of the data, the name a file gets, its format, and the word that says what it holds.
TABLES = (
    ("/communes.csv", "csv", "CSV (Excel)", "dl_communes_csv"),
    ("/communes", "geojson", "GeoJSON", "dl_communes"),
    ("/gaps", "geojson", "GeoJSON", "dl_gaps"),
    ("/places", "geojson", "GeoJSON", "dl_places"),
    ("/figures", "json", "JSON", "dl_figures"),
    ("/shares", "json", "JSON", "dl_shares"),
)
STATIONS = ("/stations", "geojson", "GeoJSON", "dl_stations")


def downloads_page(visit: Visit, snapshot: Snapshot) -> str:
    """HTML of the page of downloads.

    Parameters
    ----------
    visit, snapshot
        Who reads what.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    words = words_of(visit)
    tables = [*TABLES, STATIONS] if visit.positions else list(TABLES)
    content: dict[str, Any] = {
        "tables": [
            {
                "href": f"{path}?snapshot={snapshot.id}",
                "name": f"geocover-{snapshot.as_of}-{path.strip('/').partition('.')[0]}.{ending}",
                "format": form,
                "holds": words(holds),
            }
            for path, ending, form, holds in tables
        ],
        "files": f"/exports/{snapshot.id}/",
        "snapshots": [
            {
                "id": one.id,
                "date": day(one.as_of),
                "digest": one.digest,
                "chosen": one.id == snapshot.id,
                "href": visit.link(None, snapshot=one.id),
            }
            for one in reversed(visit.history)
        ],
    }
    return render("downloads.html", visit, snapshot, content)
