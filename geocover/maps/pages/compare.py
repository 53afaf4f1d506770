"""The page that compares two reporting dates: figures, communes, gaps, places and stations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.coverage import ANY
from geocover.maps.header import day, offered
from geocover.maps.pages.alphabet import alphabet_key
from geocover.maps.pages.frame import commune_names, render, words_of
from geocover.maps.pages.outlines import LABELS, coloured
from geocover.maps.pages.reached import number
from geocover.names import split_type
from geocover.report.comparing import compare
from geocover.report.coverage_answers import Asked
from geocover.report.view import choose_view

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from geocover.maps.header import Visit
    from geocover.maps.pages.frame import Words
    from geocover.report.comparing import Pair
    from geocover.store import Snapshot

SORTS = ("name", "from", "to", "change")
FEW, MOST = 12, 500
CACHED = 8
BASES = ("area", "population")


@dataclass(frozen=True)
class CompareFilter:
    """What of two dates is compared.

    Attributes
    ----------
    technology
        "4G" or "5G"; the first there is where None.
    basis
        "area" or "population".
    sort
        One of SORTS, for the table of communes.
    down
        Whether the table begins with the greatest.
    """

    technology: str | None = None
    basis: str = "area"
    sort: str = "change"
    down: bool = True


def compare_page(visit: Visit, pair: Pair, wanted: CompareFilter) -> str:
    """HTML of the comparison of two snapshots.

    Raises
    ------
    ProfileError
        One of the two holds no such technology.
    MapError
        If the page would fetch anything from outside.
    """
    words = words_of(visit)
    technology = choose_view(pair.new, wanted.technology).technology
    frame = {
        "technology": technology,
        "wanted": wanted,
        "options": [(one["id"], one["label"]) for one in offered(pair.new, visit.history)],
        "technology_options": [(one, one) for one in sorted(pair.new.operators)],
        "basis_options": [(one, words(f"by_{one}")) for one in BASES],
        "old": pair.old,
        "new": pair.new,
        "few": FEW,
    }
    if pair.old.id == pair.new.id:
        return render("compare.html", visit, pair.new, {**frame, "result": None}, dated=False)
    result = _result(pair, replace(wanted, technology=technology), visit, words)
    return render("compare.html", visit, pair.new, {**frame, "result": result}, dated=False)


def one_date_page(visit: Visit, snapshot: Snapshot) -> str:
    """HTML of the comparison where there is one date only: what to do to have two.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    return render("compare_one.html", visit, snapshot, {}, dated=False)


@lru_cache(maxsize=CACHED)
def _compared(pair: Pair) -> dict[str, Any]:
    """Comparison of what any operator covers; kept, for matching gaps takes a while."""
    return compare(pair, Asked(operator=ANY))


def _result(pair: Pair, wanted: CompareFilter, visit: Visit, words: Words) -> dict[str, Any]:
    told = _compared(pair)
    technology = str(wanted.technology)
    profile = pair.new.main_profile(technology)
    series = next(
        (
            one
            for one in told["series"]
            if (one["technology"], one["profile"], one["basis"]) == (technology, profile, wanted.basis)
        ),
        None,
    )
    names = {**commune_names(pair.old), **commune_names(pair.new)}
    main = {pair.new.main_profile(one) for one in pair.new.operators}
    return {
        "remarks": [words.pick(one["remark_vi"], one["remark_en"]) for one in told["remarks"]],
        "figures": [_figure(one, words) for one in told["province"] if one["profile"] in main],
        "heads": _heads(wanted, visit, words),
        "rows": _rows(told["communes"]["codes"], series, names, wanted, words) if series else [],
        "maps": _maps(pair, told["communes"]["codes"], series) if series else [],
        "legend": [(f"k{index}", words.pick(*label)) for index, label in enumerate(LABELS)],
        "gaps": _gaps(told["gaps"], technology, names, words),
        "places": _places(told["places"], technology, profile, words),
        "stations": _stations(told["stations"], words),
        "csv": visit_csv(visit, pair, technology),
    }


def visit_csv(visit: Visit, pair: Pair, technology: str) -> str:
    """Address of the table as CSV."""
    told = {"from": pair.old.id, "to": pair.new.id, "technology": technology}
    return visit.link("/compare.csv", **told)


