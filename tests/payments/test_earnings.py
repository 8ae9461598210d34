"""What is held, what is payable, and what is exchanged into coins on its way."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from core.models import AuditRecord
from core.money import BPS, Money
from deploy.local.sandbox.stripe import StripeSandbox
from payments import ledger
from payments.ledger import Line
from payments.models import (
    Dispute,
    LedgerAccount,
    LedgerEntry,
    PaymentAttempt,
    PayoutBatch,
    Rate,
)
from payments.services import exchange, payouts
from payments.services.earnings import balances_of, payable, payouts_due
from tests.payments.chain import COIN
from tests.payments.conftest import PRICE, Shop
from tests.payments.conftest import person as somebody
from tests.payments.off_chain import balanced, refresh
from tests.payments.off_chain import rates as fresh_rates
from tests.payments.test_off_chain import box, pay, placed, web
from tests.payments.test_payouts import earn, refused
from tests.people import pages, person

pytestmark = pytest.mark.django_db
__all__ = ["box", "web"]  # fixtures
Kind = LedgerAccount.Kind
DAY = timedelta(days=1)


def sold(shop: Shop, provider: str, money: Money, ago: timedelta) -> PaymentAttempt:
    """A sale by a method, of which the artist earned `money`; paid some time ago."""
    order = shop.order(shop.drop())
    attempt = shop.attempt(order)
    now = timezone.now()
    PaymentAttempt.objects.filter(pk=attempt.pk).update(
        provider=provider, state="confirmed", confirmed_at=now - ago, paid=PRICE,
        external_id=f"{provider} {attempt.pk}",
    )  # fmt: skip
    attempt.refresh_from_db()
    book(shop, attempt, money, "sale")
    return attempt


def book(shop: Shop, attempt: PaymentAttempt, money: Money, what: str) -> None:
    ledger.post(
        key=f"{what}:{attempt.pk}",
        kind=LedgerEntry.Kind.SALE,
        attempt=attempt,
        legs=[
            Line(Kind.ARTIST_PAYABLE, f"artist:{shop.artist.pk}", -money),
            Line(Kind.ROUNDING, "", money),
        ],
    )


def state_of(shop: Shop, asset: str) -> tuple[int, int]:
    (found,) = (one for one in balances_of(shop.artist.owner) if one.held.asset == asset)
    return found.held.amount, found.payable.amount


@pytest.mark.parametrize(
    ("provider", "days", "held"),
    [("stars", 20, True), ("stars", 22, False), ("stripe", 29, True), ("stripe", 31, False),
     ("sbp", 0, False)],
)  # fmt: skip
def test_what_may_be_taken_back_is_not_payable_yet(
    shop: Shop, provider: str, days: int, held: bool
) -> None:
    asset = {"stars": "XTR", "stripe": "USD", "sbp": "RUB"}[provider]
    sold(shop, provider, Money(asset, 90_000), days * DAY)
    assert state_of(shop, asset) == ((90_000, 0) if held else (0, 90_000))
    assert [one.money.amount for one in payouts_due(asset)] == ([] if held else [90_000])


def test_a_dispute_holds_an_old_sale_until_it_is_decided(shop: Shop) -> None:
    attempt = sold(shop, "stripe", Money("USD", 5_000), 90 * DAY)
    dispute = Dispute.objects.create(
        attempt=attempt, acquirer="stripe", external_id="dp", asset="USD", amount=5_000
    )
    assert state_of(shop, "USD") == (5_000, 0)
    dispute.closed_at = timezone.now()
    dispute.save()
    assert state_of(shop, "USD") == (0, 5_000)


def test_a_dispute_between_draft_and_approval_stops_the_payout(shop: Shop) -> None:
    attempt = sold(shop, "stripe", Money("USD", 5_000), 90 * DAY)
    draft = payouts.batch_draft(asset="USD", actor=shop.fan)
    Dispute.objects.create(
        attempt=attempt, acquirer="stripe", external_id="dp", asset="USD", amount=5_000
    )
    with refused("payout_not_open"):
        payouts.batch_approve(batch_id=draft.pk, actor=shop.stranger)
    assert ledger.owed(Kind.ARTIST_PAYABLE, f"artist:{shop.artist.pk}", "USD").amount == 5_000


def test_a_refund_of_what_was_paid_out_carries_over_and_eats_nothing_that_is_held(
    shop: Shop,
) -> None:
    old = sold(shop, "stripe", Money("USD", 5_000), 90 * DAY)
    draft = payouts.batch_draft(asset="USD", actor=shop.fan)
    payouts.batch_approve(batch_id=draft.pk, actor=shop.stranger)
    book(shop, old, Money("USD", -5_000), "refund")
    sold(shop, "stripe", Money("USD", 8_000), DAY)
    assert state_of(shop, "USD") == (8_000, -5_000)
    assert payouts_due("USD") == []
    sold(shop, "stripe", Money("USD", 7_000), 60 * DAY)
    assert [one.money.amount for one in payouts_due("USD")] == [2_000]


def test_a_refund_within_the_hold_leaves_nothing_held(shop: Shop) -> None:
    attempt = sold(shop, "stars", Money("XTR", 300), DAY)
    book(shop, attempt, Money("XTR", -100), "refund")
    assert state_of(shop, "XTR") == (200, 0)


def test_what_is_paid_and_not_minted_yet_is_said_to_be_coming(
    shop: Shop, web: APIClient, box: StripeSandbox
) -> None:
    _, attempt = placed(web, shop)
    owner, page = pages(shop.artist.owner), reverse("portal-earnings")
    assert "Coming" not in owner.get(page).content.decode()
    pay(box, attempt)
    refresh(attempt)
    assert "Coming: 1 edition paid for with 7.58 USD" in owner.get(page).content.decode()


@pytest.mark.parametrize("seed", range(4))
def test_held_and_payable_are_all_that_is_owed_whatever_was_sold_when(
    shop: Shop, seed: int
) -> None:
    dice = Random(seed)
    held = free = 0
    for _ in range(6):
        method, days = dice.choice(["stars", "stripe", "sbp"]), dice.randrange(40)
        amount = dice.randrange(1, 10**6)
        sold(shop, method, Money("USD", amount), days * DAY + DAY / 2)
        if days < {"stars": 21, "stripe": 30, "sbp": 0}[method]:
            held += amount
        else:
            free += amount
    assert state_of(shop, "USD") == (held, free)
    owner = f"artist:{shop.artist.pk}"
    assert ledger.owed(Kind.ARTIST_PAYABLE, owner, "USD").amount == held + free
    assert payable(Kind.ARTIST_PAYABLE, owner, "USD").amount == free


# --- exchange -------------------------------------------------------------------------------------


@pytest.fixture
def chosen(shop: Shop) -> Shop:
    """The artist wants coins for 300 dollars; one coin costs three of them."""
    fresh_rates(timezone.now())
    earn(f"artist:{shop.artist.pk}", Kind.ARTIST_PAYABLE, Money("USD", 30_000))
    exchange.choice_set(user=shop.artist.owner, in_coins=True)
    return shop


def move(percent: int) -> None:
    Rate.objects.create(
        asset="USD", micros=300 * 10**4 * (100 + percent), source="later", at=timezone.now()
    )


def test_who_chose_coins_is_paid_coins_at_the_rate_of_the_approval(chosen: Shop) -> None:
    assert payouts_due("USD") == []
    draft = payouts.batch_draft(asset="TON", actor=chosen.fan)
    assert draft.payouts.get().coins == 99 * COIN  # 100 less the spread of one percent
    move(1)
    batch = payouts.batch_approve(batch_id=draft.pk, actor=chosen.stranger)
    row = batch.payouts.get()
    assert row.paid == Money("TON", 99 * COIN * 100 // 101)
    assert row.rate is not None
    assert row.rate.source == "later"
    owner = f"artist:{chosen.artist.pk}"
    assert ledger.owed(Kind.ARTIST_PAYABLE, owner, "USD") == Money("USD", 0)
    assert ledger.owed(Kind.FX, "", "USD") == Money("USD", 30_000)
    assert ledger.balance(Kind.FX, "", "TON") == row.paid
    entry = LedgerEntry.objects.get(key=f"payout:{row.pk}:approved")
    assert (entry.kind, entry.legs.count()) == (LedgerEntry.Kind.EXCHANGE, 4)
    assert str(row.rate.pk) in entry.memo
    assert balanced()


def test_a_rate_that_moved_too_far_asks_again_with_new_amounts(chosen: Shop) -> None:
    draft = payouts.batch_draft(asset="TON", actor=chosen.fan)
    move(-10)
    with refused("rate_moved"):
        payouts.batch_approve(batch_id=draft.pk, actor=chosen.stranger)
    draft.refresh_from_db()
    assert (draft.state, draft.payouts.get().coins) == (PayoutBatch.State.DRAFT, 110 * COIN)
    assert not LedgerEntry.objects.filter(kind=LedgerEntry.Kind.EXCHANGE).exists()
    assert AuditRecord.objects.filter(action="payments.payout_repriced").count() == 1
    payouts.batch_approve(batch_id=draft.pk, actor=chosen.stranger)
    assert draft.payouts.get().coins == 110 * COIN


def test_a_stale_rate_exchanges_nothing(chosen: Shop, settings: Any) -> None:
    draft = payouts.batch_draft(asset="TON", actor=chosen.fan)
    settings.RATE_MAX_AGE = timedelta(0)
    with refused("rate_stale"):
        payouts.batch_approve(batch_id=draft.pk, actor=chosen.stranger)
    draft.refresh_from_db()
    assert draft.state == PayoutBatch.State.DRAFT
    assert payable(Kind.ARTIST_PAYABLE, f"artist:{chosen.artist.pk}", "USD").amount == 30_000
    payouts.batch_cancel(batch_id=draft.pk, actor=chosen.fan, reason="later")
    assert payouts_due("TON") == []


def test_coins_and_what_is_exchanged_go_out_in_one_message(chosen: Shop) -> None:
    earn(f"artist:{chosen.artist.pk}", Kind.ARTIST_PAYABLE, Money("TON", 2 * COIN))
    draft = payouts.batch_draft(asset="TON", actor=chosen.fan)
    batch = payouts.batch_approve(batch_id=draft.pk, actor=chosen.stranger)
    assert sorted(one.paid.amount for one in batch.payouts.all()) == [2 * COIN, 99 * COIN]
    assert ledger.owed(Kind.PAYOUTS_IN_FLIGHT, str(batch.pk)).amount == 101 * COIN


@given(st.integers(1, 10**12), st.integers(10**6, 10**13), st.integers(0, 1_000))
def test_an_exchange_never_gives_more_than_the_rate(minor: int, micros: int, spread: int) -> None:
    coins = exchange.coins_for(Money("USD", minor), Rate(micros=micros), spread).amount
    exact = minor * 10**15 * (BPS - spread)
    assert coins * micros * BPS <= exact < (coins + 1) * micros * BPS


def test_the_second_person_sees_rate_source_and_age_before_the_yes(
    chosen: Shop, finance: Client, second: Client
) -> None:
    finance.post(reverse("admin:payments_payoutbatch_draft"), {"asset": "TON"})
    batch = PayoutBatch.objects.get()
    listed = reverse("admin:payments_payoutbatch_changelist")
    act = {"action": "approve", "_selected_action": [str(batch.pk)]}
    assert "look at the rate first" in second.post(listed, act, follow=True).content.decode()
    page = reverse("admin:payments_payoutbatch_approve", args=[batch.pk])
    told = second.get(page).content.decode()
    for words in ("3 USD", "test", "basis points", "99 TON", "300 USD"):
        assert words in told
    move(50)
    assert "moved since the draft" in second.post(page, follow=True).content.decode()
    batch.refresh_from_db()
    assert batch.state == PayoutBatch.State.DRAFT
    second.post(page)
    batch.refresh_from_db()
    assert batch.state == PayoutBatch.State.APPROVED


@pytest.fixture
def finance() -> Client:
    return pages(person("finance"))


@pytest.fixture
def second() -> Client:
    user = somebody("second")
    user.is_staff = True
    user.save()
    user.groups.set(person("finance").groups.all())
    return pages(user)
