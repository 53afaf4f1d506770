"""What a partner says about the columns of its lists, kept so that its next list is read alike."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from geocover.errors import InputError
from geocover.io.atomic import atomic_path
from geocover.site_lists.columns.heads import IGNORED, fields, head_key

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class ColumnMapping:
    """What the columns of a list mean, by the text of their heads; it goes before every guess.

    Attributes
    ----------
    columns
        Canonical field of a head, empty for a column that is not to be read. Heads are compared without
        case, marks and signs.
    operator, technology
        What counts where the list has no such column, or an empty cell; empty for none.
    crs
        CRS of metres, such as "EPSG:9208"; empty where the list is to tell.

    Raises
    ------
    InputError
        On construction: a field that does not exist, or a head without letters and digits.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    operator: str = ""
    technology: str = ""
    crs: str = ""

    def __post_init__(self) -> None:
        for head, name in self.columns.items():
            _check(head, name)

    def field_of(self, head: str) -> str | None:
        """Field of a head: `IGNORED` where it is not to be read, None where nothing is said about it."""
        keys = {head_key(known): name or IGNORED for known, name in self.columns.items()}
        return keys.get(head_key(head))

    def to_json(self) -> str:
        """JSON text of the mapping, the same for the same mapping."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def mapping_from_json(text: str, source: str = "mapping") -> ColumnMapping:
    """Read a mapping from JSON text.

    Raises
    ------
    InputError
        The text is no such JSON, or names an unknown field.
    """
    try:
        told = json.loads(text)
    except ValueError as error:
        raise _unreadable(source, str(error)) from error
    if not isinstance(told, dict) or not isinstance(told.get("columns", {}), dict):
        raise _unreadable(source, 'expected {"columns": {head: field}}')
    unknown = sorted(set(told) - set(ColumnMapping.__dataclass_fields__))
    wrong = [name for name, value in told.items() if name != "columns" and not isinstance(value, str)]
    wrong += [head for head, name in told.get("columns", {}).items() if not isinstance(name, str)]
    if unknown or wrong:
        raise _unreadable(source, f"unknown or not text: {', '.join([*unknown, *wrong])}")
    return ColumnMapping(**told)


def read_mapping(path: str | Path) -> ColumnMapping:
    """Read a mapping from a JSON file.

    Raises
    ------
    InputError
        The file cannot be read, is no such JSON, or names an unknown field.
    """
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(str(path), str(error)) from error
    return mapping_from_json(text, path.name)


def write_mapping(mapping: ColumnMapping, path: str | Path) -> None:
    """Write a mapping to a JSON file, whole or not at all."""
    with atomic_path(Path(path)) as temporary:
        temporary.write_text(mapping.to_json(), encoding="utf-8")


def _check(head: str, name: str) -> None:
    if name and name not in fields():
        known = ", ".join(known for known in fields() if known != IGNORED)
        raise InputError(
            f"column {head!r}: there is no field {name!r}; choose one of: {known}; empty to leave it out",
            f"cột {head!r}: không có trường {name!r}; hãy chọn một trong: {known}; để trống nếu bỏ qua cột",
        )
    if not head_key(head):
        raise InputError(
            f"column {head!r}: the head has no letter or digit; give the text that stands above the column",
            f"cột {head!r}: tiêu đề không có chữ hoặc số; hãy ghi đúng tiêu đề của cột",
        )


def _unreadable(source: str, why: str) -> InputError:
    return InputError(
        f"{source}: not a mapping of columns ({why})", f"{source}: không phải bảng ánh xạ cột ({why})"
    )
