"""Rasters that stay open between requests: opening a COG takes longer than reading a block of it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING

import rasterio

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_OPEN = 128


class Datasets:
    """Files that stay open between requests; one is used by one thread at a time.

    Parameters
    ----------
    limit
        How many idle ones are kept; besides these there are as many as are in use.
    """

    def __init__(self, limit: int = MAX_OPEN) -> None:
        self.limit = limit
        self._idle: OrderedDict[tuple[Path, int], list[rasterio.DatasetReader]] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    @contextmanager
    def borrow(self, path: Path, overview: int) -> Iterator[rasterio.DatasetReader]:
        """Give an open file for this thread alone; overview 0 is the raster itself, 1 its first overview."""
        dataset = self._take(path, overview) or _open(path, overview)
        yield dataset  # one that failed is not given back
        self._give_back(path, overview, dataset)

    def close(self) -> None:
        """Close all that are idle."""
        with self._lock:
            for datasets in self._idle.values():
                for dataset in datasets:
                    dataset.close()
            self._idle.clear()
            self._count = 0

    def _take(self, path: Path, overview: int) -> rasterio.DatasetReader | None:
        with self._lock:
            idle = self._idle.get((path, overview))
            if not idle:
                return None
            self._count -= 1
            dataset = idle.pop()
            if not idle:
                del self._idle[path, overview]
            return dataset

    def _give_back(self, path: Path, overview: int, dataset: rasterio.DatasetReader) -> None:
        with self._lock:
            self._idle.setdefault((path, overview), []).append(dataset)
            self._idle.move_to_end((path, overview))
            self._count += 1
            while self._count > self.limit:
                self._drop_oldest()

    def _drop_oldest(self) -> None:
        key, datasets = next(iter(self._idle.items()))
        datasets.pop(0).close()
        self._count -= 1
        if not datasets:
            del self._idle[key]


DATASETS = Datasets()


def _open(path: Path, overview: int) -> rasterio.DatasetReader:
    return rasterio.open(path) if overview == 0 else rasterio.open(path, overview_level=overview - 1)
