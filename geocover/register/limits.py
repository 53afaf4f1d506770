"""Limits of requests by key: token buckets in the register, so that all processes of a service share them.

A bucket costs a small transaction for each request. Use it for what is dear (uploads, jobs, exports); a plain
limit on cheap reads is the business of the web server in front.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from geocover.register.operators import insert_or
from geocover.register.tables import BucketRow

if TYPE_CHECKING:
    from geocover.register.database import Database


@dataclass(frozen=True)
class Limiter:
    """At most ``capacity`` requests of a kind at once, and ``per_hour`` in the long run, for each key.

    Attributes
    ----------
    kind
        What is limited, as "uploads"; each kind has buckets of its own.
    capacity, per_hour
        Tokens that a bucket holds, and that flow into it in an hour; both above 0.
    """

    kind: str
    capacity: float
    per_hour: float

    def take(self, database: Database, key_id: str, cost: float = 1.0) -> float:
        """Take tokens; gives 0 where there were enough, else the seconds after which there will be.

        Nothing is taken in the second case, and a cost above the capacity never succeeds: infinity.
        """
        if cost > self.capacity:
            return float("inf")
        here = (BucketRow.key_id == key_id) & (BucketRow.kind == self.kind)
        with database.writing() as connection:
            now = database.clock()
            full = insert_or(connection, BucketRow).values(
                key_id=key_id, kind=self.kind, tokens=self.capacity, updated_at=now
            )
            connection.execute(full.on_conflict_do_nothing())
            bucket = select(BucketRow.tokens, BucketRow.updated_at).where(here).with_for_update()
            tokens, updated_at = connection.execute(bucket).one()
            passed_s = max(0.0, (now - updated_at).total_seconds())
            tokens = min(self.capacity, tokens + passed_s * self.per_hour / 3600.0)
            if tokens < cost:
                return (cost - tokens) * 3600.0 / self.per_hour
            left = {"tokens": tokens - cost, "updated_at": max(now, updated_at)}
            connection.execute(update(BucketRow).where(here).values(**left))
        return 0.0
