"""Somebody in an ordinary browser, without Telegram; and the provider's side of his payments."""

from __future__ import annotations

import json
import re
import urllib.request
from typing import Any

from playwright.sync_api import Page, expect

from deploy.local.world import World
from tests.e2e.books import Books
from tests.e2e.people import PATIENCE, connect_development_wallet, customer, drop_titled

TITLE = "Harbour Lights"
MINTED = 120_000.0  # ms from payment to mint: a batch, a signature and a receipt
PORTS = {"stripe": "stripe", "sbp": "yookassa", "binance": "binance", "stars": "telegram"}
MARK = "SANDBOX"


class Shopper:
    """Somebody in an ordinary browser, without Telegram."""

    def __init__(self, page: Page, shop: World, title: str = TITLE) -> None:
        self.page, self.shop = page, shop
        self.base = shop.environ["PUBLIC_URL"]
        self.drop = drop_titled(customer(shop, "Guest"), title)

    def arrives(self) -> None:
        """From the drop's public page to the checkout, signed in by the browser's own wallet."""
        self.page.goto(f"{self.base}/drops/{self.drop['id']}")
        self.page.get_by_role("link", name=re.compile("^Collect - ")).click()
        self.signs_in()
        expect(self.page.get_by_text("How would you like to pay?")).to_be_visible(timeout=PATIENCE)

    def signs_in(self) -> None:
        self.page.get_by_role("button", name="Continue with a TON wallet").click()
        connect_development_wallet(self.page)

    def chooses(self, method: str) -> None:
        """On to the provider's page, or to the order for TON."""
        other = self.page.get_by_role("link", name="Pay another way")
        if "/orders/" in self.page.url and other.is_visible():
            other.click()
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

    def last_order(self) -> str:
        """The shop's newest one."""
        newest = "SELECT id FROM payments_order ORDER BY created_at DESC LIMIT 1"
        return str(Books(self.shop).ask(newest)[0])

    def there(self, order: str) -> str:
        """The open payment page of the order."""
        found = Books(self.shop).ask(
            "SELECT handoff ->> 'url' FROM payments_paymentattempt WHERE order_id = %s"
            " ORDER BY created_at DESC LIMIT 1",
            order,
        )
        return str(found[0])


def pay(shop: World, method: str, page: str, *, silent: bool = False) -> None:
    """What the provider's page does when its button is pressed, however late.

    silent: nobody is told of it.
    """
    key = page.partition("?")[0].rstrip("/").rpartition("/")[2]
    steer(shop, method, "pay", {"id": key, "silent": silent})


def steer(shop: World, method: str, act: str, body: dict[str, Any]) -> None:
    port = getattr(shop.ports, f"sandbox_{PORTS[method]}_port")
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/_sandbox/{act}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=30).close()  # noqa: S310  loopback
