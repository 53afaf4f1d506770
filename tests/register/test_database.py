"""Opening the register, its tables, and what a database refuses by itself."""

from __future__ import annotations

import secrets
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import exc, make_url, text

from geocover.register import lists
from geocover.register.audit import entries, record
from geocover.register.cells import STORED
from geocover.register.database import (
    Database,
    migrate,
    newest_version,
    open_database,
    open_unchecked,
    schema_version,
)
from geocover.register.errors import BusyError, DatabaseError
from geocover.register.tables import Base
from tests.register import children
from tests.register.making import make_accepted, make_checked, make_upload

OURS = {table.name for table in Base.metadata.sorted_tables}
# Made by the migration for one kind of database alone.
BY_HAND = {"ix_cells_lon_lat", "ix_cells_geom", "geom"}


def _is_ours(found: Any, name: str | None, kind: str, _reflected: object, _other: object) -> bool:
    return name not in BY_HAND and (kind != "table" or name in OURS)


def test_migrations_make_the_tables_that_the_code_declares(database: Database) -> None:
    """Catches a column or index that is declared but never made, or the other way round."""
    import geoalchemy2  # noqa: F401 - tells SQLAlchemy what a geometry is

    options = {"compare_type": True, "include_object": _is_ours}
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    """Catches a migration that runs twice."""
    kept = make_accepted(database)
    assert migrate(database) == newest_version() == schema_version(database)
    assert lists.get(database, kept.id) == kept


def test_processes_that_migrate_at_once_wait_for_each_other(empty_url: str) -> None:
    """Catches two processes that make the same tables, when a service starts with several workers."""
    running = [children.start(children.migrate_at, empty_url) for _ in range(4)]
    for process in running:
        process.join(120)
    assert [process.exitcode for process in running] == [0, 0, 0, 0]
    with open_database(empty_url) as database:
        assert schema_version(database) == newest_version()


def test_a_file_that_is_being_made_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches "the register is busy" at once, when two workers start on a file without a write-ahead log."""
    path = tmp_path / "register.sqlite"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waits: list[float] = []

    def finish(seconds: float) -> None:
        waits.append(seconds)
        other.execute("COMMIT")

    monkeypatch.setattr("geocover.register.database.time.sleep", finish)
    with open_unchecked(f"sqlite:///{path}") as database:
        assert migrate(database) == newest_version()
    other.close()
    assert len(waits) == 1


def test_tables_of_another_version_are_refused(database_url: str) -> None:
    """Catches a program that writes into tables of a newer or older one."""
    with open_unchecked(database_url) as database, database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseError, match="geocover register migrate"):
        open_database(database_url)


def test_an_empty_postgresql_database_is_not_filled_unasked(postgres: str) -> None:
    """Catches tables made in somebody else's database by a wrong URL."""
    with pytest.raises(DatabaseError, match="geocover register migrate"):
        open_database(postgres)


def test_a_role_that_may_not_add_postgis_is_told_what_to_do(postgres: str) -> None:
    """Catches the driver's traceback at the first step of an installation."""
    role = f"poor_{secrets.token_hex(4)}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'poor'")
        connection.execute(f"CREATE DATABASE {role} OWNER {role}")
    try:
        url = make_url(postgres).set(username=role, password="poor", database=role)
        with open_unchecked(url.render_as_string(hide_password=False)) as database:
            with pytest.raises(DatabaseError, match="CREATE EXTENSION postgis"):
                migrate(database)
            assert schema_version(database) is None
    finally:
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {role} WITH (FORCE)")
            connection.execute(f"DROP ROLE {role}")


@pytest.mark.parametrize("url", ["not a url: secret", "mysql://me:secret@host/db", "sqlite://"])
def test_urls_that_will_not_do_are_refused_without_telling_passwords(url: str) -> None:
    """Catches an unknown database, a register in memory, and a password in an error message."""
    with pytest.raises(DatabaseError) as caught:
        open_database(url)
    assert "secret" not in str(caught.value) + caught.value.vi


