"""Ids of positions and stations: one id however a list writes it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from geocover.names import nfc

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

IDS = ("position_id", "station_id")
_BETWEEN = re.compile(r"(?<=[^\W_])[\s_‐-―-]+(?=[^\W_])")
_OF_DIGITS = re.compile(r"(?<=\d)[\s_‐-―-]+(?=\d)")


def id_key(text: str) -> str:
    """Key of an id that does not depend on case, blanks and dashes: "PTO 001" and "pto-001" are one.

    Between two digits something stays: 1-12 and 11-2 are two ids.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    return _BETWEEN.sub("", _OF_DIGITS.sub(".", nfc(text).strip().upper()))


def one_spelling(ids: NDArray[np.object_]) -> NDArray[np.object_]:
    """Ids of one key in the spelling in which it occurs first; shape (ids,)."""
    codes, different = pd.factorize(ids)
    first: dict[str, str] = {}
    spelt = [first.setdefault(id_key(text), text) for text in different]
    return pd.Series([*spelt, ""], dtype=object).to_numpy(object)[codes]
