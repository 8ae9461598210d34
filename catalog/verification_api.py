"""Applying to be known as an artist, from the Mini App. Only who applies ever reads it here."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import person
from accounts.models import User
from catalog.models import Artist, Verification
from catalog.selectors import artists_managed
from catalog.services import verification as services
from core.errors import ApplicationError


class VerificationInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=120)
    links = serializers.ListField(
        child=serializers.CharField(max_length=500), max_length=10, default=list
    )
    proof = serializers.CharField(max_length=4000, allow_blank=True, default="")
    artist = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="A page of the caller's"
    )


class VerificationFileSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    filename = serializers.CharField()


class VerificationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Verification.State.choices)
    name = serializers.CharField()
    links = serializers.ListField(child=serializers.CharField())
    proof = serializers.CharField()
    artist = serializers.UUIDField(source="artist_id", allow_null=True)
    answer = serializers.CharField(help_text="What staff last said, or empty")
    submitted_at = serializers.DateTimeField(allow_null=True)
    decided_at = serializers.DateTimeField(allow_null=True)
    files = VerificationFileSerializer(many=True, help_text="Added in the artist portal")


class ArtistChoiceSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField()
    verified = serializers.BooleanField()


class MyVerificationSerializer(serializers.Serializer[Any]):
    current = VerificationSerializer(allow_null=True, help_text="The newest one")
    artists = ArtistChoiceSerializer(many=True, help_text="Pages of the caller's")


class VerificationView(APIView):
    """The caller's newest application."""

    @extend_schema(operation_id="verification", responses=MyVerificationSerializer)
    def get(self, request: Request) -> Response:
        return _mine(person(request))

    @extend_schema(
        operation_id="verification_save",
        request=VerificationInput,
        responses=MyVerificationSerializer,
    )
    def put(self, request: Request) -> Response:
        """Keep what is written so far. It stays a draft until it is submitted."""
        given = VerificationInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor, data = person(request), dict(given.validated_data)
        artist_id = data.pop("artist")
        artist = artists_managed(actor).filter(pk=artist_id).first() if artist_id else None
        if artist_id and artist is None:
            raise ApplicationError("artist_unknown", detail="No such page of yours.", status=404)
        services.verification_save(actor=actor, artist=artist, **data)
        return _mine(actor)

    @extend_schema(operation_id="verification_drop", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Throw the draft away."""
        services.verification_drop(actor=person(request))
        return Response(status=204)


class VerificationSubmissionView(APIView):
    """Handing the draft in."""

    throttle_scope = "auth"

    @extend_schema(
        operation_id="verification_submit", request=None, responses=MyVerificationSerializer
    )
    def post(self, request: Request) -> Response:
        services.verification_submit(actor=person(request))
        return _mine(person(request))


def _mine(user: User) -> Response:
    newest = Verification.objects.filter(user=user).prefetch_related("files").first()
    pages = [_page(one) for one in artists_managed(user)]
    current = VerificationSerializer(newest).data if newest else None
    return Response({"current": current, "artists": pages})


def _page(artist: Artist) -> dict[str, Any]:
    return {"id": artist.pk, "name": artist.name, "verified": artist.verified_at is not None}
