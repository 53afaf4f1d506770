"""The page about the method: words from ``method.toml``, numbers from the snapshot."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from geocover.maps.pages.frame import render, words_of
from geocover.maps.texts import FOLDER

if TYPE_CHECKING:
    from geocover.maps.header import Visit
    from geocover.maps.pages.frame import Words
    from geocover.store import Snapshot

UNKNOWN = "…"
CACHED = 8
# What the sources of shipped files say to whoever looks after them, and their English words.
ASIDE = " (points, boxes, mapping)"
LINKS_VI = {"; see ": "; xem ", "; heights: ": "; chiều cao theo ", ", version ": ", bản "}


@lru_cache(maxsize=1)
def definitions() -> dict[str, dict[str, Any]]:
    """What every figure means, by the anchor of its paragraph, in the order of the page."""
    return tomllib.loads((FOLDER / "method.toml").read_text(encoding="utf-8"))


def method_page(visit: Visit, snapshot: Snapshot | None) -> str:
    """HTML of the page about the method; without a snapshot it has words only.

    Raises
    ------
    MapError
        If the page would fetch anything from outside.
    """
    words = words_of(visit)
    numbers = _numbers(snapshot, words) if snapshot else _Unknown()
    entries = [
        {
            "id": key,
            "title": one["title"][visit.language],
            "paragraphs": [text.format_map(numbers) for text in one[visit.language]],
        }
        for key, one in definitions().items()
    ]
    facts = _facts(snapshot, words) if snapshot else None
    return render("method.html", visit, snapshot, {"entries": entries, "facts": facts})


class _Unknown(dict[str, str]):
    """Numbers where there is no snapshot."""

    def __missing__(self, key: str) -> str:
        return UNKNOWN


def _numbers(snapshot: Snapshot, words: Words) -> dict[str, str]:
    """Numbers that the paragraphs name."""
    manifest, totals = snapshot.manifest, _assumed(snapshot)
    counts = manifest["counts"]["all"]
    errors = sorted({float(one["level_error_db"]) for one in snapshot.profiles.values()})
    return {
        "population_method": _population(snapshot, words),
        "population_total": words.n(manifest["population"]["total"]),
        **{name: words.n(counts[name]) for name in ("positions", "stations", "cells")},
        "level_error": "–".join(dict.fromkeys(words.n(one) for one in (errors[0], errors[-1]))),
        "assumed": ", ".join(f"{technology} {words.pct(share, 0)}" for technology, share in totals.items()),
        "min_gap": words.n(manifest["parameters"]["min_gap_km2"], 1),
        "reach": words.n(manifest["settings"]["max_reach_m"] / 1000, 0),
        "metres": words.n(manifest["grid"]["resolution_m"]),
    }


@lru_cache(maxsize=CACHED)
def _assumed(snapshot: Snapshot) -> dict[str, float]:
    """Share of the cells with an assumed parameter, by technology."""
    rows = snapshot.totals[snapshot.totals["operator"] == "any"]
    return {
        str(kind): float(share) for kind, share in rows.groupby("technology")["assumed_share"].first().items()
    }


def _facts(snapshot: Snapshot, words: Words) -> dict[str, Any]:
    """Profiles, models, sources and the program, as rows and sentences."""
    manifest = snapshot.manifest
    return {
        "profiles": [_profile(one, words) for _, one in sorted(snapshot.profiles.items())],
        "models": _models(snapshot, words),
        "population": words(
            "population_source",
            total=words.n(manifest["population"]["total"]),
            method=_population(snapshot, words),
        ),
        "sources": _sources(manifest, words),
        "files": _files(manifest, words),
        "reported": sorted({str(one["source"]) for one in manifest["parameters"]["reported"]}),
        "program": words("program", version=manifest["versions"]["geocover"], snapshot=snapshot.id),
    }


def _sources(manifest: dict[str, Any], words: Words) -> list[str]:
    """Where boundaries, stations, terrain and land cover come from, a phrase each."""
    terrain = manifest["terrain"]
    told = {**manifest["sources"], "terrain": terrain["source"], "clutter": terrain.get("clutter")}
    named = {role: one["source"] if isinstance(one, dict) else one for role, one in told.items()}
    return [words(f"source_{role}", source=_read(str(one), words)) for role, one in named.items() if one]


def _read(source: str, words: Words) -> str:
    """A source in the page's language, as far as its words are the program's own."""
    text = source.replace(ASIDE, "")
    for english, vietnamese in LINKS_VI.items():
        text = text.replace(english, words.pick(vietnamese, english))
    return text


def _population(snapshot: Snapshot, words: Words) -> str:
    """How people are spread; older results say it in English alone."""
    told = snapshot.manifest["population"]
    return words.pick(told.get("method_vi", told["method"]), told["method"])


def _profile(one: dict[str, Any], words: Words) -> dict[str, str]:
    loss = words.n(one["indoor_loss_db"])
    return {
        "title": words.pick(one["title_vi"], one["title_en"]),
        "name": f"{one['name']}, v{one['version']}",
        "level": words.n(one["min_rsrp_dbm"]),
        "reliability": words.pct(one["reliability"], 0),
        "sigma": words.n(one["sigma_db"]),
        "indoor": f"{loss} ± {words.n(one['indoor_sigma_db'])}" if one["indoor_loss_db"] else words("none"),
        "required": words.n(one["required_dbm"], 1),
        "error": words.n(one["level_error_db"]),
        "source": words.pick(one.get("source_vi") or one["source"], one["source"]),
    }


def _models(snapshot: Snapshot, words: Words) -> list[str]:
    """A sentence a technology on its model, and one each on the pixels and the terrain."""
    manifest = snapshot.manifest
    told = [
        words("model_of", technology=technology, title=one["title"])
        for technology, one in sorted(manifest["models"].items())
    ]
    settings, terrain = manifest["settings"], manifest["terrain"]
    told.append(
        words(
            "model_grid",
            metres=words.n(manifest["grid"]["resolution_m"]),
            height=words.n(settings["rx_height_m"], 1),
            reach=words.n(settings["max_reach_m"] / 1000),
        )
    )
    share = terrain.get("known_share")
    if terrain["used_by_models"]:
        told.append(words("model_terrain", share=words.pct(share)))
    else:
        told.append(words("model_no_terrain"))
    return told


def _files(manifest: dict[str, Any], words: Words) -> list[str]:
    return [
        words("source_file", name=one["name"], digest=f"{one['sha256'][:16]}…")
        for _, one in sorted(manifest["inputs"].items())
        if isinstance(one, dict) and "sha256" in one
    ]
