"""Files that come with geocover are found, in an installed package before a checkout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from geocover import resources
from geocover.errors import GeocoverError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    "name", ["boundaries/phu-tho-schematic.geojson", "places/phu-tho-industrial-parks.geojson"]
)
def test_what_the_demo_needs_is_shipped(name: str) -> None:
    """Catches a renamed or forgotten data file."""
    assert resources.shipped(name).stat().st_size > 0


def test_installed_package_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches an installed geocover that reads whatever ``data`` folder lies beside it."""
    installed, checkout = tmp_path / "_data", tmp_path / "data"
    for root in (installed, checkout):
        root.mkdir()
        (root / "one.txt").write_text(root.name)
    (checkout / "two.txt").write_text("checkout only")
    monkeypatch.setattr(resources, "ROOTS", (installed, checkout))
    assert resources.shipped("one.txt") == installed / "one.txt"
    assert resources.shipped("two.txt") == checkout / "two.txt"


def test_missing_file_is_named_in_both_languages() -> None:
    """Catches a silent None, or a message that does not say what to do."""
    with pytest.raises(GeocoverError, match=r"boundaries/nowhere\.geojson.*install geocover again") as caught:
        resources.shipped("boundaries/nowhere.geojson")
    assert "hãy cài lại" in caught.value.vi
