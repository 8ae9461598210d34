"""The JSON of artists and releases, for the OpenAPI schema. Rows are built by the selectors."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ArtistBriefSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    verified = serializers.BooleanField()


class ArtistSerializer(ArtistBriefSerializer):
    picture_url = serializers.CharField(allow_null=True)


class LinkSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]  # the JSON's name, not ours
    url = serializers.URLField()


class CoverSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="Path under our origin")
    width = serializers.IntegerField(help_text="Pixels; covers are square")


class ColoursSerializer(serializers.Serializer[Any]):
    deep = serializers.CharField(help_text="#rrggbb, 4.5:1 on light surfaces")
    bright = serializers.CharField(help_text="#rrggbb, 4.5:1 on dark surfaces")


class ReleaseCardSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    artist = ArtistBriefSerializer()
    cover = CoverSerializer()
    colours = ColoursSerializer()
    genre = serializers.CharField()


class TrackSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    position = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    preview_url = serializers.CharField(allow_null=True, help_text="Thirty seconds, for everyone")
    waveform = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=255),
        allow_null=True,
        help_text="Peaks of the whole track, 255 is its loudest",
    )
    full = serializers.ChoiceField(
        choices=["open", "holders"], help_text="Who hears the whole track: everyone, or holders"
    )
    plays = serializers.IntegerField(help_text="How often it was heard")
