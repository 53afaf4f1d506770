"""The licences of an export: what its files were made of, and on which terms, as a text beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocover.report.view import RASTER, metadata

if TYPE_CHECKING:
    from collections.abc import Iterable

    from geocover.store import Snapshot

LICENCE_FILE = "LICENCE.txt"
HEAD = """GIẤY PHÉP / LICENCE

Các tệp này là kết quả tính từ những nguồn kê dưới đây. Được dùng, chép, công bố theo giấy phép của từng
nguồn; nguồn không ghi giấy phép thì hỏi đơn vị cung cấp trước khi công bố lại.
These files were computed from the sources below. They may be used, copied and published on the terms of each
source; where no licence is named, ask whoever provided it before publishing again.
"""
# What the name of a source holds, and the terms on which its publisher gives it.
KNOWN = {
    "vietnamadminunits": "MIT",
    "Copernicus": (
        "Copernicus DEM: © DLR e.V. 2010-2014, © Airbus Defence and Space GmbH 2014-2018, provided under"
        " COPERNICUS by the European Union and ESA; all rights reserved"
    ),
    "WorldCover": (
        "CC BY 4.0: © ESA WorldCover project, contains modified Copernicus Sentinel data processed by the"
        " ESA WorldCover consortium"
    ),
    "OpenStreetMap": "ODbL 1.0: © OpenStreetMap contributors",
    "WorldPop": "CC BY 4.0: © WorldPop",
}
OWN = "theo đơn vị cung cấp / as its provider says"


def licence_text(seen: Snapshot) -> str:
    """Text of the licence file of a snapshot: its sources, each with its terms, and what is made up."""
    about = metadata(seen)
    notices = [about[name] for name in ("notice_vi", "notice_en") if about[name]]
    parts = (
        HEAD,
        f"{about['name']}, {seen.as_of}, {seen.id}\n",
        *(_part(what, sources) for what, sources in _sources(seen, about).items()),
        *(f"Lưu ý / Note\n  {one}\n" for one in notices),
        f"Tính bằng / computed by geocover {about['geocover']} (Apache-2.0)\n",
    )
    return "\n".join(parts)


def _part(what: str, sources: Iterable[str]) -> str:
    return "\n".join([what, *(f"  {source}\n    {terms_of(source)}" for source in sources), ""])


def _sources(seen: Snapshot, about: dict[str, Any]) -> dict[str, list[str]]:
    """What the snapshot was made of: names of the sources of each part, as the scenario has them."""
    terrain, areas = seen.manifest["terrain"], about["sources"]["areas"]
    clutter, method = terrain.get("clutter") or {}, about["population_method"]
    told = {
        "Ranh giới, dân số theo xã / Boundaries, people by commune": [areas],
        "Danh sách trạm / Site lists": [about["sources"]["network"]],
        "Địa hình / Terrain": [terrain["source"]],
        "Lớp phủ mặt đất / Land cover": [clutter.get("source")],
        "Dân số / Population": [method.removeprefix(RASTER)] if method.startswith(RASTER) else [],
        "Địa điểm / Places": sorted(set(map(str, seen.places["source"].dropna())) - {areas}),
    }
    known = {what: [source for source in sources if source] for what, sources in told.items()}
    return {what: sources for what, sources in known.items() if sources}


def terms_of(source: str) -> str:
    """Terms of a source, by what its name holds."""
    known = [terms for name, terms in KNOWN.items() if name.casefold() in source.casefold()]
    return "; ".join(known) or OWN
