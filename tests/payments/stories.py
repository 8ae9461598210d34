"""What may happen at a provider, thing by thing, and where each of it ends."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Session
from core.inbox.models import InboxEvent
from deploy.local.sandbox.binance import BinanceSandbox
from deploy.local.sandbox.frame import Delivery
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.sandbox.tbank import TBankSandbox
from deploy.local.sandbox.telegram import TelegramSandbox
from deploy.local.sandbox.yookassa import YooKassaSandbox
from payments.models import ClaimRight, Dispute, Leg, Order, PaymentAttempt, Refund
from payments.providers.base import ProviderError
from payments.services import expiry, refunds
from payments.services.events import Cause
from tests.payments.conftest import Shop
from tests.payments.off_chain import deliver, post, rates, refresh

PAYER = 777
MOST = 8
KEPT = (
    "sessions", "intents", "refunds", "disputes", "payments", "orders", "cancels", "keys",
    "invoices", "transactions", "balance", "offset",
)  # fmt: skip
Step = Callable[[], Any]


@dataclass
class Story:
    """happens: what happens at the provider, one after the other. chores: ours, in between.

    ends: order's state and reason, what is at the provider, states of refunds and disputes.
    """

    happens: Sequence[Callable[[Any, PaymentAttempt], Any]]
    ends: tuple[Any, ...]
    chores: Sequence[Callable[[PaymentAttempt], Any]] = ()
    confirmed_first: bool = False


@dataclass
class Scene:
    """One provider with one order that can be paid."""

    source: str
    box: Any
    client: Any
    attempt: PaymentAttempt
    asset: str
    told: list[Delivery] = field(default_factory=list)

    def tell(self, event: Delivery) -> None:
        """And do what the webhook has promised, when it is news; Telegram's is proof by itself."""
        known = InboxEvent.objects.count()
        assert deliver(self.client, self.source, event).status_code == 200
        if self.source != "telegram" and InboxEvent.objects.count() > known:
            refresh(self.attempt)

    def quiet(self) -> None:
        """All that is promised is done."""
        refresh(self.attempt)
        for _ in range(3):
            for one in Refund.objects.filter(
                state__in=("approved", "submitting", "unknown", "pending")
            ):
                refunds.refund_submit(refund_id=one.pk)
        refresh(self.attempt)

    def end(self) -> tuple[Any, ...]:
        order = Order.objects.get(pk=self.attempt.order_id)
        legs = Leg.objects.filter(account__kind="psp_clearing")
        return (
            order.state,
            order.reason,
            legs.aggregate(sum=Sum("amount"))["sum"] or 0,
            sorted((one.amount, one.origin, one.state) for one in Refund.objects.all()),
            sorted(one.state for one in Dispute.objects.all()),
        )

    def books(self) -> Any:
        """Everything that must not depend on the order: the ledger whole, claims, attempts."""
        rows = Leg.objects.values_list("account__kind", "asset").annotate(sum=Sum("amount"))
        claims = ClaimRight.objects.values_list("state", "frozen")
        tries = PaymentAttempt.objects.values_list("state", "paid", "flags")
        moved = [row for row in rows if row[2]]  # a dispute that was won leaves nothing
        return sorted(moved), sorted(claims), sorted(map(str, tries))


@contextmanager
def undone(box: Any) -> Iterator[None]:
    """What happens inside has not happened afterwards, neither here nor at the provider."""
    kept = {name: copy.deepcopy(getattr(box, name)) for name in KEPT if hasattr(box, name)}
    events = list(box.events)
    try:
        with transaction.atomic():
            yield
            transaction.set_rollback(True)
    finally:
        for name, value in kept.items():
            setattr(box, name, value)
        box.events[:] = events


# --- the providers ------------------------------------------------------------------------------


