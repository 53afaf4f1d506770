"""What /openapi.json says of the answers."""

from __future__ import annotations

from typing import Any

from api.openapi.components import refer
from api.web.problems import MEDIA_TYPE

JSON, GEOJSON = "application/json", "application/geo+json"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORDS = {
    200: "Kết quả / the answer",
    202: "Đã nhận, đang xử lý / taken, being worked on",
    204: "Không còn gì / nothing more",
    303: "Sang trang khác / see another page",
    304: "Bản đang giữ còn đúng / not modified",
    307: "Đến bản mới nhất / to the newest snapshot",
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
PROBLEM = refer("Problem")
# What an operation asks for that nobody may do without a key.
KEYS: list[dict[str, list[str]]] = [{"bearer": []}, {"key": []}, {"session": []}]
BY_KEY = {"security": KEYS}
LED_ON: dict[int | str, dict[str, Any]] = {307: {"description": WORDS[307]}}
BINARY: dict[str, Any] = {"type": "string", "format": "binary"}
SCHEMAS: dict[str, dict[str, Any]] = {
    "text/csv": {"type": "string"},
    "text/plain": {"type": "string"},
    "text/html": {"type": "string"},
    "text/event-stream": {"description": "Server-Sent Events: id, event, data (JSON, as /jobs/{job_id})"},
    "image/png": BINARY,
    "application/octet-stream": BINARY,
    XLSX: BINARY,
}


def files_of(*media: str) -> dict[str, Any]:
    """Content of an answer that is a file of one of some media types."""
    return {one: {"schema": BINARY} for one in media}


def responses(
    *statuses: int, media: str | None = None, schema: str | None = None, revalidated: bool = True
) -> dict[int | str, dict[str, Any]]:
    """Entries of OpenAPI for statuses: problems, or an answer of a media type and its 304.

    Parameters
    ----------
    statuses
        HTTP status codes.
    media
        Media type of the answer; None for problems.
    schema
        Name of its schema in ``api/openapi/schemas``; needed where the media type alone does not say it.
    revalidated
        Whether a reader may ask if its copy is still good.
    """
    if media is not None:
        content = {media: {"schema": refer(schema) if schema else SCHEMAS[media]}}
        shown: dict[int | str, dict[str, Any]] = {
            status: {"description": WORDS[status], "content": content} for status in statuses
        }
        return {**shown, 304: {"description": WORDS[304]}} if revalidated else shown
    return {
        status: {"description": WORDS[status], "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
        for status in statuses
    }
