"""Who may publish in whose name."""

from __future__ import annotations

from accounts.models import User
from catalog.models import Artist
from core.errors import ApplicationError


def may_manage(actor: User, artist: Artist) -> bool:
    """The owner, a member of the team (object permission), or staff who may edit artists."""
    return actor.is_active and (
        artist.owner_id == actor.pk
        or actor.has_perm("catalog.manage_artist", artist)
        or (actor.is_staff and actor.has_perm("catalog.change_artist"))
    )


def require_manage(actor: User, artist: Artist) -> None:
    """Raises `not_your_artist` (403)."""
    if not may_manage(actor, artist):
        raise ApplicationError(
            "not_your_artist", detail="You do not publish for this artist.", status=403
        )


def require_staff(actor: User, permission: str) -> None:
    """Raises `forbidden` (403) unless the actor is staff with this permission."""
    if not (actor.is_active and actor.is_staff and actor.has_perm(permission)):
        raise ApplicationError("forbidden", detail="Your role does not allow this.", status=403)
