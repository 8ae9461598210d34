"""What every API view shares: fast JSON, keyset pages, problem documents in the schema."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import IO, Any, Final

import orjson
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

from core.money import DECIMALS, Money
from core.wire import dumps


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
        return dumps(data)


class OrjsonParser(BaseParser):
    """JSON by orjson, which refuses what would fail later on: lone surrogates, deep nesting, NaN.

    Numbers beyond 64 bits come out as floats, so that whatever was read can be written again (the
    fingerprint of an idempotent request is made of all of its body).
    """

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        del media_type, parser_context
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(f"JSON parse error - {error}") from error


class MoneySerializer(serializers.Serializer[Money]):
    """{"asset": "TON", "amount": "2500000000"}: minor units as a decimal string."""

    asset = serializers.ChoiceField(choices=sorted(DECIMALS))
    amount = serializers.RegexField(r"^-?\d{1,38}$")


def page_of(name: str, result: serializers.BaseSerializer[Any]) -> serializers.Serializer[Any]:
    """The schema of a keyset page: `page_of("DropPage", DropSerializer(many=True))`."""
    page: serializers.Serializer[Any] = inline_serializer(
        name=name,
        fields={"results": result, "next": serializers.CharField(allow_null=True)},
    )
    return page


_STATUSES: Final = (400, 401, 403, 404, 409, 422, 429)


def describe_problems(
    result: dict[str, Any],
    generator: object,
    request: object,
    public: bool,
) -> dict[str, Any]:
    """drf-spectacular hook: every operation may answer with a problem document."""
    del generator, request, public
    components = result.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _problem_schema()
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for path, operations in result.get("paths", {}).items():
        for operation in operations.values():
            if isinstance(operation, dict) and "responses" in operation:
                _add(operation, content, signs_in="/auth/" in path)
    return result


def _add(operation: dict[str, Any], content: dict[str, Any], *, signs_in: bool) -> None:
    closed = signs_in or any(operation.get("security", []))
    for status in _STATUSES:
        if closed or status not in {401, 403}:
            answer = {"description": HTTPStatus(status).phrase, "content": content}
            operation["responses"].setdefault(str(status), answer)


def _problem_schema() -> dict[str, Any]:
    text = {"type": "string"}
    return {
        "type": "object",
        "description": "RFC 9457 problem document. `code` is stable; texts may change.",
        "properties": {
            "type": text,
            "title": text,
            "status": {"type": "integer"},
            "detail": text,
            "code": text,
            "fields": {"type": "object", "additionalProperties": {}},
        },
        "required": ["type", "title", "status", "detail", "code"],
    }
