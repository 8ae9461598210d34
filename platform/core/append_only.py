"""Tables that only grow: a migration operation that makes the database itself refuse changes."""

from __future__ import annotations

from django.db.migrations.operations import RunSQL

# The function is made by core's migration 0002; rooms depend on it.
CREATE_FUNCTION = """
CREATE OR REPLACE FUNCTION core_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'restrict_violation';
END
$$
"""
DROP_FUNCTION = "DROP FUNCTION IF EXISTS core_refuse_change()"


def append_only(table: str) -> RunSQL:
    """Refuse UPDATE, DELETE and TRUNCATE on `table` (SQLSTATE 23001, Django's IntegrityError).

    For migrations only, in a migration that depends on ("core", "0002_append_only"). Tests that
    flush tables do it with session_replication_role = replica, which skips these triggers.
    """
    return RunSQL(
        f"""
        CREATE TRIGGER {table}_rows_stay BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW EXECUTE FUNCTION core_refuse_change();
        CREATE TRIGGER {table}_table_stays BEFORE TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION core_refuse_change();
        """,
        f"""
        DROP TRIGGER IF EXISTS {table}_rows_stay ON {table};
        DROP TRIGGER IF EXISTS {table}_table_stays ON {table};
        """,
    )
