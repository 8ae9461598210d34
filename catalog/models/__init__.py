"""Artists, their music, and what people make of it. Writes go through catalog.services."""

from catalog.models.artists import Artist
from catalog.models.likes import Follow, FollowCount, Like, LikeCount
from catalog.models.playlists import (
    Playlist,
    PlaylistEdit,
    PlaylistEntry,
    PlaylistInvitation,
    PlaylistMember,
)
from catalog.models.plays import Play, PlayCount
from catalog.models.releases import Release, Track
from catalog.models.search import SearchEntry, SearchWord
from catalog.models.verification import Verification, VerificationFile

__all__ = [
    "Artist",
    "Follow",
    "FollowCount",
    "Like",
    "LikeCount",
    "Play",
    "PlayCount",
    "Playlist",
    "PlaylistEdit",
    "PlaylistEntry",
    "PlaylistInvitation",
    "PlaylistMember",
    "Release",
    "SearchEntry",
    "SearchWord",
    "Track",
    "Verification",
    "VerificationFile",
]
