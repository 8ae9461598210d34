"""Media on the desk's home."""

from __future__ import annotations

from catalog.media.models import Gateway
from core.desk.registry import grant, place, queue

_GATEWAYS = "admin:media_gateway_changelist"

grant("operator", "media.view_gateway", "media.change_gateway", "media.release_gateway")
grant("moderator", "media.view_gateway")

place(
    "Gateways",
    link=_GATEWAYS,
    permission="media.view_gateway",
    words="ipfs quarantine circuit delivery slow",
)


@queue("Gateways in quarantine", link=_GATEWAYS, permission="media.view_gateway", order=45)
def quarantined() -> int:
    return Gateway.objects.filter(quarantined_at__isnull=False).count()
