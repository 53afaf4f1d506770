"""Run by Alembic: the migrations work on the connection, and in the transaction, of the caller."""

from __future__ import annotations

from alembic import context

from geocover.register.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
