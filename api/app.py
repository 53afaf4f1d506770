"""The application: ``uvicorn api.app:create_app --factory``."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

from fastapi import FastAPI, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from api import data, job_routes, pages, register_data, session_routes, site_lists
from api.backend import Backend
from api.bodies import BodyLimit
from api.documents import responses
from api.negotiation import REVALIDATE
from api.problems import add_problem_handlers
from api.queries import NoQuery, registry_of
from api.registry import Registry
from api.security import SecurityHeaders
from api.settings import Settings
from geocover import __version__
from geocover.maps import PageRequest, coverage_page
from geocover.report.answers import health_json
from geocover.report.collections import prepare_answers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from types import ModuleType

MORE = (
    "api.landing", "api.feature_routes", "api.tile_routes", "api.export_routes", "api.answer_routes",
    "api.service", "api.site_pages", "api.upload_pages",
)  # fmt: skip
OPENAPI = "3.0.3"
DESCRIPTION = (
    "Phủ sóng 4G, 5G theo xã, phường. Mobile coverage of communes; every figure says how it was made."
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """Build the application.

    Parameters
    ----------
    settings
        What it is told; read from the environment where not given.
    """
    settings = settings or Settings()
    app = FastAPI(
        lifespan=_lifespan,
        title="geocover",
        version=__version__,
        description=DESCRIPTION,
        docs_url=None,
        redoc_url=None,
    )
    app.openapi_version = OPENAPI
    app.state.settings = settings
    app.state.registry = Registry(settings.snapshots)
    app.state.backend = Backend(settings)
    add_problem_handlers(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(SecurityHeaders)
    for module in (data, pages, session_routes, site_lists, register_data, job_routes, *_more()):
        app.include_router(module.router)
    app.get(
        "/healthz",
        tags=["service"],
        response_class=Response,
        responses={**responses(200, media="application/json"), **responses(400, 503)},
    )(healthz)
    return app


def _more() -> list[ModuleType]:
    """Further addresses, where they are there."""
    return [import_module(name) for name in MORE if find_spec(name)]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Run jobs, and prepare the newest map beside the first requests: drawing libraries load slowly."""
    threading.Thread(target=_prepare, args=(app.state.registry,), daemon=True).start()
    app.state.backend.start()
    yield
    await run_in_threadpool(app.state.backend.stop)


def _prepare(registry: Registry) -> None:
    offered = registry.all()
    if offered:
        prepare_answers(offered[-1])
        coverage_page(offered[-1], PageRequest(nonce=""))


def healthz(request: Request, query: Annotated[NoQuery, Query()]) -> Response:  # noqa: ARG001
    """Máy chủ còn chạy, có những gì. Whether the server runs, and what it holds; 503 without any result."""
    registry = registry_of(request)
    body = health_json(registry.all(), registry.damaged())
    status = 200 if registry.all() else 503
    return Response(body, status, media_type="application/json", headers={"Cache-Control": REVALIDATE})
