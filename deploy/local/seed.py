"""Fill a development shop with people, music and drops: python -m deploy.local.seed.

Everything goes through the same services and TON Connect transactions as the portal's. Running it
again adds only what is missing; what exists is left as it is. SEED=short is the first artist alone,
for a quick start. Refused outside development.
"""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, Final

import django
from PIL import Image

from deploy.local.process import ROOT
from deploy.local.studio.catalogue import ACTS, Act, Album, Drop
from deploy.local.studio.encode import Made
from deploy.local.studio.market import COIN, Market, wallet_of
from deploy.local.studio.shelf import Shelf
from deploy.local.ton.client import NetworkError

django.setup()

from django.conf import settings  # noqa: E402  models exist only after the setup
from django.contrib.auth.models import Group  # noqa: E402
from django.db import connections  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts import services as accounts  # noqa: E402
from accounts.development import init_data_make, second_factor_seed  # noqa: E402
from accounts.models import Session, User  # noqa: E402
from accounts.people import PEOPLE, Person  # noqa: E402
from accounts.roles import roles_sync  # noqa: E402
from accounts.selectors import wallet_by_address  # noqa: E402
from catalog import services as catalog  # noqa: E402
from catalog.media.models import Asset, Recording  # noqa: E402
from catalog.media.services import recording_made  # noqa: E402
from catalog.models import Artist, Release  # noqa: E402
from catalog.slugs import slug_of  # noqa: E402
from contracts import collection as contract  # noqa: E402
from contracts import fees  # noqa: E402
from core.errors import ApplicationError  # noqa: E402
from core.ton import connect  # noqa: E402
from core.ton.client import ChainError  # noqa: E402
from deploy.local.kept import wait_until_kept  # noqa: E402
from nft import services as nft  # noqa: E402
from nft.models import Collection  # noqa: E402
from nft.services.supply import sale_read  # noqa: E402
from nft.terms import DropTerms  # noqa: E402

CENT: Final = COIN // 100
STAFF: Final[Mapping[str, str]] = {
    "admin": "tonality-admin",
    "moderator": "tonality-moderator",
    "finance": "tonality-finance",
    "second": "tonality-second",
    "operator": "tonality-operator",
    "support": "tonality-support",
}
# Money that leaves the shop needs two people of finance.
ROLE_OF: Final = {"second": "finance"}
# Who buys on chain beside the development login "collector".
COLLECTORS: Final = ("collector", "ines", "bo")
# What is made from our own code alone is the same in every world, so one shelf serves them all.
STUDIO: Final = ROOT / "build" / "studio"
PATIENCE: Final = 30.0
OPEN_QUOTA: Final = 50  # editions of an open drop that are kept for buyers without coins


def say(line: str) -> None:
    print(line, flush=True)


def wanted() -> tuple[Act, ...]:
    return ACTS[:1] if os.environ.get("SEED") == "short" else ACTS


def staff() -> User:
    """The roles and logins of the admin; returns the administrator."""
    roles_sync()
    for login, password in STAFF.items():
        user = User.objects.filter(login=login).first()
        if user is None:
            make = User.objects.create_superuser if login == "admin" else User.objects.create_user
            user = make(login, password, first_name=login.title())
        user.is_staff = True
        user.save(update_fields=["is_staff"])
        if login != "admin":
            user.groups.add(Group.objects.get(name=ROLE_OF.get(login, login)))
        if login != "moderator":
            second_factor_seed(user=user)  # they touch money; the page that asks shows the code
    return User.objects.get(login="admin")


def sign_in(name: str) -> Session:
    """A session of a development login or of somebody made up, by signed initData."""
    person = PEOPLE.get(name) or Person(_telegram_id(name), name.title(), f"{name}_demo")
    return accounts.session_open_by_telegram(init_data=init_data_make(person=person)).session


def _telegram_id(name: str) -> int:
    return int(name) if name.isdigit() else 800_000 + sum(name.encode())


