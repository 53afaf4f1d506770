"""Pages for site lists: sign in, upload, and what was found in a list."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from api.openapi.documents import WORDS, responses
from api.queries import TEXT, Day, NoParameters, NoQuery, registry_of, settings_of
from api.readers.access import reader_of
from api.readers.list_access import ListId, list_of_reader
from api.readers.sessions import csrf_token, keep_browser
from api.web.security import HTML, new_nonce, page_policy
from geocover.maps import Visit
from geocover.maps.upload_page import sign_in_page, upload_page, uploads_page
from geocover.register.lists import State  # noqa: TC001  read by pydantic

if TYPE_CHECKING:
    from collections.abc import Callable

SIGN_IN, UPLOADS = "/sign-in", "/uploads"

PAGE = {
    **responses(200, media="text/html", revalidated=False),
    303: {"description": WORDS[303]},
}  # to sign in

router = APIRouter(default_response_class=Response, tags=["pages"], responses=responses(400, 401, 429, 500))


class SignInQuery(NoQuery):
    """Where to go after signing in: an address of this server."""

    next: Annotated[str, Field(max_length=300)] = UPLOADS


@router.get("/sign-in", responses=responses(200, media="text/html", revalidated=False))
def sign_in_form(request: Request, query: Annotated[SignInQuery, Query()]) -> Response:
    """Trang đăng nhập. The page that asks for a key."""
    return _page(request, query, lambda visit: sign_in_page(visit, query.next))


class UploadsQuery(NoQuery):
    """Which of the earlier uploads the page shows; its script asks ``/site-lists`` for them."""

    operator: Annotated[str | None, TEXT] = None
    state: State | None = None
    as_of: Day | None = None


@router.get("/uploads", responses=PAGE)
def uploads(request: Request, query: Annotated[UploadsQuery, Query()]) -> Response:
    """Trang tải lên. The page where a list is uploaded; who is nobody is sent to sign in."""
    reader = reader_of(request)
    if reader.key is None:
        return _to_sign_in(request)
    most = settings_of(request).upload_bytes
    return _page(request, query, lambda visit: uploads_page(visit, most))


@router.get("/uploads/{list_id}", responses={**PAGE, **responses(404)})
def upload(request: Request, list_id: ListId, query: NoParameters) -> Response:
    """Trang kết quả của một danh sách. What was found in one list."""
    reader = reader_of(request)
    if reader.key is None:
        return _to_sign_in(request)
    one = list_of_reader(request, reader, "lists:read", list_id)
    outlines = bool(registry_of(request).all())
    return _page(request, query, lambda visit: upload_page(visit, one.id, outlines=outlines))


def _page(request: Request, query: NoQuery, make: Callable[[Visit], str]) -> Response:
    """Answer with a page that nobody keeps: it holds the reader's token."""
    visit = Visit(
        nonce=new_nonce(),
        csrf=csrf_token(request),
        language=query.lang or "vi",
        me=reader_of(request).shown,
        path=request.url.path,
        query=dict(request.query_params),
    )
    # A browser without scripts may send the key and sign out.
    policy = page_policy(visit.nonce, forms=True)
    headers = {"Content-Security-Policy": policy, "Cache-Control": "no-store"}
    return keep_browser(request, Response(make(visit), media_type=HTML, headers=headers))


def _to_sign_in(request: Request) -> Response:
    """Lead to the sign-in page, and back here afterwards."""
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    address = request.url_for("sign_in_form").include_query_params(next=here)
    language = request.query_params.get("lang")
    if language is not None:
        address = address.include_query_params(lang=language)
    return RedirectResponse(f"{address.path}?{address.query}", 303, {"Cache-Control": "no-store"})
