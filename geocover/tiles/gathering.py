"""Many points made few: those of one kind within a cell of a tile become one that says how many they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import shapely

from geocover.tiles.encoding import EXTENT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

CELLS = 8  # a tile's side; a cell is 32 of 256 pixels


def gather(
    table: pd.DataFrame, at: NDArray[np.float64], kinds: Sequence[str], sums: Sequence[str] = ()
) -> tuple[NDArray[np.object_], list[dict[str, Any]]]:
    """Gather the points of each cell of a tile that agree in some columns.

    Cells never reach over the edge of a tile, and the point that stands for others lies among them: so over
    the tiles of a zoom the numbers add up to what there is.

    Parameters
    ----------
    table
        A row a point; a point that stays alone keeps all its columns.
    at
        Positions, shape (n, 2), in units of which a tile has 4096 a side.
    kinds
        Columns that points must agree in to be gathered; they are kept.
    sums
        Columns of which the sum is kept.

    Returns
    -------
    Points, and their properties with "count" beside the columns.
    """
    cell = np.floor(at * (CELLS / EXTENT)).astype(np.int64)
    keys = pd.DataFrame({"cell_x": cell[:, 0], "cell_y": cell[:, 1]}, index=table.index)
    places = pd.DataFrame(at, columns=["at_x", "at_y"], index=table.index)
    joined = pd.concat([table, keys, places], axis=1)
    grouped = joined.groupby(["cell_x", "cell_y", *kinds], sort=True, dropna=False)
    middle = grouped[["at_x", "at_y"]].mean().to_numpy()
    first = grouped[list(table.columns)].first(skipna=False)
    count = grouped.size().to_numpy()
    for name in sums:
        first[name] = grouped[name].sum().to_numpy()
    first.loc[count > 1, [name for name in table.columns if name not in (*kinds, *sums)]] = None
    properties = [
        {"count": int(number), **told} for number, told in zip(count, plain_rows(first), strict=True)
    ]
    return shapely.points(middle), properties


def plain_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as plain values; what is missing is None."""
    columns = {
        str(name): [None if pd.isna(value) else value for value in table[name].tolist()]
        for name in table.columns
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
