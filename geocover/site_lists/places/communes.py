"""Where the sites lie: in the province, and in the commune that their rows name."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from geocover.site_lists.places.grouping import combine, first_rows, numbered
from geocover.site_lists.places.naming import named_communes

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Columns
    from geocover.site_lists.findings import Findings
    from geocover.site_lists.places.degrees import Floats, Mask
    from geocover.site_lists.places.naming import Named
    from geocover.site_lists.places.reference import Reference
    from geocover.site_lists.sheets import Header, Table


PLACES = ("lon", "x_m", "x", "position")


class _Sites(NamedTuple):
    """Rows that have a position: their numbers, metres in the reference's grid, and the commune there.

    The metres of sites on the other side of the earth are infinite; ``lon`` and ``lat`` in degrees are not.
    """

    rows: NDArray[np.int64]
    lon: Floats
    lat: Floats
    x_m: Floats
    y_m: Floats
    commune: NDArray[np.int64]

    def only(self, chosen: Mask) -> _Sites:
        numbers, commune = self.rows[chosen], self.commune[chosen]
        lon, lat, x_m, y_m = (values[chosen] for values in (self.lon, self.lat, self.x_m, self.y_m))
        return _Sites(numbers, lon, lat, x_m, y_m, commune)


def check_communes(
    table: Table, columns: Columns, positions: pd.DataFrame, reference: Reference, findings: Findings
) -> NDArray[np.object_]:
    """Check where sites lie against the province and against the communes that their rows name.

    A site more than ``reference.tolerance_m`` outside the province is a warning, one more than
    ``reference.far_km`` an error. One farther
    than ``reference.tolerance_m`` from the commune of its row (of today, or any that an old one went into)
    is a warning; so is a name or code that the province never had, and a name and a code of two communes.

    Parameters
    ----------
    table, columns
        The table and what its columns mean (``commune``, ``district``, ``commune_code``).
    positions
        As `geocover.site_lists.places.positions.read_positions` gives it.
    reference
        The province.
    findings
        Collects what is found.

    Returns
    -------
    NDArray[np.object_]
        Code of the commune in which each row lies, shape (rows,); empty outside the province and where there
        is no position.
    """
    named = named_communes(table, columns, reference)
    _report_names(table, columns, named, findings)
    sites = _sites(positions, reference)
    away_m = _outside_m(sites, reference)
    _report_outside(table, columns, sites, away_m, findings, reference)
    near = sites.only(away_m <= 1000.0 * reference.far_km)
    _report_elsewhere(table, columns, near, named, findings)
    codes = np.full(len(table), "", object)
    codes[sites.rows] = np.append(reference.codes, "")[sites.commune]
    return codes


def _sites(positions: pd.DataFrame, reference: Reference) -> _Sites:
    rows = np.flatnonzero(positions["lon"].notna().to_numpy())
    both = positions[["lon", "lat"]].to_numpy(float)[rows]
    # Cells of one site share its position.
    place_of = combine((numbered(each) for each in both.T), len(both))
    places = both[np.unique(first_rows(place_of))]
    x_m, y_m = reference.xy_m(places[:, 0], places[:, 1])
    commune = reference.containing(x_m, y_m)
    return _Sites(rows, both[:, 0], both[:, 1], x_m[place_of], y_m[place_of], commune[place_of])


def _outside_m(sites: _Sites, reference: Reference) -> Floats:
    """Distance from the province in metres, 0 inside; shape (sites,)."""
    away_m = np.zeros(len(sites.rows))
    outside = sites.commune < 0
    if outside.any():
        away_m[outside] = reference.outside_m(sites.lon[outside], sites.lat[outside])
    return away_m


def _report_names(table: Table, columns: Columns, named: Named, findings: Findings) -> None:
    """Report names and codes that mean no commune, and those that mean different ones."""
    header = _naming(columns)
    if header is not None:
        findings.add_rows("commune-unknown", table, named.unknown, header)
        findings.add_rows("commune-code-contradicts", table, named.contradicted, header)


def _report_outside(
    table: Table, columns: Columns, sites: _Sites, away_m: Floats, findings: Findings, reference: Reference
) -> None:
    header = next(filter(None, map(columns.first, PLACES)), None)
    far = away_m > 1000.0 * reference.far_km
    outside = ~far & (away_m > reference.tolerance_m)
    for code, chosen in (("far-from-province", far), ("outside-province", outside)):
        distance = [written_distance(metres) for metres in away_m[chosen]]
        findings.add_rows(code, table, sites.rows[chosen], header, distance=distance)


def _report_elsewhere(
    table: Table, columns: Columns, sites: _Sites, named: Named, findings: Findings
) -> None:
    """Report sites that lie farther from the commune of their row than boundaries can be wrong."""
    header, reference = _naming(columns), named.reference
    other = sites.only(named.known[sites.rows] & ~named.agrees(sites.commune, sites.rows))
    if header is None or not other.rows.size:
        return
    away_m = named.distance_m(other.x_m, other.y_m, other.rows)
    wrong = away_m > reference.tolerance_m
    findings.add_rows(
        "not-in-commune",
        table,
        other.rows[wrong],
        header,
        distance=[written_distance(metres) for metres in away_m[wrong]],
        found=_full_names(reference)[other.commune[wrong]],
    )


def _full_names(reference: Reference) -> NDArray[np.object_]:
    """Type and name of each commune, and behind them what stands for none of them."""
    areas = reference.areas.table
    types = areas["type"].fillna("").astype(str)
    names = [f"{kind} {name}".strip() for kind, name in zip(types, areas["name"], strict=True)]
    return np.array([*names, "ngoài tỉnh / outside the province"], object)


def _naming(columns: Columns) -> Header | None:
    return columns.first("commune") or columns.first("commune_code")


def written_distance(metres: float) -> str:
    """A distance in round figures that read alike in both languages: "850 m", "26 km"."""
    return f"{round(metres, -1):.0f} m" if metres < 9_950 else f"{metres / 1000:.0f} km"
