"""Addresses in which nothing varies, found at once instead of by going through all that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import Request
from starlette.routing import BaseRoute, Match, NoMatchFound

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapi.routing import APIRoute
    from starlette.datastructures import URLPath
    from starlette.types import Receive, Scope, Send


class Directory(BaseRoute):
    """Routes whose endpoints are coroutines of the request alone, by their addresses.

    It stands before them and calls the same endpoints; the routes stay, for the document and for what is
    asked by another method. FastAPI tries routes in turn and solves dependencies that these have not: for a
    page of ten features that takes longer than the page.

    Parameters
    ----------
    routes
        The routes; nothing in their addresses varies.
    """

    def __init__(self, routes: Iterable[APIRoute]) -> None:
        self._routes = {one.path: one for one in routes}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Find the route of an address."""
        route = self._routes.get(scope["path"]) if scope["type"] == "http" else None
        if route is None or scope["method"] not in (route.methods or ()):
            return Match.NONE, {}
        return Match.FULL, {"route": route, "endpoint": route.endpoint, "path_params": {}}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; what is raised is answered as everywhere."""
        response = await scope["endpoint"](Request(scope, receive, send))
        await response(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:  # noqa: ANN401  as Starlette has it
        """Give no address: the routes themselves do."""
        raise NoMatchFound(name, path_params)
