"""Versions of the register's tables, run by `geocover.register.database.migrate`."""
