"""Sales on chain are final; what is given all the same is the shop's loss, by four eyes."""

from __future__ import annotations

import pytest
from django.urls import reverse

from core.models import AuditRecord
from core.money import Money
from core.ton.addresses import raw
from payments import ledger
from payments.models import LedgerAccount, Order, PayoutBatch
from payments.services import goodwill, payouts
from tests.payments.acts import fresh
from tests.payments.chain import COIN, PAYER
from tests.payments.conftest import FAN, PRICE, STRANGER, Shop
from tests.payments.off_chain import balanced
from tests.payments.test_payouts import refused
from tests.people import pages, person

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind


@pytest.fixture
def order(shop: Shop) -> Order:
    """Sold on chain to the fan."""
    made = shop.order(shop.drop())
    shop.pay(made)
    shop.follow()
    shop.world.send(STRANGER, shop.world.hub, 5 * COIN)
    return fresh(made)


def test_a_buyer_gets_coins_and_nobody_else_loses_any(shop: Shop, order: Order) -> None:
    earned = ledger.owed(Kind.ARTIST_REVENUE, str(shop.artist.pk))
    batch = goodwill.goodwill_request(
        order_id=order.pk, amount=COIN, reason="a scratched master", actor=shop.stranger
    )
    row = batch.payouts.get()
    assert (row.address, row.payee, row.order) == (raw(FAN), shop.fan, order)
    with refused("own_request"):
        payouts.batch_approve(batch_id=batch.pk, actor=shop.stranger)
    payouts.batch_approve(batch_id=batch.pk, actor=shop.artist.owner)
    before = shop.world.sandbox.account(FAN).balance
    shop.world.connect(payouts.batch_transaction(batch_id=batch.pk), PAYER)
    shop.follow()
    batch.refresh_from_db()
    assert batch.state == PayoutBatch.State.CONFIRMED
    assert shop.world.sandbox.account(FAN).balance == before + COIN
    assert ledger.balance(Kind.LOSSES) == Money("TON", COIN)
    assert ledger.owed(Kind.ARTIST_REVENUE, str(shop.artist.pk)) == earned
    assert fresh(order).state == Order.State.FULFILLED
    assert order.entries.filter(key=f"payout:{row.pk}:approved").exists()
    assert balanced()
    record = AuditRecord.objects.get(action="payments.goodwill_requested")
    assert record.reason == "a scratched master"


def test_no_more_is_given_than_was_paid_all_gifts_together(shop: Shop, order: Order) -> None:
    def ask(amount: int) -> PayoutBatch:
        return goodwill.goodwill_request(
            order_id=order.pk, amount=amount, reason="x", actor=shop.stranger
        )

    first = ask(PRICE - COIN)
    for amount in (COIN + 1, 0, -1):
        with refused("refund_impossible"):
            ask(amount)
    payouts.batch_cancel(batch_id=first.pk, actor=shop.stranger, reason="no")
    assert goodwill.goodwill_left(order) == Money("TON", PRICE)
    ask(PRICE)
    assert ledger.balance(Kind.LOSSES) == Money("TON", 0)


def test_an_order_that_is_not_sold_gets_nothing(shop: Shop) -> None:
    order = shop.order(shop.drop())
    with refused("refund_impossible"):
        goodwill.goodwill_request(order_id=order.pk, amount=1, reason="x", actor=shop.fan)
    assert not PayoutBatch.objects.exists()


def test_finance_asks_on_the_orders_page_and_others_may_not(shop: Shop, order: Order) -> None:
    page = reverse("admin:payments_payoutbatch_goodwill", args=[order.pk])
    assert pages(person("moderator")).post(page, {"amount": "1", "reason": "x"}).status_code == 403
    assert not PayoutBatch.objects.exists()
    finance = pages(person("finance"))
    told = finance.get(reverse("admin:payments_order_change", args=[order.pk])).content.decode()
    assert page in told
    assert "Say" not in finance.get(page).content.decode()
    assert "errorlist" in finance.post(page, {"amount": "1", "reason": ""}).content.decode()
    assert "At most" in finance.post(page, {"amount": "9", "reason": "x"}).content.decode()
    finance.post(page, {"amount": "1.5", "reason": "The fan is right"})
    batch = PayoutBatch.objects.get()
    assert batch.payouts.get().amount == 3 * COIN // 2
    told = finance.get(
        reverse("admin:payments_payoutbatch_approve", args=[batch.pk])
    ).content.decode()
    assert "The fan is right" in told
