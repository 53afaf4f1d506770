"""The audit of dependencies: what it finds ends the run, and where nobody could be asked that is said."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
UV = """\
#!/usr/bin/env bash
# Only what the audit asks of uv: the locked dependencies.
[ "$1" = export ] && printf 'alpha==1.0 \\\\\\n    --hash=sha256:0\\nbeta==2.0\\n'
"""
# As pip-audit 2.10 answers: a table and 1 where something is known, words and 1 where nobody answers.
PIP_AUDIT = """\
#!/usr/bin/env python3
import os, sys
from pathlib import Path
told = dict(zip(sys.argv[1::], sys.argv[2::]))
service, names = told["--vulnerability-service"], Path(told["--requirement"]).read_text()
if service not in os.environ["REACHED"].split():
    sys.exit("ERROR:pip_audit._cli:Failed to reach the service")
known = [one for one in os.environ["KNOWN"].split() if one in names]
for one in known:
    print(f"{one.replace('==', ' ')} GHSA-0000-0000-0000 9.9")
if os.environ.get("FAILS") in names.split():
    sys.exit("ERROR:pip_audit._cli:Unexpected answer")
print("Found 1 known vulnerability" if known else "No known vulnerabilities found", file=sys.stderr)
sys.exit(1 if known else 0)
"""
OLD = "requests==2.19.0"  # known to every service that knows anything


@pytest.mark.parametrize(
    ("reached", "known", "fails", "code", "says"),
    [
        pytest.param("pypi osv", OLD, "", 0, "No known", id="none"),
        pytest.param("pypi osv", f"{OLD} beta==2.0", "", 1, "beta 2.0 GHSA-", id="one"),
        pytest.param("osv", f"{OLD} alpha==1.0", "", 1, "against osv", id="one, by the second service"),
        pytest.param("osv", OLD, "beta==2.0", 1, "Unexpected", id="the audit itself fails"),
        pytest.param("", f"{OLD} beta==2.0", "", 75, "NOT AUDITED", id="nobody answers"),
        pytest.param("pypi osv", "", "", 75, "NOT AUDITED", id="a mirror that knows nothing of anything"),
    ],
)
def test_a_known_vulnerability_ends_the_run(
    tmp_path: Path, reached: str, known: str, fails: str, code: int, says: str
) -> None:
    """Catches an audit that passes whatever is found, and one that takes silence for good news."""
    for name, text in ((".tools/bin/uv", UV), (".venv-audit/bin/pip-audit", PIP_AUDIT)):
        file = tmp_path / name
        file.parent.mkdir(parents=True)
        file.write_text(text)
        file.chmod(0o755)
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "audit", tmp_path / ".ci")
    told = {**os.environ, "REACHED": reached, "KNOWN": known, "FAILS": fails or "nothing"}
    ended = subprocess.run(
        [tmp_path / ".ci" / "audit"], env=told, capture_output=True, text=True, check=False
    )
    assert ended.returncode == code, ended
    assert says in ended.stdout
