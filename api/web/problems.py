"""Errors as application/problem+json (RFC 9457), in Vietnamese and English."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.web.faults import fault
from api.web.negotiation import Language, language_of
from api.web.security import HEADERS, NOTHING, POLICY
from api.web.trouble import trouble_response, wants_page
from geocover.errors import AreasError, GeocoverError, ProfileError, SiteListError
from geocover.register.errors import (
    BusyError,
    ConflictError,
    DatabaseError,
    InvalidError,
    NotFoundError,
    StateError,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI

MEDIA_TYPE = "application/problem+json"
# Given here too, for the handler of unforeseen errors stands outside the middleware.
SECURITY = {name.decode(): value.decode() for name, value in {**HEADERS, POLICY: NOTHING}.items()}
# What a reader asked for and does not exist, or cannot be; any other error of geocover is ours.
STATUS: dict[type[GeocoverError], int] = {
    AreasError: 404,
    ProfileError: 400,
    SiteListError: 400,
    InvalidError: 400,
    NotFoundError: 404,
    StateError: 409,
    ConflictError: 409,
}
TITLES_VI = {
    400: "Yêu cầu không hợp lệ",
    401: "Cần đăng nhập",
    403: "Không có quyền",
    404: "Không tìm thấy",
    405: "Phương thức không được phép",
    408: "Quá thời gian chờ",
    409: "Trái với trạng thái hiện tại",
    413: "Tệp quá lớn",
    414: "Địa chỉ quá dài",
    416: "Ngoài phạm vi của tệp",
    415: "Loại nội dung không nhận",
    429: "Quá nhiều yêu cầu",
    431: "Phần đầu yêu cầu quá lớn",
    500: "Lỗi máy chủ",
    503: "Tạm thời không phục vụ",
}
FAILED = (
    "the server failed; the log says why",
    "máy chủ gặp lỗi; nguyên nhân được ghi trong nhật ký",
)
AWAY = (
    "the register cannot be reached at the moment; try again soon",
    "hiện không truy cập được sổ đăng ký trạm; hãy thử lại sau ít phút",
)
REMOVED = (
    "that result was removed; /snapshots lists those on offer",
    "bản kết quả này đã bị gỡ; xem các bản hiện có tại /snapshots",
)
logger = logging.getLogger("geocover.api")


class Problem(Exception):  # noqa: N818  the RFC's own word
    """An error with its status, its detail in both languages, and headers that go with it."""

    def __init__(
        self, status: int, detail_en: str, detail_vi: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail_en)
        self.status = status
        self.detail = {"en": detail_en, "vi": detail_vi}
        self.headers = dict(headers or {})


def problem_response(request: Request, problem: Problem) -> Response:
    """Write a problem in the reader's language: problem+json, or a page for a browser."""
    headers = {
        **SECURITY,
        **problem.headers,
        "Cache-Control": "no-store",
        "Vary": "Accept, Accept-Language",
    }
    if wants_page(request):
        shown: Language = "en" if request.query_params.get("lang") == "en" else "vi"  # as all pages
        return trouble_response(request, problem.status, problem.detail[shown], shown, headers)
    language = language_of(request)
    phrase = HTTPStatus(problem.status).phrase
    body = {
        "type": "about:blank",
        "title": TITLES_VI.get(problem.status, phrase) if language == "vi" else phrase,
        "status": problem.status,
        "detail": problem.detail[language],
        "instance": request.url.path,
    }
    return Response(
        json.dumps(body, ensure_ascii=False).encode(),
        problem.status,
        media_type=MEDIA_TYPE,
        headers={**headers, "Content-Language": language},
    )


def add_problem_handlers(app: FastAPI) -> None:
    """Answer every error of the application as a problem."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(GeocoverError, _on_geocover)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, failure_response)


def _on_problem(request: Request, error: Exception) -> Response:
    assert isinstance(error, Problem)  # noqa: S101  registered for it
    return problem_response(request, error)


def _on_geocover(request: Request, error: Exception) -> Response:
    assert isinstance(error, GeocoverError)  # noqa: S101
    if isinstance(error, DatabaseError):
        return _on_database(request, error)
    status = STATUS.get(type(error))
    if status is None:
        return failure_response(request, error)
    return problem_response(request, Problem(status, str(error), error.vi))


def _on_database(request: Request, error: DatabaseError) -> Response:
    """Say that the register is busy or away; what a driver says names hosts and stays in the log."""
    logger.error("%s %s: the register is away", request.method, request.url.path, exc_info=error)
    told = (str(error), error.vi) if isinstance(error, BusyError) else AWAY
    return problem_response(request, Problem(503, *told, {"Retry-After": "5"}))


def _on_validation(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    english, viet = zip(*(fault(one, error.body) for one in error.errors()), strict=True)
    return problem_response(request, Problem(400, "; ".join(english), "; ".join(viet)))


def _on_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    status, path = error.status_code, request.url.path
    told = (error.detail, TITLES_VI.get(status, error.detail))
    headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = allowed = ", ".join(_methods(request))
        if request.method == "OPTIONS":
            return Response(status_code=204, headers=headers)
        told = (f"{told[0]}; use one of: {allowed}", f"{told[1]}; hãy dùng: {allowed}")
    elif status == HTTPStatus.BAD_REQUEST:  # the framework gives it to bodies alone
        told = (f"{told[0]}; see /openapi.json", "không đọc được phần thân yêu cầu; xem /openapi.json")
    elif status == HTTPStatus.NOT_FOUND:
        told = (f"{told[0]}; see /openapi.json", f"{told[1]}; xem /openapi.json")
    return problem_response(request, Problem(status, f"{path}: {told[0]}", f"{path}: {told[1]}", headers))


def _methods(request: Request) -> list[str]:
    """Methods of an address by all routes that lead there; the framework knows the first one's alone.

    HEAD goes as GET wherever that is, and OPTIONS is answered by this list (RFC 9110, 9.3.7).
    """
    routes = (*request.app.state.routes, *request.app.router.routes)  # the latter for /openapi.json
    there = [one for one in routes if one.matches(request.scope)[0] is not Match.NONE]
    found = {method for one in there for method in getattr(one, "methods", None) or ()}
    return sorted(found | {"OPTIONS"} | ({"HEAD"} if "GET" in found else set()))


def failure_response(request: Request, error: Exception) -> Response:
    """Log everything, tell nothing; but a result that was taken away meanwhile is not found."""
    gone = request.app.state.registry.removed(error)
    if gone is not None:
        logger.warning("%s was removed while it was read", gone)
        return problem_response(request, Problem(404, *REMOVED))
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_response(request, Problem(500, *FAILED))
