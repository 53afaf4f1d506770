"""How many positions, stations and cells there are: three levels that are never mixed."""

from __future__ import annotations

from itertools import product

import pandas as pd

ALL = "all"
COLUMNS = ("operator", "technology", "positions", "stations", "cells")


def totals(cells: pd.DataFrame) -> pd.DataFrame:
    """Count cells by operator and technology.

    Parameters
    ----------
    cells
        One row a cell, as `geocover.register.history.register_as_of` or `geocover.register.lists.cells`
        gives them.

    Returns
    -------
    One row for each operator and technology that has cells, sorted, and for "all" of either; columns of
    `COLUMNS`. Positions of "all" are not sums: a mast with 4G and 5G is one position, and so is one that
    operators share under one id.
    """
    rows = []
    operators = [*sorted(cells["operator"].unique()), ALL]
    technologies = [*sorted(cells["technology"].unique()), ALL]
    for operator, technology in product(operators, technologies):
        of_operator = (cells["operator"] == operator) | (operator == ALL)
        part = cells[of_operator & ((cells["technology"] == technology) | (technology == ALL))]
        if len(part) or operator == technology == ALL:
            counts = (part["position_id"].nunique(), part["station_id"].nunique(), len(part))
            rows.append((operator, technology, *counts))
    return pd.DataFrame(rows, columns=list(COLUMNS))
