"""Who hears what: the preview is for everyone, the whole track for those who hold an edition.

The chain is asked at the moment when a link is signed, for few editions only: what we remember of
owners chooses which ones, and never decides. When nobody answers nobody is refused the preview,
and nobody is given more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.selectors import wallet_addresses
from catalog.media import links
from catalog.media.models import Asset, Recording
from catalog.media.serving import file_name
from catalog.models import Artist, Release, Track
from catalog.plays import ENOUGH_MS, Listener, play_promise
from core.errors import ApplicationError
from core.ton.client import ChainError
from nft.models import Item
from nft.services import item_owner_read

log = structlog.get_logger(__name__)
# Editions whose owner is read for one answer: the last acquired; the next answer reads the others.
MAX_READS: Final = 3
_LATER: Final = {"Retry-After": "30"}


class Reason(models.TextChoices):
    """Why somebody hears the whole track, or only the preview. The labels are for the listener."""

    OPEN = "open", "The artist lets everyone hear this track."
    HOLDER = "holder", "You hold an edition of this release."
    GUEST = "guest", "This is the preview. Sign in and collect the release to hear it all."
    NO_WALLET = "no_wallet", "This is the preview. Link the wallet that holds your edition."
    NOT_HOLDER = "not_holder", "This is the preview. Collect the release to hear it all."
    UNKNOWN = (
        "ownership_unknown",
        "This is the preview: the blockchain does not answer, so we cannot see your edition now.",
    )
    UNREADY = "not_ready", "This is the preview: the full track is still being prepared."


FULL: Final = frozenset({Reason.OPEN, Reason.HOLDER})


@dataclass(frozen=True, slots=True)
class Stream:
    """What a player is given. size, length_ms: of what the link plays."""

    asset: Asset
    whole: bool
    reason: Reason
    length_ms: int


def track_stream(
    *, track: UUID, listener: Listener, wanted: str = "aac", item: str = ""
) -> dict[str, Any]:
    """The answer of GET /tracks/{id}/stream. wanted: "aac" or "opus", the other one if there is
    none. item: raw address of an edition that the listener says is his.

    Errors: not_found (404: unknown, a draft, or out of the shop and not his), nothing_to_play.
    """
    found, reason = _asked(track, listener, item)
    stream = _chosen(found.recording, reason, wanted)
    url = links.media_url(stream.asset, listener=listener.link_mark())
    link = links.link_at(url)
    token, after_ms = play_promise(
        grant=link.grant,
        track=found.pk,
        listener=listener,
        asset=stream.asset,
        length_ms=stream.length_ms,
        whole=stream.whole,
    )
    return {
        "access": "full" if stream.whole else "preview",
        "url": url,
        "expires_at": datetime.fromtimestamp(link.expires_at, UTC),
        "content_type": stream.asset.content_type,
        "duration_ms": found.recording.duration_ms,
        "preview_start_ms": found.recording.preview_start_ms,
        "reason": stream.reason.value,
        "detail": stream.reason.label,
        "download": stream.whole and found.recording.master_id is not None,
        "play_token": token,
        "play_after_ms": after_ms,
    }


def track_download(*, track: UUID, listener: Listener, item: str = "") -> dict[str, Any]:
    """A link to the master, to be saved: for who may hear the whole track.

    Errors: not_found (404), the reason's own code (403), ownership_unknown (503).
    """
    found, reason = _asked(track, listener, item)
    if reason == Reason.UNKNOWN:
        detail = "The blockchain does not answer now. Try again in a minute."
        raise ApplicationError(reason.value, "Not known now", detail, 503, headers=_LATER)
    master = found.recording.master
    if reason not in FULL or master is None:
        detail = "The master is for those who hold an edition of this release."
        raise ApplicationError(reason.value, "For holders", detail, 403)
    called = f"{found.release.artist.name} - {found.position:02} {found.title}"
    filename = file_name(master, called)
    url = links.media_url(master, listener=listener.link_mark(), attachment=True, filename=filename)
    return {
        "url": url,
        "expires_at": datetime.fromtimestamp(links.link_at(url).expires_at, UTC),
        "filename": filename,
        "content_type": master.content_type,
        "size": master.size,
    }


def _asked(track: UUID, listener: Listener, item: str) -> tuple[Track, Reason]:
    """The track and what the listener may hear of it; what is out of the shop is his or missing."""
    found = _track(track)
    reason = right_to(found, listener.user, item)
    if not _shown(found.release) and reason not in {Reason.HOLDER, Reason.UNKNOWN}:
        raise _missing()
    return found, reason


def right_to(track: Track, user: User | None, item: str = "") -> Reason:
    """Read the chain as far as it has to be read; changed owners are recorded on the way."""
    if track.recording.access == Asset.Access.OPEN and _shown(track.release):
        return Reason.OPEN
    if user is None:
        return Reason.GUEST
    wallets = wallet_addresses(user)
    if not wallets:
        return Reason.NO_WALLET
    return _held(_candidates(track.release_id, wallets, item), wallets)


def _candidates(release: UUID, wallets: Sequence[str], item: str) -> list[Item]:
    """Editions to ask about: the named one first, then those last seen in the wallets."""
    mine = Q(owner__in=wallets)
    found = Item.objects.filter(collection__release=release).filter(
        mine | Q(address=item) if item else mine
    )
    named = models.Case(models.When(address=item, then=0), default=1)
    return list(found.order_by(named, "-acquired_at", "-id")[:MAX_READS])


def _held(items: Sequence[Item], wallets: Sequence[str]) -> Reason:
    silent = False
    for one in items:
        try:
            owner = item_owner_read(item=one)
        except ChainError as error:
            log.warning("ownership_unknown", address=one.address, error=str(error))
            return Reason.UNKNOWN
        if owner in wallets:
            return Reason.HOLDER
        silent = silent or owner is None
    return Reason.UNKNOWN if silent else Reason.NOT_HOLDER


def _chosen(recording: Recording, reason: Reason, wanted: str) -> Stream:
    both = (recording.aac, recording.opus)
    whole = next((one for one in (both if wanted == "aac" else both[::-1]) if one), None)
    if reason in FULL and whole is not None:
        return Stream(whole, whole=True, reason=reason, length_ms=recording.duration_ms)
    if recording.preview is None:
        raise ApplicationError(
            "nothing_to_play", "Nothing to play", "This track has no preview yet.", 409
        )
    why = Reason.UNREADY if reason in FULL else reason
    length = min(ENOUGH_MS, max(recording.duration_ms - recording.preview_start_ms, 0))
    return Stream(recording.preview, whole=False, reason=why, length_ms=length)


def _track(track: UUID) -> Track:
    found = (
        Track.objects.select_related(
            "release__artist",
            "recording__master",
            "recording__aac",
            "recording__opus",
            "recording__preview",
        )
        .exclude(release__state=Release.State.DRAFT)
        .filter(pk=track)
        .first()
    )
    if found is None:
        raise _missing()
    return found


def _shown(release: Release) -> bool:
    return (
        release.state == Release.State.PUBLISHED and release.artist.status == Artist.Status.ACTIVE
    )


def _missing() -> ApplicationError:
    return ApplicationError("not_found", detail="There is no such track.", status=404)
