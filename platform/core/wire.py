"""JSON as it leaves us: one encoder for the API, live updates, the outbox and the audit trail."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

import orjson
from django.utils.functional import Promise

from core.money import Money

# Dataclasses go to _default: Money's amount must be text, JavaScript's numbers end at 2**53.
_OPTIONS: Final = orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATACLASS


def _default(value: object) -> object:
    if isinstance(value, Money):
        return value.to_json()
    if isinstance(value, Promise | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def dumps(value: Any) -> bytes:
    """Datetimes as ISO 8601 UTC with Z, UUIDs as text, Money as {asset, amount}. TypeError else."""
    return orjson.dumps(value, default=_default, option=_OPTIONS)


def plain(value: Any) -> Any:
    """The value as a JSON reader will see it: text, numbers, lists, dictionaries."""
    return orjson.loads(dumps(value))
