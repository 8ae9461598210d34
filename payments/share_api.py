"""Sharing from the Mini App: a message prepared by the bot, a link, a picture for a story."""

from __future__ import annotations

from typing import Any

import structlog
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import person
from accounts.models import User
from accounts.selectors import speaks
from core.telegram import api
from payments.sharing import Card, card_find, result_of
from referrals.services import code_ensure

log = structlog.get_logger(__name__)
KINDS = ("drop", "release", "track", "artist", "playlist", "item")


class ShareInput(serializers.Serializer[Any]):
    what = serializers.ChoiceField(choices=KINDS)
    id = serializers.CharField(max_length=80, help_text="An id; an edition's address")


class ShareSerializer(serializers.Serializer[Any]):
    """What the Mini App shares, by whichever way the person takes."""

    link = serializers.CharField(help_text="Opens it in Telegram, with the caller's referral code")
    text = serializers.CharField(help_text="Words to go with the link")
    picture = serializers.CharField(help_text="For a story; empty without one", allow_blank=True)
    message = serializers.CharField(
        allow_null=True, help_text="For shareMessage, within minutes; null outside of Telegram"
    )


class ShareView(APIView):
    """Prepare something to be sent to a friend."""

    throttle_scope = "shares"

    @extend_schema(request=ShareInput, responses=ShareSerializer, operation_id="share")
    def post(self, request: Request) -> Response:
        given = ShareInput(data=request.data)
        given.is_valid(raise_exception=True)
        user = person(request)
        what, key = given.validated_data["what"], given.validated_data["id"]
        card = card_find(what, key, user, speaks(user))
        code = code_ensure(user_id=user.pk).code
        return Response(
            {
                "link": card.link(code),
                "text": card.text(),
                "picture": card.picture(1000),
                "message": _prepared(card, user, code),
            }
        )


def _prepared(card: Card, user: User, code: str) -> str | None:
    """None where Telegram does not know the person, or does not answer: the link is left."""
    if user.telegram_id is None:
        return None
    result = result_of(card, code=code, language=speaks(user), photo=True)
    try:
        return str(api.message_prepare(user_id=user.telegram_id, result=result)["id"])
    except api.BotError as error:
        log.warning("message_not_prepared", code=error.code)
        return None
