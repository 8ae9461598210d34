"""Money outside the chain, two or many at once on the real database: one outcome, no deadlock."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings

from contracts import hub as contract
from core.errors import ApplicationError
from core.money import Money
from payments import ledger
from payments.models import (
    ClaimRight,
    DropQuota,
    LedgerAccount,
    LedgerEntry,
    Order,
    PaymentAttempt,
    PayoutBatch,
    Refund,
    Reservation,
    Settlement,
    SettlementLine,
)
from payments.providers.base import ProviderState, RefundState, RefundStatus, Status
from payments.services import outcomes, payouts, refunds
from payments.services.events import Cause
from payments.services.orders import Buyer, order_create
from payments.services.quotes import drop_quote
from payments.services.settlement import building, signing
from payments.services.states import order_expire
from tests.payments.acts import fresh
from tests.payments.chain import ADMIN, COIN
from tests.payments.conftest import REFERRER, STRANGER, Shop, person
from tests.payments.off_chain import at_provider, balanced, claim_of, owed, rates
from tests.payments.races import together
from tests.payments.settlement.test_batches import paid, take
from tests.payments.test_payouts import earn

pytestmark = pytest.mark.django_db(transaction=True)
Kind = LedgerAccount.Kind
MANY = 6
PAID = Money("USD", 1000)


@pytest.fixture(autouse=True)
def dollars(shop: Shop, settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRETS = "sk_test", ["whsec"]
    rates(timezone.now())
    shop.world.send(ADMIN, shop.world.hub, COIN, contract.set_shares_body(method=3, share_bps=0))


def bought(shop: Shop, user: str = "") -> Order:
    buyer = Buyer(person(user) if user else shop.fan, "web")
    drop = shop.drop(hub_quota=5)
    order, _ = order_create(
        buyer=buyer, collection=drop_quote(drop_id=drop.pk), quantity=1, method="stripe"
    )
    return order


def told(attempt: PaymentAttempt, external: str = "pi_1", *back: RefundState) -> None:
    state = ProviderState(
        Status.PAID,
        paid=Money(attempt.asset, attempt.amount),
        external_id=external,
        occurred_at=timezone.now(),
        refunds=back,
    )
    outcomes.apply(attempt_id=attempt.pk, state=state, cause=Cause("test"))


def no_errors(results: list[object]) -> None:
    assert [one for one in results if isinstance(one, BaseException)] == []


def test_many_confirm_one_attempt_and_it_is_paid_once(shop: Shop) -> None:
    order = bought(shop)
    attempt = shop.attempt(order)
    no_errors(together(*[lambda: told(attempt)] * MANY))
    assert fresh(order).state == "fulfilling"
    assert (ClaimRight.objects.count(), LedgerEntry.objects.count()) == (1, 1)
    assert owed(order, "USD") == at_provider("stripe", "USD") == attempt.amount
    confirmed = order.events.filter(to_state="confirmed", attempt=attempt)
    assert confirmed.count() == 1


def test_two_payments_of_one_link_at_once_are_one_order_and_one_refund(shop: Shop) -> None:
    order = bought(shop)
    attempt = shop.attempt(order)
    no_errors(together(*[lambda name=name: told(attempt, name) for name in ("a", "b")] * 3))
    assert order.attempts.filter(state="confirmed").count() == 2
    assert ClaimRight.objects.count() == Refund.objects.count() == 1
    assert owed(order, "USD") == attempt.amount
    assert at_provider("stripe", "USD") == 2 * attempt.amount


def test_a_refund_by_staff_and_the_providers_word_of_one_outside(shop: Shop) -> None:
    """Whoever comes first: no more goes back than came."""
    order = paid(shop, shop.drop(hub_quota=5))
    attempt = shop.attempt(order)
    outside = RefundState(RefundStatus.DONE, "re_1", amount=PAID)
    together(
        lambda: refunds.refund_request(
            attempt=attempt, amount=None, reason="staff", origin=Refund.Origin.STAFF,
            cause=Cause("staff"), actor=person("finance"),
        ),
        *[lambda: told(fresh(order).attempts.get(), attempt.external_id or "", outside)] * 3,
    )  # fmt: skip
    alive = Refund.objects.exclude(state__in=("failed", "cancelled"))
    assert [(one.state, one.amount, one.external_id) for one in alive] == [("done", 1000, "re_1")]
    assert at_provider("stripe", "USD") == owed(order, "USD") == 0
    assert claim_of(order).state == "revoked"
    assert fresh(order).state in ("cancelled", "needs_attention")  # by whose word came last
    assert DropQuota.objects.get().taken == 0
    assert balanced()


def test_two_approve_one_refund(shop: Shop, settings: Settings) -> None:
    settings.REFUND_LIMITS = {"USD": 1}
    order = paid(shop, shop.drop(hub_quota=5))
    refund = refunds.refund_request(
        attempt=shop.attempt(order), amount=None, reason="staff", origin=Refund.Origin.STAFF,
        cause=Cause("staff"), actor=person("finance"),
    )  # fmt: skip
    others = [person("owner"), person("second"), person("third")]
    results = together(
        *[lambda one=one: refunds.refund_approve(refund_id=refund.pk, actor=one) for one in others]
    )
    assert sorted(type(one).__name__ for one in results) == ["ApplicationError"] * 2 + ["Refund"]
    assert ledger.owed(Kind.REFUNDS_DUE, str(order.pk), "USD") == PAID
    assert owed(order, "USD") == 0
    assert LedgerEntry.objects.filter(kind="refund").count() == 1


def test_many_run_for_the_last_copy(shop: Shop) -> None:
    """Bought outside the chain: who gets no edition is told so, and nothing of his stays."""
    drop = shop.drop(hub_quota=2)
    people = [person(f"buyer{number}") for number in range(MANY)]

    def run(user: object) -> Order:
        buyer = Buyer(user, "web")  # type: ignore[arg-type]
        quote = drop_quote(drop_id=drop.pk)
        return order_create(buyer=buyer, collection=quote, quantity=1, method="stripe")[0]

    results = together(*[lambda one=one: run(one) for one in people])
    refused = [one for one in results if isinstance(one, ApplicationError)]
    assert [one.code for one in refused] == ["sold_out"] * (MANY - 2)
    assert Order.objects.count() == PaymentAttempt.objects.count() == 2
    assert Reservation.objects.filter(state="held").count() == DropQuota.objects.get().taken == 2


def test_the_money_and_the_end_of_its_order_at_once(shop: Shop) -> None:
    """Paid a moment too late or just in time: it is claimed or on its way back, never neither."""
    order = bought(shop)
    attempt = shop.attempt(order)
    no_errors(
        together(
            lambda: told(attempt),
            lambda: order_expire(order_id=order.pk, reason="unpaid", cause=Cause("expiry")),
        )
    )
    order = fresh(order)
    assert order.state == "fulfilling"  # there is an edition left: also late money gets it
    assert claim_of(order).state == "open"
    assert DropQuota.objects.get().taken == 1
    assert order.attempts.get().state == "confirmed"


def test_many_build_one_settlement(shop: Shop) -> None:
    drop = shop.drop(hub_quota=5)
    orders = [paid(shop, drop, number=number) for number in range(3)]
    results = together(*[building.settlement_build] * MANY)
    no_errors(results)
    # Who comes after the claims are taken sees none that is due.
    assert {one.pk for one in results if one is not None} == {Settlement.objects.get().pk}
    assert SettlementLine.objects.count() == len(orders)
    take(shop, Settlement.objects.get())
    shop.follow()
    assert {fresh(order).state for order in orders} == {"fulfilled"}


def test_a_refund_and_a_batch_run_for_one_claim(shop: Shop) -> None:
    """Minted or paid back, never both."""
    order = paid(shop, shop.drop(hub_quota=5))
    together(
        building.settlement_build,
        lambda: refunds.refund_request(
            attempt=shop.attempt(order), amount=None, reason="staff", origin=Refund.Origin.STAFF,
            cause=Cause("staff"), actor=person("finance"),
        ),
    )  # fmt: skip
    claim, lines = claim_of(order), SettlementLine.objects.count()
    back = Refund.objects.exclude(state__in=("failed", "cancelled")).count()
    assert (claim.state, lines, back) in (("settling", 1, 0), ("revoked", 0, 1))


def test_two_signers_take_one_batch(shop: Shop) -> None:
    paid(shop, shop.drop(hub_quota=5))
    batch = building.settlement_build()
    assert batch is not None
    now = timezone.now()
    until = now + timedelta(minutes=1)
    begun = together(*[lambda: signing._begin(batch.pk, "vault", now, until, "test")] * 4)
    assert sorted(one is None for one in begun) == [False, True, True, True]
    assert Settlement.objects.get().tries == 1


def test_two_approve_one_payout(shop: Shop) -> None:
    referrer = str(person("referrer", REFERRER).pk)
    earn(referrer, Kind.REFERRAL_PAYABLE, Money("TON", 2 * COIN))
    shop.world.send(STRANGER, shop.world.hub, 5 * COIN)
    draft = payouts.batch_draft(asset="TON", actor=person("finance"))
    others = [person("owner"), person("second"), person("third")]
    results = together(
        *[lambda one=one: payouts.batch_approve(batch_id=draft.pk, actor=one) for one in others]
    )
    assert sorted(type(one).__name__ for one in results) == [
        "ApplicationError", "ApplicationError", "PayoutBatch",
    ]  # fmt: skip
    assert PayoutBatch.objects.get().state == "approved"
    assert ledger.owed(Kind.PAYOUTS_IN_FLIGHT, str(draft.pk)) == Money("TON", 2 * COIN)
    assert ledger.owed(Kind.REFERRAL_PAYABLE, referrer) == Money("TON", 0)
