"""Addresses of media."""

from __future__ import annotations

from django.urls import path

from catalog.media import mp3, pictures, views

urlpatterns = [
    path("ipfs/<str:cid>", views.ipfs, name="ipfs"),
    path("media/<str:token>", views.media, name="media"),
    path("previews/<str:cid>.mp3", mp3.preview_mp3, name="preview-mp3"),
    path("covers/<str:cid>/<int:width>.<str:kind>", pictures.picture, name="cover"),
]
