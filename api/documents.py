"""What /openapi.json says of the answers."""

from __future__ import annotations

from typing import Any

from api.problems import MEDIA_TYPE

WORDS = {
    200: "Kết quả / the answer",
    304: "Bản đang giữ còn đúng / not modified",
    400: "Tham số sai / bad or unknown parameter",
    404: "Không có / not found",
    500: "Lỗi máy chủ / server failure",
}
PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
    },
}
SCHEMAS: dict[str, dict[str, Any]] = {
    "application/json": {"type": "object"},
    "application/geo+json": {
        "type": "object",
        "required": ["type", "features", "metadata"],
        "properties": {
            "type": {"type": "string", "enum": ["FeatureCollection"]},
            "metadata": {"type": "object"},
            "features": {"type": "array", "items": {"type": "object"}},
        },
    },
    "text/csv": {"type": "string"},
    "text/html": {"type": "string"},
    "image/png": {"type": "string", "format": "binary"},
}


def responses(*statuses: int, media: str | None = None) -> dict[int | str, dict[str, Any]]:
    """Entries of OpenAPI for statuses: problems, or an answer of a media type with its 304."""
    if media is not None:
        shown: dict[int | str, dict[str, Any]] = {
            status: {"description": WORDS[status], "content": {media: {"schema": SCHEMAS[media]}}}
            for status in statuses
        }
        return {**shown, 304: {"description": WORDS[304]}}
    return {
        status: {"description": WORDS[status], "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
        for status in statuses
    }
