"""Killed between any two lines that matter, and started again: the outcome is the same, once.

Real processes that get a SIGKILL, real PostgreSQL, and a sandbox that remembers what it did for
the dead. (TON: test_crash.py; a whole running shop: tests/e2e/test_killed.py.)
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from contracts import hub as contract
from core.inbox import services as inbox
from core.inbox.models import InboxEvent
from core.ton import codec
from deploy.local.sandbox.stripe import StripeSandbox
from nft.models import Item
from payments import ledger
from payments.models import (
    ClaimRight,
    DropQuota,
    LedgerEntry,
    Order,
    PaymentAttempt,
    Refund,
    Settlement,
)
from payments.services import expiry, refunds, submitting
from payments.services.events import Cause
from payments.services.orders import Buyer, order_create
from payments.services.quotes import drop_quote
from payments.services.settlement import signing
from payments.signers import vault
from tests.payments.acts import fresh
from tests.payments.chain import ADMIN, COIN, MINTER
from tests.payments.conftest import Shop
from tests.payments.kills import keep_promises, killed_at
from tests.payments.off_chain import at_provider, claim_of, deliver, owed, refresh
from tests.payments.settlement.test_batches import paid
from tests.payments.test_off_chain import ASKED, box
from tests.people import person

pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["box"]  # a fixture
PROVIDER = "payments.providers.stripe.provider.StripeProvider"
SUBMIT = "payments.services.submitting"
REFUND = "payments.services.refunds"
SIGN = "payments.services.settlement.signing"


def ordered(shop: Shop) -> tuple[Order, PaymentAttempt]:
    """Committed, and nothing called yet: what the view's transaction leaves."""
    return order_create(
        buyer=Buyer(shop.fan, "web"),
        collection=drop_quote(drop_id=shop.drop(hub_quota=5).pk),
        quantity=1,
        method="stripe",
    )


# --- making the payment ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        f"before {SUBMIT}._take",
        f"after {SUBMIT}.states.attempt_move",  # in the transaction that stores the key
        f"before {PROVIDER}.create",
        f"after {PROVIDER}.create",  # the provider has it, and nobody here knows
        f"before {SUBMIT}.polling.plan",  # in the transaction that stores the answer
        f"after {SUBMIT}._opened",
    ],
)
def test_a_payment_is_made_once(shop: Shop, box: StripeSandbox, place: str) -> None:
    order, attempt = ordered(shop)
    killed_at(place, lambda: submitting.attempt_submit(attempt_id=attempt.pk))
    keep_promises()
    attempt.refresh_from_db()
    (session,) = box.sessions.values()
    assert (attempt.state, attempt.reference) == ("open", session["id"])
    assert attempt.handoff["url"] == session["url"]
    box.act_pay(id=session["id"])
    refresh(attempt)
    assert fresh(order).state == "fulfilling"
    assert owed(order, "USD") == at_provider("stripe", "USD") == ASKED


@pytest.mark.parametrize(
    "place",
    [
        "after payments.services.orders._order_open",
        "after payments.services.orders.reservations.reservation_hold",
        "after payments.services.orders.put",
    ],
)
def test_a_request_that_dies_before_its_commit_leaves_no_order(
    shop: Shop, box: StripeSandbox, place: str
) -> None:
    drop = shop.drop(hub_quota=5)
    quote = drop_quote(drop_id=drop.pk)
    buyer = Buyer(shop.fan, "web")
    killed_at(
        place,
        lambda: order_create(buyer=buyer, collection=quote, quantity=1, method="stripe"),
    )
    assert not Order.objects.exists()
    assert not DropQuota.objects.exists()
    assert not box.sessions


# --- hearing of it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        "after core.inbox.services.receive",  # kept, and not looked at
        "after payments.providers.stripe.webhook.StripeWebhook.verify",
        "after payments.webhooks.put",  # promised, in the transaction
        "after core.inbox.services._move",
        "after core.inbox.services.process",  # committed, and not answered
    ],
)
def test_a_webhook_is_applied_once(shop: Shop, box: StripeSandbox, place: str) -> None:
    order, attempt = ordered(shop)
    submitting.attempt_submit(attempt_id=attempt.pk)
    box.act_pay(id=str(PaymentAttempt.objects.get().reference))
    told = box.events[-1]
    killed_at(place, lambda: deliver(Client(), "stripe", told))
    assert fresh(order).state == "awaiting_payment"
    InboxEvent.objects.update(received_at=timezone.now() - timedelta(minutes=1))
    inbox.process_due()
    keep_promises()
    assert InboxEvent.objects.get().state == "applied"
    assert fresh(order).state == "fulfilling"
    deliver(Client(), "stripe", told)  # the sender heard no answer, and sends again
    keep_promises()
    assert InboxEvent.objects.get().deliveries == 2
    assert (LedgerEntry.objects.count(), ClaimRight.objects.count()) == (1, 1)


