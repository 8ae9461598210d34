"""Addresses of the catalogue."""

from __future__ import annotations

from django.urls import path

from catalog import api, uploads

api_urlpatterns = [path("artists", api.ArtistListView.as_view(), name="artist-list")]

urlpatterns = [*uploads.urlpatterns]
