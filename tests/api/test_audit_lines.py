"""The audit over the web, in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from geocover.register import audit
from tests.api.filling import A
from tests.api.running import bearer

if TYPE_CHECKING:
    import httpx

    from tests.api.filling import Filled


def test_all_lines_of_the_audit_can_be_read(closed: httpx.Client, filled: Filled) -> None:
    """Catches older lines that no request gets, lines twice, a next page after the last, a lost filter."""
    headers, what = bearer(filled.tokens["admin"]), filled.accepted[A].id
    for number in range(7):
        audit.record(filled.database, "test", "lists:download", what, {"n": number})
    whole = closed.get("/audit", params={"object": what, "limit": 1000}, headers=headers).json()
    assert whole["links"] == {}
    found: list[dict[str, Any]] = []
    address: str | None = f"/audit?object={what}&limit=3"
    while address is not None:
        page = closed.get(address, headers=headers).json()
        assert 0 < len(page["entries"]) <= 3
        found += page["entries"]
        address = page["links"].get("next")
    assert found == whole["entries"]
    assert closed.get("/audit", params={"before": 0}, headers=headers).status_code == 400
