"""What a request accepts: language, compression, and whether it holds the answer already."""

from __future__ import annotations

import hashlib
import json
import string
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from fastapi import Request, Response
from starlette.concurrency import run_in_threadpool

from api.web.accepting import weighted
from api.web.codings import MAKE, WORTH_COMPRESSING, choose_coding, encode
from geocover._version import program_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from starlette.types import Receive, Scope, Send

    from api.web.codings import Coding
    from geocover.store import Snapshot

Language = Literal["vi", "en"]
REVALIDATE = "no-cache"
FOREVER = "public, max-age=31536000, immutable"
SOON = "public, max-age=300"
PROGRAM = program_digest()
CREDENTIALS = ("Authorization", "Cookie", "X-API-Key")
KEPT_BY_NOBODY = {"Cache-Control": "private, no-store", "Vary": ", ".join(CREDENTIALS)}
SAFE = frozenset(f"{string.ascii_letters}{string.digits}-_. ")
COMPRESSED = (
    "text/", "application/json", "application/geo+json", "application/schema+json", "application/xml",
    "application/vnd.oai.openapi+json", "application/vnd.mapbox-vector-tile", "image/svg+xml",
)  # fmt: skip


def language_of(request: Request) -> Language:
    """Language of a message: ``lang`` if given, else by Accept-Language; Vietnamese first."""
    asked = request.query_params.get("lang")
    if asked in ("vi", "en"):
        return "en" if asked == "en" else "vi"
    weights: dict[str, float] = {}
    for name, weight in weighted(request.headers.get("accept-language", "")):
        primary = name.split("-")[0]
        weights[primary] = max(weight, weights.get(primary, 0.0))
    vi, en = weights.get("vi", weights.get("*", 0.0)), weights.get("en", 0.0)
    return "en" if en > vi else "vi"


def coding_of(request: Request) -> Coding:
    """Coding that the request likes best."""
    return choose_coding(request.headers.get("accept-encoding", ""))


@dataclass(frozen=True)
class Handling:
    """How an answer is kept and named.

    Attributes
    ----------
    cache
        Cache-Control.
    headers
        Further headers.
    more
        What else decides the content, beside snapshot, address and program.
    weak
        Whether two answers of one tag may differ in bytes that do not matter (a nonce).
    audience
        Name of those who may have this very answer (`geocover.report.audience.Audience.name`); None where all
        readers have the same.
    """

    cache: str = REVALIDATE
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Sequence[str] = ()
    weak: bool = False
    audience: str | None = None


PLAIN = Handling()


def answer(
    request: Request,
    snapshot: Snapshot | None,
    media_type: str,
    make: Callable[[], bytes],
    handling: Handling = PLAIN,
) -> Response:
    """Answer with what ``make`` gives, or 304 where the reader holds it already.

    The tag is strong unless the handling says otherwise: each coding of a body has its own, and equal tags
    mean equal bytes.
    """
    packed = media_type.startswith(COMPRESSED)
    coding = coding_of(request) if packed else "identity"
    tag = entity_tag(request, snapshot, coding, handling.audience or "", *handling.more)
    about = {
        "ETag": f'W/"{tag}"' if handling.weak else f'"{tag}"',
        "Cache-Control": _cache(request, handling),
        **_provenance(snapshot),
        **handling.headers,
    }
    varies = ["Accept-Encoding"] * packed + list(CREDENTIALS) * (handling.audience is not None)
    if varies:
        about["Vary"] = ", ".join(varies)
    if holds(request, tag):
        about.pop("Content-Security-Policy", None)  # the reader's page goes with the policy it came with
        return Response(status_code=304, headers=about)
    body, coding = encode(make(), coding)
    if coding != "identity":
        about["Content-Encoding"] = coding
    return Response(body, media_type=media_type, headers=about)


def _cache(request: Request, handling: Handling) -> str:
    """Cache-Control: what was made for a reader who shows a key is kept by nobody else."""
    shows = any(name in request.headers for name in CREDENTIALS)
    return f"private, {REVALIDATE}" if handling.audience is not None and shows else handling.cache


def kept_by_name(program: str | None) -> str:
    """Cache-Control of what is drawn for everybody, by the program that its address names.

    It is kept for ever where that is this one. Under any other name, or none, the next program's drawing has
    the same address, so it is asked for again soon.
    """
    return FOREVER if program == PROGRAM else SOON


def private_json(
    content: bytes | Mapping[str, object],
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    *,
    media: str = "application/json",
) -> Response:
    """Answer of the register: for this reader alone, kept by nobody; compressed where the reader likes that.

    No secret may stand in it: its length would tell of it (BREACH). Tokens stand in pages and cookies alone.
    """
    body = content if isinstance(content, bytes) else json.dumps(content, ensure_ascii=False).encode()
    return _Private(body, status, media_type=media, headers={**KEPT_BY_NOBODY, **(headers or {})})


class _Private(Response):
    """Compresses itself, in a thread and kept nowhere, when it learns what the request likes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer."""
        coding = coding_of(Request(scope))
        self.headers["Vary"] = ", ".join(["Accept-Encoding", *CREDENTIALS])
        if coding != "identity" and len(self.body) >= WORTH_COMPRESSING:
            self.body = await run_in_threadpool(MAKE[coding], bytes(self.body))
            self.headers["Content-Encoding"] = coding
            self.headers["Content-Length"] = str(len(self.body))
        await super().__call__(scope, receive, send)


def attachment(content: bytes, media: str, name: str) -> Response:
    """Answer with a file to be saved under a name; what a browser might run in it is not run."""
    plain = "".join(character if character in SAFE else "_" for character in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    headers = {**KEPT_BY_NOBODY, "Content-Disposition": disposition}
    return Response(content, media_type=media, headers=headers)


def entity_tag(request: Request, snapshot: Snapshot | None, *more: str) -> str:
    """Name of a representation: snapshot, address, program and whatever else decides; without quotes."""
    parts = (
        snapshot.digest if snapshot else "",
        request.scope["path"],
        "&".join(sorted(f"{name}={value}" for name, value in request.query_params.multi_items())),
        PROGRAM,
        *more,
    )
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def holds(request: Request, tag: str) -> bool:
    """Whether If-None-Match names the tag (weak comparison, RFC 9110 section 13.1.2)."""
    header = request.headers.get("if-none-match", "")
    if header.strip() == "*":
        return True
    return f'"{tag}"' in [one.strip().removeprefix("W/") for one in header.split(",")]


def _provenance(snapshot: Snapshot | None) -> dict[str, str]:
    """Headers that say of any answer, pictures too, which snapshot it is of and whether it is made up."""
    if snapshot is None:
        return {}
    return {
        "Geocover-Snapshot": snapshot.id,
        "Geocover-Illustrative": str(snapshot.illustrative).lower(),
        "Geocover-Schematic": str(snapshot.schematic).lower(),
    }
