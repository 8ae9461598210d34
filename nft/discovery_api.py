"""Search, home, genres, and the pages of a track and a release: for everyone, told by ETags."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import HttpResponse
from django.utils.cache import patch_vary_headers
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.models import User
from catalog.answers import json_answer
from catalog.api import PAGE_PARAMETERS
from core import keyset
from core.api import page_of
from core.errors import ApplicationError
from nft import discovery, finding
from nft.api import PublicView
from nft.discovery_serializers import (
    FoundSerializer,
    GenresSerializer,
    HomeSerializer,
    ReleaseDetailSerializer,
    TrackDetailSerializer,
)

MAX_DIGITS: Final = 18  # of a price in nano-coins: what the chain's numbers hold and more
TRUE: Final = ("1", "true")
FALSE: Final = ("", "0", "false")
SEARCH_PARAMETERS: Final = [
    *PAGE_PARAMETERS,
    OpenApiParameter("q", str, description="Words, as typed; none: what is heard most"),
    OpenApiParameter("kind", str, enum=finding.Kind.values),
    OpenApiParameter("genre", str, description="As /genres names it, or in other letters"),
    OpenApiParameter("artist", str, description="An artist's slug"),
    OpenApiParameter("on_sale", bool, description="Only what can be collected now"),
    OpenApiParameter("price_max", int, description="Nano-coins that an edition costs at most"),
]


class SearchView(PublicView):
    """GET /search: tracks, releases, artists and public playlists in one list, the best first.

    Words are found as they are typed, in Latin and Cyrillic letters alike, with slips, and typed
    on the other keyboard. Filters by genre, artist, sale and price leave playlists out.
    """

    @extend_schema(
        operation_id="search",
        parameters=SEARCH_PARAMETERS,
        responses=page_of("FoundPage", FoundSerializer(many=True)),
    )
    def get(self, request: Request) -> HttpResponse:
        page = finding.find(
            _text(request, "q") or "",
            filters_of(request),
            limit=keyset.limit_of(request),
            after=_after(request),
        )
        cursor = keyset.cursor_of(page.next, finding.ORDERING) if page.next else None
        return json_answer(request, {"results": page.results, "next": cursor})


class HomeView(APIView):
    """GET /home: shelves for everyone; for the signed in, also of those they follow and heard."""

    permission_classes = (AllowAny,)

    @extend_schema(operation_id="home", responses=HomeSerializer)
    def get(self, request: Request) -> HttpResponse:
        user = request.user if isinstance(request.user, User) else None
        response = json_answer(request, discovery.home(user), private=user is not None)
        patch_vary_headers(response, ["Authorization"])
        return response


class GenresView(PublicView):
    """GET /genres: those of which there is something, most releases first, at most forty."""

    @extend_schema(operation_id="genres", responses=GenresSerializer)
    def get(self, request: Request) -> HttpResponse:
        return json_answer(request, {"results": discovery.genres()})


class TrackDetailView(PublicView):
    """GET /tracks/{id}: one track, its release's others and its drop."""

    @extend_schema(operation_id="tracks_detail", responses=TrackDetailSerializer)
    def get(self, request: Request, track: UUID) -> HttpResponse:
        answer = discovery.track_page(track)
        if answer is None:
            raise NotFound
        return json_answer(request, answer)


class ReleaseDetailView(PublicView):
    """GET /releases/{id}: a release with its tracks, whether it is for sale yet or not."""

    @extend_schema(operation_id="releases_detail", responses=ReleaseDetailSerializer)
    def get(self, request: Request, release: UUID) -> HttpResponse:
        answer = discovery.release_page(release)
        if answer is None:
            raise NotFound
        return json_answer(request, answer)


def filters_of(request: Request) -> finding.Filters:
    """Raises ApplicationError kind_invalid, on_sale_invalid, price_max_invalid (400)."""
    kind, price = _text(request, "kind"), _text(request, "price_max")
    on_sale = (_text(request, "on_sale") or "").lower()
    if kind is not None and kind not in finding.Kind.values:
        raise _invalid("kind", f"kind is one of {', '.join(finding.Kind.values)}.")
    if on_sale not in (*TRUE, *FALSE):
        raise _invalid("on_sale", "on_sale is true or false.")
    if price is not None and not (price.isascii() and price.isdigit() and len(price) <= MAX_DIGITS):
        raise _invalid("price_max", "price_max is a whole number of nano-coins.")
    return finding.Filters(
        kind=kind,
        genre=_text(request, "genre"),
        artist=_text(request, "artist"),
        on_sale=on_sale in TRUE,
        price_max=int(price) if price else None,
    )


def _text(request: Request, name: str) -> str | None:
    """A parameter; None when it is empty."""
    return request.query_params.get(name, "").strip() or None


def _after(request: Request) -> tuple[int, int] | None:
    values = keyset.cursor_values(request, finding.ORDERING)
    if values is None:
        return None
    score, key = map(int, values)  # signed by us: whoever changes it has an invalid one
    return score, key


def _invalid(name: str, detail: str) -> ApplicationError:
    return ApplicationError(f"{name}_invalid", f"Invalid {name}", detail)
