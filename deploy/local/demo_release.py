"""The artist's side of the demo: a release is made, published, and its drop prepared.

Runs in a process of its own with the world's settings, through the same services as the portal.
Prints one JSON line: drop, title, transaction (what the artist's wallet signs) and audio_sha256.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import sys
from pathlib import Path
from typing import Any, Final

import django
import numpy as np
from django.utils import timezone

from deploy.local.studio import encode
from deploy.local.studio.covers import draw
from deploy.local.studio.styles import STYLES

django.setup()

from accounts.models import User  # noqa: E402 - models exist only after the setup
from catalog import services as catalog  # noqa: E402
from catalog.media.models import Asset  # noqa: E402
from catalog.models import Release  # noqa: E402
from deploy.local.kept import wait_until_kept  # noqa: E402
from deploy.local.seed import recording_kept  # noqa: E402
from nft import services as nft  # noqa: E402
from nft.terms import DropTerms  # noqa: E402

SUPPLY: Final = 100
QUOTA: Final = 40  # for who pays outside the chain
_KEY: Final = 57


def release(artist: User, audio: Path | None, cover: Path | None) -> tuple[Release, str]:
    """Publish one track; returns the release and the sha256 of its master."""
    title = audio.stem.replace("_", " ")[:100] if audio else "First Light"
    recording = encode.from_file(audio) if audio else _composed()
    picture = cover.read_bytes() if cover else draw("harbour", 1)
    page = catalog.artist_create(actor=artist, name=str(artist), bio="Plays for the demo.")
    draft = catalog.release_create(actor=artist, artist=page, title=title, genre="ambient")
    catalog.release_cover_set(actor=artist, release=draft, data=io.BytesIO(picture))
    made = recording_kept(page, recording, Asset.Access.OPEN)
    catalog.track_add(actor=artist, release=draft, title=title, recording=made)
    sha256 = hashlib.sha256(recording.master).hexdigest()
    return catalog.release_publish(actor=artist, release=draft), sha256


def _composed() -> encode.Made:
    return encode.record(STYLES["piano"](np.random.default_rng(1), _KEY))


def publish(options: argparse.Namespace) -> dict[str, Any]:
    """Do it all and return the line."""
    artist = User.objects.get(pk=options.artist)
    published, sha256 = release(artist, options.audio, options.cover)
    terms = DropTerms(
        owner=options.wallet,
        price=options.price,
        max_supply=SUPPLY,
        starts_at=timezone.now(),
        hub_quota=QUOTA,
    )
    wait_until_kept([published])
    drop = nft.collection_prepare(actor=artist, release=published, terms=terms)
    return {
        "drop": str(drop.pk),
        "title": published.title,
        "transaction": nft.collection_deploy_transaction(collection=drop),
        "audio_sha256": sha256,
    }


def main() -> int:
    """Print the line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.demo_release")
    parser.add_argument("--artist", required=True, help="the artist's user id")
    parser.add_argument("--wallet", required=True, help="raw address of the deploying wallet")
    parser.add_argument("--price", type=int, required=True, help="nano of one edition")
    parser.add_argument("--audio", type=Path)
    parser.add_argument("--cover", type=Path)
    print(json.dumps(publish(parser.parse_args())))
    return 0


if __name__ == "__main__":
    sys.exit(main())
