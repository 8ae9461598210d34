"""Listening: a signed link to what the caller may hear, the master to keep, and plays."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
)
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from catalog.plays import Reason, listener_of
from catalog.services import play_record
from core.errors import ApplicationError
from core.ton.addresses import AddressInvalid, parse
from nft import streaming
from nft.serializers import (
    DownloadSerializer,
    PlayInputSerializer,
    PlaySerializer,
    StreamSerializer,
)

ENCODINGS: Final = ("aac", "opus")
ITEM: Final = OpenApiParameter(
    "item", str, description="Address of an edition that the caller holds, if he knows it"
)
_PREVIEW: Final = {
    "access": "preview",
    "url": "/media/7YVt…",
    "expires_at": "2026-11-25T12:05:00Z",
    "content_type": "audio/mp4",
    "duration_ms": 183_000,
    "preview_start_ms": 42_000,
    "reason": "not_holder",
    "detail": "This is the preview. Collect the release to hear it all.",
    "download": False,
    "play_token": "WyI3YjI…",
    "play_after_ms": 15_000,
}
_HOLDER: Final = {
    **_PREVIEW,
    "access": "full",
    "reason": "holder",
    "detail": "You hold an edition of this release.",
    "download": True,
    "play_after_ms": 30_000,
}
_MASTER: Final = {
    "url": "/media/7YVt…",
    "expires_at": "2026-11-25T12:05:00Z",
    "filename": "Nordlys - 01 First Crossing.flac",
    "content_type": "audio/flac",
    "size": 21_480_112,
}
_UNKNOWN: Final = {
    **_PREVIEW,
    "reason": "ownership_unknown",
    "detail": streaming.Reason.UNKNOWN.label,
}


class OpenView(APIView):
    """For everyone; who sends a token is known."""

    permission_classes = (AllowAny,)


class StreamView(OpenView):
    """GET /tracks/{id}/stream: a link of five minutes to the preview or to the whole track."""

    throttle_scope = "streams"

    @extend_schema(
        operation_id="tracks_stream",
        parameters=[OpenApiParameter("format", str, enum=list(ENCODINGS)), ITEM],
        responses=StreamSerializer,
        examples=[
            OpenApiExample("Somebody without an edition", value=_PREVIEW, response_only=True),
            OpenApiExample("The holder of an edition", value=_HOLDER, response_only=True),
            OpenApiExample("The chain does not answer", value=_UNKNOWN, response_only=True),
        ],
    )
    def get(self, request: Request, track: UUID) -> Response:
        wanted = request.query_params.get("format") or "aac"
        if wanted not in ENCODINGS:
            raise ApplicationError("format_invalid", "Invalid format", "format is aac or opus.")
        return _private(
            streaming.track_stream(
                track=track, listener=listener_of(request), wanted=wanted, item=_item(request)
            )
        )


class DownloadView(OpenView):
    """GET /tracks/{id}/download: a link to the lossless master, for who may hear all of it."""

    throttle_scope = "streams"

    @extend_schema(
        operation_id="tracks_download",
        parameters=[ITEM],
        responses={
            200: DownloadSerializer,
            503: OpenApiResponse(description="ownership_unknown: no source of the chain answers"),
        },
        examples=[OpenApiExample("The holder", value=_MASTER, response_only=True)],
    )
    def get(self, request: Request, track: UUID) -> Response:
        listener = listener_of(request)
        return _private(
            streaming.track_download(track=track, listener=listener, item=_item(request))
        )


class PlayView(OpenView):
    """POST /tracks/{id}/plays: it was listened to. Telling it twice counts once."""

    throttle_scope = "plays"

    @extend_schema(
        operation_id="tracks_plays",
        request=PlayInputSerializer,
        responses=PlaySerializer,
        examples=[
            OpenApiExample(
                "Counted", value={"counted": True, "reason": "counted"}, response_only=True
            ),
            OpenApiExample(
                "Told at once", value={"counted": False, "reason": "too_early"}, response_only=True
            ),
        ],
    )
    def post(self, request: Request, track: UUID) -> Response:
        told = PlayInputSerializer(data=request.data)
        told.is_valid(raise_exception=True)
        token = told.validated_data["play_token"]
        reason = play_record(track=track, token=token, listener=listener_of(request))
        return _private({"counted": reason == Reason.COUNTED, "reason": reason.value})


def _item(request: Request) -> str:
    """The raw address of the edition that was named; "" for none, or for what is no address."""
    try:
        return parse(request.query_params.get("item", ""))
    except AddressInvalid:
        return ""


def _private(answer: dict[str, Any]) -> Response:
    return Response(answer, headers={"Cache-Control": "private, no-store"})
