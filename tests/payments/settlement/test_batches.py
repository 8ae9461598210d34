"""From claim to mint: batches are built, taken once by the hub, and proved part by part."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from pytoniq_core import Address

from contracts import hub as contract
from core.money import Money
from core.ton import codec
from core.ton.addresses import raw
from nft.models import Collection, Item
from payments import ledger
from payments.models import (
    ClaimRight,
    LedgerAccount,
    Order,
    PaymentAttempt,
    Settlement,
    SettlementPart,
)
from payments.providers.base import ProviderState, Status
from payments.services import outcomes, reservations
from payments.services.events import Cause
from payments.services.settlement import building, signing
from tests.payments.acts import fresh
from tests.payments.chain import ADMIN, COIN, MINTER
from tests.payments.conftest import FAN, Shop
from tests.payments.off_chain import balanced, claim_of, owed

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind


@pytest.fixture(autouse=True)
def method_known(shop: Shop) -> None:
    """The hub knows dollars: what of them never reaches us is nothing."""
    shop.world.send(ADMIN, shop.world.hub, COIN, contract.set_shares_body(method=3, share_bps=0))


def paid(
    shop: Shop,
    drop: Collection,
    quantity: int = 1,
    number: int = 0,
    method: str = "stripe",
    asset: str = "USD",
    fee: int | None = 59,
) -> Order:
    """An order that was paid (by card), as the provider would tell it."""
    now = timezone.now()
    drop.refresh_from_db()
    order = Order.objects.create(
        user=shop.fan,
        collection=drop,
        quantity=quantity,
        unit_price=drop.price,
        total=drop.price * quantity,
        platform_bps=1000,
        expires_at=now + timedelta(minutes=30),
    )
    attempt = PaymentAttempt.objects.create(
        order=order,
        provider=method,
        acquirer=method,
        state="open",
        asset=asset,
        amount=1000 * quantity,
        valid_until=now + timedelta(minutes=30),
    )
    reservations.reservation_hold(order=order, until=order.expires_at)
    state = ProviderState(
        Status.PAID,
        paid=Money(asset, 1000 * quantity),
        fee=None if fee is None else Money(asset, fee),
        external_id=f"pi_{order.pk}{number}",
        occurred_at=now,
    )
    outcomes.apply(attempt_id=attempt.pk, state=state, cause=Cause("test"))
    return fresh(order)


def take(shop: Shop, settlement: Settlement, sender: Address = MINTER) -> Any:
    """The minter's wallet sends the batch."""
    body = codec.plain_cell(bytes(settlement.body))
    return shop.world.send(sender, shop.world.hub, settlement.value, body)


def built() -> Settlement:
    made = building.settlement_build()
    assert made is not None
    return made


def test_a_paid_order_is_minted_to_its_holders_wallet_and_earned(shop: Shop) -> None:
    drop = shop.drop(hub_quota=10)
    order = paid(shop, drop, quantity=3)
    assert owed(order, "USD") == 3000
    settlement = built()
    assert (settlement.number, settlement.method, settlement.asset) == (0, 3, "USD")
    take(shop, settlement)
    shop.follow()
    order = fresh(order)
    assert (order.state, order.first_index, order.recipient) == ("fulfilled", 0, raw(FAN))
    assert Item.objects.filter(collection=drop, owner=raw(FAN)).count() == 3
    assert Settlement.objects.get().state == Settlement.State.DONE
    assert claim_of(order).state == ClaimRight.State.SETTLED
    assert owed(order, "USD") == 0
    rest = 3000 - 59
    artist = rest - rest // 10
    payee = f"artist:{shop.artist.pk}"
    assert ledger.owed(Kind.ARTIST_PAYABLE, payee, "USD").amount == artist
    assert ledger.owed(Kind.PSP_FEES, "stripe", "USD").amount == 59
    assert ledger.owed(Kind.PLATFORM_REVENUE, "", "USD").amount == rest // 10
    totals = contract.parse_totals(
        shop.world.sandbox.run_method(shop.world.hub, "get_totals", 3).stack
    )
    assert (totals.count, totals.gross) == (3, 3000)
    assert balanced()


def test_one_batch_at_a_time_and_the_same_one_again(shop: Shop) -> None:
    paid(shop, shop.drop(hub_quota=10))
    first = built()
    paid(shop, shop.drop(hub_quota=10))
    assert built() == first
    assert first.parts.count() == 1


def test_two_drops_are_two_parts_of_one_batch(shop: Shop) -> None:
    orders = [paid(shop, shop.drop(hub_quota=10)) for _ in range(2)]
    take(shop, built())
    shop.follow()
    assert {fresh(order).state for order in orders} == {"fulfilled"}
    assert SettlementPart.objects.filter(state="minted").count() == 2


def test_a_batch_that_is_sent_twice_mints_once(shop: Shop) -> None:
    order = paid(shop, shop.drop(hub_quota=10))
    settlement = built()
    take(shop, settlement)
    take(shop, settlement)
    shop.follow()
    assert Item.objects.count() == 1
    assert fresh(order).state == "fulfilled"
    assert building.settlement_build() is None


