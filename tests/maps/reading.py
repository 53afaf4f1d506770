"""What stands in a page for its scripts and its browser."""

from __future__ import annotations

import json
import re
from typing import Any


def config_of(html: str) -> dict[str, Any]:
    """Settings that a page hands to its scripts."""
    found = re.search(r'<script type="application/json" id="config">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    loaded: dict[str, Any] = json.loads(found.group(1))
    return loaded


def preloaded(html: str) -> set[str]:
    """Names of the scripts that a page asks for before its own script imports them."""
    return set(re.findall(r'rel="modulepreload" href="/static/\w+/([^"]+)"', html))
