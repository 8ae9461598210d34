"""Playlists and what lies in them. `playlist` is an id, to look also the token of a link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from catalog import services
from catalog.answers import json_answer
from catalog.api import PAGE_PARAMETERS
from catalog.library_api import user_of
from catalog.library_serializers import (
    AddedSerializer,
    ChangedSerializer,
    EntriesInput,
    MoveInput,
    OwnPlaylistSerializer,
    PlaylistChangeInput,
    PlaylistDetailSerializer,
    PlaylistInput,
)
from catalog.playlists import Seen, memberships_of, playlist_cards, playlist_page, playlist_seen
from catalog.services.entries import END, Place
from core import keyset
from core.api import page_of
from core.errors import ApplicationError
from core.idempotency import HEADER, idempotent

KEY = OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, required=True)


class PlaylistListView(APIView):
    """The caller's own and joined playlists."""

    throttle_scope = "library"

    @extend_schema(
        operation_id="playlists_list",
        parameters=[
            *PAGE_PARAMETERS,
            OpenApiParameter("track", UUID, description="Say of each whether it `holds` this"),
        ],
        responses=page_of("OwnPlaylistPage", OwnPlaylistSerializer(many=True)),
    )
    def get(self, request: Request) -> HttpResponse:
        """Last joined or made first."""
        page = keyset.page(memberships_of(user_of(request), _track(request)), request)
        cards = playlist_cards([Seen(one.playlist, one.role) for one in page.results])
        holds = [bool(getattr(one, "holds", False)) for one in page.results]
        results = [{**card, "holds": held} for card, held in zip(cards, holds, strict=True)]
        return json_answer(request, {"results": results, "next": page.next}, private=True)

    @extend_schema(
        operation_id="playlists_create",
        parameters=[KEY],
        request=PlaylistInput,
        responses={201: PlaylistDetailSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """An empty playlist; private unless told otherwise."""
        made = services.playlist_create(user=user_of(request), **_valid(PlaylistInput, request))
        return Response(_page(made.pk, user_of(request)), status=status.HTTP_201_CREATED)


class PlaylistView(APIView):
    """One playlist."""

    throttle_scope = "library"

    def get_permissions(self) -> list[BasePermission]:
        """Everybody may look at what is public, or has a link."""
        return [AllowAny() if self.request.method == "GET" else IsAuthenticated()]

    @extend_schema(operation_id="playlists_detail", responses=PlaylistDetailSerializer)
    def get(self, request: Request, playlist: UUID) -> HttpResponse:
        """With all that lies in it, in order; by its id, or by the key of its link."""
        who = request.user if isinstance(request.user, User) else None
        return json_answer(request, _page(playlist, who), private=True)

    @extend_schema(
        operation_id="playlists_change",
        request=PlaylistChangeInput,
        responses=PlaylistDetailSerializer,
    )
    def patch(self, request: Request, playlist: UUID) -> Response:
        """Title, description and cover by its editors; who may see it by its owner."""
        wanted = _valid(PlaylistChangeInput, request)
        user = user_of(request)
        with transaction.atomic():
            services.playlist_update(
                user=user,
                playlist=playlist,
                title=wanted.get("title"),
                description=wanted.get("description"),
            )
            if "cover" in wanted:
                services.playlist_cover_set(user=user, playlist=playlist, entry=wanted["cover"])
            if "visibility" in wanted:
                services.playlist_visibility_set(
                    user=user, playlist=playlist, visibility=wanted["visibility"]
                )
        return Response(_page(playlist, user))

    @extend_schema(operation_id="playlists_delete", responses={204: None})
    def delete(self, request: Request, playlist: UUID) -> Response:
        """Gone for everybody; for its owner alone."""
        services.playlist_delete(user=user_of(request), playlist=playlist)
        return Response(status=status.HTTP_204_NO_CONTENT)


class EntryListView(APIView):
    """What lies in a playlist."""

    throttle_scope = "library"

    @extend_schema(
        operation_id="playlists_add", request=EntriesInput, responses={201: AddedSerializer}
    )
    def post(self, request: Request, playlist: UUID) -> Response:
        """Put tracks in. Safe to repeat: what lies in it already is left where it is."""
        wanted = _valid(EntriesInput, request)
        added = services.entries_add(
            user=user_of(request),
            playlist=playlist,
            tracks=wanted["tracks"],
            place=_place(wanted),
        )
        answer = {
            "version": added.playlist.version,
            "entries": [entry.pk for entry in added.entries],
            "skipped": added.skipped,
        }
        return Response(answer, status=status.HTTP_201_CREATED)


class EntryView(APIView):
    """A track's place in a playlist."""

    throttle_scope = "library"

    @extend_schema(operation_id="playlists_move", request=MoveInput, responses=ChangedSerializer)
    def patch(self, request: Request, playlist: UUID, entry: UUID) -> Response:
        """Put it behind another one, whoever has moved what meanwhile."""
        place = _place(_valid(MoveInput, request))
        moved = services.entry_move(
            user=user_of(request), playlist=playlist, entry=entry, place=place
        )
        return Response({"version": moved.version})

    @extend_schema(operation_id="playlists_remove", responses=ChangedSerializer)
    def delete(self, request: Request, playlist: UUID, entry: UUID) -> Response:
        """Take it out. Safe to repeat."""
        left = services.entry_remove(user=user_of(request), playlist=playlist, entry=entry)
        return Response({"version": left.version})


def _page(key: UUID, user: User | None) -> dict[str, Any]:
    return playlist_page(playlist_seen(key, user))


def _valid(form: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    values: dict[str, Any] = given.validated_data
    return values


def _place(wanted: dict[str, Any]) -> Place:
    if "after" not in wanted:
        return END
    return Place(after=wanted["after"], first=wanted["after"] is None)


def _track(request: Request) -> UUID | None:
    text = request.query_params.get("track")
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise ApplicationError("invalid", fields={"track": ["An id."]}) from error