def wallet_linked(session: Session, name: str) -> None:
    """Prove the demo wallet of that name for the session's user, once."""
    wallet = wallet_of(name)
    if wallet_by_address(wallet.address) is None:
        nonce = accounts.wallet_nonce_issue(session=session)
        host = settings.PUBLIC_URL.split("//")[-1].split(":")[0].split("/")[0]
        accounts.wallet_link(session=session, **wallet.prove(host, nonce.payload, int(time.time())))


def artist_page(act: Act, admin: User, shelf: Shelf) -> Artist:
    session = sign_in(act.owner)
    wallet_linked(session, act.name)
    page = Artist.objects.filter(slug=slug_of(act.name, length=75)).first()
    if page is None:
        links = [{"label": label, "url": url} for label, url in act.links]
        page = catalog.artist_create(actor=session.user, name=act.name, bio=act.bio, links=links)
    if page.picture is None:
        picture = io.BytesIO(_portrait(shelf.cover(act.albums[-1])))
        catalog.artist_picture_set(actor=session.user, artist=page, data=picture)
    if act.verified and page.verified_at is None:
        catalog.artist_verify(actor=admin, artist=page, reason="Part of the demo catalogue.")
    return page


def _portrait(cover: bytes) -> bytes:
    """A detail of a cover stands for the artist's face."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(cover)) as image:
        image.crop((250, 200, 850, 800)).save(out, "PNG")
    return out.getvalue()


def release_published(page: Artist, album: Album, shelf: Shelf) -> Release:
    """Make the release, or go on where an interrupted run left it."""
    release = page.releases.filter(title=album.title).first()
    if release is None:
        release = catalog.release_create(
            actor=page.owner,
            artist=page,
            title=album.title,
            description=album.description,
            genre=album.genre,
        )
    if release.state != Release.State.DRAFT:
        return release
    if release.cover is None:
        cover = io.BytesIO(shelf.cover(album))
        release = catalog.release_cover_set(actor=page.owner, release=release, data=cover)
    for piece in album.pieces[release.tracks.count() :]:
        recording = recording_kept(page, shelf.recording(piece), Asset.Access.HOLDERS)
        catalog.track_add(actor=page.owner, release=release, title=piece.title, recording=recording)
    return catalog.release_publish(actor=page.owner, release=release)


def recording_kept(page: Artist, made: Made, access: Asset.Access) -> Recording:
    """What the studio has made, as a recording of the artist."""
    return recording_made(
        artist=page.pk,
        access=access,
        files={
            "master": (io.BytesIO(made.master), made.master_type),
            "aac": (io.BytesIO(made.aac), "audio/mp4"),
            "preview": (io.BytesIO(made.preview), "audio/mp4"),
        },
        facts={"duration_ms": made.duration_ms, "waveform": made.waveform},
    )


def drop_prepared(act: Act, release: Release, drop: Drop) -> Collection:
    """The release's drop, prepared now if there is none."""
    present = release.collections.exclude(state=Collection.State.ABANDONED).first()
    if present is not None:
        return present
    now = timezone.now()
    terms = DropTerms(
        owner=wallet_of(act.name).address,
        price=drop.price * CENT,
        max_supply=drop.supply,
        starts_at=now + timedelta(seconds=drop.starts),
        ends_at=now + timedelta(seconds=drop.ends) if drop.ends is not None else None,
        max_per_buy=drop.max_per_buy,
        royalty_bps=drop.royalty_bps,
        hub_quota=(drop.supply - drop.sold) // 4 if drop.supply else OPEN_QUOTA,
    )
    return nft.collection_prepare(actor=release.artist.owner, release=release, terms=terms)


def deployed(market: Market, drops: list[tuple[Act, Drop, Collection]]) -> None:
    """Artists sign their deployments; each drop goes live when it is seen on chain."""
    waiting = [entry for entry in drops if entry[2].state == Collection.State.PREPARED]
    absent = [(act, one) for act, _, one in waiting if not market.client.is_active(one.address)]
    market.fund([wallet_of(act.name) for act, _ in absent])
    market.send(
        [
            (wallet_of(act.name), nft.collection_deploy_transaction(collection=one))
            for act, one in absent
        ]
    )
    market.wait_until_active([one.address for _, one in absent])
    end = time.monotonic() + PATIENCE
    for act, _, one in waiting:
        while nft.collection_verify(collection=one).state == Collection.State.PREPARED:
            if time.monotonic() > end:
                raise TimeoutError(f"{act.name}: {one.address} did not go live")
            time.sleep(0.1)


