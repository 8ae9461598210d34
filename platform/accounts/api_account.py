"""The account as a whole: where one is signed in, what we hold of one, and the end of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import errors, links, selectors, services
from accounts.authentication import person, session
from accounts.models import Session
from core import keyset, privacy
from core.api import page_of
from core.pages import limited
from core.wire import dumps

CONFIRMED = "erase"


class SessionSerializer(serializers.ModelSerializer[Session]):
    here = serializers.SerializerMethodField(help_text="The one that asks")

    class Meta:
        model = Session
        fields = ("id", "kind", "context", "device", "created_at", "refreshed_at", "here")

    def get_here(self, row: Session) -> bool:
        return bool(row.pk == self.context["here"])


class ObstacleSerializer(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="Stable, for words of one's own")
    detail = serializers.CharField(help_text="What to do, in English")
    count = serializers.IntegerField()
    link = serializers.CharField(help_text="Where it is settled inside the Mini App, or empty")


class KeptAfterwardsSerializer(serializers.Serializer[Any]):
    what = serializers.CharField()
    why = serializers.CharField()


class ErasureSerializer(serializers.Serializer[Any]):
    obstacles = ObstacleSerializer(many=True, help_text="Empty: the account may go now")
    kept = KeptAfterwardsSerializer(many=True, help_text="What stays afterwards, without a name")


class ErasureInput(serializers.Serializer[Any]):
    confirm = serializers.ChoiceField(choices=[CONFIRMED])


class ExportSerializer(serializers.Serializer[Any]):
    url = serializers.URLField(help_text="Good for ten minutes, in this session")
    file_name = serializers.CharField()
    expires_at = serializers.DateTimeField()


class SessionsView(APIView):
    """Where the caller is signed in."""

    @extend_schema(
        operation_id="sessions_list",
        parameters=[OpenApiParameter("cursor", str), OpenApiParameter("limit", int)],
        responses=page_of("SessionPage", SessionSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        page = keyset.page(selectors.sessions_of(person(request)), request)
        here = {"here": session(request).pk}
        rows = SessionSerializer(page.results, many=True, context=here).data
        return Response({"results": rows, "next": page.next})

    @extend_schema(operation_id="sessions_end_others", responses={204: None})
    def delete(self, request: Request) -> Response:
        """End all but the one that asks."""
        services.sessions_revoke_others(session=session(request))
        return Response(status=204)


class SessionView(APIView):
    """One place where the caller is signed in."""

    @extend_schema(operation_id="sessions_end", responses={204: None})
    def delete(self, request: Request, session_id: UUID) -> Response:
        """End it: its tokens stop working at once."""
        found = Session.objects.filter(pk=session_id, user=person(request)).first()
        if found is None:
            raise errors.session_not_found()
        services.session_revoke(session=found, actor=person(request), reason="ended_by_owner")
        return Response(status=204)


class ExportView(APIView):
    """All that we hold of the caller, to be saved."""

    throttle_scope = "auth"

    @extend_schema(operation_id="account_export", request=None, responses=ExportSerializer)
    def post(self, request: Request) -> Response:
        token = links.export_token(session(request).pk)
        return Response(
            {
                "url": f"{settings.PUBLIC_URL}{reverse('account-export', args=[token])}",
                "file_name": "tonality-my-data.json",
                "expires_at": timezone.now() + links.LIFETIME,
            }
        )


class ErasureView(APIView):
    """The end of the caller's account."""

    throttle_scope = "auth"

    @extend_schema(operation_id="account_erasure", responses=ErasureSerializer)
    def get(self, request: Request) -> Response:
        """What would happen, before anything does."""
        held = privacy.holdings()
        kept = [
            {"what": str(table._meta.verbose_name_plural), "why": why}  # noqa: SLF001  Django's own
            for table, why in held.items()
            if why
        ]
        found = privacy.obstacles(person(request).pk)
        return Response({"obstacles": ObstacleSerializer(found, many=True).data, "kept": kept})

    @extend_schema(operation_id="account_erase", request=ErasureInput, responses={204: None})
    def post(self, request: Request) -> Response:
        """Erase it now, for good. 409 account_open while something has to be settled first."""
        given = ErasureInput(data=request.data)
        given.is_valid(raise_exception=True)
        services.account_erase(user_id=person(request).pk)
        return Response(status=204)


@require_safe
@never_cache
@limited("auth")
def export_file(request: HttpRequest, token: str) -> HttpResponse:
    """GET /me/data/<token>: the file itself, to whoever was given the link minutes ago."""
    del request
    session_id = links.export_session(token)
    found = selectors.session_alive(session_id) if session_id else None
    if found is None:
        raise Http404
    data = {"made_at": timezone.now(), **privacy.export(found.user_id)}
    response = HttpResponse(dumps(data), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="tonality-my-data.json"'
    response["Referrer-Policy"] = "no-referrer"
    return response
