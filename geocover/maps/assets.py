"""Scripts, styles and fonts of the pages, from installed packages and this one: nothing from the internet."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import posixpath
import re
from functools import lru_cache
from importlib import import_module
from pathlib import Path

from geocover.errors import MapError

OWN = Path(__file__).parent / "static"
LEAFLET, CLUSTER = "xstatic.pkg.leaflet", "xstatic.pkg.leaflet_markercluster"
# Files of the packages that are served, by package.
CARRIED = {
    LEAFLET: (
        "leaflet.js", "leaflet.css", "images/layers.png", "images/layers-2x.png", "images/marker-icon.png",
        "images/marker-icon-2x.png", "images/marker-shadow.png",
    ),
    CLUSTER: ("leaflet.markercluster.js", "MarkerCluster.css"),
}  # fmt: skip
TYPES = {".js": "text/javascript", ".css": "text/css", ".woff2": "font/woff2", ".txt": "text/plain"}
SOURCE_MAP = re.compile(rb"\n//# sourceMappingURL=\S+\s*$")
IMPORTED = re.compile(r'^(?:import|export)\s*\{[^}]*\}\s*from\s*"([^"]+)"', re.MULTILINE)
CSS_URL = re.compile(r"url\((?!['\"]?data:)['\"]?([^'\")]+)['\"]?\)")


@lru_cache(maxsize=1)
def _files() -> dict[str, Path]:
    """Every servable file by the name it is served under."""
    own = {path.relative_to(OWN).as_posix(): path for path in sorted(OWN.rglob("*")) if path.is_file()}
    for package, names in CARRIED.items():
        folder = Path(import_module(package).BASE_DIR)
        own.update({name: folder / name for name in names})
    return own


@lru_cache(maxsize=64)
def static_asset(name: str) -> tuple[bytes, str]:
    """Content and media type of a served file, as ``leaflet.js`` or ``fonts/....woff2``.

    Raises
    ------
    MapError
        If no such file is served; only listed names are looked up, never a path.
    """
    path = _files().get(name)
    if path is None:
        raise MapError(f"no static file {name!r}", f"không có tệp tĩnh “{name}”")
    media = TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    content = path.read_bytes()
    return (SOURCE_MAP.sub(b"\n", content) if path.suffix == ".js" else content), media


@lru_cache(maxsize=1)
def static_digest() -> str:
    """Digest over all served files; part of their address, so that they may be cached for ever."""
    total = hashlib.sha256()
    for name in sorted(_files()):
        total.update(name.encode() + b"\0" + static_asset(name)[0])
    return total.hexdigest()[:16]


def static_url(name: str) -> str:
    """Address of a served file.

    Raises
    ------
    MapError
        If no such file is served.
    """
    static_asset(name)
    return f"/static/{static_digest()}/{name}"


@lru_cache(maxsize=16)
def imported_modules(name: str, *later: str) -> list[str]:
    """Scripts that a script imports, be it through others, in the order of their names.

    Parameters
    ----------
    name
        Script of a page, as ``app.js``.
    later
        Those that it imports while it runs: told too, with what they import themselves.

    Raises
    ------
    MapError
        If no such file is served.
    """
    found, waiting = set(), {name, *later}
    while waiting:
        one = waiting.pop()
        found.add(one)
        folder = posixpath.dirname(one)
        imports = IMPORTED.findall(static_asset(one)[0].decode())
        waiting |= {posixpath.normpath(posixpath.join(folder, other)) for other in imports} - found
    return sorted(found - {name})


def inline_css(name: str) -> str:
    """Give a style sheet with the images it names as data URLs, for a page that stands alone."""
    text = static_asset(name)[0].decode()
    return CSS_URL.sub(lambda match: f"url({_data_url(match.group(1))})", text)


def _data_url(name: str) -> str:
    if name.startswith("#"):
        return name
    content, media = static_asset(name)
    return f"data:{media};base64,{base64.b64encode(content).decode()}"
