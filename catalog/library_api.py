"""What the caller likes and follows. Writes are idempotent: PUT and DELETE, no toggles."""

from __future__ import annotations

from typing import Any, Final, cast
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from catalog import selectors, services
from catalog.answers import json_answer
from catalog.api import PAGE_PARAMETERS
from catalog.cards import TRACK_JOINS, placed_track
from catalog.library_serializers import (
    FollowedArtistSerializer,
    FollowedSerializer,
    LikedSerializer,
    LikedTrackSerializer,
    MarksSerializer,
)
from catalog.models import Artist, Follow, Like
from core import keyset
from core.api import page_of
from core.errors import ApplicationError

MAX_MARKS: Final = 100


class LikeView(APIView):
    """A track that the caller likes."""

    throttle_scope = "library"

    @extend_schema(operation_id="tracks_like", request=None, responses=LikedSerializer)
    def put(self, request: Request, track: UUID) -> Response:
        """Like it. Safe to repeat."""
        services.like_put(user=user_of(request), track=track)
        return Response({"liked": True, "likes": _likes(track)})

    @extend_schema(operation_id="tracks_unlike", responses=LikedSerializer)
    def delete(self, request: Request, track: UUID) -> Response:
        """Like it no more. Safe to repeat."""
        services.like_drop(user=user_of(request), track=track)
        return Response({"liked": False, "likes": _likes(track)})


class LikeListView(APIView):
    """GET /me/likes: tracks that the caller likes, last liked first."""

    @extend_schema(
        operation_id="me_likes",
        parameters=PAGE_PARAMETERS,
        responses=page_of("LikedTrackPage", LikedTrackSerializer(many=True)),
    )
    def get(self, request: Request) -> HttpResponse:
        joins = [f"track__{join}" for join in TRACK_JOINS]
        rows = Like.objects.filter(user=user_of(request)).select_related(*joins)
        page = keyset.page(rows, request)
        results = [
            {**placed_track(like.track), "liked_at": like.created_at} for like in page.results
        ]
        return json_answer(request, {"results": results, "next": page.next}, private=True)


class FollowView(APIView):
    """An artist whom the caller follows."""

    throttle_scope = "library"

    @extend_schema(operation_id="artists_follow", request=None, responses=FollowedSerializer)
    def put(self, request: Request, slug: str) -> Response:
        """Follow them. Safe to repeat."""
        artist = services.follow_put(user=user_of(request), slug=slug)
        return Response({"followed": True, "followers": _followers(artist)})

    @extend_schema(operation_id="artists_unfollow", responses=FollowedSerializer)
    def delete(self, request: Request, slug: str) -> Response:
        """Follow them no more. Safe to repeat."""
        artist = services.follow_drop(user=user_of(request), slug=slug)
        return Response({"followed": False, "followers": _followers(artist)})


class FollowListView(APIView):
    """GET /me/follows: artists whom the caller follows, last followed first."""

    @extend_schema(
        operation_id="me_follows",
        parameters=PAGE_PARAMETERS,
        responses=page_of("FollowedArtistPage", FollowedArtistSerializer(many=True)),
    )
    def get(self, request: Request) -> HttpResponse:
        rows = Follow.objects.filter(
            user=user_of(request), artist__status=Artist.Status.ACTIVE
        ).select_related("artist__picture")
        page = keyset.page(rows, request)
        results = [
            {**selectors.artist_card(follow.artist), "followed_at": follow.created_at}
            for follow in page.results
        ]
        return json_answer(request, {"results": results, "next": page.next}, private=True)


class MarksView(APIView):
    """GET /me/marks: which of these tracks the caller likes, which of these artists they follow.

    Public answers stay the same for everyone, and can be kept; this says what is the caller's.
    """

    @extend_schema(
        operation_id="me_marks",
        parameters=[
            OpenApiParameter("tracks", str, description=f"Ids with commas, at most {MAX_MARKS}"),
            OpenApiParameter("artists", str, description=f"Ids with commas, at most {MAX_MARKS}"),
        ],
        responses=MarksSerializer,
    )
    def get(self, request: Request) -> HttpResponse:
        found = selectors.marks(user_of(request), _ids(request, "tracks"), _ids(request, "artists"))
        return json_answer(request, found, private=True)


def user_of(request: Request) -> User:
    return cast("User", request.user)


def _ids(request: Request, name: str) -> list[UUID]:
    texts = [text for text in request.query_params.get(name, "").split(",") if text]
    try:
        if len(texts) > MAX_MARKS:
            raise ValueError
        return [UUID(text) for text in texts]
    except ValueError as error:
        fields: dict[str, Any] = {name: [f"At most {MAX_MARKS} ids with commas between them."]}
        raise ApplicationError("invalid", "Invalid input", fields=fields) from error


def _likes(track: UUID) -> int:
    return selectors.likes_of([track]).get(track, 0)


def _followers(artist: Artist) -> int:
    return selectors.followers_of([artist.pk]).get(artist.pk, 0)
