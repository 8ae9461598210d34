"""What is attached follows the contract, also when the network changes its fees."""

from __future__ import annotations

import pytest

from contracts import fees
from core.ton.addresses import address
from payments.models import Order
from payments.providers.ton import prices
from payments.tasks import fees_check
from tests.payments.conftest import GIFTED, Shop

pytestmark = pytest.mark.django_db
CHANGE = 12_345


@pytest.fixture
def _fees_rose(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the committed figures were of yesterday's, lower prices."""
    figure = fees.mint_cost

    def yesterday(quantity: int, *, gift: bool, referred: bool, price: int) -> int:
        return figure(quantity, gift=gift, referred=referred, price=price) - CHANGE

    monkeypatch.setattr(fees, "mint_cost", yesterday)


def amount(shop: Shop, order: Order) -> int:
    (message,) = shop.attempt(order).handoff["transaction"]["messages"]
    return int(message["amount"])


@pytest.mark.parametrize("quantity", [1, 3, 10])
@pytest.mark.parametrize("gift", [False, True])
def test_the_figure_is_the_contracts_to_the_nano(shop: Shop, quantity: int, gift: bool) -> None:
    drop = shop.drop()
    recipient = f"0:{GIFTED.hash_part.hex()}" if gift else None
    order = shop.order(drop, quantity, recipient=recipient)
    asked = shop.world.sandbox.get(address(drop.address), "get_mint_cost", quantity, -int(gift), 0)
    assert [amount(shop, order)] == asked


def test_nothing_differs_today(shop: Shop) -> None:
    assert fees_check() == 0  # no drop yet
    shop.drop()
    assert fees_check() == 0


@pytest.mark.usefixtures("_fees_rose")
def test_when_fees_change_the_contract_is_asked(shop: Shop) -> None:
    drop = shop.drop()
    assert fees_check() == CHANGE
    order = shop.order(drop, 2)
    shop.pay(order)
    shop.follow()
    order.refresh_from_db()
    assert order.state == Order.State.FULFILLED


@pytest.mark.usefixtures("_fees_rose")
def test_a_silent_chain_keeps_the_last_finding(shop: Shop) -> None:
    drop = shop.drop()
    fees_check()
    shop.world.silent = True
    assert fees_check() is None
    shop.world.silent = False
    assert amount(shop, shop.order(drop)) == prices._asked(drop, 1, gift=False, referred=False)
