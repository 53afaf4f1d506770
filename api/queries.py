"""Query parameters, of which none but the named is accepted, and what they name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from fastapi import Request

    from api.registry import Registry
    from api.settings import Settings
    from geocover.store import Snapshot

DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
NAME = Field(default=None, min_length=1, max_length=100)


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


class ViewQuery(TechnologyQuery):
    """A view: technology, operator ("any", "all" or a name) and definition of "covered"."""

    operator: Annotated[str | None, NAME] = None
    profile: Annotated[str | None, NAME] = None


class CommunesQuery(ViewQuery):
    """A view of the communes, in full or simplified for drawing."""

    detail: Literal["full", "map"] = "full"


class RasterQuery(BaseModel):
    """A raster of the snapshot in the address."""

    model_config = ConfigDict(extra="forbid")

    profile: Annotated[str, Field(min_length=1, max_length=100)]
    operator: Annotated[str, Field(min_length=1, max_length=100)] = "any"


class NoQuery(BaseModel):
    """No parameter at all but the language of errors."""

    model_config = ConfigDict(extra="forbid")

    lang: Literal["vi", "en"] | None = None


def registry_of(request: Request) -> Registry:
    """Give the application's snapshots."""
    return cast("Registry", request.app.state.registry)


def settings_of(request: Request) -> Settings:
    """Give the application's settings."""
    return cast("Settings", request.app.state.settings)


def snapshot_of(request: Request, query: SnapshotQuery) -> Snapshot:
    """Give the snapshot that a request asks for.

    Raises
    ------
    Problem
        404 if there is none.
    """
    return registry_of(request).choose(query.date, query.snapshot)
