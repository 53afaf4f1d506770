"""Fenced blocks of a page of the documentation, and a shell that runs them one after another."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^```([\w-]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STATED = re.compile(r"^(?:#|//)> ?([0-9 ]*)(?::\s*(.*))?$", re.MULTILINE)
STATUS = re.compile(r"<([0-9]{3})>")
HEADING = re.compile(r"^#+ .*$", re.MULTILINE)
RUN = {
    "sh": ". ./block.sh",
    "python": "python block.python",
    "js": "node --input-type=module < block.js",
}
# What the reader types stays as it is; the status of each call goes beside what it prints.
WRAPPER = """\
set -euo pipefail
curl() {{ command curl --write-out '%{{stderr}}<%{{http_code}}>' "$@" 2>>"$STATUSES"; }}
export -f curl
[ ! -e state ] || . ./state
{run}
{{ declare -p | grep -v '^declare -[A-Za-z]*r'; declare -f; }} > state
"""


def needs(*programs: str) -> None:
    """Skip where a program is not installed."""
    missing = [one for one in programs if shutil.which(one) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}; .ci/run lists the packages")


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes
    ----------
    line
        Where it begins in its page.
    statuses, words
        What the page states of it.
    """

    language: str
    text: str
    line: int
    statuses: tuple[int, ...]
    words: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A heading, the prose below it and its blocks."""

    title: str
    prose: str
    blocks: tuple[Block, ...]


def sections(page: str) -> list[Section]:
    """Split a page at its headings; a sign of a comment inside a block is no heading."""
    hidden = FENCE.sub(lambda found: re.sub(r"^#", " ", found[0], flags=re.MULTILINE), page)
    starts = [found.start() for found in HEADING.finditer(hidden)]
    ends = [*starts[1:], len(page)]
    return [_section(page, start, end) for start, end in zip(starts, ends, strict=True)]


def _section(page: str, start: int, end: int) -> Section:
    text = page[start:end]
    blocks = tuple(
        _block(found, page.count("\n", 0, start + found.start()) + 1) for found in FENCE.finditer(text)
    )
    return Section(text.partition("\n")[0].lstrip("# "), FENCE.sub("", text), blocks)


def _block(found: re.Match[str], line: int) -> Block:
    statuses: list[int] = []
    words: list[str] = []
    for told in STATED.finditer(found[2]):
        statuses += map(int, told[1].split())
        words += [one.strip() for one in (told[2] or "").split(",") if one.strip()]
    return Block(found[1], found[2], line, tuple(statuses), tuple(words))


@dataclass
class Shell:
    """Runs blocks in a folder; what one sets the following ones know.

    Attributes
    ----------
    states
        Whether the page states what each call of curl answers.
    """

    folder: Path
    environment: dict[str, str]
    states: bool = True
    timeout_s: float = 60.0
    output: str = field(default="", init=False)

    def run(self, block: Block) -> None:
        """Run a block and check what its page states.

        Raises
        ------
        AssertionError
            It fails, or does other than stated.
        """
        (self.folder / f"block.{block.language}").write_text(block.text, encoding="utf-8")
        seen = self.folder / "statuses"
        seen.write_text("")
        told = {"STATUSES": str(seen), **self.environment}
        done = subprocess.run(
            ["bash", "-c", WRAPPER.format(run=RUN[block.language])],
            cwd=self.folder, env={**os.environ, **told}, capture_output=True, text=True,
            timeout=self.timeout_s, check=False,
        )  # fmt: skip
        self.output = f"line {block.line}:\n{done.stdout}\n{done.stderr}\n{seen.read_text()}"
        assert done.returncode == 0, self.output
        found = tuple(map(int, STATUS.findall(seen.read_text())))
        if block.language == "sh" and self.states:
            assert found == block.statuses, self.output
        missing = [word for word in block.words if word not in done.stdout]
        assert not missing, f"not told: {missing}; {self.output}"
