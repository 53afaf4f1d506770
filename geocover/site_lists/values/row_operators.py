"""Whose rows are: by the operator's name, by a network's code, or by those of country and network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from geocover.names import fold
from geocover.site_lists.values.distinct import distinct, object_array, plain
from geocover.site_lists.values.operators import (
    OperatorName,
    country_code,
    is_network_alone,
    is_vietnam,
    known_operator,
    read_operator,
)
from geocover.site_lists.values.technology import read_tick
from geocover.site_lists.values.titles import titled_operator

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from geocover.site_lists.sheets import Header, Value
    from geocover.site_lists.values.column_values import Source
    from geocover.site_lists.values.distinct import Distinct

_SHOWN = 5


def read_operators(source: Source, default: str) -> dict[str, NDArray[Any]]:
    """Read whose each row is and with whom it shares its place; arrays of shape (rows,).

    A network code (MNC) counts in the country of the column MCC; without such a column in Vietnam.

    Returns
    -------
    dict
        ``operator``, ``shared_with`` and ``shared``, see `geocover.site_lists.values.rows.read_rows`.
    """
    header = source.columns.first("operator") or source.columns.first("mnc")
    rows = len(source.table)
    names, others = np.full(rows, "", object), np.full(rows, "", object)
    if header is not None:
        names, others = _named_operators(source, header)
    titled, title = ("", "") if header is not None or default else titled_operator(source.table)
    if titled:
        source.findings.add_table("operator-titled", source.table, operator=titled, title=title)
        names = np.full(rows, titled, object)
    missing = names == ""
    if default:
        told = missing & _empty(source, header)
        source.note("operator-default", header, told, operator=default)
        names = np.where(told, default, names)
        missing &= ~told
    if header is None and not (default or titled):
        source.findings.add_table("no-operator", source.table)
    else:
        source.mark("operator-missing", missing & _empty(source, header), header)
    _report_countries(source)
    _report_contradictions(source, header, names)
    shared, sharing = _shared(source, others)
    return {"operator": names, "shared_with": sharing, "shared": shared}


def _empty(source: Source, header: Header | None) -> NDArray[np.bool_]:
    return np.ones(len(source.table), np.bool_) if header is None else ~source.distinct(header).given


def _named_operators(source: Source, header: Header) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    column, lost = _with_country(source, header), _without_country(source, header)
    source.mark("country-missing", lost, header)
    read = [read_operator(value) for value in column.values]
    first: dict[str, str] = {}
    # A network takes no two names that differ in case or marks alone.
    names = [one.name and first.setdefault(fold(one.name) or one.name, one.name) for one in read]
    texts = [plain(value) for value in column.values]
    source.mark("operator-impossible", column.marks(not name for name in names), header)
    source.mark("operator-several", column.marks(bool(one.others) for one in read), header)
    respelt = [
        bool(name) and name != text and not one.others and not one.abroad
        for name, text, one in zip(names, texts, read, strict=True)
    ]
    shown = _changes(texts, names, respelt)
    source.note("operator-respelt", header, column.marks(respelt), names=shown)
    unknown = [bool(one.name) and not one.known and not one.abroad for one in read]
    shown = _list([name for name, new in zip(names, unknown, strict=True) if new])
    source.note("operator-unknown", header, column.marks(unknown), names=shown)
    abroad = [one.abroad for one in read]
    shown = _list([name for name, far in zip(names, abroad, strict=True) if far])
    source.note("network-abroad", header, column.marks(abroad), names=shown)
    return column.objects(names, ""), column.objects((", ".join(one.others) for one in read), "")


def _with_country(source: Source, header: Header) -> Distinct:
    """Values of a column of operators, a network's code behind its country's: ``452-04``."""
    values = source.table.values[header.position]
    countries = _countries(source)
    if countries is None:
        return distinct(values)
    lost = _without_country(source, header)
    return distinct(
        object_array(
            None if nowhere else _joined(value, code)
            for value, code, nowhere in zip(values.tolist(), countries.tolist(), lost.tolist(), strict=True)
        )
    )


def _joined(value: Value, country: str) -> Value:
    return f"{country}-{plain(value)}" if country and is_network_alone(value) else value


def _without_country(source: Source, header: Header) -> NDArray[np.bool_]:
    """Rows of a network code whose country's is missing, in a list of networks of other countries too."""
    countries = _countries(source)
    values = source.table.values[header.position].tolist()
    if countries is None or all(is_vietnam(code) for code in countries.tolist() if code):
        return np.zeros(len(values), np.bool_)
    alone = np.fromiter(map(is_network_alone, values), np.bool_, len(values))
    return np.asarray(alone & (countries == ""), np.bool_)


