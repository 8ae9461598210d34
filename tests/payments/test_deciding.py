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
from payments import ledger, waiting
from payments.models import (
    ClaimRight,
    DropQuota,
    LedgerAccount,
    LedgerEntry,
    Order,
    PaymentAttempt,
    Refund,
    Reservation,
)
from payments.providers.base import ProviderState, Status
from payments.services import claims, deciding, outcomes, refunds
from payments.services.events import Cause
from payments.services.settlement import building
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.off_chain import at_provider, balanced, claim_of, owed, refresh
from tests.payments.races import together
from tests.payments.settlement.test_batches import method_known, take
from tests.payments.test_off_chain import ASKED, box, pay, placed, web
from tests.payments.test_refunds import paid, refused
from tests.people import person

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
NOTE = "the fan wrote to us"
__all__ = ["box", "method_known", "paid", "web"]  # fixtures


@pytest.fixture
def finance(db: None) -> User:
    return person("finance")


def short(shop: Shop, web: APIClient, amount: Money | None = None, **terms: Any) -> Order:
    """An order for which one cent less arrived than was asked for (or another amount)."""
    order, attempt = placed(web, shop, **terms)
    money = amount or Money("USD", ASKED - 1)
    state = ProviderState(Status.PAID, paid=money, external_id=f"pi_{order.pk}")
    outcomes.apply(attempt_id=attempt.pk, state=state, cause=Cause("test"))
    return fresh(order)


def failed(box: StripeSandbox, attempt: PaymentAttempt, amount: int | None = None) -> Refund:
    """A refund that the provider could not deliver."""
    refund = refunds.refund_request(
        attempt=attempt, amount=amount, reason="staff", origin=Refund.Origin.STAFF,
        cause=Cause("staff"), actor=person("finance"),
    )  # fmt: skip
    box.faults.fail_refund = 1
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == Refund.State.FAILED
    return refund


def second(name: str = "second") -> User:
    user = person(name)
    user.groups.set(person("finance").groups.all())
    return User.objects.get(pk=user.pk)


def state_of_everything(order: Order) -> tuple[Any, ...]:
    """What a refused decision must not have moved."""
    return (
        fresh(order).state,
        fresh(order).reason,
        LedgerEntry.objects.count(),
        Refund.objects.count(),
        ClaimRight.objects.count(),
        list(DropQuota.objects.values_list("taken", flat=True)),
        AuditRecord.objects.count(),
    )


def ways(order: Order) -> tuple[str, ...]:
    return waiting.ways(waiting.facts(fresh(order)))


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
