"""What a person decides about an order that waits: what fits is done once, the rest is refused."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from core.errors import ApplicationError
from core.models import AuditRecord
from core.money import Money
from deploy.local.sandbox.stripe import StripeSandbox
from payments.models import (
    DropQuota,
    LedgerAccount,
    Order,
    PaymentAttempt,
    Reservation,
)
from payments.providers.base import ProviderState, Status
from payments.services import claims, deciding, outcomes, refunds
from payments.services.events import Cause
from payments.services.settlement import building
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.deciders import NOTE, finance, second, short, state_of_everything, ways
from tests.payments.off_chain import at_provider, balanced, claim_of, owed
from tests.payments.races import together
from tests.payments.settlement.test_batches import method_known, take
from tests.payments.test_off_chain import ASKED, box, pay, placed, web
from tests.payments.test_refunds import paid, refused
from tests.people import person

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
__all__ = ["box", "finance", "method_known", "paid", "web"]  # fixtures


# --- accept -------------------------------------------------------------------------------------


@pytest.mark.parametrize("amount", [ASKED - 1, ASKED + 100])
def test_a_wrong_amount_is_taken_and_minted(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: User, amount: int
) -> None:
    order = short(shop, web, Money("USD", amount))
    assert ways(order) == ("refund", "accept")
    deciding.order_accept(order_id=order.pk, actor=finance, note=NOTE)
    assert (fresh(order).state, fresh(order).reason) == ("fulfilling", "")
    assert (claim_of(order).gross, DropQuota.objects.get().taken) == (amount, 1)
    settlement = building.settlement_build()
    assert settlement is not None
    take(shop, settlement)
    shop.follow()
    assert fresh(order).state == "fulfilled"
    assert owed(order, "USD") == 0
    assert balanced()
    record = AuditRecord.objects.get(action="payments.order_accepted")
    assert (record.actor_id, record.reason) == (str(finance.pk), NOTE)


def test_when_nothing_is_left_the_money_cannot_be_taken(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: User
) -> None:
    order = short(shop, web, hub_quota=1)
    Reservation.objects.update(state="released")  # and somebody else has taken the last copy
    before = state_of_everything(order)
    with refused("sold_out"):
        deciding.order_accept(order_id=order.pk, actor=finance, note=NOTE)
    assert state_of_everything(order) == before
    assert "refund" in ways(order)


def test_what_is_short_can_go_back_and_frees_its_edition(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: User
) -> None:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    box.sessions[str(attempt.reference)]["amount_total"] = ASKED
    state = ProviderState(
        Status.PAID,
        paid=Money("USD", ASKED - 1),
        external_id=str(box.sessions[str(attempt.reference)]["payment_intent"]),
    )
    outcomes.apply(attempt_id=attempt.pk, state=state, cause=Cause("test"))
    refund = deciding.order_refund(order_id=order.pk, actor=finance, note=NOTE)
    refunds.refund_submit(refund_id=refund.pk)
    assert (fresh(order).state, fresh(order).reason) == ("cancelled", "refunded")
    assert DropQuota.objects.get().taken == 0
    assert owed(order, "USD") == at_provider("stripe", "USD") == 0
    assert balanced()


def test_another_currency_than_the_hub_knows_cannot_be_taken(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: User
) -> None:
    order = short(shop, web, Money("RUB", ASKED))
    assert ways(order) == ("refund",)
    before = state_of_everything(order)
    with refused("not_waiting"):
        deciding.order_accept(order_id=order.pk, actor=finance, note=NOTE)
    assert state_of_everything(order) == before


# --- refusals that all have in common -------------------------------------------------------------

Decide = Callable[..., Any]
DECISIONS: dict[str, Decide] = {
    "accept": deciding.order_accept,
    "refund": deciding.order_refund,
    "mint_again": deciding.order_mint_again,
    "close": partial(deciding.order_close, booking="owed"),
}


@pytest.mark.parametrize("name", DECISIONS)
@pytest.mark.parametrize("who", ["support", "operator", "moderator", "stranger"])
def test_only_who_may_decides(
    shop: Shop, web: APIClient, box: StripeSandbox, who: str, name: str
) -> None:
    if (who, name) == ("support", "refund"):
        return  # support may ask; see below
    order = short(shop, web)
    before = state_of_everything(order)
    with refused("not_allowed"):
        DECISIONS[name](order_id=order.pk, actor=person(who), note=NOTE)
    assert state_of_everything(order) == before


@pytest.mark.parametrize("name", DECISIONS)
def test_a_decision_needs_a_note(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: User, name: str
) -> None:
    order = short(shop, web)
    before = state_of_everything(order)
    with refused("note_required"):
        DECISIONS[name](order_id=order.pk, actor=finance, note="  ")
    assert state_of_everything(order) == before


@pytest.mark.parametrize("name", DECISIONS)
def test_an_order_that_does_not_wait_is_left_alone(
    paid: tuple[Order, PaymentAttempt], finance: User, name: str
) -> None:
    order, _ = paid
    before = state_of_everything(order)
    with refused("not_waiting"):
        DECISIONS[name](order_id=order.pk, actor=finance, note=NOTE)
    assert state_of_everything(order) == before


@pytest.mark.parametrize("name", ["mint_again", "close"])
def test_what_does_not_fit_the_reason_is_refused(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: User, name: str
) -> None:
    order = short(shop, web)
    before = state_of_everything(order)
    with refused("not_waiting"):
        DECISIONS[name](order_id=order.pk, actor=finance, note=NOTE)
    assert state_of_everything(order) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_decide_at_once_one_is_told_so(
    shop: Shop, web: APIClient, box: StripeSandbox, finance: User
) -> None:
    order = short(shop, web)
    other = second()
    results = together(
        lambda: deciding.order_accept(order_id=order.pk, actor=finance, note=NOTE),
        lambda: deciding.order_accept(order_id=order.pk, actor=other, note=NOTE),
        lambda: deciding.order_refund(order_id=order.pk, actor=other, note=NOTE),
    )
    refusals = [one for one in results if isinstance(one, ApplicationError)]
    assert [one.code for one in refusals] == ["not_waiting"] * 2, results
    assert (
        AuditRecord.objects.filter(
            action__in=("payments.order_accepted", "payments.refund_requested")
        ).count()
        == 1
    )
    assert DropQuota.objects.get().taken == (1 if fresh(order).state == "fulfilling" else 0)
    assert balanced()


# --- mint again -----------------------------------------------------------------------------------


def refuse_mint(order: Order) -> None:
    """As after three returned parts."""
    Order.objects.filter(pk=order.pk).update(state="needs_attention", reason="mint_refused")


def test_a_refused_mint_goes_into_the_next_settlement(
    shop: Shop, paid: tuple[Order, PaymentAttempt], finance: User
) -> None:
    order, _ = paid
    refuse_mint(order)
    assert building.settlement_build() is None
    assert ways(order) == ("mint_again", "refund")
    deciding.order_mint_again(order_id=order.pk, actor=finance, note=NOTE)
    settlement = building.settlement_build()
    assert settlement is not None
    take(shop, settlement)
    shop.follow()
    assert fresh(order).state == "fulfilled"
    assert balanced()


def test_nothing_is_minted_while_a_dispute_is_open(
    paid: tuple[Order, PaymentAttempt], finance: User
) -> None:
    order, _ = paid
    refuse_mint(order)
    claims.claim_freeze(order=order, frozen=True)
    assert ways(order) == ("refund",)
    before = state_of_everything(order)
    with refused("not_waiting"):
        deciding.order_mint_again(order_id=order.pk, actor=finance, note=NOTE)
    assert state_of_everything(order) == before


# --- support --------------------------------------------------------------------------------------


def test_support_asks_below_the_limit_and_finance_approves(
    paid: tuple[Order, PaymentAttempt], box: StripeSandbox, finance: User
) -> None:
    order, _ = paid
    refuse_mint(order)
    refund = deciding.order_refund(order_id=order.pk, actor=person("support"), note=NOTE)
    assert (refund.state, refund.needs_second) == ("requested", True)
    refunds.refund_approve(refund_id=refund.pk, actor=finance)
    refund.refresh_from_db()
    assert refund.state == "approved"


def test_above_the_limit_support_does_not_even_ask(
    paid: tuple[Order, PaymentAttempt], settings: Any
) -> None:
    order, _ = paid
    settings.REFUND_LIMITS = {"USD": ASKED - 1}
    refuse_mint(order)
    before = state_of_everything(order)
    with refused("refund_impossible"):
        deciding.order_refund(order_id=order.pk, actor=person("support"), note=NOTE)
    assert state_of_everything(order) == before
