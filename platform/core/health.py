"""Liveness (this process answers) and readiness (it can do its work).

Rooms add checks with `register`, for example the follower's lag.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias

import structlog
from django.core.cache import cache
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

# None when well, else what is wrong in one short line that anybody may read.
Check: TypeAlias = Callable[[], str | None]

log = structlog.get_logger(__name__)
OK: Final = "ok"


def _database() -> str | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int")
        (version,) = cursor.fetchone()
    return None if version >= 170000 else "PostgreSQL is too old"


def _cache() -> str | None:
    cache.set("health", OK, 10)
    return None if cache.get("health") == OK else "what was written is not read back"


@lru_cache(maxsize=1)
def _migrated() -> bool:
    """True stays true for this process: its code does not change."""
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise LookupError  # not cached
    return True


def _migrations() -> str | None:
    try:
        _migrated()
    except LookupError:
        return "migrations are waiting"
    return None


_checks: dict[str, Check] = {"database": _database, "cache": _cache, "migrations": _migrations}


def register(name: str, check: Check) -> None:
    """Add a check to /health/ready. It returns None when well, else what is wrong."""
    _checks[name] = check


def report() -> dict[str, str]:
    """Every check by name: "ok" or what is wrong."""
    return {name: _run(name, check) for name, check in _checks.items()}


def _run(name: str, check: Check) -> str:
    try:
        return check() or OK
    except Exception as error:  # noqa: BLE001  whatever breaks a check, the answer is "not ready"
        log.warning("health_check_failed", check=name, error=type(error).__name__)
        return f"failed: {type(error).__name__}"


@require_safe
@never_cache
def live(request: HttpRequest) -> JsonResponse:
    """GET /health/live: touches nothing, so that a lost database restarts no web process."""
    del request
    return JsonResponse({"status": OK})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """GET /health/ready: 200, or 503 with the names of what is wrong."""
    del request
    checks = report()
    well = all(state == OK for state in checks.values())
    return JsonResponse(
        {"status": OK if well else "unready", "checks": checks}, status=200 if well else 503
    )
