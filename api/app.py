"""The application: ``uvicorn api.app:create_app --factory``."""

from __future__ import annotations

import logging
import threading
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.concurrency import run_in_threadpool

from api.backend import Backend
from api.middleware.bodies import BodyLimit
from api.middleware.headers import SecurityHeaders, add_cors
from api.middleware.limits import Guard
from api.middleware.observing import Observe
from api.middleware.remembering import Remember
from api.openapi.describing import OPENAPI, Documented, operation_id
from api.openapi.documents import responses
from api.queries import ONCE
from api.registry import Registry
from api.routes import (
    answers,
    data,
    exports,
    features,
    jobs,
    landing,
    maps,
    pages,
    register_data,
    service,
    session,
    site_lists,
    tiles,
    upload_pages,
)
from api.settings import Settings
from api.watching.readiness import Readiness
from api.web.problems import add_problem_handlers
from api.web.turns import end_with_parent
from geocover import __version__
from geocover.maps import Visit, coverage_page
from geocover.report.collections import prepare_answers
from geocover.tiles import prepare_tiles

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from fastapi import FastAPI
    from fastapi.telemetry import TelemetryConfig

# What is asked for most comes first: addresses are tried in this order.
ROUTES = (
    features, tiles, data, answers, maps, pages, landing, exports,
    session, upload_pages, site_lists, jobs, register_data, service,
)  # fmt: skip
# Nothing is sent anywhere, whatever the environment says: /metrics and the log tell those who ask.
NOT_SENT: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "auto_configure": False}
EVERYWHERE = (408, 414, 429, 431, 500, 503)  # what the limits of every request may answer
logger = logging.getLogger("geocover.api")
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
    app = Documented(
        lifespan=_lifespan,
        title="geocover",
        version=__version__,
        description=DESCRIPTION,
        generate_unique_id_function=operation_id,
        docs_url=None,
        redoc_url=None,
        telemetry=NOT_SENT,
        responses=responses(*EVERYWHERE),
    )
    app.openapi_version = OPENAPI
    app.state.settings = settings
    app.state.registry = Registry(settings.snapshots)
    app.state.backend = Backend(settings)
    app.state.readiness = Readiness()
    add_problem_handlers(app)
    _add_middleware(app, settings)
    app.state.routes = [route for module in ROUTES for route in module.router.routes]
    app.router.routes.append(features.directory)
    for module in ROUTES:
        app.include_router(module.router, dependencies=ONCE)
    return app


def _add_middleware(app: FastAPI, settings: Settings) -> None:
    """Stand what looks at every request around the addresses, from the inside out."""
    app.add_middleware(Remember, registry=app.state.registry)
    app.add_middleware(BodyLimit, silence_s=settings.silence_s, slowest_bytes_s=settings.slowest_bytes_s)
    app.add_middleware(Guard, settings=settings, backend=app.state.backend)
    add_cors(app, settings.origins)
    app.add_middleware(SecurityHeaders, tls=(settings.public_url or "").startswith("https:"))
    app.add_middleware(Observe)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[dict[str, Backend]]:
    """Run jobs, and prepare the newest map beside the first requests: drawing libraries load slowly.

    Connections are given the backend, to tell it when the server is about to end.
    """
    if app.state.settings.workers > 1:
        end_with_parent()
    threading.Thread(target=_prepare, args=(app.state.registry,), daemon=True).start()
    app.state.backend.start()
    yield {"backend": app.state.backend}
    await run_in_threadpool(app.state.backend.stop)


def _prepare(registry: Registry) -> None:
    """Make the newest answers before anybody asks; whatever fails here fails again where it is asked for."""
    try:
        offered = registry.all()
        if offered:
            prepare_answers(offered[-1])
            coverage_page(offered[-1], Visit(nonce="", positions=True))
            prepare_tiles(offered[-1])
    except Exception:
        logger.exception("the newest result could not be prepared")
