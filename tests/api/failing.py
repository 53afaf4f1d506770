"""The application with an address that fails, and tells in its error all that it must not."""

from __future__ import annotations

from fastapi import FastAPI, Request, Response

from api.app import create_app

PASSWORD = "mat-khau-CANARY"


def create() -> FastAPI:
    """Build it."""
    app = create_app()

    @app.post("/fail", include_in_schema=False)
    async def fail(request: Request) -> Response:
        raise RuntimeError(
            f"{dict(request.headers)} postgresql://geocover:{PASSWORD}@db/register {request.scope}"
        )

    return app
