"""Releases: drafted, given a cover, published, withdrawn."""

from __future__ import annotations

import io
from typing import IO, Final

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import User
from catalog.media.covers import Cover
from catalog.media.models import Asset, Pin, Recording
from catalog.media.services import asset_store, cover_keep, cover_open, pins_want
from catalog.metadata import release_metadata
from catalog.models import Artist, Release
from catalog.permissions import require_manage
from catalog.selectors import release_assets
from catalog.services.clips import Film, film_of
from catalog.services.drafts import release_draft, release_locked
from catalog.services.search import search_index
from catalog.slugs import free_slug
from catalog.validation import require_valid
from core import audit
from core.errors import ApplicationError
from core.ipfs import pinning

MAX_TITLE_BYTES: Final = 100  # what the collection contract can hold beside "#12 of 500"


@transaction.atomic
def release_create(
    *, actor: User, artist: Artist, title: str, description: str = "", genre: str = ""
) -> Release:
    """A draft without cover and tracks."""
    require_manage(actor, artist)
    release = Release(
        artist=artist,
        slug=free_slug(title, artist.releases.all(), fallback="release", length=100),
        title=title.strip(),
        description=description.strip(),
        genre=genre.strip(),
    )
    _require_sound(release)
    release.save(force_insert=True)
    audit.record(actor=actor, action="catalog.release_create", target=release)
    return release


@transaction.atomic
def release_update(
    *, actor: User, release: Release, title: str, description: str, genre: str
) -> Release:
    """Change what a draft says; its address follows the title, because nobody has it yet."""
    release = release_draft(actor, release)
    before = {"title": release.title, "description": release.description, "genre": release.genre}
    if title.strip() != release.title:
        others = Release.objects.filter(artist=release.artist_id).exclude(pk=release.pk)
        release.slug = free_slug(title, others, fallback="release", length=100)
    release.title, release.description = title.strip(), description.strip()
    release.genre = genre.strip()
    _require_sound(release)
    release.save(update_fields=["title", "slug", "description", "genre"])
    after = {"title": release.title, "description": release.description, "genre": release.genre}
    audit.record(
        actor=actor, action="catalog.release_update", target=release, before=before, after=after
    )
    return release


def _require_sound(release: Release) -> None:
    require_valid(release)
    if len(release.title.encode()) > MAX_TITLE_BYTES:
        raise ApplicationError(
            "invalid", fields={"title": [f"At most {MAX_TITLE_BYTES} bytes: it stands on chain."]}
        )


def release_cover_set(*, actor: User, release: Release, data: IO[bytes]) -> Release:
    """The cover and the two colours that it lends the page. Drafts only."""
    require_manage(actor, release.artist)
    cover = cover_open(data=data)  # before the draft is locked
    return release_cover_hang(actor=actor, release=release, cover=cover)


@transaction.atomic
def release_cover_hang(*, actor: User, release: Release, cover: Cover) -> Release:
    """As release_cover_set, for a cover that is decoded already."""
    release = release_draft(actor, release)
    release.cover = cover_keep(cover=cover)
    release.colour_deep, release.colour_bright = cover.deep, cover.bright
    release.save(update_fields=["cover", "colour_deep", "colour_bright"])
    audit.record(
        actor=actor,
        action="catalog.release_cover_set",
        target=release,
        after={"cid": release.cover.cid},
    )
    return release


def release_publish(*, actor: User, release: Release) -> Release:
    """Write the release's metadata, by which its contract will name it; from now on it stays.

    The clip is filmed first, before anything is locked. A published release is returned as it is.
    Errors: cover_missing, tracks_missing, tracks_unready, release_withdrawn, busy (503: changed
    while it was filmed).
    """
    require_manage(actor, release.artist)
    draft = Release.objects.select_related("cover").get(pk=release.pk)
    film = film_of(draft) if draft.state == Release.State.DRAFT else None
    return _publish(actor, release, film)


@transaction.atomic
def _publish(actor: User, release: Release, film: Film | None) -> Release:
    release = release_locked(actor, release)
    if release.state == Release.State.PUBLISHED:
        return release
    tracks = list(release.tracks.select_related("recording__master", "recording__preview"))
    if release.state == Release.State.WITHDRAWN:
        raise ApplicationError("release_withdrawn", status=409)
    if release.cover is None:
        raise ApplicationError("cover_missing", detail="Give the release a cover first.")
    if not tracks:
        raise ApplicationError("tracks_missing", detail="Add at least one track first.")
    if late := [one.title for one in tracks if one.recording.state != Recording.State.READY]:
        raise ApplicationError(
            "tracks_unready", detail=f"Not ready yet: {', '.join(late)}.", status=409
        )
    first = tracks[0].recording.preview_id
    if film and (film.cover, film.preview) != (release.cover_id, first):
        raise ApplicationError("busy", "Busy", "It was changed just now. Publish again.", 503)
    release.clip = film.clip if film else None
    release.published_at = timezone.now()
    release.metadata = asset_store(
        kind=Asset.Kind.METADATA,
        data=io.BytesIO(release_metadata(release, tracks, release.published_at)),
        content_type="application/json",
    )
    moved = _release_move(actor, release, Release.State.PUBLISHED, "release_publish")
    pins_want(*release_assets(moved))
    return moved


def releases_keep(*, batch: int = 50) -> int:
    """Pins for what was published before a pinning service was configured; how many releases.

    All files of a release get their pins at once, so its metadata stands for the rest.
    """
    done = 0
    for name in pinning.services():
        known = Pin.objects.filter(asset=OuterRef("metadata"), service=name)
        left = Release.objects.filter(~Exists(known), state=Release.State.PUBLISHED)
        for release in left.order_by("pk")[:batch]:
            pins_want(*release_assets(release))
            done += 1
    return done


@transaction.atomic
def release_withdraw(*, actor: User, release: Release, reason: str) -> Release:
    """Take a release out of the shop. What was collected stays collected."""
    release = release_locked(actor, release)
    if release.state == Release.State.WITHDRAWN:
        return release
    return _release_move(actor, release, Release.State.WITHDRAWN, "release_withdraw", reason=reason)


def _release_move(
    actor: User, release: Release, state: Release.State, verb: str, *, reason: str = ""
) -> Release:
    """The only place where a release's state changes, and whether it can be found."""
    before, release.state = release.state, state
    release.save(update_fields=["state", "metadata", "clip", "published_at"])
    search_index(releases=[release.pk])
    audit.record(
        actor=actor,
        action=f"catalog.{verb}",
        target=release,
        before={"state": before},
        after={"state": state},
        reason=reason,
    )
    return release
