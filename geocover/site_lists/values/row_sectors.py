"""Quantities of a row in order of its sectors: azimuths 1, 2, 3 with the tilts and heights of each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from geocover.site_lists.values.column_values import TILTS, count_column, power_column, quantity_column
from geocover.site_lists.values.distinct import object_array
from geocover.site_lists.values.row_technologies import by_pair

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from geocover.site_lists.columns.columns import Meaning
    from geocover.site_lists.values.column_values import Source

    Values = tuple[float, ...]
    Slots = tuple[float | None, ...]

# Fields with one number a sector, and the name of what is read from them.
SECTORAL = {
    "height_m": "height_m", "downtilt_deg": "downtilt_deg", "mechanical_tilt_deg": "mechanical_tilt_deg",
    "power": "power_dbm", "eirp_dbm": "eirp_dbm", "antenna_gain_dbi": "antenna_gain_dbi",
    "feeder_loss_db": "feeder_loss_db", "bandwidth_mhz": "bandwidth_mhz", "pci": "pci",
}  # fmt: skip
_TOLERANCE_DEG = 0.5


def read_sectors(source: Source) -> dict[str, NDArray[np.object_] | NDArray[np.float64]]:
    """Quantities of all rows, each a tuple of one number a sector, or of one for all sectors.

    Names are those of `SECTORAL`, ``azimuth_deg``, and ``sectors`` (a number, NaN where unknown); what a list
    gives for one technology alone has its name behind: ``height_m 4G``. Where the numbers of a row are
    neither one nor as many as its sectors, they are unknown and reported.
    """
    slots = {name: _slots(source, source.columns.of(name)) for name in ("azimuth_deg", *TILTS)}
    electrical = _electrical(source, slots)
    azimuths = slots["azimuth_deg"]
    sectors = count_column(source, "sectors")
    told: dict[str, NDArray[np.object_] | NDArray[np.float64]] = {
        "azimuth_deg": _present(azimuths),
        "sectors": sectors,
    }
    for field, name in SECTORAL.items():
        for technology in _technologies(source, field):
            found = _field(source, field, technology, slots, electrical)
            told[f"{name} {technology}".strip()] = _aligned(source, field, azimuths, found, sectors)
    return told


def _field(
    source: Source,
    field: str,
    technology: str,
    slots: dict[str, NDArray[np.object_]],
    electrical: NDArray[np.object_],
) -> NDArray[np.object_]:
    if not technology and field == "downtilt_deg":
        return electrical
    if not technology and field in slots:
        return slots[field]
    of_technology = [meaning for meaning in source.columns.of(field) if meaning.technology == technology]
    return _slots(source, of_technology)


def _technologies(source: Source, field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(["", *(meaning.technology for meaning in source.columns.of(field))]))


def _slots(source: Source, meanings: Iterable[Meaning]) -> NDArray[np.object_]:
    """Numbers of several columns in the order of their sectors, None where a sector's cell holds nothing."""
    ordered = sorted(meanings, key=lambda meaning: meaning.sector)
    columns = [_read(source, meaning).tolist() for meaning in ordered]
    if not columns:
        return object_array([()] * len(source.table))
    return object_array(columns[0] if len(columns) == 1 else by_pair(_join, *columns))


def _read(source: Source, meaning: Meaning) -> NDArray[np.object_]:
    return power_column(source, meaning) if meaning.field == "power" else quantity_column(source, meaning)


def _join(*cells: Values) -> Slots:
    """Cells of one row: a cell with several numbers keeps them, an empty one leaves a gap."""
    joined = [number for cell in cells for number in (cell or (None,))]
    return tuple(joined) if any(number is not None for number in joined) else ()


def _present(slots: NDArray[np.object_]) -> NDArray[np.object_]:
    if not any(None in values for values in set(slots.tolist())):
        return slots
    return object_array(by_pair(_without_gaps, slots.tolist()))


def _without_gaps(slots: Slots) -> Values:
    return tuple(number for number in slots if number is not None)


def _electrical(source: Source, slots: dict[str, NDArray[np.object_]]) -> NDArray[np.object_]:
    """Electrical tilt: as stated, else the total less the mechanical one."""
    if not source.columns.has("total_tilt_deg"):
        return slots["downtilt_deg"]
    results = by_pair(_tilt, *(slots[name].tolist() for name in TILTS))
    against = np.array([bool(one[1]) for one in results], np.bool_)
    source.mark("tilt-total", against, source.columns.first("total_tilt_deg"))
    return object_array(one[0] for one in results)


def _tilt(electrical: Slots, mechanical: Slots, total: Slots) -> tuple[Slots, bool]:
    """Electrical tilts of a row, and whether the three kinds contradict each other."""
    if not total:
        return electrical, False
    lowered = _less(total, mechanical) if mechanical else total
    if not electrical:
        return lowered, False
    both = [
        (one, other)
        for one, other in zip(electrical, lowered, strict=False)
        if one is not None and other is not None
    ]
    return electrical, bool(mechanical) and any(abs(one - other) > _TOLERANCE_DEG for one, other in both)


def _less(total: Slots, mechanical: Slots) -> Slots:
    if len(mechanical) == 1:
        mechanical = mechanical * len(total)
    if len(total) != len(mechanical):
        return ()
    return tuple(
        None if one is None or other is None else one - other
        for one, other in zip(total, mechanical, strict=True)
    )


def _aligned(
    source: Source,
    field: str,
    azimuths: NDArray[np.object_],
    found: NDArray[np.object_],
    sectors: NDArray[np.float64],
) -> NDArray[np.object_]:
    """Bring numbers in order with the sectors of their rows; those that do not fit are reported."""
    if max(map(len, set(found.tolist())), default=0) < 2:
        return found
    results = by_pair(_align, azimuths.tolist(), found.tolist(), np.nan_to_num(sectors).tolist())
    header = next((meaning.header for meaning in source.columns.of(field)), None)
    source.mark("sector-values", np.array([one is None for one in results], np.bool_), header)
    return object_array(() if one is None else one for one in results)


def _align(azimuths: Slots, values: Slots, sectors: float) -> Values | None:
    """One number a sector, or one for all; None where they are neither."""
    if not values:
        return ()
    if len(values) == 1 or len(set(values)) == 1:
        return _without_gaps(values[:1])
    if len(values) == len(azimuths):
        kept = (value for value, azimuth in zip(values, azimuths, strict=True) if azimuth is not None)
        return tuple(float("nan") if value is None else value for value in kept)
    full = _without_gaps(values)
    count = len(_without_gaps(azimuths)) or int(sectors) or len(full)
    return full if len(full) == count else None
