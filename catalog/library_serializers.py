"""The JSON of likes, follows and playlists, and what their writes take."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.models import Playlist, PlaylistEdit, PlaylistMember
from catalog.serializers import ArtistSerializer, ReleaseCardSerializer, TrackSerializer
from catalog.services.entries import MAX_AT_ONCE

ROLES = [choice for choice in PlaylistMember.Role.choices if choice[0] != "owner"]


class LikedSerializer(serializers.Serializer[Any]):
    liked = serializers.BooleanField()
    likes = serializers.IntegerField(help_text="How many like the track")


class FollowedSerializer(serializers.Serializer[Any]):
    followed = serializers.BooleanField()
    followers = serializers.IntegerField(help_text="How many follow the artist")


class MarksSerializer(serializers.Serializer[Any]):
    liked = serializers.ListField(child=serializers.UUIDField(), help_text="Of the tracks asked")
    followed = serializers.ListField(
        child=serializers.UUIDField(), help_text="Of the artists asked"
    )


class PlacedTrackSerializer(serializers.Serializer[Any]):
    track = TrackSerializer()
    release = ReleaseCardSerializer()
    available = serializers.BooleanField(help_text="false: not in the shop any more")


class LikedTrackSerializer(PlacedTrackSerializer):
    liked_at = serializers.DateTimeField()


class FollowedArtistSerializer(ArtistSerializer):
    followed_at = serializers.DateTimeField()


class EntrySerializer(PlacedTrackSerializer):
    id = serializers.UUIDField()
    added_by = serializers.CharField(allow_blank=True, help_text="A name; told to members")
    added_at = serializers.DateTimeField()


class PlaylistCardSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    title = serializers.CharField()
    owner = serializers.CharField(allow_blank=True, help_text="A name, empty when not shown")
    visibility = serializers.ChoiceField(choices=Playlist.Visibility.choices)
    role = serializers.ChoiceField(
        choices=PlaylistMember.Role.choices, allow_null=True, help_text="The caller's; null: none"
    )
    link = serializers.UUIDField(
        allow_null=True, help_text="Key of its link: the id, or a token; null: private"
    )
    tracks = serializers.IntegerField()
    duration_ms = serializers.IntegerField()
    covers = serializers.ListField(
        child=serializers.CharField(), help_text="One chosen, or up to four for a mosaic"
    )
    version = serializers.IntegerField(help_text="Grows with every change")
    changed_at = serializers.DateTimeField()


class OwnPlaylistSerializer(PlaylistCardSerializer):
    holds = serializers.BooleanField(help_text="Whether the track asked about lies in it")


class PlaylistDetailSerializer(PlaylistCardSerializer):
    description = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    cover_chosen = serializers.BooleanField()
    members = serializers.IntegerField()
    entries = EntrySerializer(many=True)


class AddedSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    entries = serializers.ListField(
        child=serializers.UUIDField(), help_text="Of the tracks added, in order"
    )
    skipped = serializers.IntegerField(help_text="Tracks that lay in it already")


class ChangedSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()


class MemberSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    name = serializers.CharField(allow_blank=True)
    photo_url = serializers.CharField(allow_blank=True)
    role = serializers.ChoiceField(choices=PlaylistMember.Role.choices)
    joined_at = serializers.DateTimeField()
    you = serializers.BooleanField()


class MembersSerializer(serializers.Serializer[Any]):
    results = MemberSerializer(many=True)


class InvitationSerializer(serializers.Serializer[Any]):
    token = serializers.CharField()
    role = serializers.ChoiceField(choices=ROLES)
    expires_at = serializers.DateTimeField()


class InvitedSerializer(serializers.Serializer[Any]):
    """What an invitation leads to, for whoever holds its link."""

    playlist = serializers.UUIDField()
    title = serializers.CharField()
    owner = serializers.CharField(allow_blank=True)
    covers = serializers.ListField(child=serializers.CharField())
    tracks = serializers.IntegerField()
    role = serializers.ChoiceField(choices=ROLES)
    joined = serializers.BooleanField(help_text="The caller belongs to it already")


class EditSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=PlaylistEdit.Kind.choices)
    by = serializers.CharField(allow_blank=True)
    track = serializers.CharField(allow_blank=True)
    member = serializers.CharField(allow_blank=True, help_text="Whom it was about")
    place = serializers.IntegerField(allow_null=True, help_text="From 1, of a move")
    value = serializers.CharField(allow_blank=True, help_text="The role or visibility given")
    at = serializers.DateTimeField()


class PlaylistInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=500, allow_blank=True, required=False)
    visibility = serializers.ChoiceField(choices=Playlist.Visibility.choices, required=False)


class PlaylistChangeInput(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=100, required=False)
    description = serializers.CharField(max_length=500, allow_blank=True, required=False)
    visibility = serializers.ChoiceField(choices=Playlist.Visibility.choices, required=False)
    cover = serializers.UUIDField(
        allow_null=True, required=False, help_text="An entry whose release's cover to take"
    )


class PlaceInput(serializers.Serializer[Any]):
    after = serializers.UUIDField(
        allow_null=True, required=False, help_text="The entry before it; null: first; absent: last"
    )


class EntriesInput(PlaceInput):
    tracks = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=MAX_AT_ONCE
    )


class MoveInput(serializers.Serializer[Any]):
    after = serializers.UUIDField(allow_null=True, help_text="The entry before it; null: first")


class RoleInput(serializers.Serializer[Any]):
    role = serializers.ChoiceField(choices=ROLES)
