"""Years later: what is stored stays alive, debts are paid by who comes next."""

from __future__ import annotations

import pytest

from contracts import collection, fees, item
from deploy.local.ton.sandbox import COIN
from tests.contracts.world import COLLECTOR, FAN, STRANGER, Shop, succeeded

YEAR = 31_536_000


@pytest.mark.parametrize("years", [5, 10])
def test_a_collection_sells_on_without_any_top_up(years: int) -> None:
    shop = Shop()
    shop.sandbox.now += years * YEAR
    assert succeeded(shop.buy())
    assert shop.sandbox.balance(shop.collection) >= 0


@pytest.mark.parametrize("years", [5, 10, 40])
def test_an_item_can_be_given_away_and_gets_its_endowment_back(years: int) -> None:
    shop = Shop()
    shop.buy()
    which = shop.item(0)
    shop.sandbox.now += years * YEAR
    body = item.transfer_body(new_owner=COLLECTOR, response=FAN)
    assert succeeded(shop.sandbox.send(FAN, which, COIN, body))
    assert shop.nft(0).owner == COLLECTOR
    assert shop.sandbox.balance(which) == fees.item_endowment()


def test_an_items_endowment_lasts_ten_years() -> None:
    shop = Shop()
    shop.buy()
    account = shop.sandbox.account(shop.item(0))
    assert account.balance >= fees.JUNE_2026.storage(account.cells, 10 * YEAR)


def test_a_collection_in_debt_still_sells_and_a_top_up_clears_the_debt() -> None:
    shop = Shop()
    shop.sandbox.now += 20 * YEAR
    assert succeeded(shop.buy())
    assert shop.sandbox.account(shop.collection).due > 0
    # storage is paid before a bounceable message's value is credited: the second one finds coins
    for _ in range(2):
        shop.sandbox.send(STRANGER, shop.collection, COIN, collection.top_up_body())
    account = shop.sandbox.account(shop.collection)
    assert account.due == 0
    assert account.balance > COIN // 2


def test_forty_years_with_one_top_up_by_anyone() -> None:
    shop = Shop()
    shop.sandbox.now += 20 * YEAR
    shop.sandbox.send(STRANGER, shop.collection, COIN // 2, collection.top_up_body())
    shop.sandbox.now += 20 * YEAR
    assert succeeded(shop.buy())
    assert shop.sale().next_item_index == 1


def test_the_hub_lives_on_its_sales() -> None:
    shop = Shop()
    for _ in range(8):
        shop.sandbox.now += 5 * YEAR
        shop.sandbox.send(STRANGER, shop.collection, COIN // 10, collection.top_up_body())
        assert shop.buy(value=shop.cost() + COIN).first.exit_code == 0
    assert shop.sandbox.account(shop.hub).status == "active"