def _figure(one: Mapping[str, Any], words: Words) -> dict[str, Any]:
    """A figure of the province: both values with intervals, and the change."""
    places = one["basis"] not in BASES
    return {
        "title": words.pick(one["title_vi"], one["title_en"]),
        "definition": one["definition"].partition("#")[2],
        "before": _value(one["from"], words, places=places),
        "after": _value(one["to"], words, places=places),
        "change": _counted(one, words)
        if places
        else _step_of_shares(one["from"]["value"], one["to"]["value"], one["within_uncertainty"], words),
    }


def _step_of_shares(
    old: float | None,
    new: float | None,
    within: bool | None,  # noqa: FBT001
    words: Words,
) -> dict[str, str]:
    """Change of a share: the difference of the two percentages as they are shown."""
    step = _points(old, new, words)
    size = words.n(None if step is None else abs(step), 1)
    return _change(step, within, words, f"{size} {words('points')}")


def _counted(one: Mapping[str, Any], words: Words) -> dict[str, str]:
    """Change of a count of places: as many more or fewer."""
    if one["difference"] is None:
        return _change(None, None, words)
    kind = one["key"].partition(":")[2]
    step = int(one["to"]["numerator"] - one["from"]["numerator"])
    return _change(step, one["within_uncertainty"], words, words(f"count_{kind}", count=words.n(abs(step))))


def _value(value: Mapping[str, Any], words: Words, *, places: bool) -> dict[str, str]:
    if places:
        return {
            "text": f"{words.n(value['numerator'])}/{words.n(value['denominator'])}",
            "interval": _counts_between(value, words),
        }
    return {
        "text": words.pct(_part(value["value"])),
        "interval": words.rng(_part(value["low"]), _part(value["high"])),
    }


def _counts_between(value: Mapping[str, Any], words: Words) -> str:
    """Write the interval of a count of places: 23–148, or the one number that it can be."""
    if value["low"] is None or value["high"] is None:
        return ""
    bounds = [words.n(value[name] / 100 * value["denominator"]) for name in ("low", "high")]
    return "–".join(dict.fromkeys(bounds))


def _points(old: float | None, new: float | None, words: Words) -> float | None:
    """Give the difference of two percentages as they are shown, in points."""
    if number(old) is None or number(new) is None:
        return None
    return round(words.shown_pct(_part(new)) - words.shown_pct(_part(old)), 1)


def _part(value: float | None) -> float | None:
    return None if value is None else value / 100


def _change(
    step: float | None,
    within: bool | None,  # noqa: FBT001
    words: Words,
    size: str = "",
) -> dict[str, str]:
    """Write a change of a size in words, and say whether it exceeds the uncertainty."""
    if not step:
        return {"text": words("none" if step is None else "unchanged"), "way": "", "certain": ""}
    certain = "" if within is None else words("within" if within else "beyond")
    return {
        "text": f"{'▲' if step > 0 else '▼'} {size}",
        "way": "up" if step > 0 else "down",
        "certain": certain,
    }


def _heads(wanted: CompareFilter, visit: Visit, words: Words) -> list[dict[str, Any]]:
    """Heads of the table of communes; each sorts by its column, again the other way round."""
    titles = {"name": "commune", "from": "before", "to": "after", "change": "change"}
    heads = []
    for name in SORTS:
        current = wanted.sort == name
        down = not wanted.down if current else name != "name"
        heads.append(
            {
                "title": words(titles[name]),
                "href": visit.same(sort=name, down="true" if down else "false") + "#communes",
                "sorted": ("descending" if wanted.down else "ascending") if current else "",
                "number": name != "name",
            }
        )
    return heads


def _rows(
    codes: Sequence[str],
    series: Mapping[str, Any],
    names: Mapping[str, str],
    wanted: CompareFilter,
    words: Words,
) -> list[dict[str, Any]]:
    """Communes in the order asked for; what is unknown comes last."""
    found: list[dict[str, Any]] = []
    for place, code in enumerate(codes):
        before, after = (
            {key: series[side][key][place] for key in ("value", "low", "high")} for side in ("from", "to")
        )
        difference = series["difference"][place]
        step = _points(before["value"], after["value"], words)
        keys = {
            "name": alphabet_key(split_type(names[code])[1]),
            "from": (before["value"],),
            "to": (after["value"],),
            "change": (step, difference),
        }
        found.append(
            {
                "code": code,
                "name": names[code],
                "before": _value(before, words, places=False),
                "after": _value(after, words, places=False),
                "change": _step_of_shares(
                    before["value"], after["value"], series["within_uncertainty"][place], words
                ),
                "key": keys[wanted.sort],
            }
        )
    known = [one for one in found if wanted.sort == "name" or number(one["key"][0]) is not None]
    ordered = sorted(known, key=lambda one: (one["key"], one["code"]), reverse=wanted.down)
    return [*ordered, *(one for one in found if one not in known)]


