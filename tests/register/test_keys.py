"""Keys, what they may do, and how often."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text

from geocover.register.audit import entries
from geocover.register.database import Database
from geocover.register.errors import InvalidError, NotFoundError
from geocover.register.keys import ROLES, Key, NewKey, add_key, all_keys, authenticate, revoke_key
from geocover.register.limits import Limiter
from geocover.register.permissions import ACTIONS, may

NOW = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> dt.datetime:
        """What the test said last."""
        return self.now


def at(database: Database, clock: Clock) -> Database:
    return Database(database.engine, clock)


def test_a_key_is_shown_once_and_known_again(database: Database) -> None:
    """Catches a secret that is stored, or a key that comes back as another."""
    key, token = add_key(database, NewKey("Viettel Phú Thọ", "partner", "Viettel"), "cli")
    assert token.startswith(f"gck_{key.id}_")
    secret = token.rsplit("_", 1)[1]
    assert len(secret) == 48
    found = authenticate(database, token)
    assert found is not None
    assert (found.id, found.role, found.operator, found.scopes) == (
        key.id, "partner", "Viettel", ("read", "write")
    )  # fmt: skip
    with database.reading() as connection:
        everything = repr(
            [connection.execute(text(f"SELECT * FROM {name}")).all() for name in ("api_keys", "audit")]
        )
    assert secret not in everything
    assert secret not in repr(key)


def test_wrong_tokens_are_nobody(database: Database) -> None:
    """Catches an id that is enough, a secret of another key, and tokens that break the parser."""
    key, token = add_key(database, NewKey("a", "admin"), "cli")
    _, other = add_key(database, NewKey("b", "viewer"), "cli")
    swapped = token.rsplit("_", 1)[0] + "_" + other.rsplit("_", 1)[1]
    wrong = [
        "", "gck_", token[:-1], token + "0", token.upper(), swapped, f"gck_{key.id}_{'0' * 48}",
        f"gck_{'0' * 12}_{'0' * 48}", token + "\n", "gck_%' OR 1=1 --_x", f" {token}", "gck_ộ_ộ",
    ]  # fmt: skip
    assert [authenticate(database, each) for each in wrong] == [None] * len(wrong)


def test_expired_and_revoked_keys_are_nobody(database: Database) -> None:
    """Catches a key that outlives its end."""
    clock = Clock()
    early = at(database, clock)
    _, token = add_key(early, NewKey("a", "viewer", expires_at=NOW + dt.timedelta(days=1)), "cli")
    key, other = add_key(early, NewKey("b", "viewer"), "cli")
    assert authenticate(early, token) is not None
    clock.now += dt.timedelta(days=1)
    assert authenticate(early, token) is None
    revoked = revoke_key(early, key.id, "cli")
    assert revoked.revoked_at == clock.now
    assert authenticate(early, other) is None
    clock.now += dt.timedelta(days=1)
    assert revoke_key(early, key.id, "cli").revoked_at == revoked.revoked_at
    with pytest.raises(NotFoundError):
        revoke_key(early, "no such key", "cli")
    assert [entry.details["action"] for entry in entries(database)] == ["revoke", "add", "add"]


def test_the_last_use_is_kept_to_the_minute(database: Database) -> None:
    """Catches a write for every request, and a use that is never written."""
    clock = Clock()
    early = at(database, clock)
    _, token = add_key(early, NewKey("a", "viewer"), "cli")
    uses = []
    for seconds in (0, 59, 60):
        clock.now = NOW + dt.timedelta(seconds=seconds)
        assert authenticate(early, token) is not None
        uses.append(all_keys(early)[0].last_used_at)
    assert uses == [NOW, NOW, NOW + dt.timedelta(seconds=60)]


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "root"}, {"role": "partner"}, {"role": "planner", "operator": "Viettel"}, {"scopes": ()},
        {"scopes": ("execute",)}, {"name": ""}, {"name": " "},
    ],
)  # fmt: skip
def test_keys_that_make_no_sense_are_not_made(wrong: dict[str, object]) -> None:
    """Catches a partner's key for all operators, and a role that the table does not know."""
    with pytest.raises(InvalidError):
        NewKey(**{"name": "a", "role": "viewer", **wrong})  # type: ignore[arg-type]


KEY = Key("0", "n", "admin", None, ("read", "write"), NOW, None, None, None)
PARTNER = replace(KEY, role="partner", operator="Viettel")
# Written out a second time, by hand, so that a slip in the table shows.
EXPECTED = {
    "viewer": {"snapshots:read", "operators:read"},
    "partner": {
        "snapshots:read", "operators:read", "stations:read", "register:read", "lists:read", "lists:download",
        "lists:upload", "lists:check", "lists:submit", "lists:reject",
    },
    "planner": set(ACTIONS) - {"keys:manage", "audit:read"},
    "admin": set(ACTIONS),
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_roles_may_do_what_they_should_and_nothing_else(role: str) -> None:
    """Catches any slip in the table of permissions."""
    key = replace(PARTNER if role == "partner" else KEY, role=role)  # type: ignore[arg-type]
    assert {action for action in ACTIONS if may(key, action, "VIETTEL")} == EXPECTED[role]
    reads = {name for name, action in ACTIONS.items() if action.scope == "read"}
    reader = replace(key, scopes=("read",))
    assert {action for action in ACTIONS if may(reader, action, "viettel")} == EXPECTED[role] & reads


def test_partners_see_their_own_alone() -> None:
    """Catches a partner who reads or writes another operator's lists, or everybody's at once."""
    for operator in ("MobiFone", None, ""):
        assert {action for action in ACTIONS if may(PARTNER, action, operator)} == {"snapshots:read"}
    assert may(PARTNER, "lists:upload", "viettel")
    with pytest.raises(KeyError):
        may(KEY, "no such action")


def test_a_bucket_empties_and_fills_again(database: Database) -> None:
    """Catches limits that never bite, never lift, or are shared between keys or kinds."""
    clock = Clock()
    early = at(database, clock)
    limiter = Limiter("uploads", capacity=3, per_hour=60)
    assert [limiter.take(early, "a") for _ in range(4)] == pytest.approx([0, 0, 0, 60])
    assert limiter.take(early, "b") == 0
    assert Limiter("jobs", 1, 60).take(early, "a") == 0
    clock.now += dt.timedelta(seconds=45)
    assert limiter.take(early, "a") == pytest.approx(15)
    clock.now += dt.timedelta(seconds=15)
    assert limiter.take(early, "a") == 0
    clock.now += dt.timedelta(days=9)
    assert limiter.take(early, "a", cost=3) == 0
    assert limiter.take(early, "a", cost=4) == float("inf")
    clock.now -= dt.timedelta(days=1)
    assert limiter.take(early, "a") == pytest.approx(60)


def test_a_bucket_is_shared_by_all_who_take(database: Database) -> None:
    """Catches more tokens given out than there are, by threads that take at once."""
    clock = Clock()
    early = at(database, clock)
    limiter = Limiter("uploads", capacity=5, per_hour=1)
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: limiter.take(early, "a"), range(20)))
    assert waits.count(0.0) == 5