def _countries(source: Source) -> NDArray[np.object_] | None:
    """Country code of each row, empty where it has none; None without such a column."""
    header = source.columns.first("mcc")
    if header is None:
        return None
    column = source.distinct(header)
    return column.objects(map(country_code, column.values), "")


def _report_countries(source: Source) -> None:
    """Report cells of the column of country codes that hold none."""
    header = source.columns.first("mcc")
    if header is not None:
        column = source.distinct(header)
        source.mark(
            "country-unread", column.marks(not country_code(value) for value in column.values), header
        )


def _report_contradictions(source: Source, header: Header | None, names: NDArray[np.object_]) -> None:
    """Report known operators' names beside which the row's codes are another network's."""
    codes = source.columns.first("mnc")
    if header is None or header == codes or not source.columns.has("mcc", "mnc"):
        return
    coded = _coded(source, codes)
    known = np.fromiter((known_operator(name) == name for name in names.tolist()), np.bool_, len(names))
    wrong = known & (coded != "") & (coded != names)
    source.mark("operator-code-contradicts", wrong, header, coded=coded[wrong])


def _coded(source: Source, codes: Header | None) -> NDArray[np.object_]:
    """Network that the codes of each row mean, or the foreign country where they mean no network."""
    countries = _countries(source)
    if codes is not None:
        column = _with_country(source, codes)
        networks = column.objects((read_operator(value).name for value in column.values), "")
    else:
        networks = np.full(len(source.table), "", object)
    if countries is None:
        return networks
    abroad = [code and not is_vietnam(code) for code in countries.tolist()]
    return np.where((networks == "") & np.array(abroad, np.bool_), countries, networks)


def _changes(texts: list[str], names: list[str], respelt: list[bool]) -> str:
    return _list(
        [f"{text} → {name}" for text, name, changed in zip(texts, names, respelt, strict=True) if changed]
    )


def _list(names: list[str]) -> str:
    different = list(dict.fromkeys(names))
    return ", ".join(different[:_SHOWN]) + (", …" if len(different) > _SHOWN else "")


def _shared(source: Source, others: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.object_]]:
    """Whether the place is shared, "yes", "no" or empty, and with whom."""
    header = source.columns.first("shared")
    rows = len(source.table)
    said, named = np.full(rows, "", object), np.full(rows, "", object)
    if header is not None:
        column = source.distinct(header)
        read = [_sharing(value) for value in column.values]
        source.mark("shared-unread", column.marks(not one[0] for one in read), header)
        said = column.objects((one[0] for one in read), "")
        named = column.objects((one[1] for one in read), "")
    said = np.where(others != "", "yes", said)
    return said, np.where(others != "", others, named)


def _sharing(value: object) -> tuple[str, str]:
    read: OperatorName = read_operator(value)  # type: ignore[arg-type]
    tick = read_tick(value, "").there  # type: ignore[arg-type]
    if tick is not None:
        return ("yes" if tick else "no"), ""
    if read.known:
        return "yes", ", ".join((read.name, *read.others))
    words = fold(plain(value))  # type: ignore[arg-type]
    if "khong" in words or "rieng" in words.split():
        return "no", ""
    return ("yes", "") if "chung" in words or "share" in words else ("", "")
