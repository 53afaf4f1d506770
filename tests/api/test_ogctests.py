"""The OGC's abstract tests of Features, as PyPI's ogctests has them, from an environment of its own.

Of its tests of filters only those that ask for conformance classes can pass on any server: the others read
``link["href"]`` of a parser that gives ``iri``, or format a dictionary into a filter.
"""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.serving import ROOT

if TYPE_CHECKING:
    import httpx

PYTHON = ROOT / ".venv-clients" / "bin" / "python"
WHERE = "import ogctests, pathlib; print(pathlib.Path(ogctests.__file__).parent)"
CORE_COUNT = 29
# Part 1 lets a server leave timeStamp out; ours does, so that equal tags mean equal bytes.
ALLOWED = "UserWarning: No timestamp given at communes"
FILTERING = (
    "test_queryables.py::test_ct1",
    "test_queryables_query_parameters.py::test_ct4",
    "test_filter.py::test_ct6",
)


def run(arguments: list[str], **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(PYTHON), *arguments], capture_output=True, text=True, check=False, timeout=120,
        env={**os.environ, **environment},
    )  # fmt: skip


@pytest.fixture(scope="module")
def suite() -> str:
    """Folder of the installed tests."""
    if not PYTHON.exists():
        pytest.skip("ogctests is not installed; run `make .venv-clients/.ready`")
    return run(["-c", WHERE]).stdout.strip()


def passed(client: httpx.Client, *tests: str) -> tuple[int, str]:
    """How many tests passed; all must, and none may be skipped."""
    # Without a configuration file, for pytest would take geocover's.
    options = ["-q", "-rs", "-c", os.devnull, "-p", "no:cacheprovider"]
    result = run(["-m", "pytest", *options, *tests], INSTANCE_URL=str(client.base_url).rstrip("/"))
    told = result.stdout + result.stderr
    assert result.returncode == 0, told
    assert "skipped" not in told, told
    assert set(re.findall(r"\w*Warning: .*", told)) <= {ALLOWED}, told
    found = re.search(r"(\d+) passed", told)
    assert found, told
    return int(found[1]), told


def test_core_passes_whole(client: httpx.Client, suite: str) -> None:
    """Catches an answer that the standard does not allow, and a test that warns instead of testing."""
    count, told = passed(client, f"{suite}/features/core")
    assert count == CORE_COUNT, told


def test_filtering_is_declared(client: httpx.Client, suite: str) -> None:
    """Catches conformance classes of Part 3 that are not told."""
    count, told = passed(client, *(f"{suite}/features/filtering/{one}" for one in FILTERING))
    assert count == len(FILTERING), told
