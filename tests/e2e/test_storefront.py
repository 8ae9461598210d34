"""The open web in a browser: sign in by a wallet, pay on a provider's page, see how it stands."""

from __future__ import annotations

import re

import psycopg2
import pytest
from playwright.sync_api import Browser, expect

from deploy.local import postgres
from deploy.local.world import World
from tests.e2e.books import Books
from tests.e2e.conftest import DESKTOP, PHONE, OpenPage
from tests.e2e.people import PATIENCE, DevelopmentWallet
from tests.e2e.shoppers import MARK, MINTED, Shopper, pay

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
OFFERED = ("stripe", "sbp", "binance")


@pytest.fixture
def shopper(open_page: OpenPage, shop: World) -> Shopper:
    found = Shopper(open_page(DESKTOP), shop)
    found.arrives()
    return found


@pytest.mark.parametrize("method", OFFERED)
def test_paid_on_the_providers_page_and_minted(shopper: Shopper, method: str) -> None:
    shopper.chooses(method)
    shopper.presses("Pay")
    order = shopper.returns()
    steps = shopper.page.locator(".store-steps li")
    expect(steps).to_have_count(4)
    shopper.sees("Yours", MINTED)
    expect(shopper.page.locator(".store-number")).to_contain_text("No. ")
    expect(steps.nth(1)).to_contain_text(re.compile(r"Paid.*\d\d:\d\d:\d\d UTC", re.DOTALL))
    expect(steps.nth(3)).to_contain_text("s after the payment")
    assert Books(shopper.shop).sale_of(order)["fulfilments"] == 1


def test_paid_with_the_wallet_that_signed_in(shopper: Shopper) -> None:
    shopper.chooses("ton")
    shopper.returns()
    shopper.page.get_by_role("button", name=re.compile("^Pay .* with your wallet$")).click()
    DevelopmentWallet(shopper.page).press("Confirm")
    shopper.sees("Yours", PATIENCE)


def test_what_is_left_or_declined_can_be_paid_another_way(shopper: Shopper) -> None:
    """A declined card leaves the page open; leaving it comes back to an order that is not paid."""
    shopper.chooses("stripe")
    shopper.presses("Decline")
    expect(shopper.page.locator(".mark")).to_be_visible()
    shopper.presses("Leave without paying")
    order = shopper.returns()
    shopper.sees("Checking your payment")
    shopper.chooses("sbp")
    shopper.presses("Decline")
    assert shopper.returns() == order
    shopper.sees("Not paid yet")
    expect(shopper.page.get_by_text("Nothing was charged")).to_be_visible()
    shopper.chooses("binance")
    shopper.presses("Leave without paying")
    shopper.sees("Checking your payment")
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
    backs = shopper.page.locator(".store-backs li")
    expect(backs).to_contain_text("RUB sent back", timeout=MINTED)
    expect(backs).to_contain_text("the second payment is sent back")
    shopper.sees("Yours", MINTED)
    expect(shopper.page.locator(".facts")).to_contain_text("USD, Card")


@pytest.mark.parametrize("method", OFFERED)
def test_paid_late_it_is_taken_while_there_are_editions(shopper: Shopper, method: str) -> None:
    shopper.chooses(method)
    page = shopper.page.url
    shopper.page.goto(f"{shopper.base}/app/")
    order = shopper.last_order()
    Books(shopper.shop).time_passes(order)
    pay(shopper.shop, method, page)
    shopper.page.goto(f"{shopper.base}/orders/{order}")
    shopper.sees("Yours", MINTED)


def test_paid_late_it_goes_back_when_nothing_is_left(open_page: OpenPage, shop: World) -> None:
    """The bank's page outlives the order; somebody else has what was kept for it."""
    shopper = Shopper(open_page(PHONE), shop, "Pressure Study")
    shopper.arrives()
    shopper.chooses("sbp")
    bank = shopper.page.url
    order = shopper.last_order()
    shopper.page.goto(f"{shopper.base}/orders/{order}")
    give_up(shop, order)
    shopper.page.goto(bank)
    shopper.presses("Pay")
    shopper.returns()
    expect(shopper.page.locator("[data-standing]")).to_have_text(
        re.compile("On its way back|Sent back"), timeout=MINTED
    )
    expect(shopper.page.get_by_text("nothing was left for it")).to_be_visible()
    shopper.sees("Sent back", MINTED)
    expect(shopper.page.locator(".store-backs li")).to_contain_text("RUB sent back")


