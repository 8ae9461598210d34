"""Stored bytes, what they were made of, and where they are kept."""

from catalog.media.models.assets import AccessKey, Asset, Rendition
from catalog.media.models.network import Gateway, GatewayEvent, GatewayMinute, Pin
from catalog.media.models.recordings import Recording, Step, Upload

__all__ = [
    "AccessKey",
    "Asset",
    "Gateway",
    "GatewayEvent",
    "GatewayMinute",
    "Pin",
    "Recording",
    "Rendition",
    "Step",
    "Upload",
]
