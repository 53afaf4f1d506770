"""The collections and their properties, read from ``fields.toml``: what /collections and queryables say."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from geocover.features.columns import Kind

TEXTS = ("name", "kind", "vi", "en", "unit")
Right = Literal["snapshots:read", "stations:read", "register:read"]


@dataclass(frozen=True)
class Field:
    """A property: name, kind, titles, unit, and the values it can have where these are few."""

    name: str
    kind: Kind
    vi: str
    en: str
    unit: str = ""
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class CollectionKind:
    """A collection of features.

    Attributes
    ----------
    id
        Its name in addresses.
    vi, en, about_vi, about_en
        Titles and descriptions.
    fields
        The properties of a feature.
    moment
        The property that says when a feature is of, and whether it goes on being so from then on.
    geometry
        Format of the geometry in JSON schemas; None where features have none.
    right
        What a reader must be allowed to do.
    example
        A simple filter for the examples: a property and a value.
    """

    id: str
    vi: str
    en: str
    about_vi: str
    about_en: str
    fields: tuple[Field, ...]
    moment: tuple[str, bool]
    geometry: str | None = None
    right: Right = "snapshots:read"
    example: tuple[str, str] = ("", "")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the properties."""
        return tuple(field.name for field in self.fields)


def _read() -> Iterator[CollectionKind]:
    told = tomllib.loads(Path(__file__).with_name("fields.toml").read_text(encoding="utf-8"))
    for name, one in told["collections"].items():
        pairs = {key: tuple(one[key]) for key in ("moment", "example")}
        fields = tuple(_fields(told, one["fields"], {}))
        yield CollectionKind(**{**one, **pairs, "id": name, "fields": fields})


def _fields(told: Mapping[str, Any], entries: Sequence[Any], words: Mapping[str, str]) -> Iterator[Field]:
    """Properties and groups of them, with words in the places that a group leaves open."""
    for one in entries:
        if isinstance(one, str):
            group, _, filling = one.partition(" ")
            yield from _fields(told, told["groups"][group], told["words"].get(filling, {}))
        else:
            texts = [text.format_map(words) for text in one]
            yield Field(**dict(zip(TEXTS, texts, strict=False)), values=tuple(texts[len(TEXTS) :]))


COLLECTIONS = {kind.id: kind for kind in _read()}
