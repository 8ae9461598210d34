"""An artist puts a release on sale: terms in the portal, the contract by his own wallet."""

import pytest
from playwright.sync_api import Page, expect

from deploy.local.world import World
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.people import (
    PATIENCE,
    DevelopmentWallet,
    Fan,
    connect_development_wallet,
    drop_titled,
)

pytestmark = pytest.mark.e2e

RELEASE = "Quiet Hour"  # published in the seeded catalogue, not on sale


@pytest.fixture
def portal(open_page: OpenPage, shop: World) -> Page:
    """The portal's sign-in page on a desk."""
    page = open_page(DESKTOP)
    page.goto(f"{shop.environ['PUBLIC_URL']}/portal/")
    return page


def sign_in_as_ada(portal: Page) -> None:
    card = portal.locator(".card", has_text="Ada")
    card.get_by_role("button", name="Sign in").click()
    expect(portal.get_by_role("heading", name="Nordlys")).to_be_visible()


def set_terms(portal: Page, price: str) -> None:
    portal.get_by_label("Price of one edition").fill(price)
    portal.get_by_label("Editions", exact=True).fill("40")
    portal.get_by_role("button", name="Prepare the drop").click()
    expect(portal.get_by_role("heading", name="Ready for your wallet")).to_be_visible()


def test_an_artist_deploys_a_drop_and_fans_find_it(portal: Page, page: Page, shop: World) -> None:
    sign_in_as_ada(portal)
    portal.get_by_role("row", name=RELEASE).get_by_role("link").click()
    portal.get_by_role("button", name="Connect another wallet").click()
    connect_development_wallet(portal)
    set_terms(portal, "1.5")
    wallet = DevelopmentWallet(portal)
    portal.get_by_role("button", name="Deploy with my wallet").click()
    wallet.press("Decline")
    expect(portal.get_by_text("You declined in the wallet. Nothing was paid.")).to_be_visible()
    portal.get_by_role("button", name="Deploy with my wallet").click()
    wallet.press("Confirm")
    expect(portal.get_by_text("Live: fans can collect it now")).to_be_visible(timeout=PATIENCE)

    fan = Fan(page, shop)
    fan.opens_the_app()
    fan.opens_drop(RELEASE)
    expect(fan.main_button).to_have_text("Collect - 1.5 TON")
    drop = drop_titled(fan.account, RELEASE)
    assert (drop["state"], drop["supply"]["total"]) == ("live", 40)
