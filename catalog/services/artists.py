"""Artist pages: made, changed, verified, hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO, Final

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from catalog.media.services import cover_store
from catalog.models import Artist
from catalog.permissions import require_manage, require_staff
from catalog.services.search import search_index
from catalog.slugs import free_slug
from catalog.validation import links_clean, require_valid
from core import audit
from core.errors import ApplicationError

MAX_ARTISTS: Final = 20  # a person's; each has a quota of its own


@transaction.atomic
def artist_create(
    *,
    actor: User,
    name: str,
    bio: str = "",
    links: Sequence[Mapping[str, str]] = (),
    owner: User | None = None,
) -> Artist:
    """An artist page, owned by the actor. Only staff make one for somebody else (`owner`).

    Errors: too_many_artists (409).
    """
    if owner is not None and owner != actor:
        require_staff(actor, "catalog.add_artist")
    elif not actor.is_staff and Artist.objects.filter(owner=actor).count() >= MAX_ARTISTS:
        raise ApplicationError(
            "too_many_artists", detail=f"One person has at most {MAX_ARTISTS} pages.", status=409
        )
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
    if artist.name != before["name"]:
        search_index(artists=[artist.pk])
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
        search_index(artists=[artist.pk])
        audit.record(
            actor=actor,
            action="catalog.artist_status_set",
            target=artist,
            before={"status": before},
            after={"status": status},
            reason=reason,
        )
    return bool(moved)
