"""The open web in a browser: sign in by a wallet, pay on a provider's page, see how it stands."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from deploy.local.world import World
from tests.e2e.books import Books
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.people import (
    PATIENCE,
    DevelopmentWallet,
    connect_development_wallet,
    customer,
    drop_titled,
)

pytestmark = pytest.mark.e2e
TITLE = "Harbour Lights"
MINTED = 120_000.0  # ms from payment to mint: a batch, a signature and a receipt
PORTS = {"stripe": "stripe", "sbp": "yookassa", "binance": "binance"}
MARK = "SANDBOX"


class Shopper:
    """Somebody in an ordinary browser, without Telegram."""

    def __init__(self, page: Page, shop: World) -> None:
        self.page, self.shop = page, shop
        self.base = shop.environ["PUBLIC_URL"]
        self.drop = drop_titled(customer(shop, "Guest"), TITLE)

    def arrives(self) -> None:
        """From the drop's public page to the checkout, signed in by the browser's own wallet."""
        self.page.goto(f"{self.base}/drops/{self.drop['id']}")
        self.page.get_by_role("link", name=re.compile("^Collect - ")).click()
        self.page.get_by_role("button", name="Continue with a TON wallet").click()
        connect_development_wallet(self.page)
        expect(self.page.get_by_text("How would you like to pay?")).to_be_visible(timeout=PATIENCE)

    def chooses(self, method: str) -> None:
        """On to the provider's page, or to the order for TON."""
        self.page.locator(f"[name=method][value={method}]").check()
        if method == "sbp":
            self.page.get_by_label("E-mail for the receipt").fill("fan@example.org")
        self.page.get_by_role("button", name="Continue", exact=True).last.click()
        if method != "ton":
            expect(self.page.locator(".mark")).to_contain_text(MARK, timeout=PATIENCE)

    def presses(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def order(self) -> str:
        found = re.search(r"/orders/([0-9a-f-]{36})", self.page.url)
        assert found, self.page.url
        return found[1]

    def returns(self) -> str:
        self.page.wait_for_url(re.compile(r"/orders/[0-9a-f-]{36}"), timeout=PATIENCE)
        return self.order

    def sees(self, heading: str, within: float = PATIENCE) -> None:
        expect(self.page.locator("[data-standing]")).to_have_text(heading, timeout=within)

    def there(self, order: str) -> str:
        """The open payment page of the order."""
        found = Books(self.shop).ask(
            "SELECT handoff ->> 'url' FROM payments_paymentattempt WHERE order_id = %s"
            " ORDER BY created_at DESC LIMIT 1",
            order,
        )
        return str(found[0])


@pytest.fixture
def shopper(open_page: OpenPage, shop: World) -> Shopper:
    found = Shopper(open_page(DESKTOP), shop)
    found.arrives()
    return found


@pytest.mark.parametrize("method", ["stripe", "sbp", "binance"])
def test_paid_on_the_providers_page_and_minted(shopper: Shopper, method: str) -> None:
    shopper.chooses(method)
    shopper.presses("Pay")
    order = shopper.returns()
    shopper.sees("Yours", MINTED)
    expect(shopper.page.locator(".store-number")).to_contain_text("No. ")
    assert Books(shopper.shop).sale_of(order)["fulfilments"] == 1


def test_paid_with_the_wallet_that_signed_in(shopper: Shopper) -> None:
    shopper.chooses("ton")
    shopper.returns()
    shopper.page.get_by_role("button", name=re.compile("^Pay .* with your wallet$")).click()
    DevelopmentWallet(shopper.page).press("Confirm")
    expect(shopper.page.get_by_text("Waiting for the chain")).to_be_visible()
    shopper.page.reload()
    shopper.sees("Yours", PATIENCE)


def test_what_is_left_or_declined_can_be_paid_another_way(shopper: Shopper) -> None:
    """A declined card leaves the page open; leaving it comes back to an order that is not paid."""
    shopper.chooses("stripe")
    shopper.presses("Decline")
    expect(shopper.page.locator(".mark")).to_be_visible()
    shopper.presses("Leave without paying")
    order = shopper.returns()
    shopper.sees("Waiting for your payment")
    shopper.chooses("sbp")
    shopper.presses("Decline")
    assert shopper.returns() == order
    shopper.sees("Not paid yet")
    expect(shopper.page.get_by_text("Nothing was charged")).to_be_visible()
    shopper.chooses("binance")
    shopper.presses("Leave without paying")
    shopper.sees("Waiting for your payment")
    assert shopper.order == order


def test_paid_twice_the_second_payment_goes_back(shopper: Shopper) -> None:
    """The SBP page cannot be taken back: somebody pays by card and then there, too."""
    shopper.chooses("sbp")
    shopper.presses("Back to the shop")
    order = shopper.returns()
    bank = shopper.there(order)
    shopper.chooses("stripe")
    shopper.presses("Pay")
    shopper.returns()
    expect(shopper.page.locator("[data-standing]")).to_have_text(
        re.compile("Paid|Yours"), timeout=PATIENCE
    )
    shopper.page.goto(bank)
    shopper.presses("Pay")
    shopper.returns()
    expect(shopper.page.get_by_text(re.compile(r"RUB: done"))).to_be_visible(timeout=MINTED)
    shopper.sees("Yours", MINTED)


@pytest.mark.parametrize("method", ["sbp", "stripe", "binance"])
def test_paid_late_it_is_taken_while_there_are_editions(shopper: Shopper, method: str) -> None:
    shopper.chooses(method)
    page = shopper.page.url
    shopper.page.goto(f"{shopper.base}/app/")
    order = str(
        Books(shopper.shop).ask(
            "SELECT id FROM payments_order ORDER BY created_at DESC LIMIT 1"
        )[0]
    )
    Books(shopper.shop).time_passes(order)
    _pay(shopper.shop, method, page)
    shopper.page.goto(f"{shopper.base}/orders/{order}")
    shopper.sees("Yours", MINTED)


def _pay(shop: World, method: str, page: str) -> None:
    """What the provider's page does when its button is pressed, however late."""
    port = getattr(shop.ports, f"sandbox_{PORTS[method]}_port")
    key = page.partition("?")[0].rstrip("/").rpartition("/")[2]
    body: dict[str, Any] = {"id": key}
    request = urllib.request.Request(  # noqa: S310  loopback
        f"http://127.0.0.1:{port}/_sandbox/pay",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310  loopback
