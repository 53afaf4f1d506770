"""What /openapi.json says of the answers."""

from __future__ import annotations

from typing import Any

from api.problems import MEDIA_TYPE

WORDS = {
    200: "Kết quả / the answer",
    202: "Đã nhận, đang xử lý / taken, being worked on",
    204: "Không còn gì / nothing more",
    304: "Bản đang giữ còn đúng / not modified",
    400: "Tham số sai / bad or unknown parameter",
    401: "Cần khoá còn hiệu lực / a valid key is needed",
    403: "Không có quyền / not allowed",
    404: "Không có / not found",
    408: "Gửi quá chậm / sent too slowly",
    409: "Trái với trạng thái hiện tại / against the present state",
    413: "Quá lớn / too large",
    414: "Địa chỉ quá dài / address too long",
    415: "Loại nội dung không nhận / content type not taken",
    429: "Quá nhiều yêu cầu / too many requests, see Retry-After",
    431: "Phần đầu yêu cầu quá lớn / headers too large",
    500: "Lỗi máy chủ / server failure",
    503: "Tạm thời không phục vụ / away for a moment",
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
    "text/plain": {"type": "string"},
    "text/html": {"type": "string"},
    "text/event-stream": {"type": "string"},
    "image/png": {"type": "string", "format": "binary"},
    "application/octet-stream": {"type": "string", "format": "binary"},
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {
        "type": "string",
        "format": "binary",
    },
}


def responses(
    *statuses: int, media: str | None = None, revalidated: bool = True
) -> dict[int | str, dict[str, Any]]:
    """Entries of OpenAPI for statuses: problems, or an answer of a media type and its 304."""
    if media is not None:
        shown: dict[int | str, dict[str, Any]] = {
            status: {"description": WORDS[status], "content": {media: {"schema": SCHEMAS[media]}}}
            for status in statuses
        }
        return {**shown, 304: {"description": WORDS[304]}} if revalidated else shown
    return {
        status: {"description": WORDS[status], "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
        for status in statuses
    }
