"""Run the command line by ``python -m geocover``."""

from __future__ import annotations

from geocover.cli import main

main()
