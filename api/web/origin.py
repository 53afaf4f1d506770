"""Where a request comes from."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi import Request

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


def from_here(request: Request) -> bool:
    """Whether this machine itself asks, and nobody through a proxy on it."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
