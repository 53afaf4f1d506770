"""Words of the pages, Vietnamese first; one table, so that none is missing in a language."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path

CATALOGUE = Path(__file__).with_suffix(".toml")


@lru_cache(maxsize=2)
def texts(language: str) -> dict[str, str]:
    """Words of a language ("vi" or "en") by key; a key that lacks one raises KeyError."""
    table = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {key: words[language] for key, words in table.items()}
