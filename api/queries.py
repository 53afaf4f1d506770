"""Query parameters, of which none but the named is accepted, and what they name."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Literal, cast

from fastapi import Depends, Query, Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticKnownError

from api.web.problems import Problem
from geocover.coverage import ALL, ANY

if TYPE_CHECKING:
    from api.backend import Backend
    from api.registry import Registry
    from api.settings import Settings
    from geocover.store import Snapshot

# Of all operators together: what everybody may see, whoever the operators are.
TOGETHER = (ANY, ALL)
LOOKED = "geocover.looked"  # of a request: what `Registry.look` gave when it came
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NAME = Field(default=None, min_length=1, max_length=100)
TEXT = Field(default=None, min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")


def _written(day: object) -> object:
    """Let a date through as it is written; pydantic would take any number for a moment of Unix time.

    Raises
    ------
    PydanticKnownError
        It is written otherwise.
    """
    if isinstance(day, str) and re.fullmatch(DATE, day) is None:
        raise PydanticKnownError("date_type")
    return day


Day = Annotated[dt.date, BeforeValidator(_written)]
WHICH = "Ngày: lấy bản mới nhất đến ngày đó; hoặc tên bản / a day: the newest until then; or a name"
OldName = Annotated[
    str | None, Field(alias="from", max_length=100, description=WHICH, examples=["2025-06-30"])
]
NewName = Annotated[str | None, Field(alias="to", max_length=100, description=WHICH, examples=["2025-12-31"])]


class SnapshotQuery(BaseModel):
    """Which snapshot: by reporting date or by name; the newest where neither is given."""

    model_config = ConfigDict(extra="forbid")

    date: Annotated[
        str | None, Field(pattern=DATE, description="Ngày số liệu / reporting date, 2025-12-31")
    ] = None
    snapshot: Annotated[
        str | None,
        Field(max_length=100, description="Tên bản kết quả / name of the snapshot, see /snapshots"),
    ] = None
    lang: Annotated[
        Literal["vi", "en"] | None,
        Field(description="Ngôn ngữ của trang và lỗi / language of pages and errors"),
    ] = None


class TechnologyQuery(SnapshotQuery):
    """A snapshot, and one technology of it or all."""

    technology: Annotated[str | None, NAME] = None


class SharesQuery(SnapshotQuery):
    """Shares by one definition of "covered" or all, in full or rounded for drawing."""

    profile: Annotated[str | None, NAME] = None
    detail: Literal["full", "map"] = "full"


class GapsQuery(TechnologyQuery):
    """Gaps, in full or simplified for drawing."""

    detail: Literal["full", "map"] = "full"


class ViewQuery(TechnologyQuery):
    """A view: technology, operator ("any", "all" or a name) and definition of "covered"."""

    operator: Annotated[str | None, NAME] = None
    profile: Annotated[str | None, NAME] = None


class CommunesQuery(ViewQuery):
    """A view of the communes, in full or simplified for drawing."""

    detail: Literal["full", "map"] = "full"


class NoQuery(BaseModel):
    """No parameter at all but the language of errors."""

    model_config = ConfigDict(extra="forbid")

    lang: Literal["vi", "en"] | None = None


NoParameters = Annotated[NoQuery, Query()]


class TileQuery(NoQuery):
    """A tile, and by which program its address was given."""

    v: Annotated[
        str | None,
        Field(max_length=100, description="Chương trình vẽ, như TileJSON nêu / what draws, as TileJSON says"),
    ] = None


class RasterQuery(TileQuery):
    """A raster of the snapshot in the address."""

    profile: Annotated[str, Field(min_length=1, max_length=100)]
    operator: Annotated[str, Field(min_length=1, max_length=100)] = "any"


class Paging(NoQuery):
    """Some of many: from an offset on, so many."""

    offset: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 100


class DayQuery(NoQuery):
    """The register on a day; today where none is given."""

    as_of: Annotated[Day | None, Field(description="Ngày báo cáo / reporting date, 2025-12-31")] = None

    @property
    def day(self) -> dt.date:
        """The day that is asked for."""
        return self.as_of or dt.datetime.now(dt.UTC).date()


def check_once(request: Request) -> None:
    """Refuse a parameter that comes twice, for nobody knows which of the two is meant.

    Raises
    ------
    Problem
        400 with its name.
    """
    items = request.query_params.multi_items()
    if len(request.query_params) != len(items):
        names = [name for name, _ in items]
        name = next(one for one in names if names.count(one) > 1)[:100]
        raise Problem(
            400, f"parameter {name} came twice; give it once", f"tham số {name} lặp lại; chỉ ghi một lần"
        )


async def once(request: Request) -> None:
    """Refuse a parameter that comes twice; a coroutine, which needs no thread."""
    check_once(request)


ONCE = (Depends(once),)


def registry_of(request: Request) -> Registry:
    """Give the application's snapshots."""
    return cast("Registry", request.app.state.registry)


def published_for(request: Request) -> tuple[Snapshot, ...]:
    """Give all snapshots, by the look at the folder that was taken when the request came, if one was."""
    return registry_of(request).all(request.scope.get(LOOKED))


def backend_of(request: Request) -> Backend:
    """Give what stands behind the register's addresses."""
    return cast("Backend", request.app.state.backend)


def settings_of(request: Request) -> Settings:
    """Give the application's settings."""
    return cast("Settings", request.app.state.settings)


def base_of(request: Request) -> str:
    """Address of the server without a slash at the end: as told (`Guard` sees to that), else as asked."""
    told = request.scope
    host = next((value for name, value in told["headers"] if name == b"host"), b"")
    return _base(told["scheme"], host, told.get("server"), told.get("root_path", ""))


@lru_cache(maxsize=256)
def _base(scheme: str, host: bytes, server: tuple[str, int] | None, root_path: str) -> str:
    headers = [(b"host", host)] if host else []
    told = {"type": "http", "scheme": scheme, "server": server, "root_path": root_path, "headers": headers}
    return str(Request(told).base_url).rstrip("/")


def snapshot_of(request: Request, query: SnapshotQuery) -> Snapshot:
    """Give the snapshot that a request asks for.

    Raises
    ------
    Problem
        404 if there is none.
    """
    return registry_of(request).choose(query.date, query.snapshot)


def named_snapshot(request: Request, name: str | None) -> Snapshot:
    """Give the snapshot that held on a day, or that of a name; the newest for neither.

    Raises
    ------
    Problem
        404 if there is none, 400 for a day that no calendar has.
    """
    if name is None or re.fullmatch(DATE, name) is None:
        return registry_of(request).choose(identity=name)
    try:
        dt.date.fromisoformat(name)
    except ValueError as error:
        raise Problem(
            400, f"{name} is no day of the calendar", f"{name} không phải một ngày có thật"
        ) from error
    return registry_of(request).until(name)


def other_day(name: str | None, found: Snapshot) -> str | None:
    """Give the day that a snapshot was asked for by, where that is not its own date."""
    return name if name is not None and name not in (found.as_of, found.id) else None
