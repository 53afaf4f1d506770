"""Other servers over the same features and rasters: tipg and pygeoapi with PostGIS, titiler.

They come from PyPI into `.venv-peers-api` (`make bench-api`), PostgreSQL with PostGIS from Debian. The
features are those that our own service gives, with all their properties, in tables with a primary key, an
index over the geometries and fresh statistics; so all servers give the same. All run under uvicorn, the peers
with its fast loop and parser (`uvicorn[standard]`).
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import sqlalchemy
from sqlalchemy import make_url

from benchmarks.service.servers import Program, uvicorn
from benchmarks.table import ROOT
from tests.register.servers import find_binaries, running_server

if TYPE_CHECKING:
    import geopandas as gpd

PYTHON = Path(os.environ.get("PEERS_API_PYTHON", ROOT / ".venv-peers-api" / "bin" / "python"))
MODULES = ("tipg", "pygeoapi", "titiler.core")
TITILER_APP = "benchmarks.service.titiler_app:app"
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


@dataclass(frozen=True)
class Postgis:
    """A database with the collections, and the process that serves it."""

    url: str
    pid: int


@contextmanager
def postgis(tables: Mapping[str, gpd.GeoDataFrame], keys: Mapping[str, str]) -> Iterator[Postgis]:
    """Give a database of its own with tables, each with a key column.

    Raises
    ------
    RuntimeError
        If PostgreSQL is not installed, or does not start.
    """
    binaries = find_binaries()
    if binaries is None:
        raise RuntimeError("no PostgreSQL: apt-get install postgresql postgresql-postgis")
    with running_server(binaries) as url:
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION postgis")
        for name, table in tables.items():
            _load(url, name, table, keys[name])
        yield Postgis(url, _postmaster(url))


def _load(url: str, name: str, table: gpd.GeoDataFrame, key: str) -> None:
    """Make one table, as a careful administrator does: a key, an index over the geometries, statistics."""
    engine = sqlalchemy.create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    table.rename_geometry("geom").to_postgis(name, engine, index=False)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f'ALTER TABLE "{name}" ADD PRIMARY KEY ("{key}")')
        connection.exec_driver_sql(f'VACUUM ANALYZE "{name}"')
    engine.dispose()


def _postmaster(url: str) -> int:
    """Id of the server's first process."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return int((Path(row[0]) / "postmaster.pid").read_text(encoding="ascii").split()[0])


def missing() -> list[str]:
    """Peers that are not installed."""
    if not PYTHON.is_file():
        return list(MODULES)
    code = "import importlib.util as u, sys; print(*[m for m in sys.argv[1:] if u.find_spec(m) is None])"
    done = subprocess.run([PYTHON, "-c", code, *MODULES], capture_output=True, text=True, check=True)
    return done.stdout.split()


def tipg(database: Postgis) -> Program:
    """Give tipg as its documentation starts it."""
    environment = {"DATABASE_URL": database.url, "TIPG_MAX_FEATURES_PER_QUERY": "10000"}
    return Program("tipg", uvicorn(PYTHON, "tipg.main:app"), environment, "/healthz", (database.pid,))


def pygeoapi(database: Postgis, keys: Mapping[str, str], folder: Path) -> Program:
    """Give pygeoapi with its provider for PostgreSQL.

    That for GeoPackage costs two to three times as much for pages up to 1,000, and fails under several
    connections.

    Raises
    ------
    RuntimeError
        If it cannot read its configuration.
    """
    url = make_url(database.url)
    data = {
        "host": url.host, "port": url.port, "dbname": url.database, "user": url.username,
        "password": url.password, "search_path": ["public"],
    }  # fmt: skip
    provider = {"type": "feature", "name": "PostgreSQL", "data": data, "geom_field": "geom"}
    providers = {name: {**provider, "table": name, "id_field": key} for name, key in keys.items()}
    config, openapi = folder / "pygeoapi.yml", folder / "pygeoapi-openapi.yml"
    config.write_text(json.dumps(_config(providers)), encoding="utf-8")  # JSON is YAML
    environment = {"PYGEOAPI_CONFIG": str(config), "PYGEOAPI_OPENAPI": str(openapi)}
    generate = [str(PYTHON.with_name("pygeoapi")), "openapi", "generate", str(config)]
    done = subprocess.run(
        [*generate, "--output-file", str(openapi)],
        env={**os.environ, **environment}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"pygeoapi: {done.stderr.strip().splitlines()[-1:] or 'no message'}")
    application = uvicorn(PYTHON, "pygeoapi.starlette_app:APP")
    return Program("pygeoapi", application, environment, "/conformance?f=json", (database.pid,))


def _config(providers: Mapping[str, Any]) -> dict[str, Any]:
    """Least configuration that pygeoapi starts with; its pages and limits as ours."""
    text = {"en": "benchmark"}
    nobody = {"name": "benchmark", "url": "http://127.0.0.1"}
    resources = {
        name: {
            "type": "collection", "title": text, "description": text, "keywords": {"en": ["benchmark"]},
            "links": [], "extents": {"spatial": {"bbox": [104.0, 20.0, 107.0, 22.0], "crs": CRS84}},
            "providers": [provider],
        }
        for name, provider in providers.items()
    }  # fmt: skip
    return {
        "server": {
            "bind": {"host": "127.0.0.1", "port": 5000}, "url": "http://127.0.0.1",
            "mimetype": "application/json", "encoding": "utf-8", "gzip": True, "languages": ["en-US"],
            "pretty_print": False,
            "limits": {"default_items": 100, "max_items": 10000},
            "map": {"url": "http://127.0.0.1/{z}/{x}/{y}.png", "attribution": "none"},
        },
        "logging": {"level": "ERROR"},
        "metadata": {
            "identification": {
                "title": text, "description": text, "keywords": {"en": ["benchmark"]},
                "keywords_type": "theme", "terms_of_service": "none", "url": "http://127.0.0.1",
            },
            "license": {"name": "none", "url": "http://127.0.0.1"}, "provider": nobody,
            "contact": {"name": "benchmark"},
        },
        "resources": resources,
    }  # fmt: skip


def titiler() -> Program:
    """Give titiler over any file, with the settings of GDAL that its documentation advises."""
    environment = {
        "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR", "GDAL_CACHEMAX": "200", "VSI_CACHE": "TRUE",
        "VSI_CACHE_SIZE": "5000000", "GDAL_NUM_THREADS": "ALL_CPUS",
    }  # fmt: skip
    return Program("titiler", uvicorn(PYTHON, TITILER_APP), environment, "/healthz")
