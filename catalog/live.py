"""Live topics of playlists."""

from __future__ import annotations

from uuid import UUID

from accounts.models import User
from catalog.playlists import playlist_seen
from core.errors import ApplicationError
from core.live import topic


@topic("playlist")
def playlist(user: User | None, key: str) -> bool:
    """`playlist:<id or link's token>`: that it changed, for whoever may see it by that key."""
    try:
        playlist_seen(UUID(key), user)
    except (ValueError, ApplicationError):
        return False
    return True
