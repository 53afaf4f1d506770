"""What a browser is told that an answer may do: nothing for data, its own files and scripts for a page."""

from __future__ import annotations

import secrets

HTML = "text/html; charset=utf-8"
NONCE_BYTES = 18
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"x-frame-options": b"SAMEORIGIN",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"geolocation=(), camera=(), microphone=()",
}
NOTHING = b"default-src 'none'; frame-ancestors 'none'"
POLICY = b"content-security-policy"


def new_nonce() -> str:
    """Name that the scripts of one answer bear, and no other's."""
    return secrets.token_urlsafe(NONCE_BYTES)


def page_policy(nonce: str, tiles_origin: str | None = None, *, forms: bool = False) -> str:
    """Content-Security-Policy of a page: own files only, and inline scripts with the nonce.

    Parameters
    ----------
    nonce
        Of this answer; in every script element of the page.
    tiles_origin
        Where background tiles come from, if any.
    forms
        Whether the page has forms; they go to this server alone.
    """
    pictures = "'self' data:" + (f" {tiles_origin}" if tiles_origin else "")
    parts = {
        "default-src": "'none'",
        "script-src": f"'self' 'nonce-{nonce}'",
        "style-src": "'self' 'unsafe-inline'",  # Leaflet places everything by inline styles
        "img-src": pictures,
        "font-src": "'self'",
        "connect-src": "'self'",
        "base-uri": "'none'",
        "form-action": "'self'" if forms else "'none'",
        "frame-ancestors": "'self'",
    }
    return "; ".join(f"{name} {value}" for name, value in parts.items())
