"""What a holder does: a queue that stays, a certificate checked here, an edition given on.

SHOTS=<folder> keeps pictures.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from deploy.local.customer import Customer
from deploy.local.world import World
from tests.e2e.conftest import OpenPage
from tests.e2e.gallery import Gallery, heading
from tests.e2e.people import PATIENCE, Fan, customer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
TITLE = "Hollow Lanes"


def buys_an_edition(fan: Fan) -> str:
    """The address of an edition in the page's own development wallet."""
    fan.opens_the_app()
    fan.goes_to_buy(TITLE, "1 TON")
    fan.presses("Collect - 1 TON")
    fan.wallet.press("Confirm")
    fan.presses("See my edition")
    expect(heading(fan.page, "Certificate")).to_be_visible()
    return str(fan.account.call("GET", "items")["results"][0]["address"])


def hears(person: Customer, address: str) -> str:
    track = person.call("GET", f"items/{address}")["tracks"][0]["id"]
    return str(person.call("GET", f"tracks/{track}/stream")["access"])


def player(page: Page) -> None:
    page.get_by_role("button", name="Open the player").click()
    expect(page.locator("dialog.sheet-player")).to_be_visible()


def test_a_holder_listens_proves_and_gives_away(open_page: OpenPage, shop: World) -> None:
    page = open_page()
    fan, friend = Fan(page, shop, customer(shop, "Noor")), customer(shop, "Lev")
    gallery = Gallery(page)
    friend.link_wallet()
    address = buys_an_edition(fan)

    # The queue: what is next, by hand; after a reload it is all there, and silent.
    first, second = page.locator("button.track b").all_inner_texts()[:2]
    page.locator("button.track").first.click()
    expect(page.locator(".mini small")).to_contain_text("Full track", timeout=PATIENCE)
    player(page)
    page.get_by_role("button", name="Repeat: off").click()
    page.get_by_role("button", name="Show what is next").click()
    expect(page.locator(".upnext-row")).to_have_count(1)
    gallery.look("holding-queue", page.get_by_text(second).last, whole=False)
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".mini b")).to_have_text(second)
    page.reload()
    expect(page.locator(".mini b")).to_have_text(second)
    expect(page.get_by_role("button", name=f"Play {second}").first).to_be_visible()
    player(page)
    expect(page.get_by_role("button", name="Repeat: all")).to_be_visible()
    page.get_by_role("button", name="Previous track").click()
    expect(page.locator(".now-title")).to_have_text(first)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Close").click()

    # The certificate: computed by this browser, and not to be fooled.
    page.get_by_role("link", name="See the certificate").click()
    expect(page.get_by_text("The code on chain is our published one")).to_be_visible()
    cover = fan.account.call("GET", f"items/{address}/certificate")["files"][1]
    liar = re.compile(f"/ipfs/{cover['cid']}")
    page.route(liar, lambda route: route.fulfill(body=b"another picture"))
    page.get_by_role("button", name="Check the files").click()
    expect(page.get_by_text("Something does not match")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".verdict-wrong:not(.verdict-sum)")).to_have_count(1)
    page.unroute(liar)
    page.get_by_role("button", name="Check again").click()
    proved = page.get_by_text("Everything that is open was checked by your own browser")
    expect(proved).to_be_visible(timeout=PATIENCE)
    gallery.look("holding-certificate", proved)

    # To a friend: the development wallet signs, the chain tells, the old holder hears less.
    assert hears(fan.account, address) == "full"
    page.go_back()
    page.get_by_role("button", name="Give to another wallet").click()
    page.get_by_label("Wallet of the new owner").fill(friend.wallet.friendly())
    gallery.look("holding-transfer", page.get_by_text("What happens next"), whole=False)
    fan.presses("Give it away")
    fan.wallet.press("Confirm")
    expect(page.get_by_text("It is theirs now")).to_be_visible(timeout=PATIENCE)
    fan.presses("Done")
    assert [one["address"] for one in friend.call("GET", "items")["results"]] == [address]
    assert (hears(fan.account, address), hears(friend, address)) == ("preview", "full")
    page.goto(f"{fan.base}/app/history")
    gallery.look("holding-history", page.get_by_text(re.compile("^Given to")))
    assert gallery.problems == []
