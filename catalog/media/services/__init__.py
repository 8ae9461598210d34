"""Writes of media: bytes become assets, uploads become recordings."""

from catalog.media.services.assets import CONTENT_TYPES, asset_store, cover_store
from catalog.media.services.keys import key_create, key_secret, keys_rewrap
from catalog.media.services.recordings import (
    recording_create,
    recording_describe,
    recording_made,
    recording_move,
    recording_store,
)

__all__ = [
    "CONTENT_TYPES",
    "asset_store",
    "cover_store",
    "key_create",
    "key_secret",
    "keys_rewrap",
    "recording_create",
    "recording_describe",
    "recording_made",
    "recording_move",
    "recording_store",
]
