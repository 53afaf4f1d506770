"""Settings by environment, names with the prefix GEOCOVER_."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from geocover.errors import GeocoverError

MEGABYTE = 1 << 20
ORIGIN = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


class FormError(GeocoverError, ValueError):
    """A setting is not written as it has to be."""

    def __init__(self, example: str) -> None:
        super().__init__(f"write it like {example}", f"hãy ghi như {example}")


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
        Of one key. Requests are counted by each worker alone, which allows its part (``requests_per_minute``
        divided by ``workers``); several servers over one database allow so much each.
    public_requests_per_minute
        Of one client address (IPv6: of one /64) without a key, divided in the same way; 0: not limited.
        Requests of this machine itself are not limited.
    requests_at_once, connections_at_once
        Under way on each worker; more are told to come again (503), and a quarter of them of one client
        address, but for this machine itself (429).
    header_s, silence_s, slowest_bytes_s
        Seconds within which the head of a request must be there, seconds that a client may send or take
        nothing in the midst of a body, and the slowest pace of a body in bytes a second.
    workers
        Processes that serve the same folder (GEOCOVER_WORKERS); told by `geocover serve --workers`.
    trusted_proxies
        Addresses or networks of proxies in front, parted by commas (GEOCOVER_TRUSTED_PROXIES=127.0.0.1):
        their X-Forwarded-For and X-Forwarded-Proto are believed. None: nobody's are.
    hosts
        Names that a request may address, parted by commas, ``*.example.vn`` for all below (GEOCOVER_HOSTS);
        none: any.
    public_url
        Where readers find the server, ``https://coverage.example.vn`` (GEOCOVER_PUBLIC_URL): links begin so,
        whatever Host a request names; with https browsers are told to stay with it. None: as requests say.
    cors_origins
        Origins whose pages may read data, parted by commas, or ``*`` (GEOCOVER_CORS_ORIGINS); never with
        cookies. None by default.
    log_format, log_level
        Lines of JSON or of plain text on stderr, and from which level on.
    metrics
        Who may read /metrics: "private", this machine itself and keys of administrators, or "public".
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
    public_requests_per_minute: float = Field(default=3000.0, ge=0)
    requests_at_once: int = Field(default=200, ge=1)
    connections_at_once: int = Field(default=1000, ge=1)
    header_s: float = Field(default=15.0, gt=0)
    silence_s: float = Field(default=30.0, gt=0)
    slowest_bytes_s: float = Field(default=1000.0, ge=0)
    workers: int = Field(default=1, ge=1, le=256)
    trusted_proxies: str = ""
    hosts: str = ""
    public_url: str | None = None
    cors_origins: str = ""
    log_format: Literal["json", "text"] = "json"
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    metrics: Literal["private", "public"] = "private"
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
        wrong = FormError("https://tiles.example.vn/{z}/{x}/{y}.png")
        try:
            address = urlsplit(value)
        except ValueError:  # brackets that name no host
            raise wrong from None
        plain = all(character not in value for character in " \"'<>;,`\\")
        if address.scheme not in {"http", "https"} or not address.hostname or not plain or "{z}" not in value:
            raise wrong
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        """Refuse what is not scheme and host alone: pages are whole only at the root of a host."""
        if value is None:
            return None
        told = value.rstrip("/")
        if not ORIGIN.fullmatch(told):
            raise FormError("https://phusong.example.vn")
        return told

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, value: str) -> str:
        """Refuse what no browser calls an origin."""
        if any(one != "*" and not ORIGIN.fullmatch(one) for one in _parted(value)):
            raise FormError("https://ioc.example.vn,https://b.example.vn")
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _proxies(cls, value: str) -> str:
        """Refuse what is not an address or a network: a wrong word would trust nobody and say nothing."""
        try:
            for one in _parted(value):
                ip_network(one, strict=False)
        except ValueError:
            raise FormError("127.0.0.1,10.0.0.0/8") from None
        return value

    @property
    def origins(self) -> tuple[str, ...]:
        """Origins whose pages may read data."""
        return _parted(self.cors_origins)

    @property
    def host_names(self) -> tuple[str, ...]:
        """Names that a request may address, in small letters; none: any."""
        return _parted(self.hosts.lower())

    @property
    def secrets(self) -> tuple[str, ...]:
        """Texts that no log may hold: the cookies' secret, and the database's URL with its password."""
        told = [one.get_secret_value() for one in (self.secret, self.database_url) if one is not None]
        password = urlsplit(self.database_url.get_secret_value()).password if self.database_url else None
        return tuple(one for one in (*told, password or "", unquote(password or "")) if one)

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


def _parted(value: str) -> tuple[str, ...]:
    """Words of a list that is parted by commas."""
    return tuple(one.strip() for one in value.split(",") if one.strip())
