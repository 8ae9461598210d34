"""Everything outside the shop in one place: the chain, the providers, the people, and the clock."""

from __future__ import annotations

import logging
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final, Self

import pytest
import stamina
import stripe
from pytest_django import Settings

from accounts.models import User
from contracts import hub
from core import http
from deploy.local.sandbox.binance import BinanceSandbox
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.sandbox.telegram import TelegramSandbox
from deploy.local.sandbox.yookassa import YooKassaSandbox
from payments.models import Rate
from referrals.models import Attribution
from tests.payments.chain import ADMIN, COIN, wallet
from tests.payments.conftest import REFERRER, Shop, person
from tests.payments.off_chain import RATES
from tests.simulation.death import Death
from tests.simulation.post import Post

FANS: Final = 5
FIRST_ID: Final = 9_000
METHODS: Final = ("stars", "sbp", "stripe", "binance", "ton")
# How long a call waits while a sandbox is about to hang, and how long that hangs (seconds).
TINY: Final = 0.5
_HANGS: Final = 0.8
_MICRO: Final = 10**6


@dataclass(frozen=True)
class Place:
    """Where one can pay outside the chain. open_: what may be paid now; pay: somebody does.

    A further acquirer (T-Bank behind SBP) is one more of these in Town._places, its settings in
    Town._settings, and nothing else.
    """

    source: str  # in /webhooks/<source>
    method: str
    box: Any
    open_: Callable[[], list[str]]


