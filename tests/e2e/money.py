"""Who the browser tests of money are about: somebody who pays by card, and staff at the desk."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

from playwright.sync_api import Locator, Page, expect

from deploy.local.customer import Customer
from deploy.local.ton.wallet import DevWallet
from deploy.local.world import World
from tests.e2e.books import Books, wait_until
from tests.e2e.people import (
    PATIENCE,
    DevelopmentWallet,
    connect_development_wallet,
    customer,
    drop_titled,
    enter_the_desk,
)

TITLE = "Coastal Redline"
MINTED = 90.0  # s from payment to mint


class Buyer:
    """Somebody on the web with a proved wallet, who pays by card on Stripe's page."""

    def __init__(self, shop: World, start_param: str = "") -> None:
        self.shop, self.books = shop, Books(shop)
        self.known = ""
        self.person: Customer = customer(shop, "Lena")
        self.person.sign_in(start_param)
        self.person.link_wallet()

    @property
    def drop(self) -> dict[str, Any]:
        return drop_titled(self.person, TITLE)

    def orders_by_card(self) -> str:
        """An open payment page waits for him; the order's id."""
        self.person.sign_in_web()
        order = self.person.order_by(self.drop["id"], "stripe", "lena@example.org")
        key = str(order["id"])
        wait_until(lambda: bool(self.handoff(key)), "a page to pay on")
        return key

    def handoff(self, order: str) -> dict[str, Any]:
        return dict(self.person.call("GET", f"orders/{order}")["attempts"][-1]["handoff"])

    def pays(self, order: str, *, silent: bool = False) -> None:
        session = self.handoff(order)["url"].partition("?")[0].rpartition("/")[2]
        sandbox(self.shop, "stripe", "pay", id=session, silent=silent)

    def state(self, order: str) -> str:
        return str(self.person.call("GET", f"orders/{order}")["state"])

    def waits(self, order: str, state: str, seconds: float = MINTED) -> None:
        wait_until(lambda: self.state(order) == state, f"{order} is {state}", seconds)

    def attempt(self, order: str) -> str:
        found = self.books.ask(
            "SELECT id FROM payments_paymentattempt WHERE order_id = %s AND state = 'confirmed'",
            order,
        )
        return str(found[0])


def sandbox(shop: World, name: str, act: str, **given: Any) -> dict[str, Any]:
    """What a payer, a bank or an accident does at a provider."""
    port = getattr(shop.ports, f"sandbox_{name}_port")
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/_sandbox/{act}",
        json.dumps(given).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  loopback
        return dict(json.loads(answer.read()))


def role_wallet(shop: World, role: str) -> DevWallet:
    """The development wallet that holds a role of the hub."""
    seeds = json.loads((shop.state.folder / "ton" / "keys.json").read_text())
    return DevWallet(bytes.fromhex(seeds[role]))


class Staff:
    """One of the staff at the desk. carries: the hub's role whose wallet is in his browser."""

    def __init__(self, page: Page, shop: World, login: str, carries: str = "") -> None:
        self.page, self.shop = page, shop
        self.admin = f"{shop.environ['PUBLIC_URL']}/admin/"
        if carries:
            seed = json.loads((shop.state.folder / "ton" / "keys.json").read_text())[carries]
            page.context.add_init_script(
                f"localStorage.setItem('tonality.development-wallet.seed', '{seed}')"
            )
        enter_the_desk(page, shop, login)

    def opens(self, path: str) -> None:
        self.page.goto(f"{self.admin}{path}")

    def finds(self, words: str) -> None:
        """By the command palette, without a mouse."""
        self.page.wait_for_load_state("load")
        self.page.keyboard.press("Control+k")
        field = self.page.get_by_role("combobox", name="Go to")
        expect(field).to_be_focused()
        field.fill(words)
        field.press("Enter")

    def follows(self, link: str) -> None:
        self.page.locator(".object-tools").get_by_role("link", name=link).click()

    def presses(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def told(self, text: str) -> None:
        expect(self.page.locator(".messagelist")).to_contain_text(text)

    def acts(self, action: str, row: Locator) -> None:
        """An action of a list on one of its rows."""
        row.locator("input.action-select").check()
        self.page.get_by_label("Action:").select_option(label=action)
        self.presses("Go")

    def signs(self, button: str) -> None:
        """Connects the wallet of this browser if need be, and confirms there."""
        self.presses(button)
        sheet = self.page.locator("dialog.sheet-wallet")
        wallet = DevelopmentWallet(self.page)
        expect(sheet.or_(wallet.dialog).first).to_be_visible(timeout=PATIENCE)
        if sheet.count():
            connect_development_wallet(self.page)
        wallet.press("Confirm")
        expect(self.page.locator("[data-progress]")).to_contain_text("Waiting for the network")
