"""The index of what can be found, in folded text (catalog.folding). Made by services alone."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q


class SearchEntry(models.Model):
    """One thing that can be found: a track, a release, an artist, a public playlist.

    A row stands for each that is shown now and for nothing else. `words` holds the folded words,
    those of the own name in class A, the artist's in B, without any language's grammar.
    """

    class Kind(models.TextChoices):
        TRACK = "track", "Track"
        RELEASE = "release", "Release"
        ARTIST = "artist", "Artist"
        PLAYLIST = "playlist", "Playlist"

    kind = models.CharField(max_length=8, choices=Kind)
    object = models.UUIDField()
    artist = models.UUIDField(null=True)  # whose it is; of a playlist nobody's
    release = models.UUIDField(null=True)  # what it is sold with: of tracks and releases
    name = models.CharField(max_length=160, db_collation="C")  # folded
    genre = models.CharField(max_length=60, blank=True, db_collation="C")  # folded
    words = SearchVectorField()
    weight = models.PositiveIntegerField(default=0)  # how much it is heard, 0..999, by magnitude

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("kind", "object"), name="search_entry_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["track", "release", "artist", "playlist"]),
                name="search_entry_kind_known",
            ),
            models.CheckConstraint(condition=Q(weight__lte=999), name="search_entry_weight_small"),
        )
        indexes = (
            GinIndex(fields=["words"], name="search_entry_words"),
            models.Index(fields=["-weight", "-id"], name="search_entry_heard"),
            models.Index(fields=["kind", "-weight", "-id"], name="search_entry_kind_heard"),
            models.Index(fields=["genre", "-weight", "-id"], name="search_entry_genre_heard"),
            models.Index(fields=["artist"], name="search_entry_artist"),
            models.Index(fields=["release"], name="search_entry_release"),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


class SearchWord(models.Model):
    """A word of the index, once: a mistyped one is compared with these, not with half a million
    titles. Words that nothing has any more are cleared away by `search_rebuild`."""

    word = models.CharField(max_length=40, primary_key=True, db_collation="C")

    class Meta:
        indexes = (GinIndex(OpClass("word", name="gin_trgm_ops"), name="search_word_trigrams"),)

    def __str__(self) -> str:
        return self.word
