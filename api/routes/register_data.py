"""The register on a day, the audit, and the template for lists."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.openapi.documents import JSON, XLSX, responses
from api.queries import TEXT, DayQuery, NoQuery, backend_of, settings_of
from api.readers.access import Reader, needs, reader_of
from api.readers.list_access import operator_meant
from api.web.negotiation import attachment, private_json
from geocover.register import audit
from geocover.report.register_answers import audit_json, cells_csv, masts_json, register_json
from geocover.report.template_file import template_xlsx

CSV = "text/csv"

router = APIRouter(
    default_response_class=Response, tags=["register"], responses=responses(400, 401, 403, 429, 500, 503)
)
Reading = Annotated[Reader, Depends(needs("register:read"))]


class OperatorDayQuery(DayQuery):
    """The register on a day, of one operator or of all that the reader may see."""

    operator: Annotated[str | None, TEXT] = None


class MastsQuery(DayQuery):
    """How close positions of two operators stand that may be one mast."""

    within: Annotated[float, Field(ge=0, le=1000, description="mét / metres")] = 50.0


class AuditQuery(NoQuery):
    """Which lines of the audit."""

    key: Annotated[str | None, TEXT] = None
    object: Annotated[str | None, TEXT] = None
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    before: Annotated[
        int | None, Field(ge=1, le=2**53, description="Các dòng cũ hơn số này / lines older than this number")
    ] = None


class TemplateQuery(NoQuery):
    """For which operator."""

    operator: Annotated[str | None, TEXT] = None


@router.get("/register", responses=responses(200, media=JSON, schema="Register", revalidated=False))
def register(request: Request, reader: Reading, query: Annotated[OperatorDayQuery, Query()]) -> Response:
    """Số vị trí, trạm, cell và danh sách đang dùng. Totals at three levels, and the lists in force."""
    operator = operator_meant(reader, query.operator)
    return private_json(register_json(backend_of(request).database, query.day, operator))


@router.get("/register/cells.csv", responses=responses(200, media=CSV, revalidated=False))
def cells(request: Request, reader: Reading, query: Annotated[OperatorDayQuery, Query()]) -> Response:
    """Bảng cell cho Excel. The cells as CSV; a partner's own alone."""
    operator, database = operator_meant(reader, query.operator), backend_of(request).database
    content = cells_csv(database, query.day, operator)
    audit.record(database, reader.id, "register:read", f"cells@{query.day}", {"operator": operator})
    return attachment(content, f"{CSV}; charset=utf-8", f"geocover-cells-{query.day}.csv")


@router.get("/register/shared-masts", responses=responses(200, media=JSON, schema="Masts", revalidated=False))
def masts(
    request: Request,
    reader: Annotated[Reader, Depends(needs("masts:read"))],  # noqa: ARG001  it lets in or not
    query: Annotated[MastsQuery, Query()],
) -> Response:
    """Vị trí có thể dùng chung cột. Positions of several operators that may be one mast."""
    return private_json(masts_json(backend_of(request).database, query.day, query.within))


@router.get("/audit", name="audit", responses=responses(200, media=JSON, schema="Audit", revalidated=False))
def log(
    request: Request,
    reader: Annotated[Reader, Depends(needs("audit:read"))],  # noqa: ARG001
    query: Annotated[AuditQuery, Query()],
) -> Response:
    """Ai đã làm gì. Who did what, newest first."""
    database = backend_of(request).database
    return private_json(audit_json(database, query.key, query.object, query.limit, query.before))


@router.get("/templates/site-list.xlsx", responses=responses(200, media=XLSX, revalidated=False))
def template(
    request: Request, reader: Annotated[Reader, Depends(reader_of)], query: Annotated[TemplateQuery, Query()]
) -> Response:
    """Tệp mẫu để nhà mạng điền. The workbook for partners to fill."""
    settings = settings_of(request)
    province = None if settings.boundaries else settings.province
    content = template_xlsx(operator_meant(reader, query.operator), province)
    return attachment(content, XLSX, "danh-sach-tram.xlsx")
