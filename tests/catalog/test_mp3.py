"""A preview as MP3, which is all that Telegram's audio cards take."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from catalog.media import mp3
from catalog.media.models import Asset
from catalog.media.programs import ffmpeg
from catalog.media.services import asset_store

pytestmark = pytest.mark.django_db


@pytest.fixture
def preview(settings: Settings, tmp_path: Path) -> Asset:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    settings.MEDIA_CACHE_DIR = str(tmp_path / "cache")
    sound = tmp_path / "preview.m4a"
    tone = ["-f", "lavfi", "-i", "sine=frequency=440:duration=2", "-c:a", "aac"]
    subprocess.run([str(ffmpeg()), "-loglevel", "error", *tone, str(sound)], check=True)
    with sound.open("rb") as data:
        return asset_store(kind=Asset.Kind.PREVIEW, data=data, content_type="audio/mp4")


def get(cid: str) -> Any:
    return Client().get(f"/previews/{cid}.mp3")


def test_it_is_made_when_first_asked_for_and_kept(preview: Asset, settings: Settings) -> None:
    first, second = (b"".join(get(preview.cid).streaming_content) for _ in range(2))
    assert first == second
    assert first[:1] == b"\xff"
    (kept,) = Path(settings.MEDIA_CACHE_DIR, "mp").iterdir()
    assert kept.read_bytes() == first
    listed = subprocess.run([str(ffmpeg()), "-i", str(kept)], capture_output=True, text=True)
    assert "Audio: mp3" in listed.stderr
    assert "Duration: 00:00:02" in listed.stderr
    assert get(preview.cid)["Content-Type"] == "audio/mpeg"


def test_only_open_previews_have_one(preview: Asset, settings: Settings) -> None:
    assert get("no-cid").status_code == 404
    Asset.objects.update(kind=Asset.Kind.CLIP)
    assert get(preview.cid).status_code == 404
    assert not Path(settings.MEDIA_CACHE_DIR, "mp").exists()


def test_so_many_at_once_and_no_more(
    preview: Asset, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mp3, "MAKING", mp3.MAKING._replace(tokens=1, seconds=60))
    assert get(preview.cid).status_code == 200
    for path in Path(settings.MEDIA_CACHE_DIR, "mp").iterdir():
        path.unlink()
    refused = get(preview.cid)
    assert (refused.status_code, int(refused["Retry-After"]) > 1) == (503, True)
