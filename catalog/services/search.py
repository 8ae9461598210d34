"""The one door to the search index: it says of a thing whether it can be found, and by which words.

Called where a thing's row is written, in the same transaction, so that the index never tells more
than the shop shows. What nobody may see has no row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Final, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q

from catalog.folding import fold, joined, words
from catalog.models import Artist, Playlist, Release, SearchEntry, Track

Kind = SearchEntry.Kind
BATCH: Final = 500
MAX_NAME: Final = 160
MAX_GENRE: Final = 60
_WRITE: Final = """
    INSERT INTO catalog_searchentry (kind, object, artist, release, name, genre, words, weight)
    SELECT kind, object, artist, release, name, genre, words::tsvector, 0
    FROM unnest(%s::text[], %s::uuid[], %s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::text[])
        AS made (kind, object, artist, release, name, genre, words)
    ON CONFLICT (kind, object) DO UPDATE SET artist = excluded.artist, release = excluded.release,
        name = excluded.name, genre = excluded.genre, words = excluded.words"""
# In one order everywhere: two that learn the same words wait for each other, never both.
_LEARN: Final = """
    INSERT INTO catalog_searchword (word) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING"""
_LEARN_ALL: Final = """
    INSERT INTO catalog_searchword (word)
    SELECT word FROM ts_stat('SELECT words FROM catalog_searchentry') ORDER BY word
    ON CONFLICT DO NOTHING"""
_FORGET: Final = """
    DELETE FROM catalog_searchword WHERE word NOT IN (
        SELECT word FROM ts_stat('SELECT words FROM catalog_searchentry'))"""
# By magnitude: 1000 plays weigh half of a million.
_WEIGHT: Final = "least(999, (50 * log(2, 1 + n.plays))::int)"
_WEIGH: Final = f"""
    WITH heard AS (
        SELECT e.artist, e.release, e.object, n.plays FROM catalog_playcount n
        JOIN catalog_searchentry e ON e.kind = 'track' AND e.object = n.track_id
    ), n AS (
        SELECT object, plays::numeric FROM heard
        UNION ALL SELECT release, sum(plays) FROM heard GROUP BY release
        UNION ALL SELECT artist, sum(plays) FROM heard GROUP BY artist
    )
    UPDATE catalog_searchentry e SET weight = {_WEIGHT} FROM n
    WHERE e.object = n.object AND e.weight <> {_WEIGHT}"""  # noqa: S608  constants


class Row(NamedTuple):
    """What stands in the index of one thing; `words` in the text form of a tsvector."""

    kind: str
    object: UUID
    artist: UUID | None
    release: UUID | None
    name: str
    genre: str
    words: str

    @classmethod
    def of(
        cls,
        kind: Kind,
        key: UUID,
        title: str,
        *,
        artist: UUID | None = None,
        release: UUID | None = None,
        by: str = "",
        genre: str = "",
    ) -> Row:
        """by: the artist's name. A release is found by its genre as well."""
        classes = {"A": words(title) + joined(title), "B": words(by) + joined(by)}
        classes["C"] = words(genre) if kind == Kind.RELEASE else []
        every = [f"'{word}':1{rank}" for rank, several in classes.items() for word in several]
        name = fold(title)[:MAX_NAME]
        return cls(kind.value, key, artist, release, name, fold(genre)[:MAX_GENRE], " ".join(every))


@transaction.atomic
def search_index(
    *,
    artists: Collection[UUID] = (),
    releases: Collection[UUID] = (),
    playlists: Collection[UUID] = (),
) -> None:
    """Write what can be found of these now, and take out what no longer can.

    An artist with everything of theirs; a release with its tracks and its artist, who is shown
    from the first release on; a playlist alone. Call it after the change, in its transaction.
    """
    if artists:
        _replace(Q(artist__in=artists), [*_artists(artists), *_music(Q(artist__in=artists))])
    if releases:
        _replace(Q(release__in=releases), _music(Q(pk__in=releases)))
        makers = set(Release.objects.filter(pk__in=releases).values_list("artist", flat=True))
        _replace(Q(kind=Kind.ARTIST, object__in=makers), _artists(makers))
    if playlists:
        _replace(Q(kind=Kind.PLAYLIST, object__in=playlists), _playlists(Q(pk__in=playlists)))


def search_rebuild() -> int:
    """Write the whole index anew while the shop goes on; how many things can be found.

    Each batch of artists or playlists is a transaction of its own.
    """
    artists, playlists = _keys(Artist), _keys(Playlist)
    while several := list(islice(artists, BATCH)):
        search_index(artists=several)
    while several := list(islice(playlists, BATCH)):
        search_index(playlists=several)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LEARN_ALL)
        cursor.execute(_FORGET)
    _weigh()
    return SearchEntry.objects.count()


def search_weigh() -> int:
    """Let what is heard more stand higher; how many rows moved. An index without rows is written
    first: that of a shop that is older than it."""
    if not SearchEntry.objects.exists() and Release.objects.exists():
        return search_rebuild()
    return _weigh()


def _weigh() -> int:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_WEIGH)
        return cursor.rowcount


def _keys(model: type[Artist | Playlist]) -> Iterator[UUID]:
    return model.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH)


def _artists(keys: Collection[UUID]) -> list[Row]:
    published = Release.objects.filter(artist=OuterRef("pk"), state=Release.State.PUBLISHED)
    shown = Artist.objects.filter(Exists(published), pk__in=keys, status=Artist.Status.ACTIVE)
    return [
        Row.of(Kind.ARTIST, key, name, artist=key) for key, name in shown.values_list("pk", "name")
    ]


def _music(which: Q) -> list[Row]:
    """Published releases of shown artists, and their tracks."""
    shown = Release.objects.filter(
        which, state=Release.State.PUBLISHED, artist__status=Artist.Status.ACTIVE
    )
    facts = {
        row[0]: row for row in shown.values_list("pk", "title", "artist", "artist__name", "genre")
    }
    tracks = Track.objects.filter(release__in=facts).values_list("pk", "title", "release")
    named = [(Kind.RELEASE, row[0], row[1], row[0]) for row in facts.values()]
    named += [(Kind.TRACK, *row) for row in tracks]
    return [
        Row.of(
            kind, key, title, artist=facts[release][2], release=release,
            by=facts[release][3], genre=facts[release][4],
        )
        for kind, key, title, release in named
    ]  # fmt: skip


def _playlists(which: Q) -> list[Row]:
    shown = Playlist.objects.filter(
        which, visibility=Playlist.Visibility.PUBLIC, deleted_at__isnull=True
    )
    return [Row.of(Kind.PLAYLIST, key, title) for key, title in shown.values_list("pk", "title")]


def _replace(scope: Q, rows: list[Row]) -> None:
    """These rows are all that the index has in this scope."""
    SearchEntry.objects.filter(scope).exclude(object__in=[row.object for row in rows]).delete()
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_LEARN, [sorted(_words_of(rows))])
            cursor.execute(_WRITE, [list(column) for column in zip(*rows, strict=True)])


def _words_of(rows: Iterable[Row]) -> set[str]:
    return {part.split("'")[1] for row in rows for part in row.words.split()}