@pytest.fixture
def place(shop: Shop, fan_client: APIClient, client: Any, settings: Settings) -> Iterator[Any]:
    """Place an order by a method whose provider is `box`."""
    boxes: list[Any] = []

    def placed(source: str) -> Scene:
        box, method, asset = MAKE[source](settings)
        box.start()
        boxes.append(box)
        ADDRESS[source](settings, box)
        rates(timezone.now())
        if source == "telegram":
            shop.fan.telegram_id = PAYER
            shop.fan.save()
        else:
            Session.objects.update(context="web")
        answer = post(fan_client, shop.drop(hub_quota=10), method, email="fan@example.org")
        assert answer.status_code == 201, answer.content
        attempt = PaymentAttempt.objects.get(order_id=answer.json()["id"])
        return Scene(source, box, client, attempt, asset)

    settings.PUBLIC_URL = "http://127.0.0.1:1"
    yield placed
    for box in boxes:
        box.stop()


def _bot(settings: Settings) -> Any:
    bot = TelegramSandbox(token=settings.TELEGRAM_BOT_TOKEN, secret="s")
    bot._ask = lambda *_: {"ok": True}  # type: ignore[method-assign]
    return bot, "stars", "XTR"


MAKE: dict[str, Callable[[Settings], Any]] = {
    "telegram": _bot,
    "stripe": lambda _: (StripeSandbox(), "stripe", "USD"),
    "yookassa": lambda _: (YooKassaSandbox(key="k"), "sbp", "RUB"),
    "tbank": lambda _: (TBankSandbox(password="p"), "sbp", "RUB"),
    "binance": lambda _: (BinanceSandbox(key="k", secret="s"), "binance", "USDT"),
}


def _stripe_at(settings: Settings, box: StripeSandbox) -> None:
    settings.STRIPE_API_URL, settings.STRIPE_SECRET_KEY = box.url, box.key
    settings.STRIPE_WEBHOOK_SECRETS = [box.webhook_secret]


def _yookassa_at(settings: Settings, box: YooKassaSandbox) -> None:
    settings.YOOKASSA_API_URL = f"{box.url}/v3"
    settings.YOOKASSA_SHOP_ID, settings.YOOKASSA_SECRET_KEY = box.shop_id, box.key
    settings.YOOKASSA_WEBHOOK_NETWORKS = ["127.0.0.1/32"]


def _tbank_at(settings: Settings, box: TBankSandbox) -> None:
    settings.TBANK_API_URL = f"{box.url}/v2"
    settings.TBANK_TERMINAL_KEY, settings.TBANK_PASSWORD = box.terminal, box.password


def _binance_at(settings: Settings, box: BinanceSandbox) -> None:
    settings.BINANCE_API_URL = box.url
    settings.BINANCE_API_KEY, settings.BINANCE_API_SECRET = box.key, box.secret


def _telegram_at(settings: Settings, box: TelegramSandbox) -> None:
    settings.TELEGRAM_API_URL, settings.TELEGRAM_WEBHOOK_SECRET = box.url, "s"


ADDRESS: dict[str, Callable[[Settings, Any], None]] = {
    "telegram": _telegram_at, "stripe": _stripe_at, "yookassa": _yookassa_at,
    "tbank": _tbank_at, "binance": _binance_at,
}  # fmt: skip


# --- what happens -------------------------------------------------------------------------------


def key(box: Any, attempt: PaymentAttempt) -> str:
    return attempt.key if isinstance(box, BinanceSandbox) else str(attempt.reference)


def paid(box: Any, attempt: PaymentAttempt) -> None:
    box.act_pay(id=key(box, attempt))


def back(amount: Any = None) -> Callable[[Any, PaymentAttempt], Any]:
    """Somebody refunds at the provider."""
    return lambda box, attempt: box.act_refund_external(id=key(box, attempt), amount=amount)


def disputed(box: StripeSandbox, attempt: PaymentAttempt) -> None:
    box.act_dispute(id=str(attempt.reference))


def verdict(status: str) -> Callable[[StripeSandbox, PaymentAttempt], Any]:
    return lambda box, _: box.act_dispute_close(id=next(iter(box.disputes)), status=status)


def stars_paid(box: TelegramSandbox, attempt: PaymentAttempt) -> None:
    del attempt
    (slug,) = box.invoices
    box.act_pay(slug=slug, user=PAYER)


def stars_taken(box: TelegramSandbox, attempt: PaymentAttempt) -> None:
    del attempt
    box.act_chargeback(charge=box.transactions[0]["id"], silent=False)


