"""Every change of artists, releases and tracks: checked, and told in the audit trail."""

from catalog.services.artists import (
    artist_create,
    artist_picture_set,
    artist_status_set,
    artist_unverify,
    artist_update,
    artist_verify,
)
from catalog.services.plays import play_record
from catalog.services.releases import (
    MAX_TITLE_BYTES,
    release_cover_hang,
    release_cover_set,
    release_create,
    release_publish,
    release_update,
    release_withdraw,
    releases_keep,
)
from catalog.services.search import search_index, search_rebuild, search_weigh
from catalog.services.tracks import (
    MAX_TRACKS,
    track_add,
    track_move,
    track_preview_move,
    track_remove,
    track_retry,
    track_update,
)
from catalog.services.uploads import (
    cover_take,
    cover_upload_begin,
    title_of,
    track_upload_begin,
    upload_drop,
)

__all__ = [
    "MAX_TITLE_BYTES",
    "MAX_TRACKS",
    "artist_create",
    "artist_picture_set",
    "artist_status_set",
    "artist_unverify",
    "artist_update",
    "artist_verify",
    "cover_take",
    "cover_upload_begin",
    "play_record",
    "release_cover_hang",
    "release_cover_set",
    "release_create",
    "release_publish",
    "release_update",
    "release_withdraw",
    "releases_keep",
    "search_index",
    "search_rebuild",
    "search_weigh",
    "title_of",
    "track_add",
    "track_move",
    "track_preview_move",
    "track_remove",
    "track_retry",
    "track_update",
    "track_upload_begin",
    "upload_drop",
]
