"""Every test of the register runs on SQLite and on PostgreSQL, each on a database of its own."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from geocover.register.database import FILE, Database, migrate, open_database, open_unchecked
from tests.register.servers import find_binaries, running_server

URL_VARIABLE = "GEOCOVER_TEST_POSTGRES_URL"


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of a PostgreSQL server where databases may be made; skips where there is none."""
    given = os.environ.get(URL_VARIABLE)
    if given:
        yield given
        return
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(f"no PostgreSQL: set {URL_VARIABLE}, or install postgresql and postgresql-*-postgis-3")
    with running_server(binaries) as url:
        yield url


def _execute(server: str, statement: sql.Composable) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(statement)


def _named(server: str, name: str) -> str:
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> Iterator[str]:
    """Name of a database with the tables, to be copied."""
    name = f"geocover_template_{secrets.token_hex(4)}"
    _execute(postgres, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    with open_unchecked(_named(postgres, name)) as database:
        migrate(database)
    yield name
    _execute(postgres, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with the tables, to be copied."""
    folder = tmp_path_factory.mktemp("register")
    open_database(f"sqlite:///{folder / FILE}").close()
    return folder / FILE


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a fresh register with tables and nothing in them, once on each kind of database."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), tmp_path / FILE)
        yield f"sqlite:///{tmp_path / FILE}"
        return
    server, template = request.getfixturevalue("postgres"), request.getfixturevalue("postgres_template")
    name = f"geocover_{secrets.token_hex(6)}"
    copy = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
    _execute(server, copy.format(sql.Identifier(name), sql.Identifier(template)))
    yield _named(server, name)
    _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of a database without tables."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    server, name = request.getfixturevalue("postgres"), f"geocover_{secrets.token_hex(6)}"
    _execute(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    yield _named(server, name)
    _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open register with tables and nothing in them."""
    with open_database(database_url) as opened:
        yield opened
