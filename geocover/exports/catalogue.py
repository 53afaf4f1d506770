"""The files of an export and what is said of them."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from geocover.report.answers import to_json
from geocover.report.view import metadata

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from geocover.report.audience import Audience
    from geocover.store import Snapshot

INDEX = "index.json"
SUMS = "SHA256SUMS"
ITEM = "item.json"
COG = "image/tiff; application=geotiff; profile=cloud-optimized"
MEDIA = {
    ".gpkg": "application/geopackage+sqlite3",
    ".fgb": "application/vnd.flatgeobuf",
    ".parquet": "application/vnd.apache.parquet",
    ".csv": "text/csv; charset=utf-8",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".tif": COG,
    ".json": "application/geo+json",
    ".txt": "text/plain; charset=utf-8",
    "": "text/plain; charset=utf-8",
}
LICENCE_VI = "theo giấy phép của các nguồn dữ liệu đầu vào (xem LICENCE.txt)"
LICENCE_EN = "under the licences of the inputs (see LICENCE.txt)"


@dataclass(frozen=True)
class ExportFile:
    """One file of an export.

    Attributes
    ----------
    name
        Its name, which is its address below the export's.
    holds_vi, holds_en
        What it holds.
    rows
        Number of rows by layer, sheet or table; empty for what has none.
    role
        Its role in the STAC item.
    raster
        Shape and transform of a raster, as the STAC item tells them.
    bytes, sha256
        Size, and digest in hexadecimal.
    """

    name: str
    holds_vi: str
    holds_en: str
    rows: Mapping[str, int] = field(default_factory=dict)
    role: str = "data"
    raster: Mapping[str, Any] = field(default_factory=dict)
    bytes: int = 0
    sha256: str = ""

    @property
    def media_type(self) -> str:
        """Media type by its suffix."""
        return MEDIA["." + self.name.rpartition(".")[2] if "." in self.name else ""]

    def measured(self, folder: Path) -> ExportFile:
        """The same with its size and digest, as it stands in a folder."""
        path = folder / self.name
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return ExportFile(**{**vars(self), "bytes": path.stat().st_size, "sha256": digest})

    def as_dict(self) -> dict[str, Any]:
        """What the list of files says."""
        told = {key: value for key, value in asdict(self).items() if key not in ("raster", "role")}
        return {
            **told,
            "media_type": self.media_type,
            "licence_vi": LICENCE_VI,
            "licence_en": LICENCE_EN,
            "href": f"./{self.name}",
        }


@dataclass(frozen=True, eq=False)
class Export:
    """A finished export on disk.

    Attributes
    ----------
    folder
        Where its files are.
    listing
        The list of files as JSON.
    files
        What the list says of each file, by name.
    """

    folder: Path
    listing: bytes
    files: Mapping[str, Mapping[str, Any]]

    def path(self, name: str) -> Path | None:
        """Path of a file; None where the export has none of this name, whatever the name tries."""
        return self.folder / str(self.files[name]["name"]) if name in self.files else None


def open_export(folder: Path) -> Export | None:
    """Open a finished export; None where there is none."""
    try:
        listing = (folder / INDEX).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    return Export(folder, listing, {one["name"]: one for one in json.loads(listing)["files"]})


def listing_json(seen: Snapshot, audience: Audience, files: Iterable[ExportFile]) -> bytes:
    """The list of files with what every answer says of its snapshot."""
    vi, en = audience_words(audience)
    told = {"metadata": metadata(seen), "for_vi": vi, "for_en": en}
    return to_json({**told, "files": [one.as_dict() for one in files]})


def audience_words(audience: Audience) -> tuple[str, str]:
    """Whom an export is for, in Vietnamese and English."""
    if audience.everybody:
        return "mọi người (máy chủ mở)", "everybody (open server)"
    if audience.coverage is None:
        held = audience.stations is None
        vi, en = ("mọi nhà mạng, có trạm", "all operators, with stations")
        return (vi, en) if held else ("mọi nhà mạng, không có trạm", "all operators, without stations")
    if audience.coverage:
        names = ", ".join(sorted(audience.coverage))
        return f"nhà mạng {names}", f"operator {names}"
    return "công khai", "the public"


def exports_json(snapshots: Sequence[Snapshot]) -> bytes:
    """The snapshots whose files can be had, in the order given."""
    told = [{**metadata(one), "href": f"/exports/{one.id}/"} for one in snapshots]
    return to_json({"exports": told})