@pytest.mark.parametrize(
    "place",
    [
        f"after {PROVIDER}.fetch",
        "after payments.services.outcomes.events.save",
        "after payments.services.outcomes.posting.payment_post",
        "after payments.services.outcomes.reservations.reservation_use",
        "after payments.services.outcomes.claims.claim_create",
        "after payments.services.outcomes.polling.plan",
        "after payments.services.outcomes.apply",
    ],
)
def test_a_payment_is_confirmed_whole_or_not_at_all(
    shop: Shop, box: StripeSandbox, place: str
) -> None:
    order, attempt = ordered(shop)
    submitting.attempt_submit(attempt_id=attempt.pk)
    box.act_pay(id=str(PaymentAttempt.objects.get().reference))
    killed_at(place, lambda: refresh(attempt))
    whole = place.endswith(".apply")
    assert LedgerEntry.objects.count() == ClaimRight.objects.count() == int(whole)
    assert fresh(order).state == ("fulfilling" if whole else "awaiting_payment")
    PaymentAttempt.objects.update(poll_at=timezone.now())
    expiry.orders_expire(now=timezone.now() + timedelta(hours=4))  # asks, and hears of the money
    assert fresh(order).state == "fulfilling"
    assert LedgerEntry.objects.count() == ClaimRight.objects.count() == 1
    assert owed(order, "USD") == ASKED


# --- sending it back ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place",
    [
        f"before {PROVIDER}.refund",
        f"after {PROVIDER}.refund",  # it went back, and nobody here knows
        f"after {REFUND}.posting.refund_done_post",
        f"after {REFUND}.tell",
    ],
)
def test_a_refund_goes_back_once(shop: Shop, box: StripeSandbox, place: str) -> None:
    order, attempt = ordered(shop)
    submitting.attempt_submit(attempt_id=attempt.pk)
    box.act_pay(id=str(PaymentAttempt.objects.get().reference))
    refresh(attempt)
    refund = refunds.refund_request(
        attempt=attempt, amount=None, reason="staff", origin=Refund.Origin.STAFF,
        cause=Cause("staff"), actor=person("finance"),
    )  # fmt: skip
    killed_at(place, lambda: refunds.refund_submit(refund_id=refund.pk))
    keep_promises()
    refund.refresh_from_db()
    (back,) = box.refunds.values()
    assert (refund.state, refund.external_id, back["amount"]) == ("done", back["id"], ASKED)
    assert at_provider("stripe", "USD") == owed(order, "USD") == 0
    assert LedgerEntry.objects.filter(key__contains=":done:").count() == 1


# --- minting it -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "broadcasts"),
    [
        ("after payments.services.settlement.building._part_save", 1),
        ("before payments.signers.vault.sign_and_send", 1),
        ("after payments.signers.vault.sign_and_send", 2),  # it is out, and nobody here knows
        (f"after {SIGN}.states.settlement_move", 1),
    ],
)
def test_a_batch_is_minted_once(  # the network is a file: it outlives the process
    shop: Shop, settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    place: str, broadcasts: int,
) -> None:  # fmt: skip
    settings.SETTLEMENT_SIGNER = "vault"
    shop.world.send(ADMIN, shop.world.hub, COIN, contract.set_shares_body(method=3, share_bps=0))
    network = tmp_path / "network"

    def sign_and_send(*, body: Any, **_: Any) -> bytes:
        with network.open("a") as out:
            out.write(codec.to_boc(body).hex() + "\n")
        return bytes(32)

    monkeypatch.setattr(vault, "sign_and_send", sign_and_send)
    order = paid(shop, shop.drop(hub_quota=5), quantity=2)
    killed_at(place, signing.settlements_advance)
    later = timezone.now() + signing.VAULT_LIFETIME + 2 * signing.GRACE
    monkeypatch.setattr(timezone, "now", lambda: later)  # the first message cannot live any more
    signing.settlements_advance()
    sent = network.read_text().split()
    assert len(sent) == broadcasts
    assert len(set(sent)) == 1  # the same body, so the same number
    batch = Settlement.objects.get()
    for boc in sent:
        body = codec.plain_cell(bytes.fromhex(boc))
        shop.world.send(MINTER, shop.world.hub, batch.value, body)
    shop.follow()
    assert (fresh(order).state, Item.objects.count()) == ("fulfilled", 2)
    assert claim_of(order).state == "settled"
    assert LedgerEntry.objects.filter(kind="sale").count() == 1
    assert not any(ledger.imbalance().values())
