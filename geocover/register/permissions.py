"""Who may do what: one table, used by the API, the pages and the command line alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from geocover.register.keys import ROLES
from geocover.register.operators import operator_key

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.register.keys import Key, Role, Scope


@dataclass(frozen=True)
class Action:
    """Something that can be done, the scope a key needs for it, and whose things each role may do it to."""

    scope: Scope
    roles: Mapping[Role, Literal["own", "any"]]


EVERYBODY: dict[Role, Literal["own", "any"]] = dict.fromkeys(ROLES, "any")
OWNERS: dict[Role, Literal["own", "any"]] = {"partner": "own", "planner": "any", "admin": "any"}
PLANNERS: dict[Role, Literal["own", "any"]] = {"planner": "any", "admin": "any"}
ADMINS: dict[Role, Literal["own", "any"]] = {"admin": "any"}

ACTIONS: dict[str, Action] = {
    # Shares, gaps and places over all operators together; for everybody, also without a key.
    "snapshots:read": Action("read", EVERYBODY),
    # Coverage of single operators, and where their stations stand.
    "operators:read": Action("read", {"viewer": "any", **OWNERS}),
    "stations:read": Action("read", OWNERS),
    "register:read": Action("read", OWNERS),
    "lists:read": Action("read", OWNERS),
    "lists:download": Action("read", OWNERS),
    "lists:upload": Action("write", OWNERS),
    "lists:check": Action("write", OWNERS),
    "lists:submit": Action("write", OWNERS),
    "lists:reject": Action("write", OWNERS),
    "lists:accept": Action("write", PLANNERS),
    "masts:read": Action("read", PLANNERS),
    "jobs:read": Action("read", PLANNERS),
    "jobs:start": Action("write", PLANNERS),
    "jobs:cancel": Action("write", PLANNERS),
    "keys:manage": Action("write", ADMINS),
    "audit:read": Action("read", ADMINS),
}


def may(key: Key, action: str, operator: str | None = None) -> bool:
    """Whether a key may do something.

    Parameters
    ----------
    key
        As `geocover.register.keys.authenticate` gave it.
    action
        A name of `ACTIONS`; any other raises KeyError.
    operator
        Whose things it is about; None where it is about more than one operator's.
    """
    rule = ACTIONS[action]
    reach = rule.roles.get(key.role)
    if reach is None or rule.scope not in key.scopes:
        return False
    if reach == "any":
        return True
    own = key.operator
    return own is not None and operator is not None and operator_key(own) == operator_key(operator)


def could(key: Key, action: str) -> bool:
    """Whether a key may do something to anybody's things, at least to its own operator's."""
    return may(key, action, key.operator)
