"""The map of notebooks stands alone and refuses what it cannot draw."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from geocover.areas import Areas
from geocover.errors import MapError
from geocover.maps import show
from tests.small_snapshots import END_TAG, IMG

if TYPE_CHECKING:
    from geocover.store import Snapshot


@pytest.fixture(scope="module")
def inputs(snapshot: Snapshot) -> tuple[Areas, pd.DataFrame, Any]:
    """Areas, shares and gaps of one profile."""
    chosen = snapshot.shares["profile"] == "outdoor-4g"
    return (
        Areas(snapshot.communes),
        snapshot.shares[chosen],
        snapshot.gaps[snapshot.gaps["technology"] == "4G"],
    )


def test_it_stands_alone(inputs: tuple[Areas, pd.DataFrame, Any]) -> None:
    """Catches anything fetched: the notebook's frame has no server and perhaps no internet."""
    page = show(*inputs).get_root().render()
    assert not re.findall(r"<(?:script|link|img)\b[^>]*\b(?:src|href)=", page)
    assert not re.search(r"""url\(["']?(?!data:|#)""", page)
    assert "geocoverDraw(map_" in page
    assert "L.geoJSON" in page
    assert "Thuỵ Vân" in page or "Thu\\u1ef5 V\\u00e2n" in page


def test_it_shows_in_a_frame(inputs: tuple[Areas, pd.DataFrame, Any]) -> None:
    """Catches a map that a notebook shows as text."""
    frame = show(*inputs)._repr_html_()
    assert frame.startswith("<iframe srcdoc=")
    assert "geocoverDraw" in html.unescape(frame)


def test_hostile_names_stay_data(hostile: Snapshot) -> None:
    """Catches a name that ends the script element or opens a tag."""
    areas = Areas(hostile.communes, quality="schematic")
    page = (
        show(areas, hostile.shares[hostile.shares["profile"] == "outdoor-4g"], hostile.gaps)
        .get_root()
        .render()
    )
    assert IMG not in page
    assert END_TAG not in page
    assert page.count("</script>") == page.count("<script")
    assert '"schematic": true' in page


def test_a_table_that_does_not_fit_is_refused(
    inputs: tuple[Areas, pd.DataFrame, Any], snapshot: Snapshot
) -> None:
    """Catches a map drawn from two profiles at once, of nobody, or with communes missing."""
    areas, shares, gaps = inputs
    with pytest.raises(MapError, match=r"4 profiles"):
        show(areas, snapshot.shares, gaps)
    with pytest.raises(MapError, match="Nobody"):
        show(areas, shares, gaps, operator="Nobody")
    with pytest.raises(MapError, match="07894"):
        show(areas, shares[shares["code"] != "07894"], gaps)


def test_shares_stand_against_their_commune(inputs: tuple[Areas, pd.DataFrame, Any]) -> None:
    """Catches rows matched by position: the table may come in any order."""
    areas, shares, _ = inputs
    plain = show(areas, shares).get_root().render()
    shuffled = show(areas, shares.sample(frac=1.0, random_state=1)).get_root().render()
    assert data_of(plain) == data_of(shuffled)


def data_of(page: str) -> str:
    """What the drawing is given."""
    found = re.search(r"geocoverDraw\(map_\w+, (.*?)\);\n", page, re.DOTALL)
    assert found is not None
    return found.group(1)
