"""Names of communes and districts as lists write them: "P. Nông Trang", "xã Minh Đài, huyện Tân Sơn"."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from geocover.names import fold, nfc, tone_key

Level = Literal["commune", "district", "province"]

# Those of one letter only count with a point behind them.
_TYPES: dict[str, tuple[Level, str]] = {
    **dict.fromkeys(("xã", "x."), ("commune", "Xã")),
    **dict.fromkeys(("phường", "p.", "f."), ("commune", "Phường")),
    **dict.fromkeys(("thị trấn", "tt", "tt."), ("commune", "Thị trấn")),
    "đặc khu": ("commune", "Đặc khu"),
    **dict.fromkeys(("huyện", "h."), ("district", "Huyện")),
    **dict.fromkeys(("quận", "q."), ("district", "Quận")),
    **dict.fromkeys(("thị xã", "tx", "tx."), ("district", "Thị xã")),
    **dict.fromkeys(("thành phố", "tp", "tp."), ("district", "Thành phố")),
    **dict.fromkeys(("tỉnh", "t."), ("province", "Tỉnh")),
    **dict.fromkeys(("commune", "ward"), ("commune", "")),
    **dict.fromkeys(("district", "town", "city"), ("district", "")),
    "province": ("province", ""),
}
_BY_TONE = {tone_key(name): meaning for name, meaning in _TYPES.items()}
# In a text without any marks; names begin with these two (Tinh Nhuệ).
_BY_LETTERS = {fold(name): meaning for name, meaning in _TYPES.items() if name not in ("tỉnh", "quận")}
_POINT = re.compile(r"(?<=[^\W\d_])\.(?=\S)")
_SEPARATOR = re.compile(r"\s*[,;()\[\]\n\t/|–—-]+\s*")
# Where a larger unit follows without a comma.
_LARGER = re.compile(
    r"(?i)(?<=\S)\s+(?=(?:huyện|huyen|quận|thị xã|thi xa|thành phố|thanh pho|tỉnh|tp|tx|h|q)\.?\s+\S)"
)
_CODE = re.compile(r"\d{4,5}")


class UnitName(NamedTuple):
    """A commune as a list names it; parts that are not named are empty.

    Attributes
    ----------
    type
        One of `geocover.names.UNIT_TYPES`.
    name
        Bare name.
    district
        Bare name of the district (before 2025-07-01).
    code
        Five digits.
    """

    type: str = ""
    name: str = ""
    district: str = ""
    code: str = ""


def read_unit(text: str) -> UnitName:
    """Read what a cell says about a commune: type, name, and its district and code where it names them."""
    found = UnitName()
    for part in _parts(text):
        found = _with(found, part)
    return found


def read_district(text: str) -> str:
    """Bare name of a district, of a cell that holds nothing else: "H. Tân Sơn" gives "Tân Sơn"."""
    parts = [_typed(part) for part in _parts(text)]
    named = [name for level, _, name in parts if level == "district"]
    untyped = [name for level, _, name in parts if level is None]
    return next(iter((*named, *untyped)), "")


def read_code(text: str) -> str:
    """Five digits of a code that may have lost its leading zero or gained decimals; else empty."""
    digits = re.sub(r"\.0+$", "", text.strip())
    return digits.zfill(5) if _CODE.fullmatch(digits) else ""


def _parts(text: str) -> list[str]:
    spaced = _POINT.sub(". ", nfc(text))
    pieces = [piece for part in _SEPARATOR.split(spaced) for piece in _LARGER.split(part)]
    return [piece.strip() for piece in pieces if piece.strip(" .")]


def _with(found: UnitName, part: str) -> UnitName:
    if _CODE.fullmatch(part):
        return found._replace(code=read_code(part))
    level, unit_type, name = _typed(part)
    if level in ("commune", None) and not found.name:
        return found._replace(type=unit_type, name=name)
    if level in ("district", None) and not found.district:
        return found._replace(district=name)
    return found


def _typed(part: str) -> tuple[Level | None, str, str]:
    """Level, type and bare name of a part; no level where it starts with no type."""
    words = part.split()
    types, key = (_BY_LETTERS, fold) if part.isascii() else (_BY_TONE, tone_key)
    for count in (2, 1):
        known = types.get(key(" ".join(words[:count])))
        if known is not None and len(words) > count:
            return *known, " ".join(words[count:])
    return None, "", " ".join(words)