def begun(box: StripeSandbox, attempt: PaymentAttempt) -> None:
    box.act_start(id=str(attempt.reference))


def failed(box: StripeSandbox, attempt: PaymentAttempt) -> None:
    box.act_fail(id=str(attempt.reference))


def time_is_over(attempt: PaymentAttempt) -> None:
    """The chore that ends orders comes by; it asks before it ends one."""
    del attempt
    expiry.orders_expire(now=timezone.now() + timedelta(hours=2))


def asked_again(attempt: PaymentAttempt) -> None:
    """Our own refund, of whose sending nothing was heard, is tried again."""
    for one in Refund.objects.filter(attempt=attempt).exclude(state__in=("done", "failed")):
        refunds.refund_submit(refund_id=one.pk)


def ours(amount: int | None) -> Callable[[Any, PaymentAttempt], Any]:
    """We refund, and the answer is lost."""

    def refunded(box: Any, attempt: PaymentAttempt) -> None:
        attempt.refresh_from_db()
        row = refunds.refund_request(
            attempt=attempt, amount=amount, reason="goodwill", origin=Refund.Origin.SHOP,
            cause=Cause("test"),
        )  # fmt: skip
        box.faults.error_after_effect = 2  # once more for a client that repeats by itself
        with pytest.raises(ProviderError):
            refunds.refund_submit(refund_id=row.pk)
        box.faults.error_after_effect = 0

    return refunded


STORIES: dict[str, Story] = {
    "telegram paid and taken back": Story(
        [stars_paid, stars_taken],
        ("cancelled", "refunded", 0, [(581, "external", "done")], []),
        [time_is_over],
    ),
    "telegram paid twice": Story(
        [stars_paid, stars_paid],
        ("fulfilling", "", 581, [(581, "shop", "done")], []),
        [time_is_over],
    ),
    "stripe paid and refunded in part and whole": Story(
        [paid, back(100), back()],
        (
            "needs_attention", "refunded_outside", 0,
            [(100, "external", "done"), (658, "external", "done")], [],
        ),
    ),
    "stripe disputed and won": Story(
        [paid, disputed, verdict("won")], ("fulfilling", "", 758, [], ["won"])
    ),
    "stripe disputed and lost": Story(
        [paid, disputed, verdict("lost")], ("cancelled", "dispute_lost", 0, [], ["lost"])
    ),
    "stripe begun and paid after its time": Story(
        [begun, paid], ("fulfilling", "", 758, [], []), [time_is_over]
    ),
    "stripe begun and failed": Story(
        [begun, failed], ("awaiting_payment", "", 0, [], [])
    ),
    "stripe refunded by us": Story(
        [ours(100)], ("fulfilling", "", 658, [(100, "shop", "done")], []), [asked_again],
        confirmed_first=True,
    ),
    "yookassa paid and refunded": Story(
        [paid, back(1_000)],
        ("needs_attention", "refunded_outside", 67_175, [(1_000, "external", "done")], []),
        [time_is_over],
    ),
    "yookassa refunded by us and outside": Story(
        [ours(1_000), back(1_000)],
        (
            "needs_attention", "refunded_outside", 66_175,
            [(1_000, "external", "done"), (1_000, "shop", "done")], [],
        ),
        [asked_again], confirmed_first=True,
    ),
    "tbank paid and refunded": Story(
        [paid, back(1_000)],
        ("needs_attention", "refunded_outside", 67_175, [(1_000, "external", "done")], []),
        [time_is_over],
    ),
    "tbank refunded by us and outside": Story(
        [ours(1_000), back(1_000)],
        (
            "needs_attention", "refunded_outside", 66_175,
            [(1_000, "external", "done"), (1_000, "shop", "done")], [],
        ),
        [asked_again], confirmed_first=True,
    ),
    "binance paid and refunded": Story(
        [paid, back()],
        ("cancelled", "refunded", 0, [(7_575_000, "external", "done")], []),
        [time_is_over],
    ),
    "binance refunded by us": Story(
        [ours(1_000_000)],
        ("fulfilling", "", 6_575_000, [(1_000_000, "shop", "done")], []),
        [asked_again], confirmed_first=True,
    ),
}  # fmt: skip
