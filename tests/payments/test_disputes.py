"""A lost dispute after the mint is the shop's loss, and nobody else's."""

from __future__ import annotations

import pytest
from django.db import transaction

from contracts import hub as contract
from core.money import Money
from payments import ledger
from payments.ledger import Line
from payments.models import (
    ClaimRight,
    Dispute,
    LedgerAccount,
    LedgerEntry,
    Order,
    PaymentAttempt,
    Refund,
)
from payments.providers.base import (
    DisputeState,
    DisputeStatus,
    ProviderState,
    RefundState,
    RefundStatus,
    Status,
)
from payments.services import outcomes, refunds
from payments.services.events import Cause
from tests.payments.acts import fresh
from tests.payments.chain import ADMIN, COIN
from tests.payments.conftest import Shop
from tests.payments.off_chain import at_provider, balanced, claim_of, owed
from tests.payments.settlement.test_batches import built, paid, take

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind


def paid_twice(shop: Shop) -> tuple[Order, PaymentAttempt]:
    """An order and the second payment of its link, which cannot be sent back at the moment."""
    order = paid(shop, shop.drop(hub_quota=5))
    first = shop.attempt(order)
    again = ProviderState(Status.PAID, paid=Money("USD", 1000), external_id="pi_again")
    outcomes.apply(attempt_id=first.pk, state=again, cause=Cause("test"))
    return fresh(order), order.attempts.get(external_id="pi_again")


def told(attempt: PaymentAttempt, status: DisputeStatus) -> None:
    dispute = DisputeState(status, "du_1", Money("USD", attempt.paid or 0))
    outcomes.apply(
        attempt_id=attempt.pk,
        state=ProviderState(
            Status.PAID,
            paid=Money("USD", attempt.paid or 0),
            external_id=attempt.external_id or "",
            disputes=(dispute,),
        ),
        cause=Cause("test"),
    )


def test_a_dispute_that_is_lost_after_the_mint_is_the_shops_loss(shop: Shop) -> None:
    shop.world.send(ADMIN, shop.world.hub, COIN, contract.set_shares_body(method=3, share_bps=0))
    order = paid(shop, shop.drop(hub_quota=5))
    take(shop, built())
    shop.follow()
    artist = f"artist:{shop.artist.pk}"
    earned = ledger.owed(Kind.ARTIST_PAYABLE, artist, "USD")
    assert earned.amount > 0
    attempt = shop.attempt(order)
    for status in (DisputeStatus.FUNDS_WITHDRAWN, DisputeStatus.LOST, DisputeStatus.LOST):
        told(attempt, status)
    assert Dispute.objects.get().state == Dispute.State.LOST
    assert ledger.balance(Kind.LOSSES, "", "USD") == Money("USD", attempt.paid or 0)
    assert ledger.owed(Kind.ARTIST_PAYABLE, artist, "USD") == earned
    assert at_provider("stripe", "USD") == 0
    assert (fresh(order).state, fresh(order).reason) == ("needs_attention", "dispute_lost")
    assert balanced()


def test_a_dispute_about_a_second_payment_leaves_the_first_ones_claim(shop: Shop) -> None:
    """Found by the simulation, seed 7: a lost dispute took the editions of the good payment."""
    order, second = paid_twice(shop)
    assert second.flags == ["duplicate"]
    told(second, DisputeStatus.FUNDS_WITHDRAWN)
    assert not claim_of(order).frozen
    told(second, DisputeStatus.LOST)
    assert (fresh(order).state, claim_of(order).state) == ("fulfilling", "open")
    # One refund is on its way, the first payment is owed, and what the bank took is our loss.
    assert owed(order, "USD") == 1000
    assert ledger.owed(Kind.REFUNDS_DUE, str(order.pk), "USD") == Money("USD", 1000)
    assert ledger.balance(Kind.LOSSES, "", "USD") == Money("USD", 1000)
    assert balanced()


def test_a_second_payment_that_is_not_sent_back_is_taken_off_what_we_owe(shop: Shop) -> None:
    order, second = paid_twice(shop)
    Refund.objects.update(state="failed")
    ledger.post(
        key="failed",
        kind=LedgerEntry.Kind.REVERSAL,
        legs=[
            Line(Kind.REFUNDS_DUE, str(order.pk), Money("USD", 1000)),
            Line(Kind.ORDER_LIABILITY, str(order.pk), Money("USD", -1000)),
        ],
    )
    told(second, DisputeStatus.FUNDS_WITHDRAWN)
    told(second, DisputeStatus.LOST)
    assert owed(order, "USD") == 1000
    assert ledger.balance(Kind.LOSSES, "", "USD") == Money("USD", 0)


def test_a_second_payment_that_went_back_outside_leaves_the_first_ones_claim(shop: Shop) -> None:
    """Found by the simulation, seed 30: somebody else's refund took the editions."""
    order, second = paid_twice(shop)
    back = RefundState(RefundStatus.DONE, "re_out", amount=Money("USD", second.paid or 0))
    gone = ProviderState(
        Status.PAID, paid=Money("USD", second.paid or 0), external_id="pi_again", refunds=(back,)
    )
    outcomes.apply(attempt_id=second.pk, state=gone, cause=Cause("test"))
    assert (fresh(order).state, claim_of(order).state) == ("fulfilling", "open")
    assert owed(order, "USD") == shop.attempt(order).paid
    assert balanced()


def test_what_could_not_be_sent_back_waits_when_the_sale_is_over(shop: Shop) -> None:
    """Found by the simulation, seed 64: the lost dispute of the sale closed the order over it."""
    order, second = paid_twice(shop)
    with transaction.atomic():
        refund = second.refunds.get()
        refunds.tell(order, refund, RefundState(RefundStatus.FAILED, ""), Cause("test"))
    told(order.attempts.exclude(pk=second.pk).get(), DisputeStatus.LOST)
    assert (fresh(order).state, fresh(order).reason) == ("needs_attention", "refund_failed")
    assert claim_of(order).state == ClaimRight.State.REVOKED
    again = refunds.refund_request(
        attempt=second, amount=None, reason="duplicate", origin=Refund.Origin.SHOP,
        cause=Cause("test"),
    )  # fmt: skip
    assert again.amount == second.paid
    assert fresh(order).state == "cancelled"
    assert balanced()
