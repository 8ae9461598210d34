"""Services that keep our bytes on IPFS: our Kubo node, Pinata, anybody with the Pinning API."""

from __future__ import annotations

from django.conf import settings

from core.ipfs.pinning.base import Content, PinError, PinService, State, Status
from core.ipfs.pinning.kubo import Kubo
from core.ipfs.pinning.pinata import Pinata
from core.ipfs.pinning.remote import Remote

__all__ = [
    "Content",
    "Kubo",
    "PinError",
    "PinService",
    "Pinata",
    "Remote",
    "State",
    "Status",
    "services",
]


def services() -> dict[str, PinService]:
    """Every configured service by its name; those that take bytes first. Empty: nothing leaves."""
    found: list[PinService] = []
    if settings.IPFS_API:
        found.append(Kubo("own", settings.IPFS_API))
    if settings.PINATA_JWT:
        found.append(
            Pinata(
                "pinata",
                api=settings.PINATA_API_URL,
                uploads=settings.PINATA_UPLOAD_URL,
                token=settings.PINATA_JWT,
            )
        )
    for name, url in settings.IPFS_PINNING.items():
        token = settings.IPFS_PINNING_TOKENS.get(name, "")
        found.append(Remote(name, url, token=token, origins=settings.IPFS_ORIGINS))
    return {service.name: service for service in found}
