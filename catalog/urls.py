"""Addresses of the catalogue."""

from __future__ import annotations

from django.urls import path

from catalog import api, draft_portal, portal, uploads

api_urlpatterns = [path("artists", api.ArtistListView.as_view(), name="artist-list")]

urlpatterns = [*portal.urlpatterns, *draft_portal.urlpatterns, *uploads.urlpatterns]
