"""Places: what may enter, how lists join, and the centres of communes."""

from __future__ import annotations

import geopandas as gpd
import pytest
import shapely

from geocover.areas import Areas
from geocover.errors import PlacesError
from geocover.places import COLUMNS, Places


def parks(rows: dict[str, list[object]] | None = None) -> gpd.GeoDataFrame:
    """Two industrial parks, a point and a polygon."""
    own = {"id": ["kcn-b", "kcn-a"], "name": ["KCN B", "KCN A"], "kind": ["industrial_park"] * 2}
    shapes = [shapely.Point(105.3, 21.3), shapely.box(105.4, 21.3, 105.41, 21.31)]
    return gpd.GeoDataFrame({**own, **(rows or {})}, geometry=shapes, crs="EPSG:4326")


def communes(**rows: list[object]) -> Areas:
    """Two communes with further columns."""
    own = {"code": ["04792", "07900"], "name": ["Tân Hoà", "Việt Trì"]}
    shapes = [shapely.box(105.3, 20.8, 105.4, 20.9), shapely.box(105.4, 21.3, 105.5, 21.4)]
    return Areas(gpd.GeoDataFrame({**own, **rows}, geometry=shapes, crs="EPSG:4326"), source="test")


def test_table_is_sorted_and_complete() -> None:
    """Catches rows in the file's order and absent columns; an empty list is a list."""
    places = Places(parks())
    assert places.table["id"].tolist() == ["kcn-a", "kcn-b"]
    assert list(places.table.columns) == list(COLUMNS)
    assert len(Places(parks().iloc[:0])) == 0


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"id": ["kcn-a", "kcn-a"]}, "more than once: kcn-a"),
        ({"id": ["kcn-a", ""]}, "row 2: the id is missing"),
        ({"kind": ["industrial_park", "park"]}, "row 2: unknown kind of place 'park'"),
        ({"commune_code": ["07900", "7900"]}, "row 2, place kcn-a: commune code '7900'"),
        ({"area_ha": [1.0, "big"]}, "row 2, column area_ha: 'big'"),
        ({"geometry": [shapely.Point(105, 21), shapely.LineString([(105, 21), (105, 22)])]}, "LineString"),
        ({"geometry": [shapely.Point(105, 21), shapely.Point()]}, "place kcn-a: the geometry is empty"),
        ({"geometry": [shapely.Point(105, 21), shapely.Point(21, 105)]}, "outside longitude"),
    ],
)
def test_faulty_rows_are_refused(rows: dict[str, list[object]], words: str) -> None:
    """Catches duplicate or missing ids, unknown kinds, broken codes, text as area and lines as places."""
    frame = gpd.GeoDataFrame(parks().assign(**rows), geometry="geometry", crs="EPSG:4326")
    with pytest.raises(PlacesError, match=words):
        Places(frame)


def test_other_crs_and_missing_columns_are_refused() -> None:
    """Catches metres taken for degrees and a list without kinds."""
    with pytest.raises(PlacesError, match="EPSG:4326"):
        Places(parks().to_crs(3405))
    with pytest.raises(PlacesError, match="column kind is missing"):
        Places(parks().drop(columns="kind"))


def test_commune_centres_carry_code_accuracy_and_basis() -> None:
    """Catches centres at a polygon's middle, or without the error of their position."""
    areas = communes(
        centre_lon=[105.31, 105.41],
        centre_lat=[20.81, 21.31],
        centre_accuracy_m=[1500, 300],
        centre_basis=["old seat", "survey"],
    )
    centres = Places.commune_centres(areas)
    row = centres.table.iloc[0]
    assert centres.table["id"].tolist() == ["centre-04792", "centre-07900"]
    assert (row["commune_code"], row["kind"], row["accuracy_m"]) == ("04792", "commune_centre", 1500)
    assert (row["name"], row["basis"], row["source"]) == ("Tân Hoà", "old seat", "test")
    assert row.geometry.equals(shapely.Point(105.31, 20.81))


def test_communes_without_a_centre_are_named() -> None:
    """Catches a centre invented where none is known."""
    with pytest.raises(PlacesError, match=r"1 communes have no centre.*07900"):
        Places.commune_centres(communes(centre_lon=[105.31, None], centre_lat=[20.81, 21.31]))


def test_lists_join_and_split_by_kind() -> None:
    """Catches lost rows, mixed kinds, and the same id in two lists."""
    centres = Places.commune_centres(communes(centre_lon=[105.31, 105.41], centre_lat=[20.81, 21.31]))
    both = Places.concat([centres, Places(parks())])
    assert len(both) == 4
    assert both.of_kind("industrial_park").table.equals(Places(parks()).table)
    assert len(both.of_kind("hamlet")) == 0
    with pytest.raises(PlacesError, match="unknown kind"):
        both.of_kind("park")
    with pytest.raises(PlacesError, match="more than once"):
        Places.concat([centres, centres])
    with pytest.raises(PlacesError, match="no places"):
        Places.concat([])
