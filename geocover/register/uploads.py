"""What the register is given: a file as it came, and what the importer made of it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from geocover.register.errors import InvalidError
from geocover.register.operators import operator_key

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    import pandas as pd


def sha256(value: bytes) -> str:
    """SHA-256 in hexadecimal."""
    return hashlib.sha256(value).hexdigest()


@dataclass(frozen=True)
class Upload:
    """A file as it came.

    Attributes
    ----------
    name
        The file's own name, without a folder.
    content
        Its bytes, kept for ever.
    operator
        Whose list it is; a file with several operators' sites is drafted once for each.
    as_of
        Reporting date that the list is for.
    mapping
        What the partner says about its columns; plain JSON.
    """

    name: str
    content: bytes = field(repr=False)
    operator: str
    as_of: dt.date
    mapping: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.name or any(mark in self.name for mark in "/\\\0"):
            raise InvalidError(
                f"file name {self.name!r}: give a name without a folder",
                f"tên tệp {self.name!r}: hãy ghi tên không kèm thư mục",
            )
        if not self.content:
            raise InvalidError(f"{self.name}: the file is empty", f"{self.name}: tệp rỗng")

    def digest(self) -> str:
        """SHA-256 over all of it, in hexadecimal: what an idempotency key stands for."""
        told: list[object] = [self.name, operator_key(self.operator), self.as_of.isoformat()]
        told += [sha256(self.content), *([dict(self.mapping)] if self.mapping else [])]
        return sha256(json.dumps(told, sort_keys=True).encode())


@dataclass(frozen=True, eq=False)
class Checked:
    """What the importer made of an upload.

    Attributes
    ----------
    report
        The JSON report for the partner.
    cells
        One row a cell, columns of `geocover.register.cells.CELL_COLUMNS`.
    read, accepted, rejected
        Rows of the file; the last two add up to the first.
    mapping
        What the columns mean where the partner said so; kept for the operator's next upload. Plain JSON.
    """

    report: Mapping[str, Any]
    cells: pd.DataFrame
    read: int
    accepted: int
    rejected: int
    mapping: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.accepted + self.rejected != self.read or min(self.accepted, self.rejected) < 0:
            raise InvalidError(
                f"rows are lost: {self.accepted} accepted + {self.rejected} rejected is not {self.read} read",
                f"mất dòng: {self.accepted} nhận + {self.rejected} loại khác {self.read} dòng đã đọc",
            )
