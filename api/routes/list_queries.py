"""What may be asked of site lists, and said to them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.queries import TEXT, Day, Paging
from geocover.register.differences import MOVED_M
from geocover.register.lists import State  # noqa: TC001  read by pydantic


class ListsQuery(Paging):
    """Which lists: of an operator (of all that the reader may see), in a state, of a date.

    ``checked`` are those that wait for a decision.
    """

    operator: Annotated[str | None, TEXT] = None
    state: State | None = None
    as_of: Day | None = None


class ReportQuery(Paging):
    """Which findings of a report."""

    severity: Literal["error", "warning", "fixed"] | None = None
    code: Annotated[str | None, TEXT] = None


class DiffQuery(Paging):
    """A difference as tables or as a map: against the list in force, or another of the same operator."""

    against: Annotated[
        str | None,
        Field(max_length=100, description="Mã danh sách khác / id of another list to compare with"),
    ] = None
    moved: Annotated[
        float, Field(ge=0, le=10_000, description="Mét, xa hơn là dời / metres beyond which a cell has moved")
    ] = MOVED_M
    format: Literal["json", "geojson"] = "json"


class CheckBody(BaseModel):
    """What the partner says about its columns: heads and fields, on top of what it said before.

    An empty mapping forgets all that was said; none at all leaves it.
    """

    model_config = ConfigDict(extra="forbid")

    mapping: dict[str, object] | None = None


class AcceptBody(BaseModel):
    """Which check of a list is accepted, and whether one that its partner has not handed in may be."""

    model_config = ConfigDict(extra="forbid")

    checked_at: Annotated[
        AwareDatetime | None,
        Field(description="checked_at của danh sách như đã xem / of the list as it was looked at"),
    ] = None
    unsubmitted: Annotated[
        bool, Field(description="Duyệt cả khi nhà mạng chưa gửi / accept what was not handed in")
    ] = False


class RejectBody(BaseModel):
    """Why a list is rejected."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[str, Field(min_length=1, max_length=2000)]