def give_up(shop: World, order: str) -> None:
    """The order ends, and its drop has nothing left outside the chain."""
    connection = psycopg2.connect(shop.postgres.url(postgres.OWNER))
    try:
        with connection, connection.cursor() as cursor:
            for statement in (
                "UPDATE payments_order SET state = 'expired', reason = 'unpaid' WHERE id = %s",
                "UPDATE payments_reservation SET state = 'released' WHERE order_id = %s",
                "UPDATE payments_paymentattempt SET state = 'expired' WHERE order_id = %s",
            ):
                cursor.execute(statement, [order])
            cursor.execute(
                "UPDATE payments_dropquota q SET taken = q.quota FROM payments_order o"
                " WHERE q.collection_id = o.collection_id AND o.id = %s",
                [order],
            )
    finally:
        connection.close()


def test_told_before_the_buyer_is_back(shopper: Shopper) -> None:
    """The webhook is faster than the payer's browser."""
    shopper.chooses("stripe")
    page = shopper.page.url
    pay(shopper.shop, "stripe", page)
    order = shopper.last_order()
    shopper.page.goto(f"{shopper.base}/orders/{order}")
    expect(shopper.page.locator("[data-standing]")).to_have_text(
        re.compile("Paid|Yours"), timeout=PATIENCE
    )
    attempt = "SELECT id FROM payments_paymentattempt WHERE order_id = %s"
    back = Books(shopper.shop).ask(attempt, order)[0]
    shopper.page.goto(f"{shopper.base}/pay/return/{back}")
    shopper.returns()
    expect(shopper.page.locator("[data-standing]")).to_have_text(re.compile("Paid|Yours"))


def test_told_by_nobody_the_payment_is_found(shopper: Shopper) -> None:
    """Every webhook is lost and the payer never comes back: the shop asks by itself."""
    shopper.chooses("binance")
    pay(shopper.shop, "binance", shopper.page.url, silent=True)
    order = shopper.last_order()
    shopper.page.goto(f"{shopper.base}/orders/{order}")
    shopper.sees("Waiting for your payment")
    shopper.sees("Yours", MINTED)


def test_a_forged_return_changes_nothing(shopper: Shopper) -> None:
    shopper.chooses("stripe")
    order = shopper.last_order()
    attempt = "SELECT id FROM payments_paymentattempt WHERE order_id = %s"
    [back] = Books(shopper.shop).ask(attempt, order)
    shopper.page.goto(f"{shopper.base}/pay/return/{back}?status=succeeded&paid=1")
    shopper.returns()
    shopper.sees("Checking your payment")
    shopper.page.wait_for_timeout(6_000)  # it looked again, and asked Stripe
    shopper.sees("Checking your payment")
    state = "SELECT state FROM payments_order WHERE id = %s"
    assert Books(shopper.shop).ask(state, order) == ("awaiting_payment",)


def test_without_scripts_everything_works_but_a_wallets_signature(
    browser: Browser, shop: World
) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    shopper = Shopper(context.new_page(), shop)
    page = shopper.page
    page.goto(f"{shopper.base}/drops/{shopper.drop['id']}")
    page.get_by_role("link", name=re.compile("^Collect - ")).click()
    page.locator(".card", has_text="Mira").get_by_role("button", name="Sign in").click()
    page.get_by_label("Editions").fill("2")
    page.get_by_role("button", name="Update prices").click()
    expect(page.locator(".store-way", has_text="Card")).to_contain_text("15.16 USD")
    page.locator("[name=method][value=stripe]").check()
    page.get_by_role("button", name="Continue", exact=True).click()
    expect(page.locator(".mark")).to_contain_text(MARK, timeout=PATIENCE)
    shopper.presses("Pay")
    shopper.returns()
    expect(page.locator("[data-standing]")).to_have_text(re.compile("Paid|Yours"), timeout=PATIENCE)
    context.close()