class Clock:
    """Ours, the providers' and the chain's: it moves only when it is told to."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC).replace(microsecond=0)

    def now(self) -> datetime:
        return self.at

    def unix(self) -> float:
        return self.at.timestamp()


class Town:
    """Seeded: the same seed and number of steps give the same story."""

    def __init__(
        self, seed: int, shop: Shop, settings: Settings, patch: pytest.MonkeyPatch
    ) -> None:
        self.random = random.Random(seed)
        self.shop, self.clock, self.settings = shop, Clock(), settings
        self.counts: Counter[str] = Counter()
        self.death = Death(self.random, self.counts)
        self.stripe = StripeSandbox()
        self.bot = TelegramSandbox(token=settings.TELEGRAM_BOT_TOKEN, secret="s")
        self.bank = YooKassaSandbox(key="k")
        self.pay = BinanceSandbox(key="k" * 32, secret="s" * 64)
        self.places = self._places()
        self.boxes: list[Any] = [place.box for place in self.places]
        self.post = Post(self.random, self.counts)
        self._settings(settings)
        self._time(patch)
        self._people()
        self._methods()
        self._patience(patch)
        self.death.plant(patch)
        for place in self.places:
            patch.setattr(place.box, "send", self.post.sender(place.source, place.box))
        patch.setattr("tests.payments.conftest._numbers", count(1))
        logging.disable(logging.WARNING)

    def _places(self) -> list[Place]:
        def open_(rows: dict[str, Any], status: str) -> Callable[[], list[str]]:
            return lambda: [name for name, row in rows.items() if row["status"] == status]

        return [
            Place("stripe", "stripe", self.stripe, open_(self.stripe.sessions, "open")),
            Place("yookassa", "sbp", self.bank, open_(self.bank.payments, "pending")),
            Place("binance", "binance", self.pay, open_(self.pay.orders, "INITIAL")),
            Place("telegram", "stars", self.bot, lambda: list(self.bot.invoices)),
        ]

    def _settings(self, settings: Settings) -> None:
        settings.STRIPE_API_URL, settings.STRIPE_SECRET_KEY = self.stripe.url, self.stripe.key
        settings.STRIPE_WEBHOOK_SECRETS = [self.stripe.webhook_secret]
        settings.TELEGRAM_API_URL, settings.TELEGRAM_WEBHOOK_SECRET = self.bot.url, "s"
        settings.YOOKASSA_API_URL = f"{self.bank.url}/v3"
        settings.YOOKASSA_SHOP_ID, settings.YOOKASSA_SECRET_KEY = self.bank.shop_id, self.bank.key
        settings.YOOKASSA_WEBHOOK_NETWORKS = ["127.0.0.1/32"]
        settings.BINANCE_API_URL = self.pay.url
        settings.BINANCE_API_KEY, settings.BINANCE_API_SECRET = self.pay.key, self.pay.secret
        settings.PUBLIC_URL = "http://127.0.0.1:1"  # webhooks are delivered by hand
        settings.RATES_FIXED = {}
        settings.PAYOUT_MINIMUM = dict.fromkeys(settings.PAYOUT_MINIMUM, 1)

    def _time(self, patch: pytest.MonkeyPatch) -> None:
        """One clock for all. What signs requests keeps the wall's: both sides of it do."""
        patch.setattr("django.utils.timezone.now", self.clock.now)
        patch.setattr("deploy.local.sandbox.binance._SKEW", 60_000)
        for box in self.boxes:
            patch.setattr(box, "now", self.clock.unix)
        self.shop.world.sandbox.now = int(self.clock.at.timestamp())
        self.prices = dict(RATES)
        self.rates()

    def _people(self) -> None:
        """The first fan has no wallet: what he buys waits for him. Two were brought by somebody."""
        self.fans = [self._fan(number) for number in range(FANS)]
        self.referrer = person("referrer", REFERRER)
        self.staff, self.second = person("finance"), person("second")
        for fan in self.fans[1:3]:
            Attribution.objects.create(
                user=fan,
                referrer=self.referrer,
                start_param="r",
                expires_at=self.clock.at + timedelta(days=300),
            )

    def _fan(self, number: int) -> User:
        own = [wallet(self.random.getrandbits(250))] if number else []
        fan = person(f"fan-{number}", *own)
        fan.telegram_id = FIRST_ID + number
        fan.save()
        return fan

    def _methods(self) -> None:
        """The hub knows all methods: see deploy/local/ton/bootstrap.py."""
        for method, share in ((2, 0), (3, 0), (4, 0), (1, 3000)):
            body = hub.set_shares_body(method=method, share_bps=share)
            self.shop.world.send(ADMIN, self.shop.world.hub, COIN, body)

    def _patience(self, patch: pytest.MonkeyPatch) -> None:
        """While a sandbox is about to hang, nobody waits for it long."""
        patch.setattr("stripe._http_client.HTTPClient.INITIAL_DELAY", 0.0)
        patch.setattr("stripe._http_client.HTTPClient.MAX_DELAY", 0.0)
        for owner, name in ((http.Client, "__init__"), (stripe.RequestsClient, "__init__")):
            patch.setattr(owner, name, self._impatient(getattr(owner, name)))

    def _impatient(self, real: Callable[..., None]) -> Callable[..., None]:
        def init(client: Any, **options: Any) -> None:
            if any(box.faults.hang_after_effect for box in self.boxes):
                options["timeout"] = TINY
            real(client, **options)

        return init

    def hang(self, box: Any) -> None:
        """The next effect of this provider happens, and its answer never comes."""
        box.faults.hang_seconds, box.faults.hang_after_effect = _HANGS, 1

    # --- time and prices ----------------------------------------------------------------------

    def pass_time(self, by: timedelta) -> None:
        """Nothing runs backwards, and no rate gets stale but by `Trouble.rates_stop`."""
        self.clock.at += by
        self.shop.later(int(by.total_seconds()))

    def rates(self, most_bps: int = 0) -> None:
        """Fresh rates, each moved by up to `most_bps` basis points either way."""
        for asset, minor in self.prices.items():
            moved = minor * (10_000 + self.random.randint(-most_bps, most_bps)) // 10_000
            self.prices[asset] = max(RATES[asset] // 2, min(moved, RATES[asset] * 2))
            Rate.objects.create(
                asset=asset, micros=self.prices[asset] * _MICRO, source="sim", at=self.clock.at
            )

    # --- life ---------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        stamina.set_testing(True, attempts=3, cap=True)  # retries come at once
        for box in self.boxes:
            box.start()
        return self

    def __exit__(self, *ended: object) -> None:
        logging.disable(logging.NOTSET)
        stamina.set_testing(False)
        for box in self.boxes:
            box.stop()
