"""For whoever looks after the server: is it alive, can it serve, what did it do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request, Response

from api.openapi.documents import JSON, responses
from api.queries import NoParameters, backend_of, registry_of, settings_of
from api.readers.access import needs
from api.watching.metrics import MEDIA_TYPE, exposition
from api.web.origin import from_here
from geocover import __version__
from geocover.errors import GeocoverError
from geocover.register.counts import states
from geocover.report.answers import to_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from api.watching.readiness import Readiness

FRESH = {"Cache-Control": "no-store"}

router = APIRouter(default_response_class=Response, tags=["service"], responses=responses(400, 500))


@router.get(
    "/healthz", responses=responses(200, media=JSON, schema="Health", revalidated=False)
)  # for whoever starts a server anew that does not answer
async def healthz(query: NoParameters) -> Response:  # noqa: ARG001  read by FastAPI
    """Máy chủ còn chạy. The server is alive; whether it can serve says /readyz."""
    body = to_json({"status": "ok", "geocover": __version__})
    return Response(body, media_type=JSON, headers=FRESH)


@router.get(
    "/readyz",
    responses={
        **responses(200, media=JSON, schema="Readiness", revalidated=False),
        **responses(503, media=JSON, schema="Readiness", revalidated=False),
    },
)
def readyz(request: Request, query: NoParameters) -> Response:  # noqa: ARG001
    """Máy chủ phục vụ được chưa, nếu chưa thì vì sao. Whether the server can serve, and if not, why."""
    watch: Readiness = request.app.state.readiness
    found = watch.now(registry_of(request), backend_of(request), settings_of(request).data)
    status = 200 if found.ready else 503
    headers = FRESH if found.ready else {**FRESH, "Retry-After": "5"}
    return Response(to_json(found.as_dict()), status, media_type=JSON, headers=headers)


@router.get(
    "/metrics",
    responses={**responses(200, media="text/plain", revalidated=False), **responses(401, 403, 503)},
)
def metrics(request: Request, query: NoParameters) -> Response:  # noqa: ARG001
    """Số đo cho Prometheus. Measures for Prometheus: for this machine, administrators, or all if so told."""
    if settings_of(request).metrics != "public" and not from_here(request):
        needs("keys:manage")(request)
    return Response(exposition(_states(request)), headers={**FRESH, "Content-Type": MEDIA_TYPE})


def _states(request: Request) -> dict[str, Mapping[str, float]]:
    """Numbers of things by state, as they are now."""
    registry = registry_of(request)
    found: dict[str, Mapping[str, float]] = {
        "geocover_snapshots": {"readable": len(registry.all()), "damaged": len(registry.damaged())}
    }
    try:
        told = states(backend_of(request).database)
    except GeocoverError:
        return {**found, "geocover_database_up": {"": 0}}
    return {
        **found,
        "geocover_database_up": {"": 1},
        "geocover_jobs": told.jobs,
        "geocover_site_lists": told.lists,
    }