def _maps(pair: Pair, codes: Sequence[str], series: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Both dates by share, side by side."""
    maps = []
    for side, snapshot, title in (("from", pair.old, "map_before"), ("to", pair.new, "map_after")):
        values = dict(zip(codes, series[side]["value"], strict=True))
        shares = {code: None if value is None else value / 100 for code, value in values.items()}
        maps.append(
            {
                "title": title,
                "date": day(snapshot.as_of),
                "snapshot": snapshot.id,
                **coloured(snapshot, shares),
            }
        )
    return maps


def _gaps(
    gaps: Mapping[str, Any], technology: str, names: Mapping[str, str], words: Words
) -> list[dict[str, Any]]:
    """What became of the gaps, a part a kind."""
    parts = []
    for kind, good in (("closed", True), ("opened", False), ("shrunk", True), ("grown", False)):
        rows = [one for one in gaps["changes"] if one["change"] == kind and one["technology"] == technology]
        shown = [_gap(one, names, words) for one in rows[:MOST]]
        parts.append({"title": f"gaps_{kind}", "good": good, "rows": shown, **_counts(rows, words)})
    return parts


def _gap(one: Mapping[str, Any], names: Mapping[str, str], words: Words) -> dict[str, Any]:
    """One change of a gap, with the gap's id at the date that still has it."""
    ids = one["to_ids"] or one["from_ids"]
    codes = one["commune_codes"]
    return {
        "where": ", ".join(names.get(code, code) for code in codes[:3]) + ("…" if len(codes) > 3 else ""),
        "id": ids[0],
        "old": not one["to_ids"],
        "area": f"{_step(one, 'km2', words.km2)}\u00a0km²",
        "people": words("people", count=_step(one, "people", words.n)),
    }


def _step(one: Mapping[str, Any], name: str, write: Callable[[float], str]) -> str:
    """Write what was and what is; the one that is alone where the gap came or went."""
    sides = [side for side in ("from", "to") if one[f"{side}_ids"]]
    return " → ".join(write(one[f"{side}_{name}"]) for side in sides)


def _places(
    places: Mapping[str, Any], technology: str, profile: str | None, words: Words
) -> list[dict[str, Any]]:
    parts = []
    for kind, title, good in (("reached", "places_gained", True), ("lost", "places_lost", False)):
        rows = [one for one in places[kind] if one["technology"] == technology and one["profile"] == profile]
        shown = [
            {
                "name": one["name"],
                "kind": words(f"kind_{one['kind']}"),
                "sure": one["certainty_from"] != "uncertain" and one["certainty_to"] != "uncertain",
            }
            for one in rows[:MOST]
        ]
        parts.append({"title": title, "good": good, "rows": shown, **_counts(rows, words)})
    return parts


def _counts(rows: Sequence[Any], words: Words) -> dict[str, Any]:
    """How many rows there are, for the reader and for the list of them."""
    return {"count": words.n(len(rows)), "some": bool(rows), "all": len(rows)}


def _stations(stations: Mapping[str, Any], words: Words) -> list[dict[str, Any]]:
    """Numbers of all operators together, and the ids that the reader may see."""
    parts = []
    for kind in ("added", "removed"):
        counts = [f"{one['technology']}: {words.n(one[kind])}" for one in stations["counts"] if one[kind]]
        rows = [
            f"{one['station_id']} ({one['operator']}, {one['technology']})" for one in stations[kind][:MOST]
        ]
        total = sum(one[kind] for one in stations["counts"])
        parts.append(
            {
                "title": f"stations_{kind}",
                "count": words.n(total),
                "some": bool(total),
                "counts": counts,
                "rows": rows,
                "all": len(stations[kind]),
            }
        )
    return parts
