"""buy: who pays, who gets what, and when it is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pytoniq_core import Address, begin_cell

from contracts import collection, fees, item, opcodes, receipts
from deploy.local.ton.sandbox import COIN, START, forward_fee
from tests.contracts.world import (
    COLLECTOR,
    FAN,
    PAYOUT,
    PRICE,
    STRANGER,
    Shop,
    refused,
    succeeded,
)


def test_one_message_pays_everyone_and_mints(shop: Shop) -> None:
    trace = shop.buy(2, query_id=77)
    assert succeeded(trace)
    assert shop.sandbox.balance(PAYOUT) == 2 * PRICE * 9 // 10
    receipt = receipts.parse_sale_receipt(trace.messages_to(shop.hub)[0].body)
    assert receipt == receipts.SaleReceipt(77, 0, 2, PRICE, FAN, FAN, None)
    assert shop.nft(0).owner == shop.nft(1).owner == FAN
    assert shop.sale().next_item_index == 2


def test_the_platforms_part_stays_in_the_hub(shop: Shop) -> None:
    before = shop.sandbox.balance(shop.hub)
    shop.buy()
    assert shop.sandbox.balance(shop.hub) - before >= PRICE // 10


def test_every_nano_left_goes_back_to_the_sender(shop: Shop) -> None:
    own = shop.sandbox.balance(shop.collection)
    trace = shop.buy(value=shop.cost() + 3 * COIN)
    assert trace.messages_to(FAN)[-1].value >= 3 * COIN
    assert shop.sandbox.balance(shop.collection) == own


def test_a_gift_goes_to_the_recipient_who_is_told(shop: Shop) -> None:
    trace = shop.buy(recipient=COLLECTOR)
    assert shop.nft(0).owner == COLLECTOR
    note = item.parse_ownership_assigned(trace.messages_to(COLLECTOR)[0].body)
    assert note is not None
    assert note.previous_owner == shop.collection
    receipt = receipts.parse_sale_receipt(trace.messages_to(shop.hub)[0].body)
    assert receipt is not None
    assert (receipt.buyer, receipt.recipient) == (FAN, COLLECTOR)


def test_a_purchase_for_oneself_by_name_is_no_gift(shop: Shop) -> None:
    trace = shop.buy(recipient=FAN, referrer=STRANGER)
    receipt = receipts.parse_sale_receipt(trace.messages_to(shop.hub)[0].body)
    assert receipt is not None
    assert (receipt.buyer, receipt.recipient, receipt.referrer) == (FAN, FAN, STRANGER)
    assert all(item.parse_ownership_assigned(m.body) is None for m in trace.messages_to(FAN))


@pytest.mark.parametrize("gift", [False, True])
@pytest.mark.parametrize("referred", [False, True])
@pytest.mark.parametrize("quantity", [1, 10, 200])
def test_the_least_value_is_what_get_mint_cost_says(
    shop: Shop, quantity: int, gift: bool, referred: bool
) -> None:
    who: dict[str, Any] = {
        "recipient": COLLECTOR if gift else None,
        "referrer": STRANGER if referred else None,
    }
    cost = shop.cost(quantity, gift=gift, referred=referred)
    assert cost == fees.mint_cost(quantity, gift=gift, referred=referred, price=PRICE)
    before = shop.fingerprint()
    assert refused(shop.buy(quantity, value=cost - 1, **who), 450)
    assert shop.fingerprint() == before
    assert succeeded(shop.buy(quantity, value=cost, **who))
    assert shop.sandbox.balance(shop.collection) == before[2]


@pytest.mark.parametrize("price", [0, 1, 950, 66_666, 74_074, 74_075, 10**15])
def test_any_price_is_split_to_the_last_nano(price: int) -> None:
    shop = Shop(price=price)
    before = shop.sandbox.balance(shop.hub)
    trace = shop.buy(3, max_unit_price=price)
    assert succeeded(trace)
    split = fees.split_of(3, price, 1000)
    assert shop.sandbox.balance(PAYOUT) == split.payout
    hub_got = trace.messages_to(shop.hub)[0].value
    assert hub_got == split.platform + fees.JUNE_2026.gas(fees.ITEM_GAS_INIT)
    assert split.payout + split.platform == 3 * price
    assert shop.sandbox.balance(shop.hub) > before - COIN // 1000


def test_a_receipt_carries_value_even_when_the_part_is_zero() -> None:
    shop = Shop(platform_bps=0)
    before = shop.sandbox.balance(shop.hub)
    shop.buy()
    assert shop.sandbox.balance(shop.hub) >= before


def test_more_than_the_buyers_limit_is_refused(shop: Shop) -> None:
    assert refused(shop.buy(max_unit_price=PRICE - 1), 464)
    assert succeeded(shop.buy(max_unit_price=PRICE))


def test_more_than_a_purchase_may_have_is_refused() -> None:
    shop = Shop(max_per_buy=5)
    assert refused(shop.buy(6, value=COIN * 100), 399)
    assert succeeded(shop.buy(5))


def test_nothing_is_bought_with_a_quantity_of_zero(shop: Shop) -> None:
    body = begin_cell().store_uint(opcodes.BUY, 32).store_uint(0, 64).store_uint(0, 8)
    body.store_coins(PRICE).store_address(None).store_address(None)
    assert refused(shop.sandbox.send(FAN, shop.collection, COIN, body.end_cell()), 468)


def test_the_public_cannot_touch_what_is_kept_for_the_hub() -> None:
    shop = Shop(max_supply=10, hub_quota=4)
    assert refused(shop.buy(7), 463)
    assert succeeded(shop.buy(6))
    assert refused(shop.buy(1), 463)
    assert succeeded(shop.settle([4]))


@pytest.mark.parametrize(
    ("now", "code"), [(START + 49, 461), (START + 50, 0), (START + 99, 0), (START + 100, 462)]
)
def test_the_window_opens_and_closes_on_the_second(now: int, code: int) -> None:
    shop = Shop(starts_at=START + 50, ends_at=START + 100)
    shop.sandbox.now = now
    assert shop.buy().first.exit_code == code


def test_an_open_edition_sells_until_it_ends() -> None:
    shop = Shop(max_supply=0, hub_quota=5, ends_at=START + 100)
    assert shop.sale().max_supply == 0
    assert succeeded(shop.buy(200))
    shop.sandbox.now = START + 100
    assert refused(shop.buy(), 462)


def test_a_paused_sale_refuses() -> None:
    assert refused(Shop(paused=True).buy(), 460)


def test_nothing_works_before_deploy() -> None:
    shop = Shop(deploy=False)
    init = collection.state_init(shop.params)
    shop.sandbox.fund(shop.collection, COIN, init)
    assert shop.buy(value=100 * COIN).first.exit_code == 463
    assert shop.owner(collection.withdraw_surplus_body()).first.exit_code == 469
    assert codes_of_settle(shop) == 463
    assert succeeded(shop.deploy())


def codes_of_settle(shop: Shop) -> int | None:
    return shop.settle([1]).at(shop.collection)[0].outcome.exit_code


@pytest.mark.parametrize("bad", [Address((-1, b"\x05" * 32))])
def test_buyer_recipient_and_referrer_live_in_the_basechain(shop: Shop, bad: Address) -> None:
    assert shop.buy(sender=bad).first.exit_code == 333
    assert refused(shop.buy(recipient=bad, value=20 * COIN), 333)
    assert refused(shop.buy(referrer=bad, value=20 * COIN), 333)


def test_a_malformed_body_is_refused_and_changes_nothing(shop: Shop) -> None:
    before = shop.fingerprint()
    good = collection.buy_body(query_id=1, quantity=1, max_unit_price=PRICE)
    for length in (32, 40, 100, 110):
        body = begin_cell().store_bits(good.bits[:length]).end_cell()
        assert shop.sandbox.send(FAN, shop.collection, 20 * COIN, body).first.exit_code != 0
    longer = collection.buy_body(query_id=1, quantity=1, max_unit_price=PRICE, recipient=FAN)
    body = begin_cell().store_cell(longer).store_bit_int(1).end_cell()
    assert refused(shop.sandbox.send(FAN, shop.collection, 20 * COIN, body), 9)
    assert shop.fingerprint() == before


def test_a_refused_purchase_without_bounce_is_returned_by_hand(shop: Shop) -> None:
    before = shop.fingerprint()
    trace = shop.buy(max_unit_price=1, bounce=False)
    back = trace.messages_to(FAN)[0]
    assert receipts.parse_refused(back.body) == receipts.Refused(464)
    assert back.value > shop.cost() - COIN // 500
    assert shop.fingerprint() == before


def test_a_purchase_without_bounce_works_as_well(shop: Shop) -> None:
    assert succeeded(shop.buy(bounce=False))
    assert shop.nft(0).owner == FAN


def test_a_refusal_costs_gas_and_one_forward_fee(shop: Shop) -> None:
    trace = shop.buy(value=5 * COIN)
    back = trace.messages_to(FAN)[0]
    outcome = trace.first
    lost = 5 * COIN - back.value
    assert lost == fees.JUNE_2026.gas(outcome.gas_used) + forward_fee(back.cell)


def test_the_loser_of_a_race_gets_everything_back() -> None:
    shop = Shop(max_supply=1, hub_quota=0)
    cost = shop.cost()
    assert succeeded(shop.buy(value=cost))
    trace = shop.buy(value=cost, sender=COLLECTOR)
    assert refused(trace, 463)
    assert shop.sandbox.balance(COLLECTOR) > cost - COIN // 500
