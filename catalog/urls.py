"""Addresses of the catalogue."""

from __future__ import annotations

from django.urls import path

from catalog import (
    api,
    draft_portal,
    library_api,
    playlist_api,
    playlist_sharing_api,
    portal,
    uploads,
    verification_api,
    verification_portal,
)

api_urlpatterns = [
    path("artists", api.ArtistListView.as_view(), name="artist-list"),
    path("me/verification", verification_api.VerificationView.as_view(), name="me-verification"),
    path(
        "me/verification/submission",
        verification_api.VerificationSubmissionView.as_view(),
        name="me-verification-submission",
    ),
    path("tracks/<uuid:track>/like", library_api.LikeView.as_view(), name="track-like"),
    path("artists/<slug:slug>/follow", library_api.FollowView.as_view(), name="artist-follow"),
    path("me/likes", library_api.LikeListView.as_view(), name="like-list"),
    path("me/follows", library_api.FollowListView.as_view(), name="follow-list"),
    path("me/marks", library_api.MarksView.as_view(), name="marks"),
    path("playlists", playlist_api.PlaylistListView.as_view(), name="playlist-list"),
    path(
        "playlist-invitations/<str:token>",
        playlist_sharing_api.InvitedView.as_view(),
        name="playlist-invited",
    ),
    path("playlists/<uuid:playlist>", playlist_api.PlaylistView.as_view(), name="playlist"),
    path(
        "playlists/<uuid:playlist>/entries",
        playlist_api.EntryListView.as_view(),
        name="playlist-entries",
    ),
    path(
        "playlists/<uuid:playlist>/entries/<uuid:entry>",
        playlist_api.EntryView.as_view(),
        name="playlist-entry",
    ),
    path(
        "playlists/<uuid:playlist>/members",
        playlist_sharing_api.MemberListView.as_view(),
        name="playlist-members",
    ),
    path(
        "playlists/<uuid:playlist>/members/<uuid:member>",
        playlist_sharing_api.MemberView.as_view(),
        name="playlist-member",
    ),
    path(
        "playlists/<uuid:playlist>/invitation",
        playlist_sharing_api.InvitationView.as_view(),
        name="playlist-invitation",
    ),
    path(
        "playlists/<uuid:playlist>/link",
        playlist_sharing_api.LinkView.as_view(),
        name="playlist-link",
    ),
    path(
        "playlists/<uuid:playlist>/log",
        playlist_sharing_api.LogView.as_view(),
        name="playlist-log",
    ),
]

urlpatterns = [
    *portal.urlpatterns,
    *draft_portal.urlpatterns,
    *uploads.urlpatterns,
    *verification_portal.urlpatterns,
]
