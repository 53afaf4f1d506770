"""The template for partners, as bytes."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

from geocover.site_lists.templates import write_template


@lru_cache(maxsize=16)
def template_xlsx(operator: str | None, province: str | None) -> bytes:
    """Workbook for a partner to fill; with an operator its drop-down offers that one alone.

    With a province (its code) the communes and zones on offer are those of the province.

    Raises
    ------
    SiteListError
        The operator's name does not fit a drop-down.
    AreasError
        No list of communes ships for the province.
    """
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, operator=operator, province=province)
        return path.read_bytes()
