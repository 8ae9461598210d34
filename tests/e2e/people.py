"""People of these tests: each with a phone that shows the Mini App, and an account behind it.

What a person sees is asked of the page; what is true is asked of the API, as the same person.
"""

import re
from collections.abc import Iterator
from itertools import count
from typing import Any
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from deploy.local.customer import Customer
from deploy.local.ton.client import NetworkClient
from deploy.local.world import World

MIRA = 700001  # the fan of the development logins
COIN = 10**9
PATIENCE = 30_000.0  # ms: a purchase takes seconds, a busy machine more
_FRESH: Iterator[int] = count(910_000)


def customer(shop: World, name: str, telegram_id: int | None = None) -> Customer:
    """Somebody new, or whoever has that Telegram id, signed in at the API."""
    person = newcomer(shop, name, telegram_id=telegram_id)
    person.sign_in()
    return person


def newcomer(
    shop: World, name: str, language: str = "en", telegram_id: int | None = None
) -> Customer:
    """Somebody with Telegram in that language, of whom the shop may not know yet."""
    network = NetworkClient(shop.environ["TON_ENDPOINTS"])
    person = Customer(shop.environ["PUBLIC_URL"], network, telegram_id or next(_FRESH), name)
    person.language = language
    return person


def drop_titled(person: Customer, title: str) -> dict[str, Any]:
    """A drop of the seeded catalogue as the API tells it now."""
    found = person.call("GET", "drops?limit=50")["results"]
    [drop] = [one for one in found if one["release"]["title"] == title]
    return dict(drop)


def owner_of(shop: World, title: str) -> Customer:
    """Somebody with an edition of a drop, and an order of it not yet paid."""
    person = customer(shop, "Noor")
    person.link_wallet()
    person.fund(20 * COIN)
    drop = drop_titled(person, title)["id"]
    order = person.order(drop)
    person.sign(order["attempts"][0]["transaction"])
    assert person.wait_for_order(order["id"], PATIENCE / 1000)["state"] == "fulfilled"
    person.order(drop)
    return person


class DevelopmentWallet:
    """The wallet of a page's browser: its dialog, wherever the page asked for it."""

    def __init__(self, page: Page) -> None:
        self.dialog = page.locator("[data-development-wallet] dialog")

    def get_coins(self) -> None:
        self.dialog.get_by_role("button", name="Get 100 test coins").click()
        expect(self.dialog.get_by_role("button", name="On their way")).to_be_visible()

    def press(self, button: str) -> None:
        self.dialog.get_by_role("button", name=button, exact=True).click()
        expect(self.dialog).to_have_count(0)


def connect_development_wallet(page: Page) -> DevelopmentWallet:
    """Through our TON Connect sheet, which has to be open; ends with a proved wallet."""
    sheet = page.locator("dialog.sheet-wallet")
    sheet.get_by_role("button", name="Development wallet").click()
    wallet = DevelopmentWallet(page)
    wallet.get_coins()
    wallet.press("Connect")
    expect(sheet).to_have_count(0, timeout=PATIENCE)
    return wallet


class Fan:
    """A person with the Mini App open, as Telegram opens it."""

    def __init__(self, page: Page, shop: World, account: Customer | None = None) -> None:
        self.page = page
        self.shop = shop
        self.base = shop.environ["PUBLIC_URL"]
        self.account = account or customer(shop, "Noor")
        self.wallet = DevelopmentWallet(page)

    def opens_the_app(self, path: str = "", start_param: str = "") -> None:
        """With initData that is signed like Telegram's."""
        signed = self.account.launch(start_param)["init_data"]
        launch = f"tgWebAppData={quote(signed, safe='')}&tgWebAppVersion=9.6"
        launch += "&tgWebAppPlatform=weba&tgWebAppThemeParams=%7B%7D"
        self.page.goto(f"{self.base}/app/{path}#{launch}")
        expect(self.page.locator("main .skeleton")).to_have_count(0)

    def opens_drop(self, title: str) -> None:
        self.page.locator("main").get_by_role("link", name=title).first.click()
        expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()

    @property
    def main_button(self) -> Locator:
        """Telegram's own button under the page: always the one thing to do."""
        return self.page.locator(".tg-main")

    def presses(self, label: str | re.Pattern[str]) -> None:
        expect(self.main_button).to_have_text(label, timeout=PATIENCE)
        expect(self.main_button).to_be_enabled()
        self.main_button.click()

    def connects_the_wallet(self) -> None:
        self.presses("Connect wallet")
        connect_development_wallet(self.page)

    def goes_to_buy(self, title: str, price: str) -> None:
        """From the list to the open buy sheet with a proved wallet that has coins."""
        self.opens_drop(title)
        self.presses(f"Collect - {price}")
        self.connects_the_wallet()

    def sees_edition(self, number: int, of: int) -> None:
        edition = self.page.locator(".edition-huge [aria-hidden]")
        expect(edition).to_have_text(f"No. {number} / {of}", timeout=PATIENCE)

    def orders(self) -> list[dict[str, Any]]:
        return list(self.account.call("GET", "orders")["results"])


def enter_the_desk(page: Page, shop: World, login: str = "admin") -> None:
    """As staff: the password, and where the role touches money the code that the page shows."""
    page.goto(f"{shop.environ['PUBLIC_URL']}/admin/")
    page.locator("[name=username]").fill(login)
    page.locator("[name=password]").fill(f"tonality-{login}")
    page.locator("[name=password]").press("Enter")
    expect(page.locator("#second-factor-form, .desk-tiles").first).to_be_visible()
    if page.locator("#second-factor-form").count():
        type_the_shown_code(page)


def type_the_shown_code(page: Page) -> None:
    """From the page between password and desk to the desk."""
    page.locator("[name=code]").fill(page.locator("[data-demo-code]").inner_text())
    page.get_by_role("button", name="Open the desk").click()
    expect(page.locator(".desk-tiles")).to_be_visible()


def colleague(page: Page, shop: World, login: str) -> str:
    """The desk's owner adds somebody who may do everything; the password."""
    password = f"a long password of {login}"
    enter_the_desk(page, shop)
    page.goto(f"{shop.environ['PUBLIC_URL']}/admin/accounts/user/add/")
    page.locator("[name=login]").fill(login)
    for field in ("password1", "password2"):
        page.locator(f"[name={field}]").fill(password)
    page.locator("[name=_save]").click()
    page.locator("[name=is_superuser]").check()
    page.locator("[name=_save]").click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    return password
