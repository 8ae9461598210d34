"""Who heard what: plays are promised when a link is signed, and counted when it was listened to.

A play token names the listener, the track, the link and the moment. It counts once a listener,
track and day (UTC), after 30 seconds or half of what the link plays, in real time, and only when
about as many bytes were asked for as that much sound needs. Guests are told apart by a digest of
their network and browser under a key of the day: nobody can tell afterwards who they were.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import models
from django.utils import timezone
from rest_framework.request import Request

from accounts.models import User
from catalog.media import links
from catalog.media.models import Asset
from catalog.models import PlayCount
from core.address import client_network
from core.errors import ApplicationError

ENOUGH_MS: Final = 30_000
TOKEN_SECONDS: Final = 3600  # what was asked of a link is remembered for as long
_SALT: Final = "catalog.plays"
_BOT: Final = re.compile(
    r"(?<!\bcu)bot\b|crawl|spider|slurp|fetch|scan|monitor|preview|headless|phantom|lighthouse"
    r"|facebookexternalhit|whatsapp|curl|wget|httpie|python|aiohttp|okhttp|axios|libwww|scrapy"
    r"|go-http|java/|perl|ruby|postman",
    re.IGNORECASE,
)


class Listener(NamedTuple):
    """Who asks: a user, or a guest of a network with a browser."""

    user: User | None
    network: str
    agent: str

    def mark(self, day: date) -> str:
        """What stands for the listener on that day."""
        if self.user is not None:
            return f"user:{self.user.pk}"
        key = hashlib.sha256(f"{_SALT}:{day.isoformat()}:{settings.SECRET_KEY}".encode()).digest()
        guest = f"{self.network}\n{self.agent}".encode()
        return f"guest:{hmac.digest(key, guest, 'sha256').hex()[:32]}"

    def link_mark(self) -> UUID:
        """Whom a link is signed for: the user's id, or something like one for a guest of today."""
        if self.user is not None:
            return UUID(str(self.user.pk))
        mark = self.mark(datetime.fromtimestamp(_now_ms() // 1000, UTC).date())
        return UUID(bytes=hashlib.sha256(mark.encode()).digest()[:16])

    @property
    def is_bot(self) -> bool:
        """It says so itself, or says nothing."""
        return not self.agent or _BOT.search(self.agent) is not None


class Reason(models.TextChoices):
    """What became of a play that was told."""

    COUNTED = "counted", "Counted today"
    BOT = "bot", "A program, not a person"
    OTHER_LISTENER = "other_listener", "Somebody else was given this link"
    EXPIRED = "expired", "Told too late"
    TOO_EARLY = "too_early", "Not listened to for long enough"
    NOT_HEARD = "not_heard", "The sound was never asked for"


@dataclass(frozen=True, slots=True)
class Promise:
    """What a play token says. at: milliseconds since 1970; need_bytes: of the link, at least."""

    grant: str
    track: UUID
    listener: str
    at: int
    need_ms: int
    need_bytes: int
    whole: bool

    @property
    def day(self) -> date:
        return datetime.fromtimestamp(self.at // 1000, UTC).date()


def listener_of(request: Request) -> Listener:
    user = request.user if isinstance(request.user, User) else None
    return Listener(user, client_network(request), request.headers.get("User-Agent", ""))


def play_promise(
    *, grant: str, track: UUID, listener: Listener, asset: Asset, length_ms: int, whole: bool
) -> tuple[str, int]:
    """The play token of a link that was just signed, and after how many ms it counts.

    grant: the number of the link (catalog.media.links). length_ms: of what the link plays. Half of
    its share of the bytes is enough: quiet music has smaller beginnings than loud ends.
    """
    need_ms = min(ENOUGH_MS, length_ms // 2)
    need_bytes = asset.size * need_ms // max(length_ms, 1) // 2
    at = _now_ms()
    mark = listener.mark(datetime.fromtimestamp(at // 1000, UTC).date())
    said = [grant, track.hex, mark, at, need_ms, max(need_bytes, 1), whole]
    return signing.dumps(said, salt=_SALT), need_ms


def track_plays(tracks: Iterable[UUID]) -> dict[UUID, int]:
    """How often each of these tracks was heard; those never heard are left out."""
    return dict(PlayCount.objects.filter(track__in=tracks).values_list("track", "plays"))


def refused(promise: Promise, listener: Listener) -> Reason | None:
    """Why a play does not count; None: it does."""
    age = _now_ms() - promise.at
    if age > TOKEN_SECONDS * 1000:
        return Reason.EXPIRED
    if listener.mark(promise.day) != promise.listener:
        return Reason.OTHER_LISTENER
    if listener.is_bot:
        return Reason.BOT
    if age < promise.need_ms:
        return Reason.TOO_EARLY
    if links.granted_bytes(promise.grant) < promise.need_bytes:
        return Reason.NOT_HEARD
    return None


def promise_of(token: str, track: UUID) -> Promise:
    """Errors: play_token_invalid (400: forged, or of another track)."""
    try:
        grant, named, *rest = _loaded(token)
        promise = Promise(grant, UUID(named), *rest)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise _invalid() from error
    if promise.track != track:
        raise _invalid()
    return promise


def _loaded(token: str) -> list[Any]:
    return list(signing.loads(token, salt=_SALT))


def _invalid() -> ApplicationError:
    return ApplicationError(
        "play_token_invalid", detail="This is no token of a play of this track."
    )


def _now_ms() -> int:
    return int(timezone.now().timestamp() * 1000)
