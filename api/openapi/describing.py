"""/openapi.json as a whole: valid OpenAPI 3.0, with names for client generators and what needs a key."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.routing import APIRoute

from api.openapi.components import components
from api.openapi.documents import KEYS
from api.readers.access import ACTION_OF
from api.web.faults import fault
from api.web.negotiation import Handling, answer
from api.web.problems import Problem
from geocover.features.describing import OPENAPI as MEDIA

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapi.dependencies.models import Dependant
    from starlette.routing import BaseRoute

OPENAPI = "3.0.3"
SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "Khoá do quản trị viên cấp / a key that the administrator gives: gck_…",
    },
    "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "geocover_session",
        "description": "Trình duyệt đã đăng nhập / a browser that signed in",
    },
}
TAGS = {
    "data": "Dữ liệu của một bản kết quả / data of a snapshot",
    "answers": "Trả lời câu hỏi: phủ sóng, một điểm, hai ngày / answers: coverage, a point, two dates",
    "features": "OGC API - Features",
    "tiles": "Ô bản đồ / tiles",
    "exports": "Tải cả tệp / whole files",
    "maps": "Bản đồ / maps",
    "pages": "Trang web / pages",
    "access": "Đăng nhập / signing in",
    "site lists": "Danh sách trạm / site lists",
    "register": "Sổ đăng ký trạm / the register of stations",
    "jobs": "Tác vụ / jobs",
    "service": "Vận hành / operations",
}
FOREIGN = ("HTTPValidationError", "ValidationError")  # FastAPI's 422, which is 400 and a problem here


def operation_id(route: APIRoute) -> str:
    """Name of an operation for client generators: its tag and its function, ``site_lists_upload``."""
    tag = str(route.tags[0] if route.tags else "other").replace(" ", "_")
    return f"{tag}_{route.name}"


class Documented(FastAPI):
    """An application whose document says what it really does."""

    _told: dict[str, Any] | None = None
    _text = b""

    def setup(self) -> None:
        """Give the document as any other answer: tagged, compressed, under the type that links to it name."""
        self.add_route(str(self.openapi_url), self._answer, include_in_schema=False)

    def _answer(self, request: Request) -> Response:
        unknown = next(iter(request.query_params), None)
        if unknown is not None:
            english, viet = fault({"type": "extra_forbidden", "loc": ("query", unknown)})
            raise Problem(400, english, viet)
        self._text = self._text or json.dumps(self.openapi(), ensure_ascii=False).encode()
        # The libraries that write it have a part in it, beside the program.
        handling = Handling(more=(hashlib.sha256(self._text).hexdigest(),))
        return answer(request, None, MEDIA, lambda: self._text, handling)

    def openapi(self) -> dict[str, Any]:
        """Give the document; made once."""
        made = super().openapi()
        if self._told is not made:
            self._told = made
            _complete(made, list(_routes(self.state.routes)))
        return made


def _routes(routes: Iterable[BaseRoute]) -> Iterator[APIRoute]:
    return (one for one in routes if isinstance(one, APIRoute) and one.include_in_schema)


def _complete(document: dict[str, Any], routes: list[APIRoute]) -> None:
    document["tags"] = [{"name": name, "description": about} for name, about in TAGS.items()]
    schemas = document["components"]["schemas"]
    for name in FOREIGN:
        schemas.pop(name, None)
    schemas |= components()
    document["components"]["securitySchemes"] = SCHEMES
    for route in routes:
        for method in route.methods or ():
            _complete_operation(document["paths"][route.path_format][method.lower()], route)
    _make_3_0(document)


def _complete_operation(operation: dict[str, Any], route: APIRoute) -> None:
    operation["responses"].pop("422", None)
    if route.summary is None:  # the first line of the docstring, in both languages
        operation["summary"] = operation["description"].split("\n")[0]
    if _needs_key(route.dependant):
        operation["security"] = KEYS
    elif "401" in operation["responses"]:
        operation.setdefault("security", [{}, *KEYS])


def _needs_key(dependant: Dependant) -> bool:
    return dependant.call in ACTION_OF or any(_needs_key(one) for one in dependant.dependencies)


def _make_3_0(told: Any) -> None:  # noqa: ANN401  any JSON
    """Say in the words of OpenAPI 3.0 what pydantic says in those of 3.1."""
    if isinstance(told, dict):
        _without_null(told)
        if "const" in told:
            told["enum"] = [told.pop("const")]
        if "type" in told and isinstance(told.get("examples"), list):
            told["example"] = told.pop("examples")[0]
    for member in told.values() if isinstance(told, dict) else told if isinstance(told, list) else ():
        _make_3_0(member)


def _without_null(told: dict[str, Any]) -> None:
    """Take the null out of a choice: a parameter that may be left out is never null."""
    choices = told.get("anyOf")
    if isinstance(choices, list) and {"type": "null"} in choices:
        kept = [one for one in choices if one != {"type": "null"}]
        del told["anyOf"]
        told.update(kept[0] if len(kept) == 1 else {"anyOf": kept})
