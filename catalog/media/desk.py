"""Media on the desk's home, and what roles may do here."""

from __future__ import annotations

from catalog.media.models import Gateway, Recording
from core.desk.registry import grant, place, queue

_GATEWAYS = "admin:media_gateway_changelist"

grant("operator", "media.view_gateway", "media.change_gateway", "media.release_gateway")
grant("moderator", "media.view_gateway")
grant("moderator", "media.view_recording", "media.change_recording", "media.view_step")

place(
    "Gateways",
    link=_GATEWAYS,
    permission="media.view_gateway",
    words="ipfs quarantine circuit delivery slow",
)


@queue("Gateways in quarantine", link=_GATEWAYS, permission="media.view_gateway", order=45)
def quarantined() -> int:
    return Gateway.objects.filter(quarantined_at__isnull=False).count()


@queue(
    "Recordings that failed",
    link="admin:media_recording_changelist?state__exact=failed",
    permission="media.view_recording",
    order=46,
)
def failed() -> int:
    """Our fault, not the artist's: somebody looks at the reason and tries again."""
    return Recording.objects.filter(state=Recording.State.FAILED).count()
