"""Settings by environment, names with the prefix GEOCOVER_."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 1 << 20


class Settings(BaseSettings):
    """What the server is told.

    Attributes
    ----------
    data
        Folder of the register, jobs and scenarios (GEOCOVER_DATA); where only the snapshots' folder is told,
        the one above it. Several servers over one database share it.
    snapshots
        Folder of the snapshots (GEOCOVER_SNAPSHOTS); ``snapshots`` in ``data`` where only that is told.
    database_url
        The register's database (GEOCOVER_DATABASE_URL); none: a SQLite file in ``data``.
    secret
        Signs cookies (GEOCOVER_SECRET), at least 32 characters; none: a random one, kept in ``data``.
    open
        Whether everybody may see every operator's coverage and stations (GEOCOVER_OPEN=1): for made-up data
        and for one's own machine. The register stays closed.
    scenario
        Scenario file in ``data`` that an acceptance computes (GEOCOVER_SCENARIO); none: nothing is computed.
    province, boundaries
        What uploads are checked against: a file of communes (GEOCOVER_BOUNDARIES), or those that ship for a
        province (GEOCOVER_PROVINCE).
    upload_mb, uploads_at_once, uploads_per_hour
        Greatest file in MiB; uploads of one key at a time on each server, and in the long run.
    requests_per_minute, streams_at_once
        Of one key, on each server process.
    job_slots, stale_s, poll_s
        Job processes that this server runs, seconds after which a silent one counts as dead, and seconds
        between two looks for work.
    tiles_url
        Template of a tile server for a background, as ``https://tiles.example/{z}/{x}/{y}.png``
        (GEOCOVER_TILES_URL); none: the map needs nothing from outside.
    tiles_attribution
        Whose tiles they are, as their licence asks (GEOCOVER_TILES_ATTRIBUTION); plain text.
    """

    model_config = SettingsConfigDict(
        env_prefix="GEOCOVER_", env_ignore_empty=True, hide_input_in_errors=True
    )

    data: Path = Path("demo")
    snapshots: Path = Path("demo/snapshots")
    database_url: SecretStr | None = None
    secret: SecretStr | None = Field(default=None, min_length=32)
    open: bool = False
    scenario: str | None = None
    province: str = "25"
    boundaries: Path | None = None
    upload_mb: int = Field(default=50, ge=1)
    uploads_at_once: int = Field(default=4, ge=1)
    uploads_per_hour: float = Field(default=120.0, gt=0)
    requests_per_minute: float = Field(default=600.0, gt=0)
    streams_at_once: int = Field(default=10, ge=1)
    job_slots: int = Field(default=2, ge=0)
    stale_s: float = Field(default=60.0, gt=0)
    poll_s: float = Field(default=1.0, gt=0)
    tiles_url: str | None = None
    tiles_attribution: str = ""

    @model_validator(mode="before")
    @classmethod
    def _folders(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Of the two folders, let the one that is told place the other."""
        told = dict(values)
        if "snapshots" in told:
            told.setdefault("data", Path(told["snapshots"]).parent)
        elif "data" in told:
            told["snapshots"] = Path(told["data"]) / "snapshots"
        return told

    @field_validator("tiles_url")
    @classmethod
    def _template(cls, value: str | None) -> str | None:
        """Refuse what is not an address of tiles: it goes into a script and into the security policy."""
        if value is None:
            return None
        address = urlsplit(value)
        plain = all(character not in value for character in " \"'<>;,`\\")
        if address.scheme not in {"http", "https"} or not address.hostname or not plain or "{z}" not in value:
            raise ValueError("GEOCOVER_TILES_URL must look like https://host/{z}/{x}/{y}.png")
        return value

    @property
    def upload_bytes(self) -> int:
        """Greatest upload."""
        return self.upload_mb * MEGABYTE

    @property
    def tiles(self) -> tuple[str, str] | None:
        """Address template and attribution of the background."""
        return None if self.tiles_url is None else (self.tiles_url, self.tiles_attribution)

    @property
    def tiles_origin(self) -> str | None:
        """Scheme, host and port of the tile server, for the security policy; {s} becomes any subdomain."""
        if self.tiles_url is None:
            return None
        address = urlsplit(self.tiles_url)
        return f"{address.scheme}://{address.netloc}".replace("{s}", "*")
