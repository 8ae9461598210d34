"""Purchases that the contract or the shop refuses: told why, coins back, nothing sold.

The orders learn it from the collections' own transactions, so they share one wait for the chore
that asks for it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import pytest

from contracts import collection as contract
from contracts import fees
from contracts.collection import parse_sale_data
from deploy.local.customer import Customer, Refused
from deploy.local.studio.market import wallet_of
from deploy.local.ton import addresses
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import DevWallet, Outgoing
from deploy.local.world import World
from tests.e2e.books import PATIENCE, Books, wait_until
from tests.e2e.people import customer, drop_titled

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

COIN: Final = 10**9
FUNDS: Final = 20 * COIN
FEES: Final = COIN // 10  # what the network may keep of a refused purchase


@dataclass(frozen=True)
class Refusal:
    """One refused purchase: who made it, and his order when nothing more happened to it."""

    buyer: Customer
    order: dict[str, Any]
    left: int


@pytest.fixture(scope="module")
def network(shop: World) -> NetworkClient:
    return NetworkClient(shop.environ["TON_ENDPOINTS"])


@pytest.fixture(scope="module")
def new(shop: World) -> Callable[[], Customer]:
    """Makes people with a proved wallet and coins."""

    def one() -> Customer:
        person = customer(shop, "Noor")
        person.link_wallet()
        person.fund(FUNDS)
        return person

    return one


@pytest.fixture(scope="module")
def refusals(
    shop: World, network: NetworkClient, new: Callable[[], Customer]
) -> dict[str, Refusal]:
    """By what happened: purchases that reach their contracts and are refused there."""
    late, surprised, stingy = new(), new(), new()
    orders = {
        "sold out": (late, buy_what_another_buys_first(late, new(), network)),
        "dearer": (surprised, buy_what_gets_dearer(surprised, network)),
        "too few coins": (stingy, pay_too_little(stingy, network)),
    }
    Books(shop).time_passes(*(order for _, order in orders.values()))
    return {
        what: Refusal(
            buyer=buyer,
            order=buyer.wait_for_order(order, PATIENCE),
            left=network.balance(buyer.wallet.address),
        )
        for what, (buyer, order) in orders.items()
    }


def pay(person: Customer, order: dict[str, Any], network: NetworkClient, **changed: str) -> None:
    """The wallet signs the order's message, perhaps changed, and the chain has taken it."""
    transaction = dict(order["attempts"][0]["transaction"])
    transaction["messages"] = [transaction["messages"][0] | changed]
    network.wait_for_message(person.sign(transaction).hash)


def buy_what_another_buys_first(late: Customer, quick: Customer, network: NetworkClient) -> str:
    drop = drop_titled(late, "Первый снег")
    order = late.order(drop["id"])
    every_one = quick.order(drop["id"], quantity=drop["supply"]["left"])
    pay(quick, every_one, network)
    assert quick.wait_for_order(every_one["id"], PATIENCE)["state"] == "fulfilled"
    pay(late, order, network)
    return str(order["id"])


def buy_what_gets_dearer(buyer: Customer, network: NetworkClient) -> str:
    drop = drop_titled(buyer, "Кухня в три часа")
    order = buyer.order(drop["id"])
    set_price(wallet_of("Ночной Щегол"), addresses.parse(drop["address"]), COIN, network)
    pay(buyer, order, network)
    return str(order["id"])


def set_price(artist: DevWallet, drop: str, price: int, network: NetworkClient) -> None:
    """The artist's own message to his contract: every term as it was, but the price."""
    now = parse_sale_data(network.run_get(drop, "get_sale_data"))
    body = contract.set_sale_body(
        price=price,
        max_supply=now.max_supply,
        hub_quota=now.hub_quota,
        max_per_buy=now.max_per_buy,
        starts_at=now.starts_at,
        ends_at=now.ends_at,
    )
    artist.transfer(network, [Outgoing(drop, fees.owner_message_value(), body)])
    wait_until(
        lambda: parse_sale_data(network.run_get(drop, "get_sale_data")).price == price, "the price"
    )


