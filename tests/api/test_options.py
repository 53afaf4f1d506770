"""OPTIONS says what an address takes, and to other origins what they may not send, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from api.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from tests.api.conftest import Serving

PREFLIGHTS = [
    ({"Origin": "https://evil.example"}, "https://evil.example", {"GEOCOVER_CORS_ORIGINS"}),
    ({"Access-Control-Request-Method": "DELETE"}, "DELETE", {"GET, HEAD"}),
    ({"Access-Control-Request-Headers": "cookie, x-csrf-token"}, "cookie, x-csrf-token", {"X-API-Key"}),
    (
        {"Access-Control-Request-Private-Network": "true"},
        "https://ioc.example.vn",
        {"private network", "mạng nội bộ"},
    ),
]


@pytest.mark.parametrize(("wrong", "named", "remedies"), PREFLIGHTS)
def test_a_refused_preflight_says_why(
    serving: Serving, small_root: Path, tmp_path: Path, wrong: dict[str, str], named: str, remedies: set[str]
) -> None:
    """Catches a refusal in plain English text, and one without the value or the remedy."""
    asked = {"Origin": "https://ioc.example.vn", "Access-Control-Request-Method": "GET", **wrong}
    settings = Settings(snapshots=small_root, data=tmp_path, cors_origins="https://ioc.example.vn")
    with serving(settings) as client:
        for language in ("en", "vi"):
            response = client.options("/shares", headers={**asked, "Accept-Language": language})
            assert response.status_code == 400
            assert response.headers["content-type"] == "application/problem+json"
            assert response.headers["content-language"] == language
            assert {"Origin", "Accept-Language"} <= set(response.headers["vary"].split(", "))
            assert "access-control-allow-origin" not in response.headers
            detail = response.json()["detail"]
            assert named in detail
            assert any(one in detail for one in remedies)
            assert detail.isascii() == (language == "en")


def test_a_preflight_where_no_other_origin_is_let_in_names_the_setting(
    serving: Serving, small_root: Path, tmp_path: Path
) -> None:
    """Catches a dashboard's developer who is told of a method that exists."""
    asked = {"Origin": "https://ioc.example.vn", "Access-Control-Request-Method": "GET"}
    with serving(Settings(snapshots=small_root, data=tmp_path)) as client:
        response = client.options("/shares", headers=asked)
        assert response.status_code == 400
        assert "GEOCOVER_CORS_ORIGINS" in response.json()["detail"]
        plain = client.options("/shares", headers={"Origin": "https://ioc.example.vn"})
        assert (plain.status_code, plain.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/communes", "GET, HEAD, OPTIONS"),
        ("/collections/communes/items", "GET, HEAD, OPTIONS"),
        ("/openapi.json", "GET, HEAD, OPTIONS"),
        ("/site-lists", "GET, HEAD, OPTIONS, POST"),
        ("/sign-in", "GET, HEAD, OPTIONS, POST"),
        ("/sign-out", "OPTIONS, POST"),
        ("/static/0/leaflet.js", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_tells_the_methods_of_an_address(client: httpx.Client, path: str, allowed: str) -> None:
    """Catches a 405 to OPTIONS, a list without HEAD where HEAD works, and one of another route alone."""
    response = client.options(path)
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == allowed
    assert response.headers["x-content-type-options"] == "nosniff"
    refused = client.put(path)
    assert (refused.status_code, refused.headers["allow"]) == (405, allowed)
    assert (client.head(path).status_code == 405) == ("HEAD" not in allowed)


def test_options_of_nothing_is_not_found(client: httpx.Client) -> None:
    """Catches methods that are told of an address that does not exist."""
    response = client.options("/nowhere", headers={"Accept-Language": "en"})
    assert response.status_code == 404
    assert response.json()["detail"] == "/nowhere: Not Found; see /openapi.json"
    assert "allow" not in response.headers
