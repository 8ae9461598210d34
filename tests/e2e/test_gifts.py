"""A gift in two browsers: paid by one, opened by the other, too late for a third."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from deploy.local.world import World
from tests.e2e.conftest import DESKTOP, PHONE, OpenPage
from tests.e2e.people import PATIENCE
from tests.e2e.shoppers import MINTED, Shopper

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture
def giver(open_page: OpenPage, shop: World) -> Shopper:
    """Has paid a gift by card."""
    found = Shopper(open_page(DESKTOP), shop)
    found.arrives()
    found.page.get_by_label("It is a gift").check()
    found.chooses("stripe")
    found.presses("Pay")
    found.returns()
    found.sees("Your gift is ready", PATIENCE)
    return found


def link(giver: Shopper) -> str:
    return giver.page.get_by_label("Link of the gift").input_value()


def stands(page: Page, heading: str) -> None:
    expect(page.locator("[data-gift]")).to_have_text(heading, timeout=PATIENCE)


def test_a_gift_is_given_opened_and_minted_to_the_friend(
    giver: Shopper, open_page: OpenPage, shop: World
) -> None:
    giver.page.get_by_label("A note for the card").fill("For the long way home")
    giver.presses("Save the note")
    giver.sees("Your gift is ready")

    friend = Shopper(open_page(PHONE), shop)
    friend.page.goto(link(giver))
    stands(friend.page, "A gift for you")
    expect(friend.page.get_by_text("For the long way home")).to_be_visible()
    assert "USD" not in friend.page.content()
    friend.page.get_by_role("link", name="Sign in to accept").click()
    friend.signs_in()
    friend.presses("Accept the gift")
    stands(friend.page, "Yours")
    expect(friend.page.locator(".store-number")).to_contain_text("No. ", timeout=MINTED)

    late = open_page(PHONE)
    late.goto(link(giver))
    stands(late, "Already opened")
    assert "For the long way home" not in late.content()

    giver.page.reload()
    giver.sees("Given", PATIENCE)


def test_a_gift_that_is_called_back_is_paid_back(giver: Shopper, open_page: OpenPage) -> None:
    address = link(giver)
    giver.presses("Call the gift back")
    giver.sees("Sent back", MINTED)
    expect(giver.page.locator(".store-backs li")).to_contain_text("USD sent back")
    late = open_page(PHONE)
    late.goto(address)
    stands(late, "This gift was called back")
