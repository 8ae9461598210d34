"""A person decides what becomes of refunds that failed, and when an order is closed."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from core.errors import ApplicationError
from core.models import AuditRecord
from deploy.local.sandbox.stripe import StripeSandbox
from payments import ledger, waiting
from payments.models import (
    LedgerAccount,
    Order,
    PaymentAttempt,
    Refund,
)
from payments.services import deciding, refunds
from payments.services.settlement import building
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.deciders import NOTE, failed, finance, second, state_of_everything, ways
from tests.payments.off_chain import at_provider, balanced, claim_of, owed, refresh
from tests.payments.races import together
from tests.payments.settlement.test_batches import method_known, take
from tests.payments.test_off_chain import ASKED, box, pay, placed, web
from tests.payments.test_refunds import paid, refused

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
__all__ = ["box", "finance", "method_known", "paid", "web"]  # fixtures


# --- refunds that failed --------------------------------------------------------------------------


def test_a_failed_refund_is_sent_again_and_the_order_ends(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    refund = failed(box, attempt)
    assert ways(order) == ("retry", "by_hand", "close")
    again = deciding.refund_retry(refund_id=refund.pk, actor=finance, note=NOTE)
    assert again.pk != refund.pk  # a key of its own: the provider has refused the old one
    refunds.refund_submit(refund_id=again.pk)
    assert (fresh(order).state, fresh(order).reason) == ("cancelled", "refunded")
    assert owed(order, "USD") == at_provider("stripe", "USD") == 0
    with refused("not_waiting"):
        deciding.refund_retry(refund_id=refund.pk, actor=finance, note=NOTE)
    assert balanced()


def test_after_a_part_was_sent_again_the_mint_goes_on(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    refund = failed(box, attempt, 100)
    assert ways(order) == ("retry", "by_hand", "mint_again", "close")
    again = deciding.refund_retry(refund_id=refund.pk, actor=finance, note=NOTE)
    assert (fresh(order).state, fresh(order).reason) == ("fulfilling", "")
    refunds.refund_submit(refund_id=again.pk)
    assert owed(order, "USD") == at_provider("stripe", "USD") == ASKED - 100


def test_after_the_mint_a_second_try_does_not_turn_the_sale_back_twice(
    shop: Shop, paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    settlement = building.settlement_build()
    assert settlement is not None
    take(shop, settlement)
    shop.follow()
    refund = failed(box, attempt)
    assert owed(order, "USD") == ASKED
    again = deciding.refund_retry(refund_id=refund.pk, actor=finance, note=NOTE)
    refunds.refund_submit(refund_id=again.pk)
    assert fresh(order).state == "fulfilled"  # what was minted stays minted
    assert ledger.owed(Kind.ARTIST_PAYABLE, f"artist:{shop.artist.pk}", "USD").amount == 0
    assert ledger.owed(Kind.PLATFORM_REVENUE, "", "USD").amount == 0
    assert owed(order, "USD") == at_provider("stripe", "USD") == 0
    assert balanced()


@pytest.mark.django_db(transaction=True)
def test_two_people_who_try_again_at_once_send_it_once(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    refund = failed(box, attempt)
    other = second()
    results = together(
        lambda: deciding.refund_retry(refund_id=refund.pk, actor=finance, note=NOTE),
        lambda: deciding.refund_retry(refund_id=refund.pk, actor=other, note=NOTE),
        lambda: deciding.order_close(
            order_id=order.pk, actor=other, note=NOTE, booking=waiting.OWED
        ),
    )
    refusals = [one for one in results if isinstance(one, ApplicationError)]
    assert [one.code for one in refusals] == ["not_waiting"] * 2, results
    assert Refund.objects.exclude(state="failed").count() <= 1
    assert balanced()


def test_by_other_means_takes_two_people_and_the_bank_pays(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    refund = failed(box, attempt)
    made = deciding.refund_by_hand(
        refund_id=refund.pk, actor=finance, note=NOTE, reference="SEPA 4711"
    )
    assert (made.state, made.needs_second, fresh(order).state) == (
        "requested", True, "needs_attention",
    )  # fmt: skip
    assert ledger.balance(Kind.BANK, "", "USD").amount == 0
    with refused("own_request"):
        refunds.refund_approve(refund_id=made.pk, actor=finance)
    refunds.refund_approve(refund_id=made.pk, actor=second())
    made.refresh_from_db()
    assert (made.state, fresh(order).state) == ("done", "cancelled")
    assert ledger.balance(Kind.BANK, "", "USD").amount == -ASKED
    assert at_provider("stripe", "USD") == ASKED  # there it still is
    assert owed(order, "USD") == 0
    refunds.refund_submit(refund_id=made.pk)  # nothing goes to the provider
    assert len(box.refunds) == 1
    assert balanced()


def test_one_reference_stands_for_one_transfer(
    shop: Shop, web: APIClient, box: StripeSandbox, paid: tuple[Order, PaymentAttempt],
    finance: User,
) -> None:  # fmt: skip
    refund = failed(box, paid[1])
    deciding.refund_by_hand(refund_id=refund.pk, actor=finance, note=NOTE, reference="SEPA 1")
    order, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    other = failed(box, attempt)
    before = state_of_everything(order)
    for reference in ("SEPA 1", " "):
        with refused("refund_impossible"):
            deciding.refund_by_hand(
                refund_id=other.pk, actor=finance, note=NOTE, reference=reference
            )
    assert state_of_everything(order) == before


def test_while_one_waits_for_a_second_person_nothing_else_is_sent(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    refund = failed(box, attempt)
    deciding.refund_by_hand(refund_id=refund.pk, actor=finance, note=NOTE, reference="SEPA 1")
    assert ways(order) == ()
    before = state_of_everything(order)
    with refused("not_waiting"):
        deciding.refund_retry(refund_id=refund.pk, actor=finance, note=NOTE)
    with refused("not_waiting"):
        deciding.order_close(order_id=order.pk, actor=finance, note=NOTE, booking="owed")
    assert state_of_everything(order) == before


def test_what_went_through_after_all_and_by_hand_too_is_shown_to_a_person(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    refund = failed(box, attempt)
    made = deciding.refund_by_hand(
        refund_id=refund.pk, actor=finance, note=NOTE, reference="SEPA 4711"
    )
    refunds.refund_approve(refund_id=made.pk, actor=second())
    next(iter(box.refunds.values()))["status"] = "succeeded"
    refresh(attempt)
    assert (fresh(order).state, fresh(order).reason) == ("needs_attention", "refunded_outside")
    assert waiting.bookings(waiting.facts(fresh(order)))[0][0] == waiting.LOSS
    deciding.order_close(order_id=order.pk, actor=finance, note=NOTE, booking="loss")
    assert ledger.balance(Kind.LOSSES, "", "USD").amount == ASKED
    assert owed(order, "USD") == 0
    assert fresh(order).state == "cancelled"
    assert balanced()


# --- close ----------------------------------------------------------------------------------------


def test_closing_keeps_what_is_owed_in_its_account(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    failed(box, attempt)
    deciding.order_close(order_id=order.pk, actor=finance, note=NOTE, booking="owed")
    assert (fresh(order).state, fresh(order).reason) == ("cancelled", "closed")
    assert owed(order, "USD") == ASKED
    told = AuditRecord.objects.get(action="payments.order_closed").after
    assert told == {"state": "cancelled", "booking": "owed", "owed": {"USD": str(ASKED)}}


def test_what_was_minted_may_be_earned_after_all(
    shop: Shop, paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    settlement = building.settlement_build()
    assert settlement is not None
    take(shop, settlement)
    shop.follow()
    payee = f"artist:{shop.artist.pk}"
    earned = ledger.owed(Kind.ARTIST_PAYABLE, payee, "USD").amount
    failed(box, attempt)
    assert ledger.owed(Kind.ARTIST_PAYABLE, payee, "USD").amount == 0
    deciding.order_close(order_id=order.pk, actor=finance, note=NOTE, booking="earned")
    assert fresh(order).state == "fulfilled"
    assert ledger.owed(Kind.ARTIST_PAYABLE, payee, "USD").amount == earned
    assert ledger.balance(Kind.LOSSES, "", "USD").amount == 0
    assert owed(order, "USD") == 0
    assert balanced()


@pytest.mark.parametrize("booking", ["earned", "loss", "nothing", "", "mine"])
def test_money_stays_only_where_it_may(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User, booking: str
) -> None:
    order, attempt = paid
    failed(box, attempt)
    before = state_of_everything(order)
    with refused("not_waiting"):
        deciding.order_close(order_id=order.pk, actor=finance, note=NOTE, booking=booking)
    assert state_of_everything(order) == before


def test_a_part_that_went_back_outside_leaves_the_choice_to_mint_or_send_the_rest(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, attempt = paid
    box.act_refund_external(id=str(attempt.reference), amount=100)
    refresh(attempt)
    assert fresh(order).reason == "refunded_outside"
    assert ways(order) == ("mint_again", "refund", "close")
    refund = deciding.order_refund(order_id=order.pk, actor=finance, note=NOTE)
    assert refund.amount == ASKED - 100
    refunds.refund_submit(refund_id=refund.pk)
    assert at_provider("stripe", "USD") == owed(order, "USD") == 0


def test_editions_that_arrive_do_not_hide_a_refund_that_failed(
    shop: Shop, paid: tuple[Order, PaymentAttempt], finance: User
) -> None:
    order, _ = paid
    settlement = building.settlement_build()
    assert settlement is not None
    Order.objects.filter(pk=order.pk).update(state="needs_attention", reason="refund_failed")
    take(shop, settlement)
    shop.follow()
    assert (fresh(order).state, claim_of(order).state) == ("needs_attention", "settled")
    deciding.order_close(order_id=order.pk, actor=finance, note=NOTE, booking="nothing")
    assert fresh(order).state == "fulfilled"
