"""A release's row, held while something about it changes."""

from __future__ import annotations

from accounts.models import User
from catalog.models import Release
from catalog.permissions import require_manage
from core.errors import ApplicationError


def release_locked(actor: User, release: Release) -> Release:
    """The release as it is now, its row held until the transaction ends."""
    fresh = (
        Release.objects.select_for_update(of=("self",))
        .select_related("artist", "cover", "metadata")
        .get(pk=release.pk)
    )
    require_manage(actor, fresh.artist)
    return fresh


def release_draft(actor: User, release: Release) -> Release:
    fresh = release_locked(actor, release)
    if fresh.state != Release.State.DRAFT:
        raise ApplicationError(
            "release_published", detail="A published release does not change.", status=409
        )
    return fresh
