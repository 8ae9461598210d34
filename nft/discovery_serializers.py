"""The JSON of search, home and the pages of tracks and releases, for the OpenAPI schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.models import SearchEntry
from catalog.serializers import (
    ArtistSerializer,
    ColoursSerializer,
    CoverSerializer,
    LinkSerializer,
    ReleaseCardSerializer,
    TrackSerializer,
)
from core.api import MoneySerializer
from nft.drops import DropState
from nft.serializers import DropSerializer, ReleasePageSerializer


class DropBriefSerializer(serializers.Serializer[Any]):
    """How a release is sold, in short; all of it is the drop of that id."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=DropState.choices)
    price = MoneySerializer()
    starts_at = serializers.DateTimeField()
    left = serializers.IntegerField(allow_null=True, help_text="null: open until it ends")


class TrackCardSerializer(TrackSerializer):
    """A track with what it is on. The waveform has at most 100 peaks here."""

    release = ReleaseCardSerializer()
    drop = DropBriefSerializer(allow_null=True, help_text="null: not for sale")


class ReleaseFoundSerializer(ReleaseCardSerializer):
    drop = DropBriefSerializer(allow_null=True)


class PlaylistFoundSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    tracks = serializers.IntegerField()
    covers = serializers.ListField(
        child=serializers.CharField(), help_text="Its own, or up to four of what lies first in it"
    )


class FoundSerializer(serializers.Serializer[Any]):
    """One thing found: the member named by `kind`, all others null."""

    kind = serializers.ChoiceField(choices=SearchEntry.Kind.values)
    track = TrackCardSerializer(allow_null=True)
    release = ReleaseFoundSerializer(allow_null=True)
    artist = ArtistSerializer(allow_null=True)
    playlist = PlaylistFoundSerializer(allow_null=True)


class HomeSerializer(serializers.Serializer[Any]):
    hero = serializers.UUIDField(allow_null=True, help_text="The drop that the page begins with")
    fresh = DropSerializer(many=True, help_text="Open now, latest first")
    upcoming = DropSerializer(many=True, help_text="Soonest first")
    gone = DropSerializer(many=True, help_text="Sold out or over, latest first")
    trending = TrackCardSerializer(many=True, help_text="Heard most in seven days")
    followed = DropSerializer(many=True, help_text="Of artists that the caller follows")
    listened = TrackCardSerializer(many=True, help_text="What the caller heard, last first")


class GenreSerializer(serializers.Serializer[Any]):
    key = serializers.CharField(help_text="For ?genre= of /search")
    name = serializers.CharField()
    releases = serializers.IntegerField()
    cover = CoverSerializer()
    colours = ColoursSerializer()


class GenresSerializer(serializers.Serializer[Any]):
    results = GenreSerializer(many=True)


class ReleaseWithTracksSerializer(ReleaseCardSerializer):
    tracks = TrackSerializer(many=True)


class TrackDetailSerializer(TrackSerializer):
    release = ReleaseWithTracksSerializer()
    drop = DropSerializer(allow_null=True)


class ReleaseDetailSerializer(ReleasePageSerializer):
    drop = DropSerializer(allow_null=True)


class ArtistDetailSerializer(ArtistSerializer):
    bio = serializers.CharField(allow_blank=True)
    links = LinkSerializer(many=True)
    drops = DropSerializer(many=True)
    followers = serializers.IntegerField()
    collectors = serializers.IntegerField(help_text="Wallets that hold an edition of theirs")
    top_tracks = TrackCardSerializer(many=True, help_text="Ten, heard most first")
    releases = ReleaseFoundSerializer(many=True, help_text="Latest first, with and without a drop")
