"""Inline mode: "@bot words" in any chat answers with music (core.telegram.org/bots/inline).

Asked at every keystroke: it only reads, is not kept, and is answered in the webhook's own reply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import structlog
from django.conf import settings
from prometheus_client import Counter

from accounts.models import User
from accounts.selectors import speaks_who
from core.inbox import services as inbox
from core.ratelimit import Bucket, take
from core.telegram.languages import Words
from core.telegram.router import on_question, on_update
from nft.finding import Filters, find
from payments.sharing import card_of, result_of
from referrals.services import code_ensure

log = structlog.get_logger(__name__)
PAGE: Final = 20  # of at most 50
CACHED: Final = 30  # seconds, by Telegram, for this person alone: links carry their code
CHOSEN: Final = Counter("inline_chosen", "Inline answers that were sent to a chat", ["kind"])
_OPEN: Final[Words] = {"en": "Open Tonality", "ru": "Открыть Tonality"}
_KINDS: Final = {"t": "track", "d": "drop", "a": "artist", "p": "playlist"}


@on_question("inline_query", kept=False)
def inline(query: Mapping[str, Any]) -> dict[str, Any]:
    """What fits the words, the best first; without words what is heard most."""
    sender, language = int(query["from"]["id"]), speaks_who(query)
    tokens, seconds = settings.RATE_LIMITS["inline"]
    if take([Bucket("inline", str(sender), tokens, seconds)]) is not None:
        return _answer(query, [], "", 1, language)
    user = User.objects.filter(telegram_id=sender, is_active=True).first()
    code = code_ensure(user_id=user.pk).code if user is not None else None
    found = find(
        str(query.get("query", ""))[:256],
        Filters(),
        limit=PAGE,
        after=_after(str(query.get("offset", ""))),
    )
    shown = [card_of(one["kind"], one[one["kind"]], language) for one in found.results]
    results = [result_of(card, code=code, language=language) for card in shown]
    offset = f"{found.next[0]}:{found.next[1]}" if found.next else ""
    return _answer(query, results, offset, CACHED, language)


def _answer(
    query: Mapping[str, Any],
    results: list[dict[str, Any]],
    offset: str,
    cached: int,
    language: str,
) -> dict[str, Any]:
    app = {"url": f"{settings.PUBLIC_URL}/app/"}
    return {
        "method": "answerInlineQuery",
        "inline_query_id": str(query["id"]),
        "results": results,
        "cache_time": cached,
        "is_personal": True,
        "next_offset": offset,
        "button": {"text": _OPEN[language], "web_app": app},
    }


def _after(offset: str) -> tuple[int, int] | None:
    """Where an earlier answer ended. Anything else begins anew."""
    score, _, row = offset.partition(":")
    if not (score.lstrip("-").isdecimal() and row.isdecimal() and len(offset) <= 64):
        return None
    return int(score), int(row)


@on_update("chosen_inline_result", ordered=False)
def chosen(told: Mapping[str, Any]) -> inbox.Outcome:
    """Comes when feedback is on (@BotFather): which kinds people send, no more."""
    kind = _KINDS.get(str(told.get("result_id", ""))[:1], "other")
    CHOSEN.labels(kind).inc()
    log.info("inline_chosen", kind=kind)
    return inbox.applied
