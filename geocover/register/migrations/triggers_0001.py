"""Triggers of version 0001, statement by statement."""

from __future__ import annotations

KEPT = "('accepted', 'superseded')"
FINAL = "('accepted', 'superseded', 'rejected')"
# Everything of an accepted list but what `superseded` writes.
FROZEN = (
    "number", "id", "operator_id", "version", "as_of", "name", "sha256", "size", "idempotency_key",
    "request_digest", "mapping", "rows_read", "rows_accepted", "rows_rejected", "uploaded_at", "uploaded_by",
    "checked_at", "accepted_at", "accepted_by", "rejected_at", "rejected_by", "reason",
)  # fmt: skip
LISTS = "an accepted, superseded or rejected site list cannot be changed"
CONTENT = "what belongs to an accepted site list cannot be changed"
CHECKED = "only a checked site list can be accepted"
AUDIT = "the audit cannot be changed"


def _same(equal: str) -> str:
    return " AND ".join(f"NEW.{name} {equal} OLD.{name}" for name in FROZEN)


def _sqlite(name: str, when: str, condition: str, message: str) -> str:
    return f"CREATE TRIGGER {name} {when} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"


def _of_list(row: str) -> str:
    return f"(SELECT state FROM site_lists WHERE number = {row}.list_number) IN {KEPT}"  # noqa: S608


def _sqlite_content(table: str) -> tuple[str, ...]:
    return (
        _sqlite(f"{table}_insert", f"BEFORE INSERT ON {table}", _of_list("NEW"), CONTENT),
        _sqlite(
            f"{table}_update", f"BEFORE UPDATE ON {table}", f"{_of_list('OLD')} OR {_of_list('NEW')}", CONTENT
        ),
        _sqlite(f"{table}_delete", f"BEFORE DELETE ON {table}", _of_list("OLD"), CONTENT),
    )


# INSERT OR REPLACE deletes without a DELETE trigger, so inserts look for what they would replace.
SQLITE = (
    _sqlite(
        "site_lists_update",
        "BEFORE UPDATE ON site_lists",
        f"OLD.state IN {FINAL} AND NOT "
        f"(OLD.state = 'accepted' AND NEW.state = 'superseded' AND {_same('IS')})",
        LISTS,
    ),
    _sqlite(
        "site_lists_accept",
        "BEFORE UPDATE ON site_lists",
        "NEW.state = 'accepted' AND OLD.state <> 'checked'",
        CHECKED,
    ),
    _sqlite("site_lists_delete", "BEFORE DELETE ON site_lists", f"OLD.state IN {KEPT}", LISTS),
    _sqlite(
        "site_lists_insert",
        "BEFORE INSERT ON site_lists",
        f"NEW.state <> 'draft' OR EXISTS (SELECT 1 FROM site_lists WHERE state IN {KEPT} AND "  # noqa: S608
        "(number = NEW.number OR id = NEW.id OR (operator_id = NEW.operator_id AND version = NEW.version) "
        "OR (uploaded_by = NEW.uploaded_by AND idempotency_key = NEW.idempotency_key)))",
        LISTS,
    ),
    *_sqlite_content("cells"),
    *_sqlite_content("documents"),
    _sqlite(
        "audit_insert",
        "BEFORE INSERT ON audit",
        "EXISTS (SELECT 1 FROM audit WHERE number = NEW.number)",
        AUDIT,
    ),
    _sqlite("audit_update", "BEFORE UPDATE ON audit", "1", AUDIT),
    _sqlite("audit_delete", "BEFORE DELETE ON audit", "1", AUDIT),
)


def _function(name: str, body: str) -> str:
    return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$"


def _raise(message: str) -> str:
    return f"RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';"


def _postgresql_content(table: str) -> tuple[str, ...]:
    return (
        (
            f"CREATE TRIGGER {table}_insert AFTER INSERT ON {table} REFERENCING NEW TABLE AS added "
            "FOR EACH STATEMENT EXECUTE FUNCTION geocover_content_insert()"
        ),
        (
            f"CREATE TRIGGER {table}_change BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION geocover_content_change()"
        ),
    )


POSTGRESQL = (
    _function(
        "geocover_site_lists",
        f"IF TG_OP = 'INSERT' THEN IF NEW.state <> 'draft' THEN {_raise(LISTS)} END IF; RETURN NEW; END IF; "
        f"IF TG_OP = 'DELETE' THEN IF OLD.state IN {KEPT} THEN {_raise(LISTS)} END IF; RETURN OLD; END IF; "
        f"IF OLD.state IN {FINAL} AND NOT (OLD.state = 'accepted' AND NEW.state = 'superseded' "
        f"AND {_same('IS NOT DISTINCT FROM')}) THEN {_raise(LISTS)} END IF; "
        f"IF NEW.state = 'accepted' AND OLD.state <> 'checked' THEN {_raise(CHECKED)} END IF; RETURN NEW;",
    ),
    (
        "CREATE TRIGGER site_lists_change BEFORE INSERT OR UPDATE OR DELETE ON site_lists "
        "FOR EACH ROW EXECUTE FUNCTION geocover_site_lists()"
    ),
    _function(
        "geocover_content_insert",
        "IF EXISTS (SELECT 1 FROM (SELECT DISTINCT list_number FROM added) a JOIN site_lists l "  # noqa: S608
        f"ON l.number = a.list_number WHERE l.state IN {KEPT}) THEN {_raise(CONTENT)} END IF; RETURN NULL;",
    ),
    _function(
        "geocover_content_change",
        f"IF {_of_list('OLD')} THEN {_raise(CONTENT)} END IF; "
        f"IF TG_OP = 'DELETE' THEN RETURN OLD; END IF; "
        f"IF {_of_list('NEW')} THEN {_raise(CONTENT)} END IF; RETURN NEW;",
    ),
    *_postgresql_content("cells"),
    *_postgresql_content("documents"),
    _function("geocover_append_only", _raise(AUDIT)),
    _function("geocover_no_truncate", _raise("tables of the register are not emptied")),
    (
        "CREATE TRIGGER audit_change BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION geocover_append_only()"
    ),
    *(
        f"CREATE TRIGGER {table}_truncate BEFORE TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION geocover_no_truncate()"
        for table in ("site_lists", "cells", "documents", "audit")
    ),
)