def test_a_server_that_is_away_is_told_in_our_words() -> None:
    """Catches a traceback of the driver, or one that shows the password."""
    with pytest.raises(DatabaseError, match="cannot be used") as caught:
        open_database("postgresql://me:secret@127.0.0.1:1/db")
    assert "secret" not in str(caught.value)


def test_the_variable_names_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches a URL in the environment that is overlooked, and one that wins over an explicit one."""
    monkeypatch.setenv("GEOCOVER_DATABASE_URL", f"sqlite:///{tmp_path / 'a.sqlite'}")
    open_database().close()
    open_database(f"sqlite:///{tmp_path / 'b.sqlite'}").close()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.sqlite", "b.sqlite"]


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    """Catches a lost WAL, unsynchronised commits, or foreign keys that are not enforced."""
    with open_database(folder=tmp_path / "new") as database, database.reading() as connection:
        found = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    assert found == ["wal", 2, 1]


def test_a_reader_sees_one_state_while_another_writes(database: Database) -> None:
    """Catches readers that wait for writers, and writes that show before they are kept."""
    with database.writing() as writer:
        writer.execute(text("INSERT INTO operators (name, key) VALUES ('A', 'a')"))
        with database.reading() as reader:
            assert reader.execute(text("SELECT count(*) FROM operators")).scalar_one() == 0


def test_a_writer_who_waits_too_long_is_told_so(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Catches an endless wait, and the driver's words in place of ours."""
    one = lists.draft(database, make_upload(), "k")
    with database.writing() as holder:
        holder.execute(text("UPDATE operators SET name = name"))
        quick = {"sqlite": "PRAGMA busy_timeout = 50", "postgresql": "SET LOCAL lock_timeout = '50ms'"}
        with pytest.raises(BusyError):
            _write(database, quick[database.dialect], "UPDATE operators SET name = name")
    assert lists.get(database, one.id) == one


def _write(database: Database, *statements: str, **values: Any) -> None:
    """Write without `writing`, whose BEGIN IMMEDIATE would wait by itself."""
    with database.reading() as connection:
        for statement in statements:
            named = {name: value for name, value in values.items() if f":{name}" in statement}
            connection.execute(text(statement), named)
        connection.commit()


FORBIDDEN = (
    "UPDATE site_lists SET name = 'x' WHERE id = :id",
    "UPDATE site_lists SET state = 'checked' WHERE id = :id",
    "UPDATE site_lists SET as_of = '2020-01-01' WHERE id = :id",
    "UPDATE site_lists SET accepted_at = NULL, state = 'draft' WHERE id = :id",
    "UPDATE site_lists SET state = 'superseded', rows_read = 0 WHERE id = :id",
    "DELETE FROM site_lists WHERE id = :id",
    "UPDATE cells SET lon = 0 WHERE list_number = :number",
    "DELETE FROM cells WHERE list_number = :number",
    (
        f"INSERT INTO cells (list_number, {', '.join(STORED)}) SELECT :number, "
        f"{', '.join(STORED).replace('number', 'number + 100')} FROM cells WHERE list_number = :number"
    ),
    "UPDATE cells SET list_number = :number, number = number + 100 WHERE list_number = :checked",
    "UPDATE documents SET content = :content WHERE list_number = :number",
    "DELETE FROM documents WHERE list_number = :number",
    "UPDATE documents SET list_number = :number, kind = 'more' WHERE list_number = :draft",
    "UPDATE audit SET action = 'x'",
    "DELETE FROM audit",
    "UPDATE site_lists SET state = 'accepted', accepted_at = uploaded_at WHERE number = :draft",
)
ONLY = {
    "sqlite": (
        "INSERT OR REPLACE INTO audit SELECT * FROM audit",
        "INSERT OR REPLACE INTO site_lists SELECT * FROM site_lists WHERE id = :id",
        "INSERT OR REPLACE INTO documents SELECT * FROM documents WHERE list_number = :number",
        "REPLACE INTO cells SELECT * FROM cells WHERE list_number = :number",
    ),
    "postgresql": ("TRUNCATE audit", "TRUNCATE cells", "TRUNCATE site_lists CASCADE", "TRUNCATE documents"),
}


