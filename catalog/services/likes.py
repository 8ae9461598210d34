"""Likes and follows: the doors by which they come, go and are counted."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from accounts.models import User
from catalog.models import Artist, Follow, FollowCount, Like, LikeCount
from catalog.selectors import tracks_shown
from core.errors import ApplicationError

PARTS: Final = 16  # so many can be counted in the same instant


@transaction.atomic
def like_put(*, user: User, track: UUID) -> bool:
    """The user likes the track; False when they did already.

    Errors: track_not_found (404: unknown, or not shown any more).
    """
    if Like.objects.filter(user=user, track_id=track).exists():
        return False
    if not tracks_shown().filter(pk=track).exists():
        raise track_not_found()
    liked = Like.objects.bulk_create([Like(user=user, track_id=track)], ignore_conflicts=True)[0]
    if not Like.objects.filter(pk=liked.pk).exists():  # the same press, sent twice at once
        return False
    _count_one("catalog_likecount", "track_id", "likes", track, user)
    return True


@transaction.atomic
def like_drop(*, user: User, track: UUID) -> bool:
    """The user does not like the track any more; False when they did not."""
    gone, _ = Like.objects.filter(user=user, track_id=track).delete()
    if gone:
        LikeCount.objects.filter(track_id=track, part=_part(user)).update(likes=F("likes") - 1)
    return bool(gone)


@transaction.atomic
def follow_put(*, user: User, slug: str) -> Artist:
    """The user follows the artist, whether they did before or not.

    Errors: artist_not_found (404: unknown, or hidden and not followed before).
    """
    artist = Artist.objects.filter(slug=slug).first()
    if artist is None:
        raise artist_not_found()
    if Follow.objects.filter(user=user, artist=artist).exists():
        return artist
    if artist.status != Artist.Status.ACTIVE:
        raise artist_not_found()
    made = Follow.objects.bulk_create([Follow(user=user, artist=artist)], ignore_conflicts=True)[0]
    if Follow.objects.filter(pk=made.pk).exists():
        _count_one("catalog_followcount", "artist_id", "followers", artist.pk, user)
    return artist


@transaction.atomic
def follow_drop(*, user: User, slug: str) -> Artist:
    """The user does not follow the artist any more, whether they did or not.

    Errors: artist_not_found (404).
    """
    artist = Artist.objects.filter(slug=slug).first()
    if artist is None:
        raise artist_not_found()
    gone, _ = Follow.objects.filter(user=user, artist=artist).delete()
    if gone:
        FollowCount.objects.filter(artist=artist, part=_part(user)).update(
            followers=F("followers") - 1
        )
    return artist


def likes_forget(*, user: User) -> None:
    """Everything that the user likes and follows goes, in one order for everybody."""
    for track in Like.objects.filter(user=user).order_by("track").values_list("track", flat=True):
        like_drop(user=user, track=track)
    for slug in (
        Follow.objects.filter(user=user).order_by("artist").values_list("artist__slug", flat=True)
    ):
        follow_drop(user=user, slug=slug)


def track_not_found() -> ApplicationError:
    return ApplicationError("track_not_found", detail="There is no such track.", status=404)


def artist_not_found() -> ApplicationError:
    return ApplicationError("artist_not_found", detail="There is no such artist.", status=404)


def _part(user: User) -> int:
    return user.pk.int % PARTS


def _count_one(table: str, key: str, column: str, of: UUID, user: User) -> None:
    """One more in the user's part of `of`, whether or not it has a row. Names are ours alone."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({key}, part, {column}) VALUES (%s, %s, 1) "  # noqa: S608
            f"ON CONFLICT ({key}, part) DO UPDATE SET {column} = {table}.{column} + 1",
            [of, _part(user)],
        )
