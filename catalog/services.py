"""Every change of artists, releases and tracks: checked, and told in the audit trail."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import IO, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from catalog import plays
from catalog.media.models import Asset, Recording
from catalog.media.services import asset_store, cover_store
from catalog.metadata import release_metadata
from catalog.models import Artist, Release, Track
from catalog.permissions import require_manage, require_staff
from catalog.slugs import free_slug
from catalog.validation import links_clean, require_valid
from core import audit
from core.errors import ApplicationError

play_record = plays.play_record  # its rules stand in a file of their own
MAX_TRACKS: Final = 40
MAX_TITLE_BYTES: Final = 100  # what the collection contract can hold beside "#12 of 500"


@transaction.atomic
def artist_create(
    *,
    actor: User,
    name: str,
    bio: str = "",
    links: Sequence[Mapping[str, str]] = (),
    owner: User | None = None,
) -> Artist:
    """An artist page, owned by the actor. Only staff make one for somebody else (`owner`)."""
    if owner is not None and owner != actor:
        require_staff(actor, "catalog.add_artist")
    artist = Artist(
        owner=owner or actor,
        slug=free_slug(name, Artist.objects.all(), fallback="artist"),
        name=name.strip(),
        bio=bio.strip(),
        links=links_clean(links),
    )
    require_valid(artist)
    artist.save(force_insert=True)
    audit.record(actor=actor, action="catalog.artist_create", target=artist)
    return artist


@transaction.atomic
def artist_update(
    *,
    actor: User,
    artist: Artist,
    name: str,
    bio: str,
    links: Sequence[Mapping[str, str]],
) -> Artist:
    """Change what the page says. The slug stays: addresses that were shared keep working."""
    require_manage(actor, artist)
    before = {"name": artist.name, "bio": artist.bio, "links": artist.links}
    artist.name, artist.bio, artist.links = name.strip(), bio.strip(), links_clean(links)
    require_valid(artist)
    artist.save(update_fields=["name", "bio", "links"])
    after = {"name": artist.name, "bio": artist.bio, "links": artist.links}
    audit.record(
        actor=actor, action="catalog.artist_update", target=artist, before=before, after=after
    )
    return artist


@transaction.atomic
def artist_picture_set(*, actor: User, artist: Artist, data: IO[bytes]) -> Artist:
    """Errors: those of covers.cover_read."""
    require_manage(actor, artist)
    artist.picture, _ = cover_store(data=data)
    artist.save(update_fields=["picture"])
    audit.record(
        actor=actor,
        action="catalog.artist_picture_set",
        target=artist,
        after={"cid": artist.picture.cid},
    )
    return artist


@transaction.atomic
def artist_verify(*, actor: User, artist: Artist, reason: str) -> bool:
    """Staff say that the artist is who they say. False when that was said already."""
    require_staff(actor, "catalog.verify_artist")
    return _verified_move(actor, artist, verified=True, reason=reason)


@transaction.atomic
def artist_unverify(*, actor: User, artist: Artist, reason: str) -> bool:
    require_staff(actor, "catalog.verify_artist")
    return _verified_move(actor, artist, verified=False, reason=reason)


def _verified_move(actor: User, artist: Artist, *, verified: bool, reason: str) -> bool:
    moment = timezone.now() if verified else None
    moved = Artist.objects.filter(pk=artist.pk, verified_at__isnull=verified).update(
        verified_at=moment
    )
    if moved:
        artist.verified_at = moment
        verb = "verify" if verified else "unverify"
        audit.record(actor=actor, action=f"catalog.artist_{verb}", target=artist, reason=reason)
    return bool(moved)


@transaction.atomic
def artist_status_set(*, actor: User, artist: Artist, status: Artist.Status, reason: str) -> bool:
    """Hide an artist with everything of theirs, or show them again. False: it was so already."""
    require_staff(actor, "catalog.change_artist")
    moved = Artist.objects.filter(pk=artist.pk).exclude(status=status).update(status=status)
    if moved:
        before, artist.status = artist.status, status
        audit.record(
            actor=actor,
            action="catalog.artist_status_set",
            target=artist,
            before={"status": before},
            after={"status": status},
            reason=reason,
        )
    return bool(moved)


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
    require_valid(release)
    if len(release.title.encode()) > MAX_TITLE_BYTES:
        raise ApplicationError(
            "invalid", fields={"title": [f"At most {MAX_TITLE_BYTES} bytes: it stands on chain."]}
        )
    release.save(force_insert=True)
    audit.record(actor=actor, action="catalog.release_create", target=release)
    return release


@transaction.atomic
def release_cover_set(*, actor: User, release: Release, data: IO[bytes]) -> Release:
    """The cover and the two colours that it lends the page. Drafts only."""
    release = _draft(actor, release)
    release.cover, cover = cover_store(data=data)
    release.colour_deep, release.colour_bright = cover.deep, cover.bright
    release.save(update_fields=["cover", "colour_deep", "colour_bright"])
    audit.record(
        actor=actor,
        action="catalog.release_cover_set",
        target=release,
        after={"cid": release.cover.cid},
    )
    return release


@transaction.atomic
def track_add(
    *,
    actor: User,
    release: Release,
    title: str,
    recording: Recording,
    isrc: str = "",
) -> Track:
    """Append a track to a draft. Its recording may still wait for its file.

    Errors: recording_foreign (another artist's, or one of another track), too_many_tracks.
    """
    release = _draft(actor, release)
    if recording.artist != release.artist_id or Track.objects.filter(recording=recording).exists():
        raise ApplicationError(
            "recording_foreign", detail="This recording belongs elsewhere.", status=409
        )
    last = release.tracks.aggregate(last=Max("position"))["last"] or 0
    if last >= MAX_TRACKS:
        raise ApplicationError("too_many_tracks", detail=f"At most {MAX_TRACKS} tracks.")
    track = Track(
        release=release,
        position=last + 1,
        title=title.strip(),
        isrc=isrc.strip().upper(),
        recording=recording,
    )
    require_valid(track)
    track.save(force_insert=True)
    audit.record(actor=actor, action="catalog.track_add", target=track)
    return track


@transaction.atomic
def release_publish(*, actor: User, release: Release) -> Release:
    """Write the release's metadata, by which its contract will name it; from now on it stays.

    A published release is returned as it is. Errors: cover_missing, tracks_missing,
    tracks_unready, release_withdrawn.
    """
    release = _locked(actor, release)
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
    release.published_at = timezone.now()
    release.metadata = asset_store(
        kind=Asset.Kind.METADATA,
        data=io.BytesIO(release_metadata(release, tracks, release.published_at)),
        content_type="application/json",
    )
    return _release_move(actor, release, Release.State.PUBLISHED, "release_publish")


@transaction.atomic
def release_withdraw(*, actor: User, release: Release, reason: str) -> Release:
    """Take a release out of the shop. What was collected stays collected."""
    release = _locked(actor, release)
    if release.state == Release.State.WITHDRAWN:
        return release
    return _release_move(actor, release, Release.State.WITHDRAWN, "release_withdraw", reason=reason)


def _release_move(
    actor: User, release: Release, state: Release.State, verb: str, *, reason: str = ""
) -> Release:
    """The only place where a release's state changes."""
    before, release.state = release.state, state
    release.save(update_fields=["state", "metadata", "published_at"])
    audit.record(
        actor=actor,
        action=f"catalog.{verb}",
        target=release,
        before={"state": before},
        after={"state": state},
        reason=reason,
    )
    return release


def _locked(actor: User, release: Release) -> Release:
    """The release as it is now, its row held until the transaction ends."""
    fresh = (
        Release.objects.select_for_update(of=("self",))
        .select_related("artist", "cover", "metadata")
        .get(pk=release.pk)
    )
    require_manage(actor, fresh.artist)
    return fresh


def _draft(actor: User, release: Release) -> Release:
    fresh = _locked(actor, release)
    if fresh.state != Release.State.DRAFT:
        raise ApplicationError(
            "release_published", detail="A published release does not change.", status=409
        )
    return fresh
