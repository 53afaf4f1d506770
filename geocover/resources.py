"""Files that come with geocover: boundaries and places, from the installed package or a checkout."""

from __future__ import annotations

from pathlib import Path

from geocover.errors import GeocoverError

PACKAGE = Path(__file__).parent
ROOTS = (PACKAGE / "_data", PACKAGE.parent / "data")  # installed wheel, checkout


def shipped(relative: str) -> Path:
    """Path of a file that comes with geocover, as ``boundaries/phu-tho-schematic.geojson``.

    Raises
    ------
    GeocoverError
        If neither the installed package nor the checkout holds it.
    """
    candidates = [root / relative for root in ROOTS]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    looked = ", ".join(str(candidate) for candidate in candidates)
    raise GeocoverError(
        f"{relative} does not come with this installation (looked for {looked}); install geocover again",
        f"bản cài đặt này thiếu tệp {relative} (đã tìm ở {looked}); hãy cài lại geocover",
    )
