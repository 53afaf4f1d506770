"""Whole files of a snapshot for whoever takes them away: one set a snapshot and audience, made once.

Between reports and the web: tables as GeoPackage, FlatGeobuf, GeoParquet, CSV and XLSX, levels as COG, with
checksums and a STAC item. Nothing in a set is of an operator whose things its audience may not see.
"""

from __future__ import annotations

from geocover.exports.background import Makers
from geocover.exports.catalogue import Export, exports_json
from geocover.exports.errors import ExportError
from geocover.exports.keeping import find_export, keep_export

__all__ = ["Export", "ExportError", "Makers", "exports_json", "find_export", "keep_export"]