@pytest.mark.parametrize("superseded", [False, True], ids=["accepted", "superseded"])
def test_the_database_itself_keeps_what_was_accepted(database: Database, superseded: bool) -> None:
    """Catches a change by other programs, or by a mistake of ours, to accepted lists and to the audit."""
    kept = make_accepted(database)
    if superseded:
        make_accepted(database)
    checked, draft = (lists.draft(database, make_upload(), "k").id for _ in range(2))
    lists.checked(database, checked, make_checked(), "k")
    before = (lists.get(database, kept.id), lists.cells(database, kept.id), entries(database))
    with database.reading() as connection:
        rows = connection.execute(text("SELECT id, number FROM site_lists")).all()
    number = dict(tuple(row) for row in rows)
    values = {"id": kept.id, "content": b"x", "number": number[kept.id], "draft": number[draft]}
    for statement in (*FORBIDDEN, *ONLY[database.dialect]):
        with pytest.raises(
            (exc.IntegrityError, exc.OperationalError), match=r"cannot be changed|only a checked|not emptied"
        ):
            _write(database, statement, checked=number[checked], **values)
    assert lists.get(database, kept.id) == before[0]
    assert lists.cells(database, kept.id).equals(before[1])
    assert entries(database) == before[2]


def test_positions_are_points_of_postgis(postgres: str, postgres_template: str) -> None:
    """Catches a geometry that does not follow lon and lat, or in the wrong order of axes."""
    url = make_url(postgres).set(database=postgres_template)
    with (
        open_database(url.render_as_string(hide_password=False)) as database,
        database.reading() as connection,  # nothing of it stays in the template
    ):
        connection.execute(text("INSERT INTO operators (name, key) VALUES ('A', 'a')"))
        connection.execute(
            text(
                "INSERT INTO site_lists (id, operator_id, version, state, as_of, name, sha256, size, "
                "request_digest, uploaded_at, uploaded_by) SELECT 'x', id, 1, 'draft', '2025-12-31', 'n', "
                "'s', 1, 'd', now(), 'k' FROM operators"
            )
        )
        connection.execute(
            text(
                "INSERT INTO cells SELECT number, 0, 's', 2, 'p', 's', 'c', '4G', NULL, 105.4, 21.3, 1800, "
                "30, 30, NULL, 6, 65, 7, 'open', 0, '', NULL, '' FROM site_lists"
            )
        )
        point = connection.execute(text("SELECT ST_AsText(geom), ST_SRID(geom) FROM cells")).one()
        assert tuple(point) == ("POINT(105.4 21.3)", 4326)


def test_the_audit_is_added_to_by_many_and_holds_no_secret(database: Database) -> None:
    """Catches lost lines, and a key's secret that a caller put into the details."""
    token = "gck_0123456789ab_" + "f" * 48
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: record(database, "k", "lists:download", f"list{n}", {"n": n}), range(16)))
    record(database, token, "keys:manage", token, {"deep": [{"token": f"Bearer {token}"}], token: 1})
    found = entries(database)
    assert {entry.object for entry in found[1:]} == {f"list{n}" for n in range(16)}
    assert "f" * 48 not in repr(found)
    assert found[0].details["deep"] == [{"token": "Bearer gck_0123456789ab_…"}]
    assert [entry.object for entry in entries(database, what="list3")] == ["list3"]
    assert len(entries(database, key_id="k", limit=5)) == 5


def test_without_sqlalchemy_the_missing_extra_is_named() -> None:
    """Catches a bare ModuleNotFoundError for users who installed geocover alone."""
    code = (
        "import sys; sys.modules['sqlalchemy'] = None; import importlib.util as u; real = u.find_spec\n"
        "u.find_spec = lambda name, *a: None if name == 'sqlalchemy' else real(name, *a)\n"
        "from geocover.cli import main; sys.argv = ['geocover', 'keys', 'list']; main()"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert "pip install geocover[register]" in ended.stderr
    assert "Traceback" not in ended.stderr
