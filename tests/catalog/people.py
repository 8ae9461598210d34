"""Named people and a small published world, made by the same services as the shop's own."""

from __future__ import annotations

import io
from datetime import timedelta
from functools import cache

from django.contrib.auth.models import Permission
from django.utils import timezone
from PIL import Image

from accounts.models import User, Wallet
from catalog import services
from catalog.media.covers import Cover, cover_read
from catalog.media.models import Asset, Recording
from catalog.media.services import recording_made
from catalog.models import Artist, Release

WEEK = timedelta(days=7)


def person(name: str) -> User:
    return User.objects.create_user(name, first_name=name.title())


def staff(name: str, *permissions: str) -> User:
    """Staff with permissions such as "catalog.verify_artist"."""
    user = User.objects.create_user(name, first_name=name.title(), is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return User.objects.get(pk=user.pk)


def wallet(user: User, address: str) -> Wallet:
    return Wallet.objects.create(
        user=user, address=address, public_key="00" * 32, proved_at=timezone.now()
    )


@cache
def _picture(seed: str) -> bytes:
    out = io.BytesIO()
    colour = tuple(seed.encode().ljust(3, b"!")[:3])
    Image.new("RGB", (320, 320), colour).save(out, "PNG")
    return out.getvalue()


@cache
def _cover(seed: str) -> Cover:
    """Decoded here, and once: this picture is nobody's upload."""
    return cover_read(io.BytesIO(_picture(seed)))


def draft(artist: Artist, title: str = "Harbour Lights") -> Release:
    release = services.release_create(
        actor=artist.owner,
        artist=artist,
        title=title,
        description="Two pieces for a late ferry.",
        genre="Ambient",
    )
    release = services.release_cover_hang(actor=artist.owner, release=release, cover=_cover(title))
    services.track_add(
        actor=artist.owner,
        release=release,
        title="First Crossing",
        recording=recording_of(artist, title),
        isrc="rua122600001",
    )
    return release


def published(artist: Artist, title: str = "Harbour Lights") -> Release:
    return services.release_publish(actor=artist.owner, release=draft(artist, title))


def artist_of(user: User, name: str = "Nordlys") -> Artist:
    return services.artist_create(actor=user, name=name, bio="Slow music.")


def recording_of(artist: Artist, title: str) -> Recording:
    return recording_made(
        artist=artist.pk,
        access=Asset.Access.HOLDERS,
        files={
            "master": (io.BytesIO(f"{title} master".encode()), "audio/flac"),
            "aac": (io.BytesIO(f"{title} whole. ".encode() * 50), "audio/mp4"),
            "preview": (io.BytesIO(f"{title} preview".encode()), "audio/mp4"),
        },
        facts={"duration_ms": 31_000, "waveform": bytes(range(0, 250, 10))},
    )
