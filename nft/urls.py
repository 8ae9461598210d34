"""Addresses of drops and editions."""

from __future__ import annotations

from django.urls import path

from nft import (
    api,
    collector_api,
    discovery_api,
    portal,
    split_portal,
    stream_api,
    transfer_api,
)

api_urlpatterns = [
    path("drops", api.DropListView.as_view(), name="drop-list"),
    path("drops/<uuid:drop>", api.DropDetailView.as_view(), name="drop-detail"),
    path("artists/<slug:slug>", api.ArtistDetailView.as_view(), name="artist-detail"),
    path("search", discovery_api.SearchView.as_view(), name="search"),
    path("home", discovery_api.HomeView.as_view(), name="home"),
    path("genres", discovery_api.GenresView.as_view(), name="genres"),
    path("tracks/<uuid:track>", discovery_api.TrackDetailView.as_view(), name="track-detail"),
    path(
        "releases/<uuid:release>", discovery_api.ReleaseDetailView.as_view(), name="release-detail"
    ),
    path("items", api.ItemListView.as_view(), name="item-list"),
    path("items/<str:address>", api.ItemDetailView.as_view(), name="item-detail"),
    path(
        "items/<str:address>/certificate",
        collector_api.CertificateView.as_view(),
        name="item-certificate",
    ),
    path(
        "items/<str:address>/transfer",
        transfer_api.ItemTransferView.as_view(),
        name="item-transfer",
    ),
    path("transfers", transfer_api.TransferListView.as_view(), name="transfer-list"),
    path("transfers/<uuid:transfer>", transfer_api.TransferView.as_view(), name="transfer-detail"),
    path(
        "drops/<uuid:drop>/collectors",
        collector_api.DropCollectorsView.as_view(),
        name="drop-collectors",
    ),
    path(
        "artists/<slug:slug>/collectors",
        collector_api.ArtistCollectorsView.as_view(),
        name="artist-collectors",
    ),
    path("tracks/<uuid:track>/stream", stream_api.StreamView.as_view(), name="track-stream"),
    path("tracks/<uuid:track>/download", stream_api.DownloadView.as_view(), name="track-download"),
    path("tracks/<uuid:track>/plays", stream_api.PlayView.as_view(), name="track-plays"),
]

urlpatterns = [*portal.urlpatterns, *split_portal.urlpatterns]
