"""Media on the desk's home, and what roles may do here."""

from __future__ import annotations

from catalog.media.models import Recording
from core.desk.registry import grant, queue

grant("moderator", "media.view_recording", "media.change_recording", "media.view_step")


@queue(
    "Recordings that failed",
    link="admin:media_recording_changelist?state__exact=failed",
    permission="media.view_recording",
    order=45,
)
def failed() -> int:
    """Our fault, not the artist's: somebody looks at the reason and tries again."""
    return Recording.objects.filter(state=Recording.State.FAILED).count()
