"""Schemas of JSON answers for /openapi.json, from the short notation of ``api/openapi/schemas/*.toml``."""

from __future__ import annotations

import json
import re
import tomllib
from functools import cache
from importlib import resources
from typing import Any

PLAIN: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "int": {"type": "integer"},
    "number": {"type": "number"},
    "bool": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
    "any": {},
}
ANY_NAME = "...?"  # names that are not listed may be there too
WORD = re.compile(r"'([^']*)'")


def refer(name: str) -> dict[str, Any]:
    """Point to a schema by its name.

    Raises
    ------
    KeyError
        There is none.
    """
    if name not in components():
        raise KeyError(name)
    return {"$ref": _path(name)}


@cache
def components() -> dict[str, dict[str, Any]]:
    """Give all schemas by name."""
    told: dict[str, Any] = {}
    for file in sorted(
        resources.files("api.openapi").joinpath("schemas").iterdir(), key=lambda one: one.name
    ):
        told |= tomllib.loads(file.read_text("utf-8"))
    words = {name: schema_of(text) for name, text in told.pop("words").items()}
    return {**words, **{name: _record(members) for name, members in told.items()}}


def _record(members: dict[str, str]) -> dict[str, Any]:
    """Schema of an object."""
    told = {name: text for name, text in members.items() if name not in ("note", ANY_NAME)}
    schema: dict[str, Any] = {"type": "object"}
    if "note" in members:
        schema["description"] = members["note"]
    required = [name for name in told if not name.endswith("?")]
    if required:
        schema["required"] = required
    schema["properties"] = {name.removesuffix("?"): schema_of(text) for name, text in told.items()}
    return {**schema, "additionalProperties": True} if ANY_NAME in members else schema


def schema_of(text: str) -> dict[str, Any]:
    """Schema of a type in the short notation.

    Parameters
    ----------
    text
        A type, and after " = " an example of it: ``text? = 4G``, ``[text = 08515]``, ``{int}``,
        ``'area'|'places'``.
    """
    if text.startswith("["):  # an example in a list is that of a member
        return {"type": "array", "items": schema_of(text[1:-1])}
    notation, _, example = text.partition(" = ")
    if notation.endswith("?"):
        return _with_example(_or_null(_schema(notation[:-1])), example)
    return _with_example(_schema(notation), example)


def _schema(notation: str) -> dict[str, Any]:
    inside = notation[1:-1]
    if notation.startswith("'"):
        return {"type": "string", "enum": WORD.findall(notation)}
    if notation.startswith("{"):
        return {"type": "object", "additionalProperties": schema_of(inside) or True}
    if notation.startswith("<"):
        return _feature(_path(inside))
    return dict(PLAIN[notation]) if notation in PLAIN else {"$ref": _path(notation)}


def _feature(of: str) -> dict[str, Any]:
    """Schema of a GeoJSON feature."""
    return {
        "type": "object",
        "required": ["type", "geometry", "properties"],
        "properties": {
            "type": {"type": "string", "enum": ["Feature"]},
            "geometry": _or_null({"$ref": _path("Geometry")}),
            "properties": {"$ref": of},
        },
    }


def _or_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Allow null; beside a reference nothing counts in OpenAPI 3.0, so it is wrapped."""
    return {"allOf": [schema], "nullable": True} if "$ref" in schema else {**schema, "nullable": True}


def _with_example(schema: dict[str, Any], example: str) -> dict[str, Any]:
    if not example:
        return schema
    return {**schema, "example": example if schema.get("type") == "string" else json.loads(example)}


def _path(name: str) -> str:
    return f"#/components/schemas/{name}"
