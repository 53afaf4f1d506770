"""Finished results on disk."""

from __future__ import annotations

from geocover.store.snapshot import Snapshot, list_snapshots, open_snapshot
from geocover.store.writer import write_snapshot

__all__ = ["Snapshot", "list_snapshots", "open_snapshot", "write_snapshot"]
