"""Stars in the Mini App: Telegram's sheet is a hint, its receipt is the truth."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from deploy.local.world import World
from tests.e2e.books import Books
from tests.e2e.conftest import PHONE, OpenPage
from tests.e2e.people import PATIENCE, Fan, customer
from tests.e2e.shoppers import steer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
TITLE, PRICE = "Hollow Lanes", "233 Stars"
ELSEWHERE = re.compile(r"binance|sbp|stripe|\bcard\b", re.IGNORECASE)


@pytest.fixture
def fan(page: Page, shop: World) -> Fan:
    found = Fan(page, shop)
    found.opens_the_app()
    return found


def opens_the_sheet(fan: Fan, *, gift: bool = False) -> Page:
    """From the list to Telegram's own sheet, which the sandbox shows in another tab."""
    fan.opens_drop(TITLE)
    fan.presses("Collect - 1 TON")
    fan.page.get_by_role("radio", name=re.compile("Telegram Stars")).check()
    expect(fan.page.get_by_text(re.compile("Kept for you, minted after"))).to_be_visible()
    assert not ELSEWHERE.search(fan.page.locator("dialog.sheet-buy").inner_text())
    if gift:
        fan.page.get_by_role("switch", name=re.compile("A gift by link")).check()
    with fan.page.context.expect_page() as opened:
        fan.presses(f"Collect - {PRICE}")
    return opened.value


def pays(sheet: Page) -> None:
    sheet.get_by_role("button", name="Pay", exact=True).click()
    expect(sheet.get_by_text("Paid. Go back to the Mini App's tab.")).to_be_visible()
    sheet.close()


def closes(fan: Fan, how: str) -> None:
    box = fan.page.get_by_role("dialog", name="Telegram's payment sheet")
    box.get_by_role("button", name=how, exact=True).click()


def sees(page: Page, heading: str | re.Pattern[str]) -> None:
    expect(page.locator("[data-standing]")).to_have_text(heading, timeout=PATIENCE)


def test_paid_with_stars_it_is_kept_until_it_can_be_minted(fan: Fan, shop: World) -> None:
    pays(opens_the_sheet(fan))
    closes(fan, "Paid")
    sees(fan.page, re.compile(r"^Paid\. Kept for you until \w+ \d+, \d{4}$"))
    [order] = fan.orders()
    assert (order["state"], order["money_status"]) == ("fulfilling", "paid")
    assert order["attempts"][0]["amount"] == {"asset": "XTR", "amount": "233"}
    fan.page.goto(f"{fan.base}/app/collection")
    kept = fan.page.locator("section", has=fan.page.get_by_role("heading", name="Kept for you"))
    expect(kept.get_by_role("link")).to_contain_text(TITLE)
    expect(kept.get_by_role("link")).to_contain_text("Connect a wallet to receive it")
    fan.page.goto(f"{fan.base}/app/orders")
    expect(fan.page.locator(".list-row")).to_contain_text(PRICE)


def test_what_the_sheet_says_is_only_a_hint(fan: Fan, shop: World) -> None:
    sheet = opens_the_sheet(fan)
    closes(fan, "Paid")  # nothing was
    sees(fan.page, "Checking the payment")
    [order] = fan.orders()
    assert order["state"] == "awaiting_payment"
    pays(sheet)
    sees(fan.page, re.compile(r"^Paid\. Kept for you until"))


def test_a_closed_sheet_can_be_opened_again(fan: Fan) -> None:
    opens_the_sheet(fan).close()
    closes(fan, "Closed")
    sees(fan.page, "Not paid")
    expect(fan.page.get_by_text("Nothing was charged")).to_be_visible()
    with fan.page.context.expect_page() as opened:
        fan.presses(f"Pay {PRICE}")
    pays(opened.value)
    closes(fan, "Paid")
    sees(fan.page, re.compile(r"^Paid\. Kept for you until"))
    [order] = fan.orders()
    assert len(order["attempts"]) == 1


def test_stars_that_went_back_are_shown(fan: Fan, shop: World) -> None:
    pays(opens_the_sheet(fan))
    closes(fan, "Paid")
    sees(fan.page, re.compile(r"^Paid\. Kept for you until"))
    [order] = fan.orders()
    charge = "SELECT external_id FROM payments_paymentattempt WHERE order_id = %s"
    [paid] = Books(shop).ask(charge, order["id"])
    steer(shop, "stars", "chargeback", {"charge": paid, "silent": False})
    sees(fan.page, "Sent back")
    expect(fan.page.locator("main")).to_contain_text(f"{PRICE} sent back")


def test_a_gift_paid_with_stars_is_opened_in_the_app(
    fan: Fan, shop: World, open_page: OpenPage
) -> None:
    pays(opens_the_sheet(fan, gift=True))
    closes(fan, "Paid")
    sees(fan.page, "Your gift is ready")
    fan.page.get_by_label("A note for the card").fill("Listen at night")
    fan.page.get_by_role("button", name="Save the note").click()
    expect(fan.page.get_by_text("Note saved")).to_be_visible()
    [order] = fan.orders()
    secret = order["claim"]["gift_link"].rpartition("/")[2]

    friend = Fan(open_page(PHONE), shop, customer(shop, "Lev"))
    friend.opens_the_app(start_param=f"g{secret}")
    gift = friend.page.locator("[data-gift]")
    expect(gift).to_have_text("A gift from Noor")
    expect(friend.page.get_by_text("Listen at night")).to_be_visible()
    assert "Stars" not in friend.page.locator("main").inner_text()
    friend.presses("Accept the gift")
    expect(gift).to_have_text("It is yours")
    expect(friend.page.get_by_text(re.compile("Kept for you, and minted after"))).to_be_visible()
    sees(fan.page, "Your gift was opened")


def test_an_ordinary_browser_goes_to_the_web_shop(page: Page, shop: World) -> None:
    base = shop.environ["PUBLIC_URL"]
    page.goto(f"{base}/app/")
    page.locator("main").get_by_role("link", name=TITLE).first.click()
    page.get_by_role("button", name="Collect - 1 TON").click()
    page.wait_for_url(re.compile(r"/drops/[0-9a-f-]{36}$"))
    expect(page.get_by_role("link", name="Collect - 1 TON")).to_be_visible()
