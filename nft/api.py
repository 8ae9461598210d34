"""Drops and editions. Lists and pages are built by SQL and orjson; serializers are their schema."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotAuthenticated, NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from catalog.answers import json_answer
from catalog.api import PAGE_PARAMETERS
from catalog.selectors import artist_page
from core import keyset
from core.api import page_of
from core.errors import ApplicationError
from core.ton.addresses import AddressInvalid, parse
from nft import selectors
from nft.discovery import artist_music
from nft.discovery_serializers import ArtistDetailSerializer
from nft.drops import Page
from nft.serializers import (
    DropDetailSerializer,
    DropSerializer,
    ItemDetailSerializer,
    ItemSerializer,
)
from nft.sql import DROP_FILTERS

DROP_ORDERING: Final = ("-starts_at", "-id")
ITEM_ORDERING: Final = ("-acquired_at", "-id")
ARTIST_DROPS: Final = 50


class PublicView(APIView):
    """Read by anyone; a token sent along is not looked at."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class DropListView(PublicView):
    """GET /drops: latest start first; live includes paused ones, ended includes sold out ones."""

    @extend_schema(
        operation_id="drops_list",
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("state", str, enum=list(DROP_FILTERS)),
            OpenApiParameter("artist", str, description="An artist's slug"),
        ],
        responses=page_of("DropPage", DropSerializer(many=True)),
    )
    def get(self, request: Request) -> HttpResponse:
        page = selectors.drop_page(
            limit=keyset.limit_of(request),
            after=keyset.cursor_values(request, DROP_ORDERING),
            state=_state(request),
            artist=request.query_params.get("artist") or None,
        )
        return json_answer(request, _page_json(page, DROP_ORDERING))


class DropDetailView(PublicView):
    """GET /drops/{id}"""

    @extend_schema(operation_id="drops_detail", responses=DropDetailSerializer)
    def get(self, request: Request, drop: UUID) -> HttpResponse:
        answer = selectors.drop_detail(drop)
        if answer is None:
            raise NotFound
        return json_answer(request, answer)


class ArtistDetailView(PublicView):
    """GET /artists/{slug}: the artist, his drops, top tracks and releases, and who collects.

    The artist's id names them as well: links carry it, as names may change.
    """

    @extend_schema(operation_id="artists_detail", responses=ArtistDetailSerializer)
    def get(self, request: Request, slug: str) -> HttpResponse:
        artist = artist_page(slug)
        if artist is None:
            raise NotFound
        drops = selectors.drop_page(limit=ARTIST_DROPS, artist=artist["slug"])
        music = artist_music(artist["id"])
        return json_answer(request, {**artist, "drops": drops.results, **music})


class ItemListView(APIView):
    """GET /items: editions in the caller's linked wallets, last acquired first."""

    @extend_schema(
        operation_id="items_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of("ItemPage", ItemSerializer(many=True)),
    )
    def get(self, request: Request) -> HttpResponse:
        if not isinstance(request.user, User):
            raise NotAuthenticated
        page = selectors.item_page(
            user=request.user,
            limit=keyset.limit_of(request),
            after=keyset.cursor_values(request, ITEM_ORDERING),
        )
        return json_answer(request, _page_json(page, ITEM_ORDERING), private=True)


class ItemDetailView(PublicView):
    """GET /items/{address}: one edition, as the chain shows it to everyone."""

    @extend_schema(operation_id="items_detail", responses=ItemDetailSerializer)
    def get(self, request: Request, address: str) -> HttpResponse:
        try:
            answer = selectors.item_view(parse(address))
        except AddressInvalid:
            answer = None
        if answer is None:
            raise NotFound
        return json_answer(request, answer)


def _state(request: Request) -> str | None:
    state = request.query_params.get("state") or None
    if state is not None and state not in DROP_FILTERS:
        raise ApplicationError(
            "state_invalid", "Invalid state", f"state is one of {', '.join(DROP_FILTERS)}."
        )
    return state


def _page_json(page: Page, ordering: Sequence[str]) -> dict[str, object]:
    cursor = keyset.cursor_of(page.next, ordering) if page.next else None
    return {"results": page.results, "next": cursor}
