"""Telling a notice: one call of sendMessage, within Telegram's limits.

core.telegram.org/bots/faq: about 30 messages a second overall, one a second in a chat; above that
429 with how long to wait. 403: the person does not want the bot to write.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from prometheus_client import Counter

from accounts.models import User
from accounts.selectors import speaks
from accounts.services import bot_access_set
from core.outbox.services import Later
from core.ratelimit import Bucket, hold, take
from core.telegram import api
from notices import selectors
from notices.kinds import Kind, kind_of
from notices.models import Choice, Notice, QuietHours

log = structlog.get_logger(__name__)
State = Notice.State
STOP: Final = "stop"
# At most 5 + 25 in any second, over all processes; the bot's answers to updates have the rest.
EVERYBODY: Final = Bucket("bot", "all", 5, 0, 200)
CHAT_EVERY_SECONDS: Final = 1
AWAY_AGAIN: Final = timedelta(minutes=1)
TOLD: Final = Counter("notices_told", "Ends of notices", ["kind", "end"])
_STOP_WORDS: Final = {"en": "Stop these messages", "ru": "Больше не присылать"}


def notice_deliver(*, notice_id: UUID) -> None:
    """Send a notice, once. Raises Later when it has to wait."""
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(of=("self",))
            .select_related("user__preferences")
            .filter(pk=notice_id)
            .first()
        )
        if notice is None or not _ready(notice):
            return
        _wait_for_quiet(notice.user)
        _wait_for_turn(notice.user)
        _move(notice, State.SENDING)
    _send(notice)


def _ready(notice: Notice) -> bool:
    """Whether it is to be sent now; what will never be is put away."""
    if notice.state not in (State.WAITING, State.SENDING):
        return False
    kind = kind_of(notice.kind)
    if notice.state == State.SENDING and not kind.required:
        _end(notice, State.UNSURE, "cut short while it was being sent")
        return False
    if why := _objection(notice, kind):
        _end(notice, State.DROPPED, why)
        return False
    return True


def _objection(notice: Notice, kind: Kind) -> str:
    """Why it is not told after all: much may have happened since it was promised."""
    user = notice.user
    if not user.is_active or user.telegram_id is None:
        return "nobody to tell"
    if user.bot_access in (User.BotAccess.BLOCKED, User.BotAccess.REFUSED):
        return "the bot may not write"
    if timezone.now() - notice.created_at > kind.lives + _rest_of(user):
        return "no news any more"
    wanted = kind.required or Choice.objects.filter(user=user, kind=kind.name, on=True).exists()
    return "" if wanted else "switched off"


def _rest_of(user: User) -> timedelta:
    """How long quiet hours may hold a notice up: that is no reason to lose it."""
    hours = selectors.quiet_of(user)
    return timedelta(minutes=(hours.ends - hours.starts) % 1440) if hours else timedelta()


def _wait_for_quiet(user: User) -> None:
    hours = QuietHours.objects.filter(user=user).first()
    end = selectors.quiet_until(hours, timezone.now()) if hours else None
    if end is not None:
        raise Later(end - timezone.now())


def _wait_for_turn(user: User) -> None:
    chat = Bucket("bot_chat", str(user.telegram_id), 1, CHAT_EVERY_SECONDS)
    refusal = take([EVERYBODY, chat])
    if refusal is not None:
        raise Later(timedelta(seconds=refusal.wait))


def _send(notice: Notice) -> None:
    try:
        api.call("sendMessage", message_of(notice))
    except api.BotError as error:
        _failed(notice, error)
    else:
        _end(notice, State.SENT)


def message_of(notice: Notice) -> dict[str, Any]:
    """The fields of sendMessage (Bot API): text in the person's language, where to, how to stop."""
    kind, language = kind_of(notice.kind), speaks(notice.user)
    app = {"url": f"{settings.PUBLIC_URL}/app/{notice.link}"}
    rows = [[{"text": kind.open[language], "web_app": app}]]
    if not kind.required:
        stop = {"text": _STOP_WORDS[language], "callback_data": f"{STOP}:{kind.name}"}
        rows.append([stop])  # type: ignore[list-item]
    return {
        "chat_id": notice.user.telegram_id,
        "text": kind.say(language, notice.values),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
        "reply_markup": {"inline_keyboard": rows},
    }


def _failed(notice: Notice, error: api.BotError) -> None:
    """Refused for good, for now, or nobody knows."""
    log.info("notice_not_sent", kind=notice.kind, code=error.code)
    if error.code == 403:
        if "blocked" in error.description:
            bot_access_set(pk=notice.user_id, access=User.BotAccess.BLOCKED)
        return _end(notice, State.DROPPED, error.description)
    if error.unsure and not kind_of(notice.kind).required:
        return _end(notice, State.UNSURE, error.description)
    if not error.retry:
        return _end(notice, State.DROPPED, error.description)
    _move(notice, State.WAITING)
    wait = timedelta(seconds=error.retry_after) if error.retry_after else AWAY_AGAIN
    if error.code == 429:
        hold(EVERYBODY, wait)
    raise Later(wait)


def _end(notice: Notice, state: State, reason: str = "") -> None:
    _move(notice, state, reason)
    TOLD.labels(notice.kind, state).inc()


def _move(notice: Notice, state: State, reason: str = "") -> None:
    notice.state, notice.reason = state, reason[:200]
    if state == State.SENT:
        notice.sent_at = timezone.now()
    notice.save(update_fields=["state", "reason", "sent_at"])
