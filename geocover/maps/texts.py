"""Words of the pages, Vietnamese first; both languages in one table, so that none is missing in either."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent


@lru_cache(maxsize=4)
def texts(language: str, catalogue: str = "texts") -> dict[str, str]:
    """Words of a language ("vi" or "en") by key; a key that lacks one raises KeyError.

    ``texts`` are those of the map, ``uploads`` those of the pages for site lists.
    """
    table = tomllib.loads((FOLDER / f"{catalogue}.toml").read_text(encoding="utf-8"))
    return {key: words[language] for key, words in table.items()}
