"""Settings by environment, names with the prefix GEOCOVER_."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What the server is told.

    Attributes
    ----------
    snapshots
        Folder of the snapshots (GEOCOVER_SNAPSHOTS).
    tiles_url
        Template of a tile server for a background, as ``https://tiles.example/{z}/{x}/{y}.png``
        (GEOCOVER_TILES_URL); none: the map needs nothing from outside.
    tiles_attribution
        Whose tiles they are, as their licence asks (GEOCOVER_TILES_ATTRIBUTION); plain text.
    """

    model_config = SettingsConfigDict(env_prefix="GEOCOVER_", env_ignore_empty=True)

    snapshots: Path = Path("demo/snapshots")
    tiles_url: str | None = None
    tiles_attribution: str = ""

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
