"""Liveness and readiness."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

# None when well, else what is wrong in one short line.
Check: TypeAlias = Callable[[], str | None]
_checks: dict[str, Check] = {}


def register(name: str, check: Check) -> None:
    """Add a check to /health/ready. It returns None when well, else what is wrong."""
    _checks[name] = check
