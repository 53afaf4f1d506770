"""Pages for site lists: sign in, upload, and what was found in a list."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from api.openapi.documents import WORDS, responses
from api.queries import TEXT, Day, NoQuery, registry_of, settings_of
from api.readers.access import reader_of
from api.readers.list_access import ListId, list_of_reader
from api.readers.sessions import csrf_token, keep_browser
from api.readers.visits import NONCE_BYTES, me_of
from api.routes.pages import HTML
from api.web.security import page_policy
from geocover.maps.upload_page import FormRequest, sign_in_page, upload_page, uploads_page
from geocover.register.lists import State  # noqa: TC001  read by pydantic

if TYPE_CHECKING:
    from collections.abc import Callable

SIGN_IN, UPLOADS = "/sign-in", "/uploads"

PAGE = {
    **responses(200, media="text/html", revalidated=False),
    303: {"description": WORDS[303]},
}  # to sign in

router = APIRouter(tags=["pages"], responses=responses(400, 401, 429, 500))


class SignInQuery(NoQuery):
    """Where to go after signing in: an address of this server."""

    next: Annotated[str, Field(max_length=300)] = UPLOADS


@router.get(
    "/sign-in", response_class=Response, responses=responses(200, media="text/html", revalidated=False)
)
def sign_in_form(request: Request, query: Annotated[SignInQuery, Query()]) -> Response:
    """Trang đăng nhập. The page that asks for a key."""
    return _page(request, query, lambda wanted: sign_in_page(wanted, query.next))


class UploadsQuery(NoQuery):
    """Which of the earlier uploads the page shows; its script asks ``/site-lists`` for them."""

    operator: Annotated[str | None, TEXT] = None
    state: State | None = None
    as_of: Day | None = None


@router.get("/uploads", response_class=Response, responses=PAGE)
def uploads(request: Request, query: Annotated[UploadsQuery, Query()]) -> Response:
    """Trang tải lên. The page where a list is uploaded; who is nobody is sent to sign in."""
    reader = reader_of(request)
    if reader.key is None:
        return _to_sign_in(request)
    return _page(request, query, uploads_page)


@router.get(
    "/uploads/{list_id}",
    response_class=Response,
    responses={**PAGE, **responses(404)},
)
def upload(request: Request, list_id: ListId, query: Annotated[NoQuery, Query()]) -> Response:
    """Trang kết quả của một danh sách. What was found in one list."""
    reader = reader_of(request)
    if reader.key is None:
        return _to_sign_in(request)
    one = list_of_reader(request, reader, "lists:read", list_id)
    return _page(request, query, lambda wanted: upload_page(wanted, one.id))


def _page(request: Request, query: NoQuery, make: Callable[[FormRequest], str]) -> Response:
    """Answer with a page that nobody keeps: it holds the reader's token."""
    nonce = secrets.token_urlsafe(NONCE_BYTES)
    wanted = FormRequest(
        nonce=nonce,
        csrf=csrf_token(request),
        language=query.lang or "vi",
        me=me_of(reader_of(request)),
        outlines=bool(registry_of(request).all()),
        max_bytes=settings_of(request).upload_bytes,
        path=request.url.path,
        query=dict(request.query_params),
    )
    # A browser without scripts may send the key and sign out.
    policy = page_policy(nonce, forms=True)
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return keep_browser(request, Response(make(wanted), media_type=HTML, headers=headers))


def _to_sign_in(request: Request) -> Response:
    """Lead to the sign-in page, and back here afterwards."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = request.url_for("sign_in_form").include_query_params(next=here)
    language = request.query_params.get("lang")
    if language is not None:
        address = address.include_query_params(lang=language)
    return RedirectResponse(f"{address.path}?{address.query}", 303, {"Cache-Control": "no-store"})