def test_nobody_but_the_minter_settles(shop: Shop) -> None:
    order = paid(shop, shop.drop(hub_quota=10))
    take(shop, built(), sender=FAN)
    shop.follow()
    assert fresh(order).state == "fulfilling"
    assert Settlement.objects.get().state == Settlement.State.BUILT


@pytest.mark.parametrize("why", ["hold", "frozen", "wallet", "refunded"])
def test_a_claim_that_must_wait_is_not_in_a_batch(shop: Shop, why: str) -> None:
    order = paid(shop, shop.drop(hub_quota=10))
    claim = ClaimRight.objects.filter(order=order)
    if why == "hold":
        claim.update(hold_until=timezone.now() + timedelta(days=21))
    elif why == "frozen":
        claim.update(frozen=True)
    elif why == "wallet":
        shop.fan.wallets.update(revoked_at=timezone.now())
    else:
        claim.update(state="revoked")
    assert building.settlement_build() is None


def test_a_part_that_the_drop_refuses_goes_into_the_next_batch(shop: Shop) -> None:
    drop = shop.drop(hub_quota=1)
    Collection.objects.update(hub_quota=2)  # the chain says otherwise
    orders = [paid(shop, drop) for _ in range(2)]
    settlement = built()
    take(shop, settlement)
    shop.follow()
    assert SettlementPart.objects.get().state == "returned"
    assert {fresh(order).state for order in orders} == {"fulfilling"}
    assert {claim_of(order).state for order in orders} == {"open"}
    again = built()
    assert again.number == 1
    assert again.parts.get().lines.count() == 2
    assert not Item.objects.exists()


def test_what_is_refused_three_times_waits_for_a_person(shop: Shop) -> None:
    drop = shop.drop(hub_quota=0)
    Collection.objects.update(hub_quota=1)
    order = paid(shop, drop)
    for _ in range(3):
        take(shop, built())
        shop.follow()
    order = fresh(order)
    assert (order.state, order.reason) == ("needs_attention", "mint_refused")
    assert building.settlement_build() is None
    assert owed(order, "USD") == 1000


def test_another_batch_under_our_number_gives_the_claims_back(shop: Shop) -> None:
    drop = shop.drop(hub_quota=10)
    order = paid(shop, drop)
    settlement = built()
    foreign = contract.settle_body(
        batch=0,
        orders_sha256=bytes(32),
        method=3,
        parts=[contract.SettlePart(Address(drop.address), 0, 1000, [FAN])],
    )
    shop.world.send(MINTER, shop.world.hub, settlement.value, foreign)
    shop.follow()
    assert claim_of(order).state == ClaimRight.State.OPEN
    assert fresh(order).state == "fulfilling"
    assert not Item.objects.exists()
    assert built().number == 1


def test_the_list_that_is_signed_can_be_told_again(shop: Shop) -> None:
    order = paid(shop, shop.drop(hub_quota=10), quantity=2)
    settlement = built()
    places = [
        building.Place(line.claim, line.recipient, line.position)
        for part in settlement.parts.all()
        for line in part.lines.select_related("claim__collection")
    ]
    assert building.listing(places).decode() == (
        f"{order.pk} {order.collection.address} 0 2 {raw(FAN)}\n"
    )
    assert sha256(building.listing(places)).hexdigest() == (settlement.orders_sha256)


def test_without_a_vault_nothing_is_signed_and_nothing_is_lost(
    shop: Shop, settings: Settings
) -> None:
    settings.SETTLEMENT_SIGNER, settings.VAULT_ADDR = "vault", ""
    paid(shop, shop.drop(hub_quota=10))
    assert signing.settlements_advance() == "not sent"
    row = Settlement.objects.get()
    assert (row.state, row.valid_until, row.tries) == ("built", None, 1)
    assert "VAULT_ADDR" in row.error


def test_of_a_sale_for_stars_telegram_keeps_its_share(shop: Shop) -> None:
    """30% by the first rule; a leg of its own, and left out of what is divided."""
    shop.world.send(ADMIN, shop.world.hub, COIN, contract.set_shares_body(method=1, share_bps=3000))
    order = paid(shop, shop.drop(hub_quota=10), method="stars", asset="XTR", fee=None)
    ClaimRight.objects.update(hold_until=timezone.now())
    take(shop, built())
    shop.follow()
    assert fresh(order).state == "fulfilled"
    assert ledger.owed(Kind.TELEGRAM_SHARE, "", "XTR").amount == 300
    assert ledger.owed(Kind.PLATFORM_REVENUE, "", "XTR").amount == 70
    assert ledger.owed(Kind.ARTIST_PAYABLE, f"artist:{shop.artist.pk}", "XTR").amount == 630
    told = shop.world.sandbox.run_method(shop.world.hub, "get_totals", 1).stack
    totals = contract.parse_totals(told)
    assert (totals.count, totals.gross, totals.share) == (1, 1000, 300)
    assert balanced()
