"""The objects that the shop's addresses name, made when one is asked for."""

from collections.abc import Callable
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import Session
from accounts.services import session_open
from catalog.models import Playlist, Release
from nft.models import Collection, Item, SplitShare, Transfer
from nft.services import split_save
from nft.services.splits import Part
from payments.models import Order, Statement
from payments.services.orders import Buyer, order_create
from payments.services.quotes import drop_quote
from tests import people
from tests.catalog import lists
from tests.catalog.people import artist_of, draft, published
from tests.nft import drops


class Cast:
    """The objects that the addresses name, and whose they are."""

    def __init__(self) -> None:
        self.artist = artist_of(people.person("artist"))
        self.fan = people.person("fan")
        self.wallet = people.wallet_of(self.fan)

    @cached_property
    def live(self) -> Collection:
        return drops.live(self.artist)

    @cached_property
    def prepared(self) -> Collection:
        """Waits for its artist's wallet."""
        return drops.prepared(self.artist, "Night Train")

    @cached_property
    def order(self) -> Order:
        quote = drop_quote(drop_id=self.live.pk)
        return order_create(
            buyer=Buyer(self.fan, "telegram"), collection=quote, quantity=1, method="ton"
        )[0]

    @cached_property
    def item(self) -> Item:
        drops.mint(self.live, 1, self.wallet.address)
        return self.live.items.get()

    @cached_property
    def transfer(self) -> Transfer:
        """The fan's, and over: no chain runs here to be asked."""
        now = timezone.now()
        return Transfer.objects.create(
            item=self.item, user=self.fan, sender=self.wallet.address,
            recipient=drops.address("friend"), amount=1, state="done", created_at=now,
            valid_until=now, looked_at=now, finished_at=now,
        )  # fmt: skip

    def cover(self) -> str:
        cover = self.live.release.cover
        assert cover is not None
        return cover.cid

    def track(self) -> UUID:
        return self.live.release.tracks.get().pk

    @cached_property
    def session(self) -> Session:
        """Another place where the fan is signed in."""
        return session_open(
            user=self.fan, kind=Session.Kind.MINIAPP, context=Session.Context.TELEGRAM
        ).session

    @cached_property
    def draft(self) -> Release:
        return draft(self.artist, "Low Water")

    @cached_property
    def share(self) -> SplitShare:
        """The artist's own line."""
        split_save(
            actor=self.artist.owner,
            release=published(self.artist, "Two Hands"),
            artist_bps=6000,
            parts=[Part("Vera", 4000)],
        )
        return SplitShare.objects.get(position=0)

    @cached_property
    def playlist(self) -> Playlist:
        return lists.playlist(self.fan, self.track())

    @cached_property
    def statement(self) -> Statement:
        month = date(2026, 1, 1)
        content = {"payee": {"id": "", "name": "Artist"}, "assets": [], "entries": []}
        return Statement.objects.create(
            year=2026, number=1, payee=self.artist.owner, month=month, content=content,
            issued_at=timezone.now(),
        )  # fmt: skip

    def words(self, name: str) -> dict[str, Any]:
        """What stands in the address of that name; made only when asked for."""
        makers: dict[str, Callable[[], dict[str, Any]]] = {
            "miniapp-path": lambda: {"rest": "drops"},
            "ipfs": lambda: {"cid": self.cover()},
            "media": lambda: {"token": "guessed"},
            "preview-mp3": lambda: {"cid": self.cover()},
            "cover": lambda: {"cid": self.cover(), "width": 320, "kind": "webp"},
            "artist-detail": lambda: {"slug": self.live.release.artist.slug},
            "drop-detail": lambda: {"drop": self.live.pk},
            "item-detail": lambda: {"address": self.item.address},
            "item-certificate": lambda: {"address": self.item.address},
            "item-transfer": lambda: {"address": self.item.address},
            "transfer-detail": lambda: {"transfer": self.transfer.pk},
            "drop-collectors": lambda: {"drop": self.live.pk},
            "artist-collectors": lambda: {"slug": self.live.release.artist.slug},
            "track-detail": lambda: {"track": self.track()},
            "release-detail": lambda: {"release": self.live.release_id},
            "track-stream": lambda: {"track": self.track()},
            "track-download": lambda: {"track": self.track()},
            "track-plays": lambda: {"track": self.track()},
            "track-like": lambda: {"track": self.track()},
            "artist-follow": lambda: {"slug": self.artist.slug},
            "playlist-entry": lambda: {
                "playlist": self.playlist.pk,
                "entry": self.playlist.entries.get().pk,
            },
            "playlist-member": lambda: {
                "playlist": self.playlist.pk,
                "member": self.playlist.members.get().pk,
            },
            "playlist-invited": lambda: {"token": "0" * 40},
            "wallet": lambda: {"wallet_id": self.wallet.pk},
            "session": lambda: {"session_id": self.session.pk},
            "account-export": lambda: {"token": "guessed"},
            "portal-verification-file-remove": lambda: {"file": self.artist.pk},
            "order-detail": lambda: {"order": self.order.pk},
            "order-attempts": lambda: {"order": self.order.pk},
            "order-receipt": lambda: {"order": self.order.pk, "receipt": self.order.pk},
            "store-receipt": lambda: {"order": self.order.pk, "receipt": self.order.pk},
            "store-receipt-file": lambda: {"order": self.order.pk, "receipt": self.order.pk},
            "store-drop": lambda: {"drop": self.live.pk},
            "store-checkout": lambda: {"drop": self.live.pk},
            "store-order": lambda: {"order": self.order.pk},
            "store-order-transaction": lambda: {"order": self.order.pk},
            "store-order-gift": lambda: {"order": self.order.pk},
            "store-gift": lambda: {"secret": "0" * 40},
            "order-gift": lambda: {"order": self.order.pk},
            "gift": lambda: {"secret": "0" * 40},
            "drop-offers": lambda: {"drop": self.live.pk},
            "payment-return": lambda: {"attempt": self.live.pk},
            "webhook": lambda: {"source": "nobody"},
            "dev-login": lambda: {"name": "fan"},
            "sign-in-demo": lambda: {"name": "fan"},
            "portal-artist": lambda: {"artist": self.artist.pk},
            "portal-release-new": lambda: {"artist": self.artist.pk},
            "portal-upload": lambda: {"upload": self.artist.pk},
            "portal-release": lambda: {"release": self.prepared.release_id},
            "portal-drop": lambda: {"drop": self.prepared.pk},
            "portal-drop-transaction": lambda: {"drop": self.prepared.pk},
            "portal-drop-abandon": lambda: {"drop": self.prepared.pk},
            "portal-split": lambda: {"release": self.share.split.release_id},
            "portal-share": lambda: {"share": self.share.pk},
            "portal-share-join": lambda: {"share": self.share.pk, "secret": "guessed"},
            "portal-splitter-transaction": lambda: {"drop": self.live.pk},
            "portal-statement": lambda: {"statement": self.statement.pk, "form": "csv"},
        }
        for address in ("draft", "draft-tracks", "draft-cover", "draft-file", "draft-publish"):
            makers[f"portal-{address}"] = lambda: {"release": self.draft.pk}
        for address in ("", "-entries", "-members", "-invitation", "-link", "-log"):
            makers[f"playlist{address}"] = lambda: {"playlist": self.playlist.pk}
        for address in ("", "-update", "-move", "-remove", "-preview", "-retry"):
            makers[f"portal-track{address}"] = lambda: {"track": self.draft.tracks.get().pk}
        make = makers.get(name)
        return make() if make else {}
