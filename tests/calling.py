"""The command line in this process: what a shell sees of it, without the second that every start takes."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys

import pytest

from geocover.cli import main


def geocover(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; what is no clear error of ours is raised, not told by a traceback."""
    command = ["geocover", *map(str, arguments)]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", command)
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return subprocess.CompletedProcess(command, code, out.getvalue(), err.getvalue())
