"""Artists for everyone. An artist's page with its drops belongs to the room of drops."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from catalog.answers import json_answer
from catalog.selectors import artist_card, artists_public
from catalog.serializers import ArtistSerializer
from core import keyset
from core.api import page_of

PAGE_PARAMETERS = [OpenApiParameter("cursor", str), OpenApiParameter("limit", int)]


class ArtistListView(APIView):
    """GET /artists: shown artists, newest first."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        operation_id="artists_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of("ArtistPage", ArtistSerializer(many=True)),
    )
    def get(self, request: Request) -> HttpResponse:
        page = keyset.page(artists_public(), request)
        results = [artist_card(artist) for artist in page.results]
        return json_answer(request, {"results": results, "next": page.next})
