"""Who I am; signing in and out."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from api.openapi.documents import JSON, responses
from api.queries import NoParameters, backend_of
from api.readers.access import Reader, reader_of, unauthorised
from api.readers.sessions import FIELD, HEADER, check_csrf, sign_in, sign_out
from api.web.negotiation import private_json
from geocover.register import audit
from geocover.register.keys import authenticate

AFTER_IN, AFTER_OUT = "/uploads", "/sign-in"
FORM = {
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "properties": {"key": {"type": "string"}, "csrf": {"type": "string"}},
            }
        }
    }
}

router = APIRouter(
    default_response_class=Response, tags=["access"], responses=responses(400, 401, 403, 429, 500, 503)
)


@router.get("/me", responses=responses(200, media=JSON, schema="Me", revalidated=False))
def me(
    reader: Annotated[Reader, Depends(reader_of)],
    query: NoParameters,  # noqa: ARG001
) -> Response:
    """Tôi là ai, được làm gì. Who asks and what that reader may do, at least to its own things."""
    return private_json(reader.as_dict())


@router.post(
    "/sign-in", name="sign_in", status_code=303, openapi_extra={"requestBody": FORM}
)  # the page of this address is told in the pages' module
async def enter(request: Request, query: NoParameters) -> Response:
    """Đăng nhập bằng khoá. Sign a browser in with a key; it gets a cookie, never the key back."""
    fields = await request.form(max_files=0, max_fields=4)
    token, csrf = str(fields.get("key", "")).strip(), str(fields.get(FIELD, ""))
    response = RedirectResponse(_localised(AFTER_IN, query.lang), 303)
    await run_in_threadpool(_enter, request, response, token, csrf)
    return response


def _enter(request: Request, response: Response, token: str, csrf: str) -> None:
    check_csrf(request, csrf)
    database = backend_of(request).database
    key = authenticate(database, token)
    if key is None:
        raise unauthorised()
    audit.record(database, key.id, "session:sign-in", key.id)
    sign_in(request, response, key)


@router.post("/sign-out", name="sign_out", status_code=303, openapi_extra={"requestBody": FORM})
async def leave(request: Request, query: NoParameters) -> Response:
    """Đăng xuất. Sign a browser out."""
    fields = await request.form(max_files=0, max_fields=4)
    check_csrf(request, str(fields.get(FIELD, "") or request.headers.get(HEADER, "")))
    response = RedirectResponse(_localised(AFTER_OUT, query.lang), 303)
    sign_out(response)
    return response


def _localised(address: str, language: str | None) -> str:
    return f"{address}?lang={language}" if language else address
