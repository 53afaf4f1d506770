"""Logs: a line of JSON or of text for each event, with the request's id and never with a secret."""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from api.settings import Settings

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
REQUESTS = "geocover.requests"  # its lines hold named fields of ours and no text of anybody
KEY = b"gck_"
HIDDEN = "***"
# Between a name and its value: as a header, a form, a dict or a list of pairs is written, in JSON too.
JOINED = r"""\\?["']?[=:,]\s*b?\\?["']?(?:bearer\s+)?"""
# What a message or a traceback might hold by mistake; nothing of this is ever written on purpose.
SECRETS = (
    (re.compile(r"gck_[\w-]+"), HIDDEN),
    (re.compile(r"(://[^\s:/@\"']*:)[^\s@\"']+@"), rf"\1{HIDDEN}@"),
    (re.compile(r"(geocover_(?:session|browser)=)[^;\s\"'\\]+"), rf"\1{HIDDEN}"),
    (re.compile(r"(?i)((?:x-csrf-token|csrf|password|cookie|authorization)" + JOINED + r")[^\s\"'&\\;,)]+"),
     rf"\1{HIDDEN}"),
)  # fmt: skip
FIELDS = (
    "method", "route", "status", "duration_ms", "bytes", "key", "snapshot",
)  # fmt: skip


def redact(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Take secrets out of a text: those given, and whatever looks like a key, a cookie or a password."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN).replace(json.dumps(secret)[1:-1], HIDDEN)
    for pattern, instead in SECRETS:
        text = pattern.sub(instead, text)
    return text


class WithRequest(logging.Filter):
    """Gives every record the id of the request in hand."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add ``request_id``; let all pass."""
        if not hasattr(record, "request_id"):
            record.request_id = REQUEST_ID.get()
        return True


class JsonLines(JsonFormatter):
    """A line of JSON for each record: time, level, logger, message, request_id, and what else it tells."""

    def __init__(self) -> None:
        super().__init__(
            "%(levelname)s %(name)s %(message)s",
            rename_fields={"levelname": "level", "name": "logger", "exc_info": "traceback"},
            reserved_attrs=[
                *logging.makeLogRecord({}).__dict__,
                "message",
                "asctime",
                "taskName",
                "color_message",
            ],
            timestamp="time",
            json_ensure_ascii=False,
        )
        self._secrets = Settings().secrets

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        text = super().format(record)
        return text if record.name == REQUESTS else redact(text, self._secrets)


class TextLines(logging.Formatter):
    """The same for people."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s %(message)s")
        self._secrets = Settings().secrets

    def format(self, record: logging.LogRecord) -> str:
        """Write a record."""
        told = {name: getattr(record, name, None) for name in (*FIELDS, "request_id")}
        rest = " ".join(f"{name}={value}" for name, value in told.items() if value is not None)
        return redact(f"{super().format(record)} {rest}".rstrip(), self._secrets)


def log_config(settings: Settings) -> dict[str, Any]:
    """Configuration of `logging` for the server and all that it uses."""
    formatter = (
        "api.watching.logs.JsonLines" if settings.log_format == "json" else "api.watching.logs.TextLines"
    )
    level = settings.log_level.upper()
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request": {"()": "api.watching.logs.WithRequest"}},
        "formatters": {"lines": {"()": formatter}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stderr",
                "formatter": "lines",
                "filters": ["request"],
            }
        },
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "geocover": {"level": level},
            "uvicorn": {"level": level},
            "uvicorn.access": {"level": "CRITICAL"},  # it writes query strings; ours stands in its place
        },
    }
