"""Measures the ways of money in a world's environment; one JSON line for each measurement.

Started by deploy.bench.money. Ours and the floor's take turns, and the median of the ratios counts,
so that a noisy machine disturbs both alike.
"""

import importlib
import importlib.util
import json
import os
import threading
import time
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from statistics import median, quantiles
from typing import Any
from uuid import uuid4

import django

import deploy  # noqa: F401  puts platform/ on sys.path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings.dev")
django.setup()

from celery import current_app  # noqa: E402  needs the app registry, as all below
from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from catalog.models import Artist  # noqa: E402
from core.errors import ApplicationError  # noqa: E402
from core.outbox.models import OutboxEvent  # noqa: E402
from deploy.bench.data import drop_for_sale  # noqa: E402
from deploy.local.sandbox.stripe_forms import signature  # noqa: E402
from nft.models import Collection  # noqa: E402
from payments import ledger  # noqa: E402
from payments.models import ClaimRight, LedgerAccount, Order, PaymentAttempt  # noqa: E402
from payments.services import submitting  # noqa: E402
from payments.services.orders import Buyer, order_create  # noqa: E402
from payments.services.quotes import drop_quote  # noqa: E402

ROUNDS, EACH = 6, 10  # the first round warms up and does not count
BUYERS, COPIES = 100, 60
READS = 30
CONFIRM_TARGET, ORDER_TARGET, READ_TARGET = 0.01, 0.05, 1.5
TWO_ROWS = (
    "INSERT INTO bench_order VALUES (%s, %s, %s, 'paid', now())",
    "INSERT INTO bench_attempt VALUES (%s, %s, '{}', 'confirmed', now())",
)


def say(name: str, value: float, unit: str, **more: Any) -> None:
    row = {"name": name, "value": value, "unit": unit, "floor": None, "ratio": None, **more}
    print(json.dumps(row), flush=True)


def two_rows(counter: bool = False) -> None:
    """The floor: an order and its payment, in one transaction. counter: and one of the copies."""
    with transaction.atomic(), connection.cursor() as cursor:
        order = str(uuid4())
        if counter:
            cursor.execute("UPDATE bench_order SET price = price + 1 WHERE state = 'counter'")
        cursor.execute(TWO_ROWS[0], [order, order, 5])
        cursor.execute(TWO_ROWS[1], [str(uuid4()), order])


# --- from webhook to confirmed ----------------------------------------------------------------


