"""Addresses of media."""

from __future__ import annotations

from django.urls import path

from catalog.media import pictures, views

urlpatterns = [
    path("ipfs/<str:cid>", views.ipfs, name="ipfs"),
    path("media/<str:token>", views.media, name="media"),
    path("covers/<str:cid>/<int:width>.<str:kind>", pictures.picture, name="cover"),
]