def pay_too_little(buyer: Customer, network: NetworkClient) -> str:
    order = buyer.order(drop_titled(buyer, "Hollow Lanes")["id"])
    asked = int(order["attempts"][0]["transaction"]["messages"][0]["amount"])
    pay(buyer, order, network, amount=str(asked - COIN // 2))
    return str(order["id"])


@pytest.mark.parametrize(
    ("what", "code"),
    [("sold out", "sold_out"), ("dearer", "price_changed"), ("too few coins", "value_too_small")],
)
def test_a_refused_purchase_says_why_and_returns_the_coins(
    shop: World, refusals: dict[str, Refusal], what: str, code: str
) -> None:
    refused = refusals[what]
    assert refused.order["state"] == "cancelled"
    assert refused.order["reason"]["code"] == code
    assert "returned" in refused.order["reason"]["text"]
    assert refused.order["items"] == []
    assert refused.left > FUNDS - FEES
    assert Books(shop).sale_of(refused.order["id"])["ledger entries"] == 0
    assert refused.buyer.call("GET", "items")["results"] == []


def test_a_sold_out_drop_takes_no_more_orders(refusals: dict[str, Refusal]) -> None:
    buyer = refusals["sold out"].buyer
    drop = drop_titled(buyer, "Первый снег")
    assert (drop["state"], drop["supply"]["left"]) == ("sold_out", 0)
    with pytest.raises(Refused, match="sold_out") as refusal:
        buyer.order(drop["id"])
    assert refusal.value.status == 409


def test_a_strangers_payment_under_my_order_buys_for_the_stranger_alone(
    shop: World, network: NetworkClient, new: Callable[[], Customer]
) -> None:
    buyer, stranger = new(), new()
    drop = drop_titled(buyer, "Hollow Lanes")
    order = buyer.order(drop["id"])
    stolen = dict(order["attempts"][0]["transaction"])
    del stolen["from"]
    network.wait_for_message(stranger.sign(stolen).hash)
    wait_until(lambda: bool(stranger.call("GET", "items")["results"]), "the stranger's edition")
    assert buyer.call("GET", f"orders/{order['id']}")["state"] == "awaiting_payment"
    assert Books(shop).sale_of(order["id"])["ledger entries"] == 0

    pay(buyer, order, network)
    mine = buyer.wait_for_order(order["id"], PATIENCE)
    assert mine["state"] == "fulfilled"
    assert [addresses.parse(item["owner"]) for item in mine["items"]] == [buyer.wallet.address]


def test_a_stranger_neither_sees_nor_pays_my_order(new: Callable[[], Customer]) -> None:
    buyer, stranger = new(), new()
    order = buyer.order(drop_titled(buyer, "Hollow Lanes")["id"])
    for verb, path in (("GET", ""), ("POST", "/attempts")):
        body = {"method": "ton"} if verb == "POST" else None
        with pytest.raises(Refused) as refusal:
            stranger.call(verb, f"orders/{order['id']}{path}", body, Idempotency_Key="stranger")
        assert refusal.value.status == 404
    assert len(buyer.call("GET", f"orders/{order['id']}")["attempts"]) == 1


def test_nobody_orders_from_a_wallet_of_someone_else(
    shop: World, new: Callable[[], Customer]
) -> None:
    owner, thief = new(), new()
    thief.wallet = owner.wallet
    with pytest.raises(Refused, match="wallet_unproved") as refusal:
        thief.order(drop_titled(thief, "Hollow Lanes")["id"])
    assert refusal.value.status == 403
    assert Books(shop).orders_by(thief.call("GET", "me")["id"]) == 0


def test_a_wallet_of_another_network_is_not_linked(shop: World) -> None:
    person = customer(shop, "Noor")
    person.wallet = DevWallet(bytes(range(32)), network="-239")
    with pytest.raises(Refused, match="proof_network"):
        person.link_wallet()
    assert person.call("GET", "me")["wallets"] == []
