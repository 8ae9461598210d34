"""What an artist can and cannot change about a release on sale."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytoniq_core import Cell, begin_cell

from contracts import collection, fees, metadata, receipts
from contracts.cells import body_of
from contracts.codes import code
from deploy.local.ton.sandbox import COIN, START
from tests.contracts.world import (
    ARTIST,
    CONTENT,
    FAN,
    PAYOUT,
    PRICE,
    STRANGER,
    Shop,
    collection_params,
    crowd,
    person,
    refused,
    succeeded,
)

OTHER = metadata.release_content(
    "ipfs://other", metadata.EditionContent("Other", "ipfs://o", "ipfs://i")
)


def terms(**changes: Any) -> Cell:
    start: dict[str, Any] = {
        "price": PRICE,
        "max_supply": 500,
        "hub_quota": 250,
        "max_per_buy": 200,
    }
    return collection.set_sale_body(**(start | changes))


def test_terms_change_at_once_and_money_follows_them(shop: Shop) -> None:
    assert succeeded(shop.owner(terms(price=2 * PRICE, max_per_buy=3, starts_at=5, ends_at=10**9)))
    data = shop.sale()
    assert (data.price, data.max_per_buy, data.starts_at, data.ends_at) == (2 * PRICE, 3, 5, 10**9)
    assert (data.platform_bps, data.payout, data.hub, data.owner) == (
        1000,
        PAYOUT,
        shop.hub,
        ARTIST,
    )


def test_a_raised_price_does_not_reach_who_clicked_before(shop: Shop) -> None:
    shop.owner(terms(price=2 * PRICE))
    assert refused(shop.buy(value=30 * COIN, max_unit_price=PRICE), 464)


def test_a_pause_stops_and_starts_the_sale(shop: Shop) -> None:
    shop.owner(terms(paused=True))
    assert shop.sale().paused
    assert refused(shop.buy(), 460)
    shop.owner(terms())
    assert succeeded(shop.buy())


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hub_quota": 249}, 465),
        ({"hub_quota": 501}, 465),
        ({"hub_quota": 500}, 0),
        ({"max_supply": 501}, 468),
        ({"max_supply": 0, "ends_at": START + 9}, 468),
        ({"max_supply": 250}, 0),
        ({"max_supply": 249}, 465),
        ({"max_per_buy": 0}, 468),
        ({"max_per_buy": 201}, 468),
    ],
)
def test_quota_only_grows_and_supply_only_shrinks(
    shop: Shop, changes: dict[str, Any], code: int
) -> None:
    before = shop.fingerprint()
    assert shop.owner(terms(**changes)).first.exit_code == code
    assert (shop.fingerprint() == before) == bool(code)


def test_supply_never_falls_below_what_is_minted_or_promised(shop: Shop) -> None:
    shop.buy(10)
    shop.settle([20])
    assert refused(shop.owner(terms(max_supply=259)), 465)
    assert succeeded(shop.owner(terms(max_supply=260)))
    assert refused(shop.buy(), 463)
    assert succeeded(shop.settle([230]))


def test_a_window_that_never_opens_is_refused(shop: Shop) -> None:
    good = terms(starts_at=8, ends_at=9)
    data = bytes(good.bits.tobytes())
    bad = begin_cell().store_bytes(data[:24]).store_uint(9, 32).store_uint(9, 32)
    bad.store_bits(good.bits[256:])
    assert shop.owner(bad.end_cell()).first.exit_code == 468


def test_an_open_edition_can_be_closed_but_never_opened_again() -> None:
    shop = Shop(max_supply=0, hub_quota=5, ends_at=START + 10**6)
    shop.buy(3)
    assert refused(shop.owner(terms(max_supply=7, hub_quota=5)), 465)
    assert succeeded(shop.owner(terms(max_supply=8, hub_quota=5)))
    assert refused(shop.owner(terms(max_supply=0, hub_quota=5, ends_at=START + 10**6)), 468)
    assert refused(shop.buy(), 463)


def test_content_changes_only_before_the_sale(shop: Shop) -> None:
    early = Shop(starts_at=START + 100)
    assert succeeded(early.owner(collection.set_content_body(content=OTHER)))
    early.sandbox.now = START + 100
    assert refused(early.owner(collection.set_content_body(content=CONTENT)), 466)
    assert refused(shop.owner(collection.set_content_body(content=OTHER)), 466)


def test_content_never_changes_after_the_first_item() -> None:
    shop = Shop(starts_at=START + 100)
    assert succeeded(shop.owner(collection.gift_body(recipients=crowd(1))))
    assert refused(shop.owner(collection.set_content_body(content=OTHER)), 466)


def test_locked_content_never_changes() -> None:
    shop = Shop(starts_at=START + 100)
    assert succeeded(shop.owner(collection.lock_content_body()))
    assert shop.sale().content_locked
    assert refused(shop.owner(collection.set_content_body(content=OTHER)), 466)


def test_the_payout_address_moves_with_its_royalty(shop: Shop) -> None:
    new = person("new payout")
    assert succeeded(shop.owner(collection.set_payout_body(payout=new)))
    royalty = collection.parse_royalty(shop.sandbox.get(shop.collection, "royalty_params"))
    assert royalty == collection.Royalty(1000, 10_000, new)
    shop.buy()
    assert shop.sandbox.balance(new) == PRICE * 9 // 10


def test_a_fixed_payout_address_never_moves() -> None:
    shop = Shop(payout_fixed=True)
    assert shop.sale().payout_fixed
    assert refused(shop.owner(collection.set_payout_body(payout=STRANGER)), 467)


def test_a_new_owner_has_the_say(shop: Shop) -> None:
    assert succeeded(shop.owner(collection.change_owner_body(new_owner=FAN)))
    assert refused(shop.owner(terms()), 401)
    assert succeeded(shop.owner(terms(), sender=FAN))
    assert shop.sale().release_id == 7


def test_surplus_is_withdrawn_and_the_reserve_stays(shop: Shop) -> None:
    assert refused(shop.owner(collection.withdraw_surplus_body()), 477)
    shop.sandbox.send(STRANGER, shop.collection, COIN, collection.top_up_body())
    trace = shop.owner(collection.withdraw_surplus_body())
    assert trace.messages_to(ARTIST)[0].value > 2 * COIN * 99 // 100
    assert shop.sandbox.balance(shop.collection) == fees.collection_reserve()


def test_an_artists_copies_take_no_quota_and_pay_nobody(shop: Shop) -> None:
    trace = shop.owner(collection.gift_body(recipients=crowd(5), query_id=8))
    assert succeeded(trace)
    found = [receipts.parse_gift_receipt(m.body) for m in trace.messages_to(shop.hub)]
    assert found == [receipts.GiftReceipt(8, 0, 5)]
    assert shop.sandbox.balance(PAYOUT) == 0
    assert [shop.nft(index).owner for index in range(5)] == crowd(5)
    assert shop.totals().count == shop.sale().hub_minted == 0
    assert trace.messages_to(ARTIST)[-1].value > COIN * 9 // 10


@pytest.mark.parametrize("count", [1, 3, 250])
def test_a_gift_needs_the_value_that_we_compute(shop: Shop, count: int) -> None:
    body = collection.gift_body(recipients=crowd(count))
    cost = fees.batch_cost(count)
    assert refused(shop.owner(body, value=cost - 1), 402)
    own = shop.sandbox.balance(shop.collection)
    assert succeeded(shop.owner(body, value=cost))
    assert shop.sandbox.balance(shop.collection) == own


def test_copies_cannot_take_what_is_promised_to_the_hub() -> None:
    shop = Shop(max_supply=10, hub_quota=8)
    assert refused(shop.owner(collection.gift_body(recipients=crowd(3))), 463)
    assert succeeded(shop.owner(collection.gift_body(recipients=crowd(2))))


def test_an_owners_message_needs_its_gas(shop: Shop) -> None:
    least = fees.owner_message_value()
    assert shop.owner(terms(), value=least - 1).first.exit_code == 402
    assert succeeded(shop.owner(terms(), value=least))


def test_too_long_a_message_is_refused(shop: Shop) -> None:
    before = shop.fingerprint()
    longer = begin_cell().store_cell(terms()).store_bit_int(1).end_cell()
    assert refused(shop.owner(longer), 9)
    assert shop.fingerprint() == before


@pytest.mark.parametrize(
    "changes",
    [
        {"platform_bps": 10_001},
        {"royalty_numerator": 10_000},
        {"royalty_denominator": 0, "royalty_numerator": 0},
        {"hub_quota": 501},
        {"max_per_buy": 0},
        {"max_per_buy": 201},
        {"starts_at": 9, "ends_at": 9},
        {"max_supply": 0, "hub_quota": 0},
    ],
)
def test_deploy_and_validate_refuse_the_same_parameters(changes: dict[str, Any]) -> None:
    params = replace(collection_params(), **changes)
    with pytest.raises(ValueError, match=r".+"):
        params.validate()
    shop = Shop(deploy=False)
    data = collection.data_cell(params)
    shop.install(code("collection"), data)
    assert shop.owner(collection.deploy_body()).first.exit_code == 468


def test_a_collection_that_was_minted_from_before_is_refused() -> None:
    shop = Shop(deploy=False)
    data = collection.data_cell(shop.params)
    used = begin_cell().store_bits(data.bits[:32]).store_uint(1, 32).store_bits(data.bits[64:])
    for ref in data.refs:
        used.store_ref(ref)
    shop.install(code("collection"), used.end_cell())
    assert shop.owner(collection.deploy_body()).first.exit_code == 468


def test_deploy_works_once_and_leaves_the_reserve(shop: Shop) -> None:
    assert shop.sandbox.balance(shop.collection) == fees.collection_reserve()
    assert refused(shop.owner(collection.deploy_body()), 470)


def test_deploy_needs_the_reserve() -> None:
    shop = Shop(deploy=False)
    assert shop.deploy(value=fees.collection_deploy_value() - 1).first.exit_code == 402
    assert succeeded(shop.deploy(value=fees.collection_deploy_value()))


def test_the_royalty_is_told_to_contracts_too(shop: Shop) -> None:
    trace = shop.sandbox.send(
        STRANGER, shop.collection, COIN, collection.get_royalty_params_body(query_id=6)
    )
    expected = body_of(0xA8CB00AD, 6).store_uint(1000, 16).store_uint(10_000, 16)
    assert trace.messages_to(STRANGER)[0].body == expected.store_address(PAYOUT).end_cell()
