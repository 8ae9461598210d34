"""What the test of shares needs behind the pages: a process of its own, with the world's settings.

python -m tests.e2e.shared_release publish TITLE     a release of Ada's that is not on sale
python -m tests.e2e.shared_release buy TITLE         two editions, bought straight on chain
python -m tests.e2e.shared_release earn              earnings outside the chain, and a paper
"""

import io
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import django
from django.conf import settings
from django.utils import timezone

import deploy  # noqa: F401  puts platform/ on the path

django.setup()

from accounts.models import User  # noqa: E402 - models exist only after the setup
from accounts.people import PEOPLE  # noqa: E402
from catalog import services as catalog  # noqa: E402
from catalog.media.models import Asset, Recording  # noqa: E402
from catalog.media.services import recording_made  # noqa: E402
from catalog.models import Release  # noqa: E402
from core.money import Money  # noqa: E402
from deploy.local.seed import _purchase  # noqa: E402
from deploy.local.studio.market import Market  # noqa: E402
from deploy.local.ton.wallet import DevWallet  # noqa: E402
from nft.models import Collection  # noqa: E402
from payments import ledger  # noqa: E402
from payments.ledger import Line  # noqa: E402
from payments.models import LedgerAccount, LedgerEntry  # noqa: E402
from payments.services import payouts  # noqa: E402
from payments.services.statements import statement_make  # noqa: E402

Kind = LedgerAccount.Kind


def ada() -> User:
    return User.objects.get(telegram_id=PEOPLE["artist"].telegram_id)


def publish(title: str) -> None:
    like = Release.objects.get(title="Quiet Hour")
    owner, track = ada(), like.tracks.get(position=1)
    made = catalog.release_create(
        actor=owner, artist=like.artist, title=title, description="", genre="Ambient"
    )
    assert like.cover is not None
    with Path(settings.MEDIA_ROOT, like.cover.storage_name).open("rb") as cover:
        made = catalog.release_cover_set(actor=owner, release=made, data=io.BytesIO(cover.read()))
    catalog.track_add(
        actor=owner,
        release=made,
        title=track.title,
        recording=_again(track.recording),
    )
    catalog.release_publish(actor=owner, release=made)


def _again(like: Recording) -> Recording:
    """Another recording that sounds the same."""
    facts = {"duration_ms": like.duration_ms, "waveform": bytes(like.waveform)}
    files = {"master": (io.BytesIO(str(like.pk).encode()), "audio/flac")}
    made = recording_made(artist=like.artist, access=Asset.Access.OPEN, files=files, facts=facts)
    Recording.objects.filter(pk=made.pk).update(preview=like.preview)
    return made


def buy(title: str) -> None:
    drop = Collection.objects.get(release__title=title, state=Collection.State.LIVE)
    market, wallet = Market(settings.LOCAL_TON_API), DevWallet(b"h" * 32)
    market.fund([wallet])
    market.send([(wallet, _purchase(drop, 2, wallet.address))])


def earn() -> None:
    owner = f"artist:{ada().artists.get().pk}"
    for asset, amount in (("USD", 48_250), ("XTR", 1_200), ("TON", 3 * 10**9)):
        money = Money(asset, amount)
        ledger.post(
            key=f"e2e:{asset}",
            kind=LedgerEntry.Kind.SALE,
            legs=[Line(Kind.ARTIST_PAYABLE, owner, -money), Line(Kind.ROUNDING, "", money)],
        )
    staff = User.objects.filter(is_staff=True).order_by("pk")
    draft = payouts.batch_draft(asset="USD", actor=staff[0])
    payouts.batch_approve(batch_id=draft.pk, actor=staff[1])
    first = timezone.now().date().replace(day=1)
    statement_make(payee=ada(), month=first, now=timezone.now() + timedelta(days=40))


ACTS: dict[str, Callable[..., None]] = {"publish": publish, "buy": buy, "earn": earn}

if __name__ == "__main__":
    ACTS[sys.argv[1]](*sys.argv[2:])
