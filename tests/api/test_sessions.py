"""Signed-in browsers: cookies that cannot be forged, forms that others cannot send, secrets kept."""

from __future__ import annotations

import base64
import json
import re
import stat
import threading
from typing import TYPE_CHECKING

import httpx
import pytest
from fastapi import Request, Response
from itsdangerous import URLSafeTimedSerializer
from pydantic import ValidationError

from api.app import create_app
from api.readers import sessions
from api.readers.sessions import BROWSER, SESSION, csrf_token, keep_browser
from api.settings import Settings
from api.web.secrets import FILE, cookie_secret
from geocover.errors import GeocoverError
from geocover.register.keys import NewKey, add_key, revoke_key
from tests.api.filling import A
from tests.api.running import bearer, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.api.conftest import Serving
    from tests.api.filling import Filled


def token_page(app_client: httpx.Client, settings: Settings) -> str:
    """Token that a page would hold for this client's cookies, with the cookie that it would set."""
    cookies = "; ".join(f"{name}={value}" for name, value in app_client.cookies.items())
    headers = [(b"cookie", cookies.encode())] if cookies else []
    scope = {
        "type": "http",
        "headers": headers,
        "scheme": "http",
        "method": "GET",
        "path": "/",
        "query_string": b"",
    }
    request = Request({**scope, "app": create_app(settings), "state": {}})
    token = csrf_token(request)
    response = keep_browser(request, Response())
    for name, value in re.findall(r"^(\w+)=([^;]+)", response.headers.get("set-cookie", "")):
        app_client.cookies.set(name, value)
    return token


@pytest.fixture
def settings(filled: Filled) -> Settings:
    return Settings(data=filled.folder)


@pytest.fixture
def browser(serving: Serving, settings: Settings) -> Iterator[httpx.Client]:
    """A client that keeps cookies, of a server over the filled register."""
    with serving(settings) as client:
        yield client


def enter(client: httpx.Client, settings: Settings, token: str) -> httpx.Response:
    """Sign in as the page's form does."""
    fields = {"key": token, "csrf": token_page(client, settings)}
    return client.post("/sign-in", data=fields, follow_redirects=False)


def test_a_browser_signs_in_and_out(browser: httpx.Client, settings: Settings, filled: Filled) -> None:
    """Catches a session that is not one's own key, and one that outlives the sign-out."""
    response = enter(browser, settings, filled.tokens["a"])
    assert (response.status_code, response.headers["location"]) == (303, "/uploads")
    cookie = response.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "path=/" in cookie
    assert "secure" not in cookie
    assert browser.get("/me").json()["operator"] == A
    assert browser.get("/site-lists").status_code == 200
    out = browser.post("/sign-out", data={"csrf": token_page(browser, settings)}, follow_redirects=False)
    assert (out.status_code, out.headers["location"]) == (303, "/sign-in")
    assert browser.get("/me").json()["role"] is None
    assert browser.get("/site-lists").status_code == 401


def test_cookies_are_secure_over_https(settings: Settings, filled: Filled) -> None:
    """Catches a session cookie that a browser would send in the clear."""
    scope = {
        "type": "http",
        "headers": [(b"host", b"phutho.example")],
        "scheme": "https",
        "method": "GET",
        "path": "/",
        "query_string": b"",
    }
    request = Request({**scope, "app": create_app(settings), "state": {}})
    csrf_token(request)
    assert "; secure" in keep_browser(request, Response()).headers["set-cookie"].lower()


def test_the_cookie_holds_no_secret(browser: httpx.Client, settings: Settings, filled: Filled) -> None:
    """Catches the key itself in the cookie."""
    enter(browser, settings, filled.tokens["a"])
    value = browser.cookies[SESSION]
    told = json.loads(base64.urlsafe_b64decode(value.split(".")[0] + "=="))
    assert set(told) == {"key", "name"}
    assert filled.tokens["a"].split("_")[2] not in json.dumps(told)


def test_a_forged_cookie_is_nobody(browser: httpx.Client, settings: Settings, filled: Filled) -> None:
    """Catches a signature that is not looked at, of another secret or another salt."""
    enter(browser, settings, filled.tokens["a"])
    good = browser.cookies[SESSION]
    admin = filled.tokens["admin"].split("_")[1]
    told = {"key": admin, "name": "x"}
    said, signature = good.rsplit(".", 1)
    forged = [
        # Its first character: two bits of the last one mean nothing.
        f"{said}.{'B' if signature[0] == 'A' else 'A'}{signature[1:]}",
        base64.urlsafe_b64encode(json.dumps(told).encode()).decode() + good[good.index(".") :],
        URLSafeTimedSerializer(b"another", salt="geocover-session").dumps(told),
        URLSafeTimedSerializer(cookie_secret(settings), salt="another").dumps(told),
        "",
        "x",
        "ế",
    ]
    for value in forged:
        with httpx.Client(
            base_url=browser.base_url, headers={"Cookie": f"{SESSION}={value}".encode()}
        ) as other:
            assert other.get("/me").json()["role"] is None, value
            assert other.get("/site-lists").status_code == 401


