"""Who belongs to a playlist: invited by a link, given a role, sent away. Under the row's lock."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.models import User
from catalog.models import Playlist, PlaylistEdit, PlaylistInvitation, PlaylistMember
from catalog.playlists import EDITORS, Seen, role_of
from catalog.services.playlists import Kind, Need, Role, playlist_changed, playlist_lock
from core.errors import ApplicationError
from core.ids import uuid7

LIFETIME: Final = timedelta(days=7)
MAX_MEMBERS: Final = 50
_SECRET: Final = re.compile(r"[0-9a-f]{40}", re.ASCII)


def invitation_secret(invitation: PlaylistInvitation) -> str:
    """What the link carries: nobody can guess it, and the owner may see it again."""
    return salted_hmac("catalog.invitation", invitation.pk.hex, algorithm="sha256").hexdigest()[:40]


def invitation_of(playlist: Playlist) -> PlaylistInvitation | None:
    """The one that is open now."""
    return PlaylistInvitation.objects.filter(
        playlist=playlist, revoked_at__isnull=True, expires_at__gt=timezone.now()
    ).first()


def invitation_find(secret: str) -> PlaylistInvitation:
    """By the hash alone. Raises invitation_over (404) for all that lead nowhere, alike."""
    found = None
    if _SECRET.fullmatch(secret):
        found = (
            PlaylistInvitation.objects.filter(
                token_hash=_hash(secret),
                revoked_at__isnull=True,
                expires_at__gt=timezone.now(),
                playlist__deleted_at__isnull=True,
            )
            .select_related("playlist__owner__preferences", "playlist__cover")
            .first()
        )
    if found is None:
        raise ApplicationError(
            "invitation_over",
            detail="This invitation has ended, or never was. Ask for a new link.",
            status=404,
        )
    return found


@transaction.atomic
def invitation_make(*, user: User, playlist: UUID, role: str) -> PlaylistInvitation:
    """The open invitation to this role: the one there is, or a new one in the place of another.

    Errors: invalid (400: the role), playlist_not_found (404), playlist_forbidden (403).
    """
    if role not in (Role.VIEWER, Role.EDITOR):
        raise ApplicationError("invalid", fields={"role": ["viewer or editor."]})
    found = playlist_lock(user=user, playlist=playlist, need=Need.OWNER)
    current = invitation_of(found)
    if current is not None and current.role == role:
        return current
    _revoke(found)
    key = uuid7()
    made = PlaylistInvitation(id=key, playlist=found, role=role, made_by=user)
    made.token_hash = _hash(invitation_secret(made))
    made.expires_at = timezone.now() + LIFETIME
    made.save(force_insert=True)
    playlist_changed(found, user, [PlaylistEdit(kind=Kind.INVITED, value=role)])
    return made


@transaction.atomic
def invitation_revoke(*, user: User, playlist: UUID) -> None:
    """The link leads nowhere from now on. Without one, nothing changes.

    Errors: playlist_not_found (404), playlist_forbidden (403).
    """
    found = playlist_lock(user=user, playlist=playlist, need=Need.OWNER)
    if _revoke(found):
        playlist_changed(found, user, [PlaylistEdit(kind=Kind.UNINVITED)])


@transaction.atomic
def invitation_accept(*, user: User, secret: str) -> Seen:
    """The user is a member from now on. Who is one with as many rights already stays as they are.

    Errors: invitation_over (404), playlist_members_full (409).
    """
    key = invitation_find(secret).playlist_id
    playlist = Playlist.objects.select_for_update().get(pk=key)
    role = invitation_find(secret).role  # it may have ended while we waited for the lock
    have = role_of(playlist, user)
    if have == role or have in EDITORS:
        return Seen(playlist, have)
    if not have and playlist.members.count() >= MAX_MEMBERS:
        raise ApplicationError(
            "playlist_members_full",
            detail=f"At most {MAX_MEMBERS} people share one playlist.",
            status=409,
        )
    PlaylistMember.objects.update_or_create(playlist=playlist, user=user, defaults={"role": role})
    playlist_changed(playlist, user, [PlaylistEdit(kind=Kind.JOINED, member=user, value=role)])
    return Seen(playlist, role)


@transaction.atomic
def member_role_set(*, user: User, playlist: UUID, member: UUID, role: str) -> PlaylistMember:
    """The owner lets somebody edit, or only look. Again the same: nothing changes.

    Errors: invalid (400: the role), member_not_found (404), member_is_owner (409),
    playlist_not_found (404), playlist_forbidden (403).
    """
    if role not in (Role.VIEWER, Role.EDITOR):
        raise ApplicationError("invalid", fields={"role": ["viewer or editor."]})
    found = playlist_lock(user=user, playlist=playlist, need=Need.OWNER)
    row = _other(found, member)
    if row.role != role:
        row.role = role
        row.save(update_fields=["role"])
        playlist_changed(found, user, [PlaylistEdit(kind=Kind.ROLE, member=row.user, value=role)])
    return row


@transaction.atomic
def member_remove(*, user: User, playlist: UUID, member: UUID) -> None:
    """The owner sends somebody away, or a member leaves. What they added stays.

    Errors: member_not_found (404), member_is_owner (409), playlist_not_found (404),
    playlist_forbidden (403: somebody else, and not the owner).
    """
    found = playlist_lock(user=user, playlist=playlist, need=Need.MEMBER)
    row = _other(found, member)
    if row.user_id != user.pk:
        playlist_lock(user=user, playlist=playlist, need=Need.OWNER)
    row.delete()
    playlist_changed(found, user, [PlaylistEdit(kind=Kind.LEFT, member=row.user)])


def _other(playlist: Playlist, member: UUID) -> PlaylistMember:
    row = playlist.members.filter(pk=member).select_related("user").first()
    if row is None:
        raise ApplicationError("member_not_found", detail="They are no member.", status=404)
    if row.role == Role.OWNER:
        raise ApplicationError(
            "member_is_owner",
            detail="The owner stays the owner. A playlist that nobody needs can be deleted.",
            status=409,
        )
    return row


def _revoke(playlist: Playlist) -> bool:
    """Also one that has expired: only one may be open."""
    rows = PlaylistInvitation.objects.filter(playlist=playlist, revoked_at__isnull=True)
    return bool(rows.update(revoked_at=timezone.now()))


def _hash(secret: str) -> str:
    """What is stored of it, so that who reads the database cannot join."""
    return hashlib.sha256(secret.encode()).hexdigest()
