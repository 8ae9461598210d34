"""Fills a throw-away database for the HTTP benchmark and says, as JSON, what to ask for.

    python -m deploy.bench.data --drops 10500

Runs with the world's environment. Rows are made in bulk: their chain addresses lead nowhere.
"""

import argparse
import json
import os
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import django

import deploy  # noqa: F401  puts platform/ on sys.path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings.dev")
django.setup()

from django.db import connection  # noqa: E402  needs the app registry, as all below
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.utils import timezone  # noqa: E402
from rest_framework.test import APIClient  # noqa: E402

from accounts.models import Session, User, Wallet  # noqa: E402
from accounts.services import session_open  # noqa: E402
from catalog.media.models import Asset, Recording  # noqa: E402
from catalog.models import Artist, Release, Track  # noqa: E402
from nft.models import Collection  # noqa: E402

COIN = 10**9
ARTISTS = 250
TRACKS = 4
BATCH = 2000
HOST = "127.0.0.1"
BOOKKEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK", "BEGIN", "COMMIT")


def fill(drops: int) -> None:
    """Artists, releases with tracks, live drops: as many of each as a year of the shop."""
    now = timezone.now()
    owner = User.objects.create_user("bench-artist", first_name="Ada")
    cover, metadata, preview = (_asset(kind) for kind in ("cover", "metadata", "preview"))
    artists = Artist.objects.bulk_create(
        Artist(owner=owner, slug=f"artist-{n}", name=f"Artist {n}") for n in range(ARTISTS)
    )
    releases = [
        Release(
            artist=artists[n % ARTISTS],
            slug=f"release-{n}",
            title=f"Release {n}",
            description="Two pieces for a late ferry. " * 8,
            genre="Ambient",
            cover=cover,
            metadata=metadata,
            state=Release.State.PUBLISHED,
            published_at=now,
        )
        for n in range(drops)
    ]
    Release.objects.bulk_create(releases, batch_size=BATCH)
    tracks = [
        Track(
            release=release,
            position=n,
            title=f"Track {n}",
            recording=_recording(release, preview),
        )
        for release in releases
        for n in range(1, TRACKS + 1)
    ]
    Recording.objects.bulk_create([one.recording for one in tracks], batch_size=BATCH)
    Track.objects.bulk_create(tracks, batch_size=BATCH)
    lots = [_drop(release, n, now) for n, release in enumerate(releases)]
    Collection.objects.bulk_create(lots, batch_size=BATCH)


def _asset(kind: str) -> Asset:
    return Asset.objects.create(
        kind=kind,
        cid=f"bafybench{kind}",
        sha256=f"{abs(hash(kind)):064x}"[:64],
        size=1,
        content_type="image/webp",
        storage_name=kind,
        width=640,
        height=640,
    )


def _asset_once(kind: str) -> Asset:
    return Asset.objects.filter(kind=kind).first() or _asset(kind)


def _recording(release: Release, preview: Asset) -> Recording:
    return Recording(
        artist=release.artist_id,
        access=Asset.Access.OPEN,
        duration_ms=180_000,
        waveform=bytes(range(120)),
        master=preview,
        preview=preview,
        state=Recording.State.READY,
        ready_at=release.published_at,
    )


def _drop(release: Release, number: int, now: datetime) -> Collection:
    # Read from the chain "in the future": the benchmark measures us, not a TON node.
    return Collection(
        release=release,
        chain_id=number + 1,
        address=f"0:{number:064x}",
        owner=f"0:{1:064x}",
        payout=f"0:{1:064x}",
        hub=f"0:{2:064x}",
        code_hash="0" * 64,
        content=b"",
        state_init=b"",
        platform_bps=1000,
        royalty_bps=500,
        state=Collection.State.LIVE,
        live_at=now,
        terms_read_at=now + timedelta(days=1),
        price=5 * COIN // 2,
        max_supply=1_000_000,
        max_per_buy=5,
        starts_at=now - timedelta(minutes=number),
    )


def drop_for_sale(artist: Artist, number: int, **terms: Any) -> Collection:
    """One live drop of a new release."""
    release = Release.objects.create(
        artist=artist,
        slug=f"bench-{number}",
        title=f"Bench {number}",
        cover=_asset_once("cover"),
        metadata=_asset_once("metadata"),
        state=Release.State.PUBLISHED,
        published_at=timezone.now(),
    )
    made = _drop(release, number, timezone.now())
    for name, value in terms.items():
        setattr(made, name, value)
    made.save(force_insert=True)
    return made


def fan() -> str:
    """The access token of a fan with a wallet."""
    user = User.objects.create_user("bench-fan", first_name="Mira")
    Wallet.objects.create(
        user=user, address=f"0:{3:064x}", public_key="00" * 32, proved_at=timezone.now()
    )
    return session_open(
        user=user, kind=Session.Kind.MINIAPP, context=Session.Context.TELEGRAM
    ).access


def count_queries(token: str, drop: str) -> dict[str, int]:
    """Statements per request once caches are warm, transaction brackets left out."""
    client = APIClient(HTTP_HOST=HOST)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    body = {"drop": drop, "quantity": 1, "method": "ton"}

    def order() -> int:
        headers = {"Idempotency-Key": str(uuid4())}
        return client.post("/api/v1/orders", body, format="json", headers=headers).status_code

    asks = {
        "drop_list": lambda: client.get("/api/v1/drops").status_code,
        "drop_detail": lambda: client.get(f"/api/v1/drops/{drop}").status_code,
        "order": order,
    }
    counted = {}
    for name, ask in asks.items():
        ask()
        with CaptureQueriesContext(connection) as captured:
            status = ask()
        if status not in {200, 201}:
            raise SystemExit(f"{name} answered {status}")
        counted[name] = sum(not one["sql"].startswith(BOOKKEEPING) for one in captured)
    return counted


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--drops", type=int, required=True)
    fill(parser.parse_args().drops)
    drop = str(Collection.objects.order_by("-starts_at")[5].pk)
    token = fan()
    print(json.dumps({"drop": drop, "token": token, "queries": count_queries(token, drop)}))


if __name__ == "__main__":
    main()