def test_a_session_ends(
    browser: httpx.Client, settings: Settings, filled: Filled, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Catches a cookie that is good for ever, and one that outlives its key."""
    key, token = add_key(filled.database, NewKey("short", "planner"), "test")
    enter(browser, settings, token)
    assert browser.get("/me").json()["role"] == "planner"
    monkeypatch.setattr(sessions, "LASTS_S", -1)
    assert browser.get("/me").json()["role"] is None
    monkeypatch.undo()
    assert browser.get("/me").json()["role"] == "planner"
    revoke_key(filled.database, key.id, "test")
    assert browser.get("/me").json()["role"] is None


def test_wrong_keys_do_not_sign_in(browser: httpx.Client, settings: Settings, filled: Filled) -> None:
    """Catches a sign-in with an expired, revoked or made-up key."""
    good = filled.tokens["a"]
    for wrong in (filled.tokens["expired"], filled.tokens["revoked"], good[:-1], "", "ế" * 9, good.upper()):
        response = enter(browser, settings, wrong)
        assert response.status_code == 401
        assert SESSION not in browser.cookies


def test_forms_of_other_sites_do_nothing(browser: httpx.Client, settings: Settings, filled: Filled) -> None:
    """Catches a change without the page's token, with that of another browser, or of before the sign-in."""
    before = token_page(browser, settings)
    assert browser.post("/sign-in", data={"key": filled.tokens["a"]}).status_code == 403
    assert browser.post("/sign-in", data={"key": filled.tokens["a"], "csrf": "ế"}).status_code == 403
    enter(browser, settings, filled.tokens["a"])
    with httpx.Client(base_url=browser.base_url) as other:
        others = token_page(other, settings)
    one = filled.fresh()
    own = token_page(browser, settings)
    for token in (None, "", before, others, own[:-1]):
        headers = {} if token is None else {"X-CSRF-Token": token}
        assert browser.post(f"/site-lists/{one}/submit", headers=headers).status_code == 403, token
        upload = browser.post(
            "/site-lists", headers=headers, files={"file": ("a.csv", b"x")}, data={"as_of": "2025-12-31"}
        )
        assert upload.status_code == 403
    assert browser.post("/sign-out", data={"csrf": before}).status_code == 403
    assert browser.post(f"/site-lists/{one}/submit", headers={"X-CSRF-Token": own}).status_code == 200
    assert browser.post(f"/site-lists/{one}/submit", headers=bearer(filled.tokens["a"])).status_code == 200


def test_a_planted_browser_name_is_of_no_use(
    browser: httpx.Client, settings: Settings, filled: Filled
) -> None:
    """Catches a token for a session that follows from a name which somebody else could plant before."""
    browser.cookies.set(BROWSER, "planted")
    planted = token_page(browser, settings)
    enter(browser, settings, filled.tokens["a"])
    headers = {"X-CSRF-Token": planted}
    assert browser.post(f"/site-lists/{filled.fresh()}/submit", headers=headers).status_code == 403


def test_the_secret_is_made_once_and_kept_close(tmp_path: Path) -> None:
    """Catches a secret that others may read, that is weak, or that two servers make twice."""
    settings = Settings(data=tmp_path)
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(cookie_secret(settings))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(found)) == 1
    assert len(found[0]) == 64
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    (tmp_path / FILE).chmod(0o644)
    with pytest.raises(GeocoverError, match="chmod 600"):
        cookie_secret(settings)


def test_a_weak_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a secret that can be guessed, and one that an error would print."""
    monkeypatch.setenv("GEOCOVER_SECRET", "short-and-weak")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "short-and-weak" not in str(caught.value)
    monkeypatch.setenv("GEOCOVER_SECRET", "s" * 40)
    assert cookie_secret(Settings()) == b"s" * 40
    assert "ssss" not in repr(Settings())


def test_secrets_are_never_in_logs(filled: Filled, tmp_path: Path) -> None:
    """Catches keys and cookies in the server's log at its most talkative, in the audit, and in errors."""
    with running(tmp_path, f"sqlite:///{filled.folder / 'register.sqlite'}", JOB_SLOTS="0") as server:
        token = filled.tokens["a"]
        wrong = token[:-4] + "0000"
        with httpx.Client(base_url=server.origin) as client:
            bodies = [client.get("/site-lists", headers=bearer(one)).text for one in (token, wrong)]
            bodies.append(client.get("/me", headers={"X-API-Key": token}).text)
            bodies.append(client.post("/sign-in", data={"key": token, "csrf": "x"}).text)
            bodies.append(client.get("/audit", headers=bearer(filled.tokens["admin"])).text)
            client.get("/me", headers={"Cookie": f"{SESSION}=forged-cookie-value"})
        log = server.log.read_text(encoding="utf-8", errors="replace")
    assert ("GET", "/site-lists") in [(one.get("method"), one.get("route")) for one in server.lines()]
    for text in (log, *bodies):
        for secret in (token.split("_")[2], wrong.split("_")[2], "forged-cookie-value"):
            assert secret not in text
