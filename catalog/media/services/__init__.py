"""Writes of media: bytes become assets, uploads become recordings."""

from catalog.media.services.assets import CONTENT_TYPES, asset_store
from catalog.media.services.changes import (
    PREVIEW_MS,
    preview_move,
    recording_access_set,
    recording_again,
    recording_discard,
)
from catalog.media.services.keys import key_create, key_secret, keys_rewrap
from catalog.media.services.pictures import (
    cover_keep,
    cover_open,
    cover_store,
    renditions_due,
    renditions_make,
)
from catalog.media.services.pins import (
    pin_lost,
    pins_check,
    pins_ready,
    pins_release,
    pins_want,
    pins_work,
)
from catalog.media.services.recordings import (
    recording_create,
    recording_describe,
    recording_made,
    recording_move,
    recording_store,
)
from catalog.media.services.uploads import (
    quota_used,
    require_open,
    upload_begin,
    upload_cancel,
    upload_open,
    upload_receive,
    upload_refuse,
    upload_taken,
    uploads_sweep,
)
from catalog.media.services.workshop import (
    recording_begin,
    recording_retry,
    recording_work,
    recordings_pick_up,
)

__all__ = [
    "CONTENT_TYPES",
    "PREVIEW_MS",
    "asset_store",
    "cover_keep",
    "cover_open",
    "cover_store",
    "key_create",
    "key_secret",
    "keys_rewrap",
    "pin_lost",
    "pins_check",
    "pins_ready",
    "pins_release",
    "pins_want",
    "pins_work",
    "preview_move",
    "quota_used",
    "recording_access_set",
    "recording_again",
    "recording_begin",
    "recording_create",
    "recording_describe",
    "recording_discard",
    "recording_made",
    "recording_move",
    "recording_retry",
    "recording_store",
    "recording_work",
    "recordings_pick_up",
    "renditions_due",
    "renditions_make",
    "require_open",
    "upload_begin",
    "upload_cancel",
    "upload_open",
    "upload_receive",
    "upload_refuse",
    "upload_taken",
    "uploads_sweep",
]
