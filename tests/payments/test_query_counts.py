"""Each step of a payment costs the same number of queries, however many payments there are.

The numbers are exact: one that grows or shrinks is looked at, and then changed here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from deploy.local.sandbox.binance import BinanceSandbox
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.sandbox.telegram import TelegramSandbox
from deploy.local.sandbox.yookassa import YooKassaSandbox
from nft.models import Collection
from payments.models import ClaimRight, PaymentAttempt
from payments.services import submitting
from payments.services.orders import Buyer, order_create
from payments.services.quotes import drop_quote
from tests.payments.conftest import FAN, Shop
from tests.payments.kills import keep_promises
from tests.payments.off_chain import deliver, rates

pytestmark = pytest.mark.django_db
METHODS: Final = ("ton", "stars", "sbp", "stripe", "binance")
MANY: Final = 4
# order: the request's transaction. hook: the webhook until its 200. told: from its promise to the
# claim right (none with Stars: their message is the proof, and the webhook does it all).
COST: Final = {
    "ton": {"order": 6},
    "stars": {"order": 15, "hook": 31},
    "sbp": {"order": 17, "hook": 9, "told": 29},
    "stripe": {"order": 15, "hook": 9, "told": 29},
    "binance": {"order": 15, "hook": 9, "told": 30},
}


class Ways:
    """One sandbox for each method, and how a payment there is told."""

    def __init__(self, settings: Settings) -> None:
        self.stripe = StripeSandbox().start()
        self.bot = TelegramSandbox(token=settings.TELEGRAM_BOT_TOKEN, secret="s").start()
        self.bank = YooKassaSandbox(key="k").start()
        self.pay = BinanceSandbox(key="k" * 32, secret="s" * 64).start()
        settings.STRIPE_API_URL, settings.STRIPE_SECRET_KEY = self.stripe.url, self.stripe.key
        settings.STRIPE_WEBHOOK_SECRETS = [self.stripe.webhook_secret]
        settings.TELEGRAM_API_URL, settings.TELEGRAM_WEBHOOK_SECRET = self.bot.url, "s"
        settings.YOOKASSA_API_URL = f"{self.bank.url}/v3"
        settings.YOOKASSA_SHOP_ID, settings.YOOKASSA_SECRET_KEY = self.bank.shop_id, self.bank.key
        settings.YOOKASSA_WEBHOOK_NETWORKS = ["127.0.0.1/32"]
        settings.BINANCE_API_URL = self.pay.url
        settings.BINANCE_API_KEY, settings.BINANCE_API_SECRET = self.pay.key, self.pay.secret
        settings.PUBLIC_URL = "http://127.0.0.1:1"
        for box in (self.stripe, self.bot, self.bank, self.pay):
            vars(box)["send"] = box.events.append  # delivered by hand

    def paid(self, method: str, user: int) -> tuple[str, Any]:
        """Somebody pays what was made last: the source and its webhook."""
        if method == "stars":
            self.bot.act_pay(slug=list(self.bot.invoices)[-1], user=user, silent=True)
            row = self.bot.transactions[-1]
            told = {
                "currency": "XTR", "total_amount": row["amount"],
                "invoice_payload": row["source"]["invoice_payload"],
                "telegram_payment_charge_id": row["id"], "provider_payment_charge_id": "",
            }  # fmt: skip
            self.bot._tell({"message": self.bot._message(user, {"successful_payment": told})})
            return "telegram", self.bot.events[-1]
        box: Any
        box, source, rows = {
            "stripe": (self.stripe, "stripe", self.stripe.sessions),
            "sbp": (self.bank, "yookassa", self.bank.payments),
            "binance": (self.pay, "binance", self.pay.orders),
        }[method]
        box.act_pay(id=list(rows)[-1])
        return source, box.events[-1]

    def stop(self) -> None:
        for box in (self.stripe, self.bot, self.bank, self.pay):
            box.stop()


@pytest.fixture
def ways(settings: Settings) -> Iterator[Ways]:
    made = Ways(settings)
    rates(timezone.now())
    yield made
    made.stop()


def counted(work: Callable[[], Any]) -> int:
    """Queries, the brackets of transactions left out."""
    with CaptureQueriesContext(connection) as captured:
        work()
    return len([one for one in captured if "SAVEPOINT" not in one["sql"]])


def one_payment(shop: Shop, drop: Collection, ways: Ways, method: str) -> dict[str, int]:
    """From order to claim; what each step cost."""
    context = "telegram" if method == "stars" else "web"
    buyer = Buyer(shop.fan, context, email="fan@example.org")
    quote = drop_quote(drop_id=drop.pk)
    made: list[PaymentAttempt] = []

    def order() -> None:
        with transaction.atomic():
            _, attempt = order_create(buyer=buyer, collection=quote, quantity=1, method=method)
        made.append(attempt)

    cost = {"order": counted(order)}
    if method == "ton":
        return cost
    submitting.attempt_submit(attempt_id=made[0].pk)
    keep_promises()
    source, event = ways.paid(method, int(shop.fan.telegram_id or 0))
    client = Client()
    cost["hook"] = counted(lambda: deliver(client, source, event))
    if method != "stars":
        cost["told"] = counted(keep_promises)
    assert ClaimRight.objects.filter(order=made[0].order_id).exists()
    return cost


@pytest.mark.parametrize("method", METHODS)
def test_a_payment_costs_the_same_however_many_there_were(
    shop: Shop, ways: Ways, method: str
) -> None:
    shop.fan.telegram_id = 9_000
    shop.fan.save()
    assert shop.fan.wallets.get().address.endswith(FAN.hash_part.hex())
    drop = shop.drop(hub_quota=50)
    one_payment(shop, drop, ways, method)  # what is made and cached once is no part of it
    few = one_payment(shop, drop, ways, method)
    for _ in range(MANY):
        one_payment(shop, drop, ways, method)
    assert one_payment(shop, drop, ways, method) == few
    assert few == COST[method]
