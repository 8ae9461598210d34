"""Everything outside the shop in one place: the chain, the providers, the people, and the clock."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Self

import pytest
from django.db import transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from contracts import hub
from deploy.local.sandbox.binance import BinanceSandbox
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.sandbox.telegram import TelegramSandbox
from deploy.local.sandbox.yookassa import YooKassaSandbox
from tests.payments.chain import ADMIN, COIN, wallet
from tests.payments.conftest import Shop, person
from tests.payments.off_chain import rates

FANS: Final = 4
FIRST_ID: Final = 9_000
METHODS: Final = ("stars", "sbp", "stripe", "binance", "ton")
_REAL_NOW: Final = timezone.now
# Where a process may die: between any two of these, and in the middle of each.
CRASHES: Final = (
    "payments.services.events.save",
    "payments.ledger.post",
    "payments.services.polling.plan",
    "payments.services.submitting._opened",
    "payments.services.refunds._tell",
    "payments.services.claims._fulfil",
    "payments.services.settlement.states.part_move",
    "payments.services.settlement.building._part_save",
)


class Crashed(Exception):
    """The process dies here. What was not committed is gone."""


class Clock:
    """Ours, the providers' and the chain's; only forward."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return _REAL_NOW() + self.ahead


class Town:
    """Seeded: the same seed and number of steps give the same story."""

    def __init__(
        self, seed: int, shop: Shop, settings: Settings, patch: pytest.MonkeyPatch
    ) -> None:
        self.random = random.Random(seed)
        self.shop, self.clock = shop, Clock()
        self.counts: Counter[str] = Counter()
        self.crash_rate = 0
        self.stripe = StripeSandbox()
        self.bot = TelegramSandbox(token=settings.TELEGRAM_BOT_TOKEN, secret="s")
        self.bank = YooKassaSandbox(key="k")
        self.pay = BinanceSandbox(key="k" * 32, secret="s" * 64)
        self.boxes: tuple[Any, ...] = (self.stripe, self.bot, self.bank, self.pay)
        self._settings(settings)
        self.fans = [self._fan(number) for number in range(FANS)]
        patch.setattr("django.utils.timezone.now", self.clock.now)
        for place in CRASHES:
            self._mine(patch, place)
        self._methods()

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
        settings.RATES_FIXED = {"USD": "3", "RUB": "270", "USDT": "3", "XTR": "230"}
        rates(_REAL_NOW())

    def _fan(self, number: int) -> User:
        """The first one has no wallet: what he buys waits for him."""
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

    def _mine(self, patch: pytest.MonkeyPatch, place: str) -> None:
        module, _, name = place.rpartition(".")
        owner = __import__(module, fromlist=[name])
        real = getattr(owner, name)

        def mined(*args: Any, **kwargs: Any) -> Any:
            if self.random.randrange(1000) < self.crash_rate:
                raise Crashed(place)
            result = real(*args, **kwargs)
            if self.random.randrange(1000) < self.crash_rate:
                raise Crashed(place)
            return result

        patch.setattr(owner, name, mined)

    @contextmanager
    def process(self) -> Iterator[None]:
        """One process at work: a crash leaves what it had committed, and is counted."""
        try:
            yield
        except Crashed:
            self.counts["crashes"] += 1

    @contextmanager
    def request(self) -> Iterator[None]:
        """One request in its transaction, as @idempotent opens it."""
        with self.process(), transaction.atomic():
            yield

    def pass_time(self, by: timedelta) -> None:
        self.clock.ahead += by
        for box in self.boxes:
            box.offset += by.total_seconds()
        self.shop.later(int(by.total_seconds()))

    def __enter__(self) -> Self:
        for box in self.boxes:
            box.start()
        return self

    def __exit__(self, *ended: object) -> None:
        for box in self.boxes:
            box.stop()
