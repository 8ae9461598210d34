"""What becomes of the database after a test with real transactions.

Django truncates every table, which costs a second for two hundred empty ones, and then makes the
content types and permissions anew; and our guards refuse TRUNCATE and DELETE.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import pytest
from django.core.management.commands import flush
from django.db.backends.postgresql.operations import DatabaseOperations

# They are in every database from the beginning, and no test with real transactions changes them.
STAY: Final = frozenset(
    {"django_content_type", "auth_permission", "auth_group", "auth_group_permissions"}
)
GUARDS_SLEEP: Final = "SET LOCAL session_replication_role = replica"


@contextmanager
def quick() -> Iterator[None]:
    """Only what was written is deleted, guarded or not."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", _of_what_was_written)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_args: None)
        yield


def _of_what_was_written(
    self: DatabaseOperations, _style: object, tables: list[str], **_: bool
) -> list[str]:
    """The statements; keys between tables need no order, since their triggers sleep as well."""
    names = [self.quote_name(table) for table in tables if table not in STAY]
    asked = (f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in names)  # noqa: S608
    with self.connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(asked))
        written = [name for (name,) in cursor.fetchall()]
    return [GUARDS_SLEEP, *(f"DELETE FROM {name}" for name in written)]  # noqa: S608
