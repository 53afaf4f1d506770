"""The register: site lists by version, who may see them, and what was computed of them.

Tables by SQLAlchemy on SQLite (WAL) or PostgreSQL with PostGIS. A module for each noun; a function takes a
`geocover.register.database.Database` and gives frozen dataclasses or DataFrames, never a session.
"""

from __future__ import annotations

from importlib.util import find_spec

from geocover.errors import GeocoverError

MISSING = [name for name in ("sqlalchemy", "alembic") if find_spec(name) is None]
if MISSING:
    raise GeocoverError(
        f"the register needs {', '.join(MISSING)}; run: pip install geocover[register]",
        f"sổ đăng ký trạm cần {', '.join(MISSING)}; hãy chạy: pip install geocover[register]",
    )
