"""Sheets of shares: put together by the artist, confirmed by everybody, fixed by a drop.

The release's row is the lock of its sheets. Every change makes the next version and takes all
confirmations back: nobody has ever agreed to something else than what is deployed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.models import User
from accounts.selectors import wallet_addresses
from catalog.models import Release
from catalog.permissions import require_manage
from contracts.splitter import MAX_PAYEES
from core import audit
from core.errors import ApplicationError
from core.money import BPS
from nft.models import Collection, Split, SplitShare
from nft.selectors import split_current

State = Split.State
OPEN: Final = (State.DRAFT, State.CONFIRMED)
_TAKEN: Final = (Collection.State.PREPARED, Collection.State.LIVE)


@dataclass(frozen=True, slots=True)
class Part:
    """A collaborator as the artist writes him down. share: the line that it was before, if any."""

    name: str
    bps: int
    share: UUID | None = None


def share_secret(share: SplitShare) -> str:
    """What the link of a line carries: nobody can guess it, and the artist may see it again."""
    return salted_hmac("nft.split_share", share.pk.hex, algorithm="sha256").hexdigest()[:40]


@transaction.atomic
def split_save(
    *, actor: User, release: Release, artist_bps: int, parts: Sequence[Part]
) -> Split | None:
    """Write the sheet down. The same sheet changes nothing; none without collaborators.

    Raises ApplicationError not_your_artist (403), split_invalid (400), drop_exists (409).
    """
    release = _locked(release, actor)
    _check(artist_bps, parts)
    now = split_current(release)
    if not parts:
        _withdraw(release, now, actor)
        return None
    if now is not None and _same(now, artist_bps, parts):
        return now
    made = _next_version(release, now)
    _write(made, release, artist_bps, parts, now)
    audit.record(
        actor=actor,
        action="nft.split_changed",
        target=made,
        after={
            "version": made.version,
            "shares": [{"name": one.name, "bps": one.bps} for one in made.shares.all()],
        },
    )
    return made


def _locked(release: Release, actor: User) -> Release:
    release = (
        Release.objects.select_for_update(of=("self",))
        .select_related("artist__owner")
        .get(pk=release.pk)
    )
    require_manage(actor, release.artist)
    if release.collections.filter(state__in=_TAKEN).exists():
        raise ApplicationError(
            "drop_exists", detail="The drop is prepared: its shares are fixed.", status=409
        )
    return release


def _check(artist_bps: int, parts: Sequence[Part]) -> None:
    total = artist_bps + sum(one.bps for one in parts)
    problem = ""
    if any(not one.name.strip() for one in parts):
        problem = "Everybody needs a name."
    elif len(parts) >= MAX_PAYEES:
        problem = f"At most {MAX_PAYEES} people share a release."
    elif artist_bps < 1 or any(one.bps < 1 for one in parts):
        problem = "Every share is more than nothing."
    elif total != BPS:
        problem = f"The shares make {total // 100}.{total % 100:02d} %, not 100.00 %."
    if problem:
        raise ApplicationError("split_invalid", "Invalid shares", problem)


def _same(split: Split, artist_bps: int, parts: Sequence[Part]) -> bool:
    first, *rest = split.shares.order_by("position")
    before = [(one.pk, one.name, one.bps) for one in rest]
    return first.bps == artist_bps and before == [(one.share, one.name, one.bps) for one in parts]


def _next_version(release: Release, now: Split | None) -> Split:
    """The open sheet, one version on; a fixed one stays, and a new sheet follows it."""
    newest = release.splits.order_by("-version").first()
    version = newest.version + 1 if newest else 1
    if now is None or now.state == State.FROZEN:
        return Split.objects.create(release=release, version=version, changed_at=timezone.now())
    now.version, now.state, now.changed_at = version, State.DRAFT, timezone.now()
    now.save(update_fields=["version", "state", "changed_at"])
    return now


def _write(
    split: Split, release: Release, artist_bps: int, parts: Sequence[Part], before: Split | None
) -> None:
    """All lines anew: who had joined keeps his line (and an unused link its address)."""
    known = {one.pk: one for one in before.shares.all()} if before else {}
    kept = before is not None and before.pk == split.pk
    split.shares.all().delete()
    artist = release.artist
    lines = [
        SplitShare(split=split, position=0, name=artist.name, user=artist.owner, bps=artist_bps)
    ]
    for place, part in enumerate(parts, start=1):
        old = known.get(part.share) if part.share else None
        line = SplitShare(split=split, position=place, name=part.name.strip(), bps=part.bps)
        if old is not None and old.position:
            line.user = old.user
            line.pk = old.pk if kept else line.pk
        lines.append(line)
    SplitShare.objects.bulk_create(lines)


def _withdraw(release: Release, now: Split | None, actor: User) -> None:
    """Without collaborators the artist has it all, and nothing has to be confirmed."""
    if now is None:
        return
    made = now
    if now.state == State.FROZEN:
        made = _next_version(release, now)
    made.state = State.WITHDRAWN
    made.save(update_fields=["state"])
    audit.record(actor=actor, action="nft.split_withdrawn", target=made)


@transaction.atomic
def share_join(*, actor: User, share_id: UUID, secret: str) -> SplitShare:
    """The link of a line was opened: the line is that person's from now on. Works once.

    Raises ApplicationError share_not_found (404), link_used, share_taken (409).
    """
    share = _share(share_id)
    if share is None or not constant_time_compare(secret, share_secret(share)):
        raise _not_found()
    if share.user_id == actor.pk:
        return share
    if share.user_id is not None or share.split.state != State.DRAFT:
        raise ApplicationError("link_used", detail="This link has been used.", status=409)
    if share.split.shares.filter(user=actor).exists():
        raise ApplicationError(
            "share_taken", detail="You have a share of this release already.", status=409
        )
    share.user = actor
    share.save(update_fields=["user"])
    audit.record(actor=actor, action="nft.split_joined", target=share)
    return share


@transaction.atomic
def share_confirm(*, actor: User, share_id: UUID, version: int, wallet: str) -> SplitShare:
    """Yes to this version of the sheet, and where the part of every sale is to go.

    Until the sheet is fixed it may be said again with another wallet. Raises ApplicationError
    share_not_found (404), split_changed, split_fixed (409), wallet_unproved (403).
    """
    share = _share(share_id)
    if share is None or share.user_id != actor.pk:
        raise _not_found()
    split = share.split
    if split.state not in OPEN:
        raise ApplicationError("split_fixed", detail="The shares are fixed by now.", status=409)
    if split.version != version:
        raise ApplicationError(
            "split_changed", detail="The shares were changed: look at them again.", status=409
        )
    if not wallet.startswith("0:") or wallet not in wallet_addresses(actor):
        raise ApplicationError(
            "wallet_unproved", detail="Choose a wallet that you have connected.", status=403
        )
    share.wallet, share.confirmed_at = wallet, timezone.now()
    share.save(update_fields=["wallet", "confirmed_at"])
    if not split.shares.filter(confirmed_at__isnull=True).exists():
        split.state = State.CONFIRMED
        split.save(update_fields=["state"])
    audit.record(
        actor=actor,
        action="nft.split_confirmed",
        target=share,
        after={"version": version, "bps": share.bps, "wallet": wallet},
    )
    return share


def _share(share_id: UUID) -> SplitShare | None:
    """The line, its sheet locked through the release."""
    found = SplitShare.objects.filter(pk=share_id).values_list("split__release", flat=True).first()
    if found is None:
        return None
    Release.objects.select_for_update(of=("self",)).get(pk=found)
    return SplitShare.objects.select_related("split").filter(pk=share_id).first()


def _not_found() -> ApplicationError:
    return ApplicationError("share_not_found", "Not Found", "There is no such share.", 404)


def split_ready(release: Release) -> Split | None:
    """The sheet that a drop of this release has to be prepared with; none: the artist alone.

    The caller holds the release's lock. Raises ApplicationError split_unconfirmed (409).
    """
    split = split_current(release)
    if split is None:
        return None
    shares = list(split.shares.select_related("user").order_by("position"))
    waiting = [one.name for one in shares if not _stands(one)]
    if split.state == State.DRAFT or waiting:
        who = ", ".join(waiting) or "somebody"
        raise ApplicationError(
            "split_unconfirmed", detail=f"The shares wait for {who} to confirm.", status=409
        )
    return split


def _stands(share: SplitShare) -> bool:
    """Confirmed, with a wallet that is still its owner's."""
    if share.user is None or share.confirmed_at is None:
        return False
    return share.wallet in wallet_addresses(share.user)


def split_freeze(*, split: Split) -> None:
    """A drop is prepared with it: from now on the database refuses every change."""
    if split.state == State.FROZEN:
        return
    split.state, split.frozen_at = State.FROZEN, timezone.now()
    split.save(update_fields=["state", "frozen_at"])
    audit.record(actor=None, action="nft.split_fixed", target=split)
