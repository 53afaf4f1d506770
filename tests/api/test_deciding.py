"""What is accepted is what was looked at, and what its partner has submitted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from geocover.register import audit
from tests.api.filling import A
from tests.api.running import bearer, make_csv, upload
from tests.api.test_uploads import run_check

if TYPE_CHECKING:
    import httpx

    from tests.api.filling import Filled


def from_partner(closed: httpx.Client, filled: Filled, kind: str = "a", operator: str = A) -> str:
    """Id of a checked list that a partner uploaded."""
    made = upload(closed, filled.tokens[kind], make_csv(3, operator, "DECIDE")).json()
    run_check(filled, made["job"])
    return str(made["id"])


def shown(closed: httpx.Client, filled: Filled, list_id: str) -> dict[str, Any]:
    """The list as the planner sees it."""
    told = closed.get(f"/site-lists/{list_id}", headers=bearer(filled.tokens["planner"]))
    return told.json()  # type: ignore[no-any-return]


def accept(closed: httpx.Client, filled: Filled, list_id: str, **body: Any) -> httpx.Response:
    """What the server answers to the planner's acceptance."""
    headers = bearer(filled.tokens["planner"])
    return closed.post(f"/site-lists/{list_id}/accept", json=body, headers=headers)


def test_only_the_check_that_was_seen_is_accepted(closed: httpx.Client, filled: Filled) -> None:
    """Catches a check between a planner's look and the acceptance that changes what is accepted."""
    made = from_partner(closed, filled)
    seen = shown(closed, filled, made)["checked_at"]
    job = closed.post(f"/site-lists/{made}/check", json={}, headers=bearer(filled.tokens["a"])).json()["job"]
    run_check(filled, job)
    now = shown(closed, filled, made)["checked_at"]
    assert now > seen
    refused = accept(closed, filled, made, checked_at=seen, unsubmitted=True)
    assert refused.status_code == 409
    assert "đã được kiểm tra lại" in refused.json()["detail"]
    assert shown(closed, filled, made)["state"] == "checked"
    assert accept(closed, filled, made, checked_at=now, unsubmitted=True).json()["state"] == "accepted"


@pytest.mark.parametrize("wrong", ["9999-12-31T23:59:59.999999+00:00", "0001-01-01T00:00:00+14:00"])
def test_the_ends_of_time_are_other_checks(closed: httpx.Client, filled: Filled, wrong: str) -> None:
    """Catches a moment at the end of the calendar that overflows."""
    made = filled.fresh()
    assert accept(closed, filled, made, checked_at=wrong).status_code == 409
    assert accept(closed, filled, made, checked_at="2025-12-31T00:00:00").status_code == 400, "of which zone?"


def test_what_a_partner_did_not_submit_is_not_accepted_unsaid(closed: httpx.Client, filled: Filled) -> None:
    """Catches a draft of a partner's that is taken by mistake, and one that is taken without a trace."""
    made = from_partner(closed, filled)
    assert shown(closed, filled, made)["unsubmitted"] is True
    refused = closed.post(f"/site-lists/{made}/accept", headers=bearer(filled.tokens["planner"]))
    assert refused.status_code == 409
    assert "chưa gửi" in refused.json()["detail"]
    assert accept(closed, filled, made, unsubmitted=True).json()["state"] == "accepted"
    assert audit.entries(filled.database, what=made)[0].details["unsubmitted"] is True


def test_what_was_submitted_or_is_the_planners_own_is_accepted(closed: httpx.Client, filled: Filled) -> None:
    """Catches a question too many: about a submitted list, and about the planner's own upload."""
    made = from_partner(closed, filled)
    closed.post(f"/site-lists/{made}/submit", headers=bearer(filled.tokens["a"]))
    own = upload(closed, filled.tokens["planner"], make_csv(2, A, "OWN"), operator=A).json()
    run_check(filled, own["job"])
    for one in (made, str(own["id"])):
        assert shown(closed, filled, one)["unsubmitted"] is False
        answer = closed.post(f"/site-lists/{one}/accept", headers=bearer(filled.tokens["planner"]))
        assert answer.json()["state"] == "accepted"
        assert "unsubmitted" not in audit.entries(filled.database, what=one)[0].details