def _act(act: str, **given: Any) -> Any:
    """What a payer does, or what the provider knows (deploy/local/sandbox)."""
    request = urllib.request.Request(  # noqa: S310  an address of this machine
        f"{settings.STRIPE_API_URL}/_sandbox/{act}",
        json.dumps(given).encode() if given else None,
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return json.loads(answer.read())


def paid(drop: Collection, fan: User) -> bytes:
    """An order that was paid at the provider: the body of the webhook that tells so."""
    order, attempt = order_create(
        buyer=Buyer(fan, "web"), collection=drop_quote(drop_id=drop.pk), quantity=1, method="stripe"
    )
    submitting.attempt_submit(attempt_id=attempt.pk)
    OutboxEvent.objects.filter(topic="payments.attempt_submit").update(state="done")
    session = _act("pay", id=PaymentAttempt.objects.get(pk=attempt.pk).reference, silent=True)
    event = {
        "id": f"evt_{order.pk.hex}", "object": "event", "type": "checkout.session.completed",
        "created": int(time.time()), "livemode": False, "api_version": "2026-10-28.endive",
        "data": {"object": session},
    }  # fmt: skip
    return json.dumps(event).encode()


def confirm(client: Client, body: bytes) -> None:
    """The web process takes the webhook, the worker keeps its promise: all but the broker."""
    head = signature(settings.STRIPE_WEBHOOK_SECRETS[0], body, int(time.time()))
    answer = client.post(
        "/webhooks/stripe", data=body, content_type="application/json",
        headers={"Stripe-Signature": head},
    )  # fmt: skip
    if answer.status_code != 200:
        raise RuntimeError(f"the webhook was answered with {answer.status_code}")
    for event in OutboxEvent.objects.filter(state="pending", topic="payments.attempt_refresh"):
        current_app.tasks[event.topic](event_id=str(event.pk), **event.payload)


def _rate(works: list[Callable[[], None]]) -> float:
    began = time.perf_counter()
    for work in works:
        work()
    return len(works) / (time.perf_counter() - began)


def confirmations(drop: Collection, fan: User) -> None:
    client, turns = Client(HTTP_HOST="127.0.0.1"), []
    for _ in range(ROUNDS):
        bodies = [paid(drop, fan) for _ in range(EACH)]
        floor = _rate([two_rows] * (EACH * 20))
        ours = _rate([lambda body=body: confirm(client, body) for body in bodies])  # type: ignore[misc]
        turns.append((ours, floor))
    owed = Order.objects.filter(state=Order.State.FULFILLING).count()
    if owed != ROUNDS * EACH or ClaimRight.objects.count() != owed:
        raise RuntimeError(f"only {owed} payments were confirmed")
    ratio = median(ours / floor for ours, floor in turns[1:])
    say(
        "webhook to claim", round(median(ours for ours, _ in turns[1:]), 1), "payments/s",
        floor=round(median(floor for _, floor in turns[1:]), 1), ratio=round(ratio, 4),
        target=CONFIRM_TARGET, won=ratio >= CONFIRM_TARGET,
    )  # fmt: skip


# --- many buyers of one drop ------------------------------------------------------------------


def _at_once(call: Callable[[int], None]) -> tuple[float, list[float]]:
    """Seconds that all took together, and each by itself, in milliseconds."""
    barrier, taken = threading.Barrier(BUYERS), []

    def run(number: int) -> None:
        barrier.wait()
        began = time.perf_counter()
        try:
            call(number)
        finally:
            taken.append((time.perf_counter() - began) * 1000)
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(BUYERS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.perf_counter() - began, taken


def crowd(drop: Collection, fans: list[User]) -> None:
    refused: list[str] = []

    def order(number: int) -> None:
        try:
            order_create(
                buyer=Buyer(fans[number], "web"), collection=drop_quote(drop_id=drop.pk),
                quantity=1, method="stripe",
            )  # fmt: skip
        except ApplicationError as error:
            refused.append(error.code)

    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bench_order VALUES (%s, %s, 0, 'counter', now())", [uuid4().hex] * 2
        )
    floor, _ = _at_once(lambda _: two_rows(counter=True))
    ours, taken = _at_once(order)
    sold = Order.objects.filter(collection=drop).count()
    if sold != COPIES or refused != ["sold_out"] * (BUYERS - COPIES):
        raise RuntimeError(f"{sold} of {COPIES} copies were sold, and {refused} were refused")
    points = quantiles(taken, n=20)
    say(
        f"{BUYERS} buyers of {COPIES} copies at once", round(BUYERS / ours, 1), "orders/s",
        floor=round(BUYERS / floor, 1), ratio=round(floor / ours, 4), target=ORDER_TARGET,
        won=floor / ours >= ORDER_TARGET, p50_ms=round(points[9], 1), p95_ms=round(points[18], 1),
    )  # fmt: skip


# --- reading a balance ------------------------------------------------------------------------


def balances() -> None:
    """Milliseconds to read an account of many legs, and the same of few: the ratio is 1 when a
    balance costs the same however long its history is."""
    if importlib.util.find_spec("payments.services.snapshots"):
        importlib.import_module("payments.services.snapshots").snapshots_seal()
    few, many = _read("bench-few"), _read("bench-many")
    ratio = many / few
    say(
        "balance of 1 000 000 legs against 10 000", round(many, 3), "ms", floor=round(few, 3),
        ratio=round(ratio, 2), target=READ_TARGET, won=ratio <= READ_TARGET,
    )  # fmt: skip


def _read(owner: str) -> float:
    taken = []
    for _ in range(READS):
        began = time.perf_counter()
        found = ledger.balance(LedgerAccount.Kind.PSP_FEES, owner, "USD")
        taken.append((time.perf_counter() - began) * 1000)
    if found.amount == 0:
        raise RuntimeError(f"{owner} has no legs")
    return median(taken)


def main() -> None:
    owner = User.objects.create_user("bench-artist", first_name="Ada")
    artist = Artist.objects.create(owner=owner, slug="bench", name="Bench")
    until = timezone.now() + timedelta(days=1)
    wide = drop_for_sale(artist, 1, hub_quota=10_000, terms_read_at=until)
    narrow = drop_for_sale(artist, 2, hub_quota=COPIES, terms_read_at=until)
    fans = [User.objects.create_user(f"bench-fan-{n}") for n in range(BUYERS)]
    balances()
    confirmations(wide, fans[0])
    crowd(narrow, fans)


if __name__ == "__main__":
    main()
