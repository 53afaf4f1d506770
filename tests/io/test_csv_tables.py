"""CSV for spreadsheets: nothing runs, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from geocover.io.csv_tables import as_given, harmless, harmless_table, write_csv
from geocover.io.network import read_network, write_network

STARTS = ("=", "+", "-", "@", "\t", "\r")


@pytest.mark.parametrize("start", STARTS)
def test_formulas_are_put_out(start: str) -> None:
    """Catches a station's name that runs a program in the reader's Excel."""
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("value", ["-105,3", "+84", "-1.5e3", "BTS-1", "", "'quoted", 5, -5.5, None])
def test_the_rest_stays(value: object) -> None:
    """Catches numbers and ordinary names spoiled by an apostrophe."""
    assert harmless(value) == value


@given(st.text(alphabet="'=+-@\t\r1a. "))
def test_undone_exactly(text: str) -> None:
    """Catches a text that comes back changed, or that still starts as a formula."""
    shown = str(harmless(text))
    assert as_given(shown) == text
    assert not shown.startswith(STARTS) or shown.lstrip("+-").replace(".", "").isdigit()


def test_every_kind_of_text_column_is_covered(tmp_path: Path) -> None:
    """Catches a column of another dtype (string, category) that is written as it is."""
    table = pd.DataFrame({"a": ["=1"], "n": [-1.5]}).assign(
        b=pd.Series(["=2"], dtype="string"), c=pd.Categorical(["=3"])
    )
    assert harmless_table(table).iloc[0].tolist() == ["'=1", -1.5, "'=2", "'=3"]
    write_csv(table, tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_bytes() == b"\xef\xbb\xbfa,n,b,c\n'=1,-1.5,'=2,'=3\n"


def test_network_comes_back_with_its_own_names(tmp_path: Path) -> None:
    """Catches the apostrophe left in a name, or a formula written into a network's CSV."""
    path, again = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text("operator,technology,lon,lat,station_id\nViettel,4G,105.4,21.3,=HYPERLINK(1)\n")
    write_network(read_network(path), again)
    assert b",'=HYPERLINK(1)," in again.read_bytes()
    assert read_network(again).cells["station_id"].tolist() == ["=HYPERLINK(1)"]
