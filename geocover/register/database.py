"""One database: SQLite in a file by default, PostgreSQL with PostGIS by ``GEOCOVER_DATABASE_URL``.

Writers take their lock when they begin: ``BEGIN IMMEDIATE`` on SQLite, row locks (``FOR UPDATE``) on
PostgreSQL. A commit is on the disk when it returns (``synchronous = FULL``; PostgreSQL's own default).
"""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection, Engine, create_engine, event, exc, inspect, make_url, text

from geocover.register.errors import BusyError, DatabaseError
from geocover.register.ids import utc_now

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator

    from sqlalchemy.engine import URL

URL_VARIABLE = "GEOCOVER_DATABASE_URL"
FILE = "register.sqlite"
BUSY_S = 30
PAUSE_S = 0.01
MIGRATIONS = Path(__file__).with_name("migrations")
VERSION_TABLE = "alembic_version"
# Any number will do, as long as nobody else on the server's database takes it.
MIGRATION_LOCK = 740_025
WRITES = "geocover_writes"
LOCKED = ("database is locked", "lock timeout", "deadlock detected")


@dataclass(frozen=True, eq=False)
class Database:
    """An open register; close it, or use it in a `with` block.

    Attributes
    ----------
    engine
        SQLAlchemy's engine; its pool serves the threads of one process.
    clock
        What time it is, aware; tests give their own.
    """

    engine: Engine = field(repr=False)
    clock: Callable[[], dt.datetime] = utc_now

    @property
    def dialect(self) -> str:
        """Either "sqlite" or "postgresql"."""
        return self.engine.dialect.name

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for questions; what it writes is rolled back."""
        with _told(), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection in one transaction: all of the block is kept, or nothing.

        Raises
        ------
        BusyError
            Another writer did not finish within half a minute.
        """
        with (
            _told(),
            self.engine.connect().execution_options(**{WRITES: True}) as connection,
            connection.begin(),
        ):
            yield connection

    def close(self) -> None:
        """Close the pool's connections."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_database(
    url: str | None = None,
    folder: str | Path = ".",
    *,
    clock: Callable[[], dt.datetime] = utc_now,
) -> Database:
    """Open the register.

    Parameters
    ----------
    url
        SQLAlchemy's URL of the database; where none is given that of ``GEOCOVER_DATABASE_URL``, else the file
        ``register.sqlite`` in ``folder``. A SQLite file that is not there yet is made.
    folder
        Folder of the SQLite file.
    clock
        What time it is.

    Raises
    ------
    DatabaseError
        It cannot be reached, or its tables are of another version: `migrate` first.
    """
    database = Database(_engine(_url(url, Path(folder))), clock)
    try:
        _check_version(database)
    except BaseException:
        database.close()
        raise
    return database


def _check_version(database: Database) -> None:
    version = schema_version(database)
    if version is None and database.dialect == "sqlite":
        version = migrate(database)
    if version != newest_version():
        raise DatabaseError(
            f"the register's tables are of version {version}, this program needs {newest_version()}; "
            "run: geocover register migrate",
            f"các bảng của sổ đăng ký thuộc phiên bản {version}, chương trình cần {newest_version()}; "
            "hãy chạy: geocover register migrate",
        )


def open_unchecked(url: str | None = None, folder: str | Path = ".") -> Database:
    """Open the register whatever the version of its tables; only `migrate` is to be called on it."""
    return Database(_engine(_url(url, Path(folder))))


def migrate(database: Database) -> str:
    """Make the tables or bring them to the newest version, in one transaction; gives the version.

    Processes that do so at once wait for each other.

    Raises
    ------
    DatabaseError
        PostgreSQL has no PostGIS, or this role may not add it.
    """
    with database.writing() as connection:
        if database.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
        _upgrade(connection)
    return newest_version()


def _upgrade(connection: Connection) -> None:
    """Run the migrations that are missing; only who runs them pays for Alembic, not each job's process."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def schema_version(database: Database) -> str | None:
    """Version of the tables; None for an empty database."""
    with database.reading() as connection:
        if not inspect(connection).has_table(VERSION_TABLE):
            return None
        found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608 - our name
        return found.scalar_one_or_none()


def newest_version() -> str:
    """Version of the tables that this program needs: the number in the name of the last migration."""
    names = sorted(path.stem for path in MIGRATIONS.glob("versions/v[0-9]*.py"))
    if not names:
        raise DatabaseError(f"{MIGRATIONS}: the package's migrations are missing; install geocover again")
    return names[-1].removeprefix("v").partition("_")[0]


def _url(url: str | None, folder: Path) -> URL:
    given = url or os.environ.get(URL_VARIABLE)
    if not given:
        folder.mkdir(parents=True, exist_ok=True)
        return make_url(f"sqlite:///{(folder / FILE).absolute()}")
    try:
        parsed = make_url(given)
    except exc.ArgumentError as error:
        # The URL may hold a password: it is not told.
        raise DatabaseError(
            f"{URL_VARIABLE} is not a database URL; write postgresql://user:password@host/database",
            f"{URL_VARIABLE} không phải địa chỉ cơ sở dữ liệu; hãy ghi postgresql://user:password@host/database",
        ) from error
    if parsed.get_backend_name() == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed
    raise DatabaseError(
        f"the register does not run on {parsed.get_backend_name()} {parsed.database or ''}; "
        "give a PostgreSQL URL or a SQLite file",
        f"sổ đăng ký không chạy trên {parsed.get_backend_name()} {parsed.database or ''}; "
        "hãy dùng địa chỉ PostgreSQL hoặc tệp SQLite",
    )


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return _postgresql(url)
    engine = create_engine(url, connect_args={"timeout": BUSY_S, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _postgresql(url: URL) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})
    except ModuleNotFoundError as error:
        raise DatabaseError(
            f"PostgreSQL needs {error.name}; run: pip install geocover[postgres]",
            f"PostgreSQL cần {error.name}; hãy chạy: pip install geocover[postgres]",
        ) from error
    event.listen(engine, "connect", _prepare_postgresql)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - sqlite3's, untyped here
    """Let us say BEGIN ourselves, so that also DDL and reads stand in a transaction."""
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {BUSY_S * 1000}")
    _use_wal(connection)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")


def _use_wal(connection: Any) -> None:  # noqa: ANN401 - sqlite3's, untyped here
    """Wait for a writer of a file that has no write-ahead log yet: here SQLite's own timeout does not."""
    end = time.monotonic() + BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= end:
                raise
            time.sleep(PAUSE_S)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401 - psycopg's
    connection.execute(f"SET lock_timeout = '{BUSY_S}s'")
    connection.commit()


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a driver says of locks and connections into our own words."""
    try:
        yield
    except (exc.OperationalError, exc.DatabaseError) as error:
        if any(word in str(error.orig) for word in LOCKED):
            raise BusyError(
                "the register is busy: another writer has not finished; try again in a moment",
                "sổ đăng ký đang bận: một tiến trình khác chưa ghi xong; hãy thử lại sau giây lát",
            ) from error
        if isinstance(error, exc.OperationalError):
            raise DatabaseError(
                f"the register's database cannot be used: {error.orig}",
                f"không dùng được cơ sở dữ liệu của sổ đăng ký: {error.orig}",
            ) from error
        raise
