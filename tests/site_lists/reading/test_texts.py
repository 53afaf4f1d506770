"""Every text of the reading step is used, and every code that it uses has a text in both languages."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from geocover import site_lists
from geocover.site_lists.findings import TEXTS

FOLDER = Path(site_lists.__file__).parent
CATALOGUE = tomllib.loads((TEXTS / "reading.toml").read_text(encoding="utf-8"))
SOURCES = "".join(
    path.read_text(encoding="utf-8") for path in [*FOLDER.glob("reading/*.py"), FOLDER / "tables.py"]
)


def test_every_text_is_used() -> None:
    """Catches texts of findings that nothing finds any more."""
    assert not [code for code in CATALOGUE if f'"{code}"' not in SOURCES]


def test_every_code_has_its_text() -> None:
    """Catches a finding or a refusal that fails with KeyError when it is needed."""
    used = re.findall(r'(?:Refused|note|findings\.add|add_rows)\(\s*"([a-z-]+)"', SOURCES)
    assert len(set(used)) > 30
    assert not set(used) - set(CATALOGUE)


def test_both_languages_name_the_same_details() -> None:
    """Catches a detail that only one of the languages tells."""
    for code, text in CATALOGUE.items():
        names = [
            {name.rpartition("_")[0] or name for name in re.findall(r"{(\w+)}", text[key])}
            for key in ("vi", "en")
        ]
        assert names[0] == names[1], code
