"""The process that makes an export; `geocover.exports.background` starts it and writes its order to it."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from geocover.exports.keeping import keep_export
from geocover.report.audience import Audience
from geocover.store import open_snapshot

NICE = 10  # requests come first


def main() -> None:
    """Make the export that standard input asks for."""
    os.nice(NICE)
    order = json.load(sys.stdin)
    audience = Audience.of_list(order["audience"])
    keep_export(open_snapshot(order["snapshot"]), audience, Path(order["data"]))


if __name__ == "__main__":
    main()
