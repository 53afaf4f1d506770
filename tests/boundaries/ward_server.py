"""A local stand-in for the repository of commune polygons, with faults on demand."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import shapely

from tests.loopback import Loopback, Quiet

if TYPE_CHECKING:
    from collections.abc import Mapping

    from geocover.areas import Areas

SLOW_S = 1.0


def ward_file(code: str, name: str, shape: shapely.Geometry) -> bytes:
    """One commune in the repository's layout: a collection of one feature, indented."""
    feature = {
        "type": "Feature",
        "id": code,
        "bbox": shape.bounds,
        "geometry": shapely.geometry.mapping(shape),
        "properties": {"code": code, "name": name},
    }
    document = {"type": "FeatureCollection", "bbox": shape.bounds, "features": [feature]}
    return json.dumps(document, ensure_ascii=False, indent=2).encode()


def ward_files(areas: Areas, paths: Mapping[str, str]) -> dict[str, bytes]:
    """Every commune's file by its path below the base URL."""
    rows = zip(areas.codes, areas.table["name"], areas.table.geometry, strict=True)
    return {f"/{paths[code]}": ward_file(code, str(name), shape) for code, name, shape in rows}


class WardServer(Loopback):
    """Serves files; ``faults[path]`` is a list of faults, one for each coming request of that path."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = dict(files)
        self.faults: dict[str, list[str]] = {}
        self.requests: list[str] = []
        self.logins: list[str | None] = []
        super().__init__(_Handler)


class _Handler(Quiet):
    owner: WardServer

    def respond(self) -> None:
        self.owner.requests.append(self.path)
        self.owner.logins.append(self.headers.get("Proxy-Authorization"))
        waiting = self.owner.faults.get(self.path, [])
        fault = waiting.pop(0) if waiting else ""
        content = self.owner.files.get(self.path)
        with suppress(BrokenPipeError, ConnectionResetError):
            if fault:
                getattr(self, f"fault_{fault}")(content or b"")
            elif content is None:
                self.answer(404, b"404: Not Found")
            else:
                self.answer(200, content)

    def answer(self, status: int, content: bytes, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        self.end_headers()
        self.wfile.write(content)

    def fault_silence(self, content: bytes) -> None:
        time.sleep(SLOW_S)
        self.answer(200, content)

    def fault_broken(self, content: bytes) -> None:
        """Promises the whole file, sends half and hangs up."""
        self.answer(200, content[: len(content) // 2], length=len(content))
        self.close_connection = True

    def fault_cut(self, content: bytes) -> None:
        """Sends half as if it were all."""
        self.answer(200, content[: len(content) // 2])

    def fault_busy(self, _: bytes) -> None:
        self.answer(503, b"busy")

    def fault_missing(self, _: bytes) -> None:
        self.answer(404, b"404: Not Found")

    def fault_page(self, _: bytes) -> None:
        self.answer(200, b"<!DOCTYPE html><html><body>log in</body></html>")
