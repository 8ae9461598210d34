"""Programs killed with -9 in the midst of a purchase: the same end state, once."""

import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.error import URLError

import pytest

from deploy.local.customer import Customer, Refused
from deploy.local.ton import addresses
from deploy.local.ton.client import NetworkClient
from deploy.local.world import World
from tests.e2e.books import ONE_SALE, PATIENCE, POLL, Books, wait_until
from tests.e2e.people import customer, drop_titled

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

OURS: Final = ("web", "worker", "relay", "follower")
COIN: Final = 10**9
TITLE: Final = "Pressure Study"

BEFORE_THE_ORDER = "before the order"
AFTER_THE_ORDER = "after the order"
AFTER_SENDING = "after the wallet sent"
RECEIPT_STORED = "when the receipt is stored"


class Blow:
    """Kills the named programs at one moment, and starts them again when told."""

    def __init__(self, shop: World, names: tuple[str, ...], moment: str) -> None:
        self.shop = shop
        self.names = names
        self.moment = moment
        self.fell = False

    def __call__(self, moment: str) -> None:
        if moment != self.moment:
            return
        self.fell = True
        for name in self.names:
            self.shop.kill(name)

    def over(self) -> None:
        """What was killed runs again, all of it ready."""
        if self.fell:
            self.shop.start(self.names)


@pytest.fixture(scope="module")
def network(shop: World) -> NetworkClient:
    return NetworkClient(shop.environ["TON_ENDPOINTS"])


@pytest.fixture
def books(shop: World) -> Books:
    return Books(shop)


@pytest.fixture
def buyer(shop: World) -> Customer:
    """Somebody new with a proved wallet and coins in it."""
    person = customer(shop, "Noor")
    person.link_wallet()
    person.fund(20 * COIN)
    return person


@pytest.fixture(autouse=True)
def _everything_runs_afterwards(shop: World) -> Iterator[None]:
    """A test that fails must not leave the next ones without a follower."""
    running = set(shop.supervisor.children)
    yield
    shop.start(running)


def minted(network: NetworkClient, drop: dict[str, Any]) -> int:
    """How many editions the contract itself has made."""
    return int(network.run_get(addresses.parse(drop["address"]), "get_collection_data")[0])


def order_until_answered(person: Customer, drop: str, key: str) -> dict[str, Any]:
    """What the Mini App does when the connection breaks: the same request with the same key."""
    wanted = {"drop": drop, "quantity": 1, "method": "ton", "wallet": person.wallet.address}
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return dict(person.call("POST", "orders", wanted, Idempotency_Key=key))
        except (URLError, ConnectionError, Refused) as trouble:
            if isinstance(trouble, Refused) and trouble.status < 500:
                raise
            if time.monotonic() > deadline:
                raise
        time.sleep(POLL)


def purchase_under(
    blow: Blow, person: Customer, drop: str, receipt_stored: Callable[[], bool]
) -> dict[str, Any]:
    """One purchase with a blow somewhere in it, until nothing more happens to the order."""
    blow(BEFORE_THE_ORDER)
    blow.over()
    order = person.order(drop)
    blow(AFTER_THE_ORDER)
    person.sign(order["attempts"][0]["transaction"])
    blow(AFTER_SENDING)
    if blow.moment == RECEIPT_STORED:
        wait_until(receipt_stored, "the receipt")
        blow(RECEIPT_STORED)
    blow.over()
    return person.wait_for_order(order["id"], PATIENCE)


@pytest.mark.parametrize(
    ("moment", "names"),
    [
        (BEFORE_THE_ORDER, OURS),
        (AFTER_THE_ORDER, OURS),
        (AFTER_SENDING, OURS),
        (AFTER_SENDING, ("follower",)),
        (AFTER_SENDING, ("worker", "beat", "live")),
        (AFTER_SENDING, ("redis",)),
        (AFTER_SENDING, ("postgres",)),
        (RECEIPT_STORED, ("follower",)),
        (RECEIPT_STORED, ("relay", "worker")),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(value),
)
def test_a_purchase_ends_the_same_and_once(
    shop: World,
    network: NetworkClient,
    books: Books,
    buyer: Customer,
    moment: str,
    names: tuple[str, ...],
) -> None:
    drop = drop_titled(buyer, TITLE)
    sold, receipts = minted(network, drop), books.receipts()
    order = purchase_under(
        Blow(shop, names, moment), buyer, drop["id"], lambda: books.receipts() > receipts
    )

    assert order["state"] == "fulfilled"
    [item] = order["items"]
    assert addresses.parse(item["owner"]) == buyer.wallet.address
    assert item["edition"] == sold + 1
    assert minted(network, drop) == sold + 1
    assert books.sale_of(order["id"]) == ONE_SALE
    assert books.orders_by(buyer.call("GET", "me")["id"]) == 1
    assert books.unbalanced() == 0
    wait_until(lambda: books.news_waiting() == 0, "the news of it")


@pytest.mark.parametrize("seconds", [0.004, 0.04])
def test_an_order_is_taken_once_when_the_web_is_killed_while_it_takes_it(
    shop: World, books: Books, buyer: Customer, seconds: float
) -> None:
    drop = drop_titled(buyer, TITLE)
    me = buyer.call("GET", "me")["id"]
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(order_until_answered, buyer, drop["id"], str(uuid.uuid4()))
        time.sleep(seconds)
        shop.kill("web")
        shop.start(["web"])
        order = answer.result()
    assert order["state"] == "awaiting_payment"
    assert books.orders_by(me) == 1
