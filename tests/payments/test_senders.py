"""Whom the hub hears: only collections of ours, and only once we have seen them on chain."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone
from pytoniq_core import Address

from contracts import collection as contract
from contracts import opcodes
from contracts.cells import body_of
from core.ton.addresses import raw
from core.ton.follower import replay_parked
from core.ton.models import ChainTransaction
from nft.models import Collection, Item
from payments.models import LedgerEntry, Order
from tests.payments.acts import chain_orders, fresh, no_sale
from tests.payments.chain import COIN, receipt_body
from tests.payments.conftest import FAN, PRICE, STRANGER, Shop

State = Order.State
pytestmark = pytest.mark.django_db


def test_a_receipt_from_a_stranger_is_ignored_with_its_reason(shop: Shop) -> None:
    order = shop.order(shop.drop())
    forged = receipt_body(
        query_id=order.query_id, first_index=0, quantity=1, unit_price=PRICE, buyer=FAN
    )
    shop.world.send(STRANGER, shop.world.hub, COIN, forged)
    shop.follow()
    assert shop.seen() == [("ignored", f"sender {raw(STRANGER)} is no collection of ours")]
    assert fresh(order).state == State.AWAITING_PAYMENT
    assert no_sale()


def test_a_foreign_collection_with_our_code_is_ignored(shop: Shop) -> None:
    """Our code, our hub, but parameters that nobody prepared here."""
    ours = shop.drop()
    order = shop.order(ours)
    foreign = shop.drop(price=1)
    Collection.objects.filter(pk=foreign.pk).delete()
    params = shop.params[foreign.pk]
    body = contract.buy_body(query_id=order.query_id, quantity=1, max_unit_price=PRICE)
    shop.world.send(FAN, contract.address(params), 3 * COIN, body)
    shop.follow()
    assert [state for state, _ in shop.seen()] == ["ignored"]
    assert fresh(order).state == State.AWAITING_PAYMENT
    assert no_sale()


@pytest.mark.parametrize("state", [Collection.State.REJECTED, Collection.State.ABANDONED])
def test_a_collection_that_never_went_live_is_ignored(shop: Shop, state: str) -> None:
    drop = shop.drop(live=False)
    Collection.objects.filter(pk=drop.pk).update(state=state)
    shop.buy(drop)
    shop.follow()
    assert shop.seen() == [("ignored", f"collection {drop.address} is {state}")]
    assert no_sale()


def test_a_collection_of_another_hub_is_ignored(shop: Shop) -> None:
    drop = shop.drop()
    Collection.objects.filter(pk=drop.pk).update(hub="0:" + "77" * 32)
    shop.buy(drop)
    shop.follow()
    assert [state for state, _ in shop.seen()] == ["ignored"]
    assert no_sale()


def test_a_receipt_before_verification_waits_and_is_replayed(shop: Shop) -> None:
    drop = shop.drop(live=False)
    shop.buy(drop, sender=STRANGER)
    shop.follow()
    assert shop.seen() == [("parked", f"collection {drop.address} is not verified yet")]
    assert no_sale()
    Collection.objects.filter(pk=drop.pk).update(
        state=Collection.State.LIVE, live_at=timezone.now()
    )
    assert replay_parked(shop.hub) == 1
    assert replay_parked(shop.hub) == 0
    assert chain_orders()[0].state == State.FULFILLED
    assert shop.seen()[0][0] == "handled"
    assert LedgerEntry.objects.count() == 1


def test_a_receipt_replayed_by_hand_changes_nothing(shop: Shop) -> None:
    """The same row judged again, as after a restored backup of the cursor."""
    order = shop.order(shop.drop())
    shop.pay(order)
    shop.follow()
    ChainTransaction.objects.filter(state="handled").update(state="parked")
    assert replay_parked(shop.hub) == 1
    assert LedgerEntry.objects.count() == 1
    assert Item.objects.count() == 1
    assert not chain_orders()
    assert fresh(order).events.count() == 5


@pytest.mark.parametrize(
    "body",
    [
        body_of(opcodes.SALE_RECEIPT, 1).end_cell(),
        body_of(opcodes.MINT_RECEIPT, 1).end_cell(),
        body_of(0x12345678, 1).end_cell(),
        body_of(opcodes.SALE_RECEIPT, 1).store_bytes(b"x" * 80).end_cell(),
    ],
)
def test_malformed_bodies_are_ignored(shop: Shop, body: Any) -> None:
    drop = shop.drop()
    shop.world.send(Address((0, bytes.fromhex(drop.address[2:]))), shop.world.hub, COIN, body)
    shop.follow()
    assert {state for state, _ in shop.seen()} <= {"ignored"}
    assert no_sale()
    assert not chain_orders()


def test_a_receipt_without_the_platforms_part_waits_for_a_person(shop: Shop) -> None:
    """Our contract cannot send it; if it ever does, nothing is made up and nothing is lost."""
    drop = shop.drop()
    forged = receipt_body(query_id=1, first_index=0, quantity=1, unit_price=PRICE, buyer=FAN)
    sender = Address((0, bytes.fromhex(drop.address[2:])))
    shop.world.send(sender, shop.world.hub, PRICE // 10 - 1, forged)
    shop.follow()
    assert shop.seen() == [("parked", "the platform's part is missing")]
    assert no_sale()


def test_settlement_messages_are_recorded_with_their_reason(shop: Shop) -> None:
    drop = shop.drop()
    sender = Address((0, bytes.fromhex(drop.address[2:])))
    receipt = body_of(opcodes.MINT_RECEIPT, 4).store_uint(2, 8).store_uint(0, 32).store_uint(1, 16)
    shop.world.send(sender, shop.world.hub, COIN, receipt.end_cell())
    shop.world.send(STRANGER, shop.world.hub, COIN, receipt.end_cell())
    shop.follow()
    assert shop.seen() == [
        ("ignored", "no settlement 4.2 of ours"),
        ("ignored", f"sender {raw(STRANGER)} is no collection of ours"),
    ]
