"""What every API view shares: fast JSON, keyset pages, problem documents in the schema."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer

from core.money import Money


def json_default(value: object) -> object:
    if isinstance(value, Money):
        return value.to_json()
    if isinstance(value, str):  # safe strings: a subclass, which orjson leaves to us
        return str.__str__(value)
    if isinstance(value, Promise | UUID | Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


class OrjsonRenderer(BaseRenderer):
    """JSON by orjson: datetimes as ISO 8601 UTC with Z, UUIDs as text, Money as its pair."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        del accepted_media_type, renderer_context
        if data is None:
            return b""
        return orjson.dumps(
            data, default=json_default, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS
        )
