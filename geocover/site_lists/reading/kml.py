"""KML and KMZ: placemarks with all that is written about them.

Read as XML and not by GDAL, which rewrites the names of fields ("Công nghệ" becomes "C__ng_ngh___"). Nothing
outside the file is ever fetched, and a file that declares entities is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from geocover.site_lists.reading.archives import extract
from geocover.site_lists.reading.features import WGS84, Feature, feature_sheet
from geocover.site_lists.reading.html_tables import tables_of
from geocover.site_lists.reading.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from geocover.site_lists.reading.limits import Limits
    from geocover.site_lists.reading.refusals import Note
    from geocover.site_lists.sheets import Sheet, Value

_FOLDERS = {"Folder", "Document"}
_PLAIN = ("name", "address", "phoneNumber", "Snippet", "description")
_DEEPEST = 200


@dataclass
class _Node:
    """An element within a placemark."""

    tag: str
    attributes: dict[str, str]
    text: str = ""
    children: list[_Node] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[_Node]:
        for child in self.children:
            if child.tag == tag:
                yield child
            yield from child.all(tag)

    def first(self, tag: str) -> str:
        return next((child.text.strip() for child in self.children if child.tag == tag), "")


class _Reader:
    """Collects placemarks with the names of the folders they lie in."""

    def __init__(self) -> None:
        self.placemarks: list[tuple[str, _Node]] = []
        self.links: list[str] = []
        self._open: list[_Node] = []
        self._folders: list[str] = []
        self._path: list[str] = []
        self._text = ""

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.EntityDeclHandler = _refuse_entities
        try:
            parser.Parse(content, True)
        except (expat.ExpatError, ValueError) as error:
            raise Refused("file-damaged", reason=f"KML: {error}") from error

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(":")[2]
        self._path.append(tag)
        self._text = ""
        if len(self._path) > _DEEPEST:
            raise Refused("file-damaged", reason="KML: too deep")
        if self._open or tag == "Placemark":
            node = _Node(tag, attributes)
            if self._open:
                self._open[-1].children.append(node)
            self._open.append(node)
        elif tag in _FOLDERS:
            self._folders.append("")

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text
        else:
            self._text += text

    def _end(self, _: str) -> None:
        tag = self._path.pop()
        if self._open:
            node = self._open.pop()
            if not self._open:
                self.placemarks.append((self._folder(), node))
        elif tag in _FOLDERS:
            self._folders.pop()
        elif tag == "name" and self._folders and self._path[-1] in _FOLDERS:
            self._folders[-1] = self._text.strip()
        elif tag == "href" and "NetworkLink" in self._path:
            self.links.append(self._text.strip())

    def _folder(self) -> str:
        """Names of the folders around, without that of the document."""
        return " / ".join(name for name in self._folders[1:] if name)


def read_kml(content: bytes, note: Note) -> tuple[Sheet, ...]:
    """Placemarks of a KML document as one sheet.

    Columns are what placemarks carry: folder, name, description, ``Data`` and ``SimpleData`` under the names
    that the file gives them, and the rows of two cells of tables in descriptions.

    Raises
    ------
    Refused
        It is no KML, or declares entities.
    """
    reader = _Reader()
    reader.read(content)
    for link in reader.links:
        note("kml-link", value=link)
    features = [Feature(_attributes(folder, node), _geometry(node)) for folder, node in reader.placemarks]
    if not features:
        raise Refused("file-no-layer")
    return (feature_sheet("", features, WGS84, note),)


def read_kmz(path: Path, parts: list[str], limits: Limits, note: Note) -> tuple[Sheet, ...]:
    """Placemarks of the first KML document in a KMZ, which is its root.

    Raises
    ------
    Refused
        As `read_kml`.
    """
    root, *others = [part for part in parts if part.lower().endswith(".kml")]
    for other in others:
        note("kml-link", value=other)
    return read_kml(extract(path, root, limits), note)


def _refuse_entities(*_: object) -> None:
    raise Refused("file-damaged", reason="KML: <!ENTITY>")


def _attributes(folder: str, node: _Node) -> dict[str, Value]:
    found: dict[str, Value] = {"folder": folder} if folder else {}
    found |= {tag: node.first(tag) for tag in _PLAIN if node.first(tag)}
    if node.attributes.get("id"):
        found["id"] = node.attributes["id"]
    for data in node.all("Data"):
        found[data.attributes.get("name", "")] = data.first("value")
    for data in node.all("SimpleData"):
        found[data.attributes.get("name", "")] = data.text.strip()
    return _from_description(node.first("description")) | found


def _from_description(text: str) -> dict[str, Value]:
    """Pairs of name and value in the tables of a description."""
    if "<table" not in text.lower():
        return {}
    rows = (row for sheet in tables_of(text) for row in sheet.rows)
    return {str(row[0]): row[1] for row in rows if len(row) == 2 and row[0] is not None}


def _geometry(placemark: _Node) -> Any:  # noqa: ANN401 - shapely is untyped
    import shapely

    try:
        shapes = [shape for child in placemark.children for shape in _shapes(child)]
        return None if not shapes else shapes[0] if len(shapes) == 1 else shapely.GeometryCollection(shapes)
    except (shapely.errors.ShapelyError, ValueError) as error:
        return error


def _shapes(node: _Node) -> Iterator[Any]:
    import shapely

    if node.tag == "MultiGeometry":
        for child in node.children:
            yield from _shapes(child)
    elif node.tag == "Point":
        yield from (shapely.Point(at) for at in _positions(node)[:1])
    elif node.tag == "LineString":
        yield shapely.LineString(_positions(node))
    elif node.tag == "Polygon":
        rings = [_positions(ring) for ring in node.all("LinearRing")]
        yield shapely.Polygon(rings[0] if rings else None)


def _positions(node: _Node) -> list[tuple[float, float]]:
    """Longitude and latitude of each position in the element ``coordinates``."""
    numbers = [position.split(",") for position in node.first("coordinates").split()]
    return [(float(parts[0]), float(parts[1])) for parts in numbers if len(parts) > 1]
