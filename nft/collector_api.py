"""Certificates and collectors: what everybody may see of who holds what."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.request import Request

from catalog.answers import json_answer
from catalog.api import PAGE_PARAMETERS
from core import keyset
from core.ton.addresses import AddressInvalid, parse
from nft import collectors
from nft.api import PublicView
from nft.certificates import certificate_view
from nft.serializers import CertificateSerializer, CollectorsSerializer

_LEADERS = {
    "collectors": 2,
    "results": [
        {"place": 1, "name": "Vera", "wallet": None, "editions": 12, "first_edition": 3},
        {
            "place": 2,
            "name": None,
            "wallet": "UQAb3k…9fQmXz",
            "editions": 1,
            "first_edition": 1,
        },
    ],
    "next": None,
}
_EXAMPLE = OpenApiExample("One is shown, one is not", value=_LEADERS, response_only=True)


class CertificateView(PublicView):
    """GET /items/{address}/certificate: the owner read from the chain within the last minute."""

    throttle_scope = "streams"

    @extend_schema(operation_id="items_certificate", responses=CertificateSerializer)
    def get(self, request: Request, address: str) -> HttpResponse:
        try:
            answer = certificate_view(parse(address))
        except AddressInvalid:
            answer = None
        if answer is None:
            raise NotFound
        return json_answer(request, answer)


class DropCollectorsView(PublicView):
    """GET /drops/{id}/collectors: most editions first, then the lowest number."""

    @extend_schema(
        operation_id="drops_collectors",
        parameters=PAGE_PARAMETERS,
        responses=CollectorsSerializer,
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, drop: UUID) -> HttpResponse:
        limit, after = keyset.limit_of(request), _after(request)
        return _answer(request, collectors.drop_collectors(drop, limit=limit, after=after))


class ArtistCollectorsView(PublicView):
    """GET /artists/{slug}/collectors: the same over all of an artist's drops."""

    @extend_schema(
        operation_id="artists_collectors",
        parameters=PAGE_PARAMETERS,
        responses=CollectorsSerializer,
        examples=[_EXAMPLE],
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        limit, after = keyset.limit_of(request), _after(request)
        return _answer(request, collectors.artist_collectors(slug, limit=limit, after=after))


def _after(request: Request) -> list[str] | None:
    return keyset.cursor_values(request, collectors.ORDERING)


def _answer(request: Request, leaders: collectors.Leaders | None) -> HttpResponse:
    if leaders is None:
        raise NotFound
    cursor = keyset.cursor_of(leaders.next, collectors.ORDERING) if leaders.next else None
    answer: dict[str, Any] = {
        "collectors": leaders.collectors,
        "results": leaders.results,
        "next": cursor,
    }
    return json_answer(request, answer)