def purchases(market: Market, drops: list[tuple[Act, Drop, Collection]]) -> int:
    """Collectors buy straight on chain until as many are sold as the catalogue says."""
    buyers = [wallet_of(name) for name in COLLECTORS]
    requests = []
    for number, (_, drop, collection) in enumerate(drops):
        if collection.state == Collection.State.LIVE and drop.sold:
            missing = drop.sold - sale_read(collection.address).next_item_index
            for turn, quantity in enumerate(_parts(missing, drop.max_per_buy)):
                buyer = buyers[(number + turn) % len(buyers)]
                requests.append((buyer, _purchase(collection, quantity, buyer.address)))
    if requests:
        market.fund(buyers)
        market.send(requests)
    return len(requests)


def _parts(total: int, most: int) -> Iterator[int]:
    while total > 0:
        yield min(total, most)
        total -= most


def _purchase(collection: Collection, quantity: int, sender: str) -> dict[str, Any]:
    """The same message as a buyer's wallet sends, without an order of ours."""
    cost = fees.mint_cost(
        quantity,
        gift=False,
        referred=False,
        price=collection.price,
        platform_bps=collection.platform_bps,
    )
    body = contract.buy_body(query_id=0, quantity=quantity, max_unit_price=collection.price)
    return connect.transaction(
        valid_until=int(time.time()) + 600,
        messages=[connect.Message(collection.address, cost, payload=body)],
        sender=sender,
    )


def missing_albums() -> list[Album]:
    """What the studio has to make: albums whose release is not published yet."""
    known = set(
        Release.objects.exclude(state=Release.State.DRAFT).values_list("artist__name", "title")
    )
    albums = [(act.name, album) for act in wanted() for album in act.albums]
    return [album for name, album in albums if (name, album.title) not in known]


def catalogue(shelf: Shelf, admin: User) -> list[tuple[Act, Drop, Collection]]:
    """Artists, releases and prepared drops; returns the drops."""
    if albums := missing_albums():
        connections.close_all()  # the studio's processes must not share them
        for title in shelf.prepare(albums):
            say(f"  made {title}")
    drops = []
    for act in wanted():
        page = artist_page(act, admin, shelf)
        for album in act.albums:
            release = release_published(page, album, shelf)
            if album.drop is not None and settings.TON_HUB_ADDRESS:
                drops.append((act, album.drop, drop_prepared(act, release, album.drop)))
    return drops


def main() -> int:
    """Returns the exit status; one clear line when it cannot be done."""
    if not settings.DEVELOPMENT:
        print("the seed is for development only", file=sys.stderr)
        return 1
    admin = staff()
    for name in (*PEOPLE, *COLLECTORS):
        session = sign_in(name)
        if name in COLLECTORS:
            wallet_linked(session, name)
    try:
        drops = catalogue(Shelf(STUDIO), admin)
        began = time.monotonic()
        wait_until_kept(Release.objects.filter(state=Release.State.PUBLISHED))
        say(f"  kept on IPFS after {time.monotonic() - began:.1f} s")
        if settings.TON_NETWORK == "local" and drops:
            market = Market(settings.LOCAL_TON_API)
            deployed(market, drops)
            say(f"  {purchases(market, drops)} purchases")
    except (ApplicationError, ChainError, NetworkError, TimeoutError, RuntimeError) as error:
        print(f"cannot seed: {error}", file=sys.stderr)
        return 1
    say(f"  {len(wanted())} artists, {Release.objects.count()} releases, {len(drops)} drops")
    for login, password in STAFF.items():
        say(f"  /admin/ as {login}: {password}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
