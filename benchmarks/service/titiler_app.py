"""titiler's own factory of endpoints as an application; only its environment can import this."""

from __future__ import annotations

from fastapi import FastAPI
from titiler.core.errors import DEFAULT_STATUS_CODES, add_exception_handlers
from titiler.core.factory import TilerFactory

app = FastAPI()
app.include_router(TilerFactory().router)
add_exception_handlers(app, DEFAULT_STATUS_CODES)


@app.get("/healthz")
def alive() -> dict[str, str]:
    """Say that it runs."""
    return {"status": "ok"}
