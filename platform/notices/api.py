"""What somebody wants to be told, by which we mean the messages of the bot."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import person
from accounts.models import User
from accounts.services import bot_access_set
from notices import selectors, services
from notices.kinds import kinds


class NoticeKindSerializer(serializers.Serializer[Any]):
    kind = serializers.CharField()
    on = serializers.BooleanField()
    required = serializers.BooleanField(  # type: ignore[assignment]  # Field.required is a bool
        help_text="A payment needs it: it cannot be off"
    )


class QuietSerializer(serializers.Serializer[Any]):
    starts = serializers.IntegerField(min_value=0, max_value=1439, help_text="Minute of the day")
    ends = serializers.IntegerField(min_value=0, max_value=1439, help_text="Minute of the day")
    time_zone = serializers.CharField(max_length=64, help_text="IANA, for example Europe/Moscow")


class NoticesSerializer(serializers.Serializer[Any]):
    """All of it: whether the bot may write, every kind, and the quiet hours."""

    access = serializers.ChoiceField(choices=User.BotAccess.choices)
    kinds = NoticeKindSerializer(many=True)
    quiet = QuietSerializer(allow_null=True)


class NoticesInput(serializers.Serializer[Any]):
    kinds = serializers.DictField(child=serializers.BooleanField(), required=False)
    quiet = QuietSerializer(required=False, allow_null=True)


class AccessInput(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()


class NoticesView(APIView):
    """What the bot tells the caller."""

    @extend_schema(responses=NoticesSerializer, operation_id="notices")
    def get(self, request: Request) -> Response:
        return _answer(person(request))

    @extend_schema(request=NoticesInput, responses=NoticesSerializer, operation_id="notices_change")
    def patch(self, request: Request) -> Response:
        """Only what is named changes; `quiet` null ends the quiet hours."""
        given = NoticesInput(data=request.data)
        given.is_valid(raise_exception=True)
        user, data = person(request), given.validated_data
        with transaction.atomic():
            if data.get("kinds"):
                services.choices_set(user=user, on=data["kinds"])
            if data.get("quiet"):
                services.quiet_hours_set(user=user, **data["quiet"])
            elif "quiet" in data:
                services.quiet_hours_clear(user=user)
        return _answer(user)


class NoticeAccessView(APIView):
    """What the caller answered when Telegram asked whether the bot may write."""

    @extend_schema(request=AccessInput, responses=NoticesSerializer, operation_id="notices_access")
    def put(self, request: Request) -> Response:
        """Telegram tells the Mini App alone. A wrong yes costs one refused message."""
        given = AccessInput(data=request.data)
        given.is_valid(raise_exception=True)
        allowed = given.validated_data["allowed"]
        user = person(request)
        access = User.BotAccess.ALLOWED if allowed else User.BotAccess.REFUSED
        bot_access_set(pk=user.pk, access=access)
        user.bot_access = access
        return _answer(user)


def _answer(user: User) -> Response:
    on, quiet = selectors.choices_of(user), selectors.quiet_of(user)
    return Response(
        {
            "access": user.bot_access,
            "kinds": [
                {"kind": kind.name, "on": on[kind.name], "required": kind.required}
                for kind in kinds()
            ],
            "quiet": QuietSerializer(quiet).data if quiet else None,
        }
    )
