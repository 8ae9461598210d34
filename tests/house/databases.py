"""One database is migrated in a run; that of each worker, and of the mutants, is a copy of it.

Migrating takes ten seconds of a processor, copying one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection
from django.db.backends.utils import CursorWrapper

VARIABLE: Final = "MIGRATED_DATABASE"
_LOCK: Final = 0x70_4E_A1  # an advisory lock; nothing of the shop takes any in that database


def announce() -> bool:
    """The first process names the database; workers and programs of tests inherit its name.

    Says whether this is the first one, which also has to remove it.
    """
    first = VARIABLE not in os.environ
    os.environ.setdefault(VARIABLE, f"tonality_migrated_{os.getpid()}")
    return first


def copied(*, make: bool) -> None:
    """Test databases made from here on are copies of the one that whoever comes first migrates.

    make: false where nobody has and nobody should (a run that reuses its database).
    """
    name = os.environ[VARIABLE]
    with _alone() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        there = cursor.fetchone() is not None
        if make and not there:
            _migrate(f"{name}_half")
            cursor.execute(f'ALTER DATABASE "{name}_half" RENAME TO "{name}"')
    connection.settings_dict["TEST"]["TEMPLATE"] = name if there or make else None


def removed() -> None:
    """When all workers have ended: a server of yours keeps nothing of a run."""
    with _alone() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{os.environ[VARIABLE]}"')


@contextmanager
def _alone() -> Iterator[CursorWrapper]:
    """Outside of any test database; no other worker is here."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])  # ends with the connection
        yield cursor


def _migrate(name: str) -> None:
    test, before = connection.settings_dict["TEST"], connection.settings_dict["NAME"]
    own, test["NAME"] = test["NAME"], name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.creation.destroy_test_db(before, verbosity=0, keepdb=True)  # only leaves it
    test["NAME"] = own
