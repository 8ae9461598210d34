"""Music on the desk: stored bytes, recordings in the works, pins and gateways."""

from catalog.media.admin import assets, gateways, pins, recordings

__all__ = ["assets", "gateways", "pins", "recordings"]
