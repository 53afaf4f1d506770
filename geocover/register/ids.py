"""Names of records: they sort by the time at which they were made."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid


def utc_now() -> dt.datetime:
    """Now, in UTC."""
    return dt.datetime.now(dt.UTC)


def new_id(now: dt.datetime) -> str:
    """UUID version 7 (RFC 9562, section 5.7): 48 bits of milliseconds, 74 random bits."""
    milliseconds = int(now.timestamp() * 1000)
    random = secrets.randbits(74)
    value = (milliseconds << 80) | (7 << 76) | ((random >> 62) << 64) | (0b10 << 62) | (random & (2**62 - 1))
    return str(uuid.UUID(int=value))
