"""A fan buys editions in the Mini App with a wallet of his own, in the whole running shop."""

import pytest
from playwright.sync_api import Page, WebSocket, expect

from deploy.local.world import World
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.people import MIRA, PATIENCE, Fan, customer, drop_titled

pytestmark = pytest.mark.e2e

REMEMBER_THE_SOUND = """
const Sound = window.Audio;
window.Audio = function (...given) { return (window.sound = new Sound(...given)); };
"""
HEAR = """
() => new Promise((heard) => {
  const look = () => window.sound.currentTime > 0.3 && heard(window.sound.currentTime);
  window.sound.addEventListener("timeupdate", look);
})
"""


@pytest.fixture
def fan(page: Page, shop: World) -> Fan:
    """Somebody new, with the list of drops before him."""
    somebody = Fan(page, shop)
    somebody.opens_the_app()
    return somebody


def test_a_fan_hears_a_drop_buys_it_and_keeps_it(page: Page, shop: World) -> None:
    fan = Fan(page, shop, customer(shop, "Mira", MIRA))
    drop = drop_titled(fan.account, "Harbour Lights")
    number = drop["supply"]["minted"] + 1
    page.add_init_script(REMEMBER_THE_SOUND)
    page.goto(f"{fan.base}/api/v1/dev/login/fan")

    fan.opens_drop("Harbour Lights")
    page.locator("button.track").first.click()
    assert page.evaluate(HEAR) > 0
    page.locator(".mini").get_by_role("button", name="Close").click()

    fan.presses("Collect - 2.5 TON")
    fan.connects_the_wallet()
    [linked] = fan.account.call("GET", "me")["wallets"]
    fan.presses("Collect - 2.5 TON")
    fan.wallet.press("Confirm")
    fan.sees_edition(number, 100)
    [order] = fan.orders()
    assert (order["state"], order["items"][0]["edition"]) == ("fulfilled", number)

    fan.presses("See my edition")
    expect(page.get_by_role("heading", name="Certificate")).to_be_visible()
    fan.sees_edition(number, 100)
    expect(page.locator(".facts").get_by_text(linked["address"])).to_be_visible()

    page.goto(f"{fan.base}/app/collection")
    expect(page.locator(".shelf-own a")).to_have_count(1)
    expect(page.locator(".shelf-own a")).to_contain_text(f"No. {number}")

    page.goto(f"{fan.base}/app/drops/{drop['id']}")
    fan.presses("Collect - 2.5 TON")
    expect(page.get_by_text("Paying from")).to_be_visible()
    expect(fan.main_button).to_have_text("Collect - 2.5 TON")


def test_declining_in_the_wallet_buys_nothing(fan: Fan) -> None:
    fan.goes_to_buy("Pressure Study", "2 TON")
    before = drop_titled(fan.account, "Pressure Study")["supply"]
    fan.presses("Collect - 2 TON")
    fan.wallet.press("Decline")
    expect(fan.page.get_by_role("heading", name="Not signed")).to_be_visible()
    expect(fan.page.get_by_text("Nothing was paid")).to_be_visible()
    [order] = fan.orders()
    assert (order["state"], order["items"]) == ("awaiting_payment", [])
    assert fan.account.call("GET", "items")["results"] == []
    assert drop_titled(fan.account, "Pressure Study")["supply"] == before


def test_who_declined_may_sign_after_all(fan: Fan) -> None:
    fan.goes_to_buy("Pressure Study", "2 TON")
    number = drop_titled(fan.account, "Pressure Study")["supply"]["minted"] + 1
    fan.presses("Collect - 2 TON")
    fan.wallet.press("Decline")
    fan.presses("Try again in wallet")
    fan.wallet.press("Confirm")
    fan.sees_edition(number, 300)
    assert [order["state"] for order in fan.orders()] == ["fulfilled"]


def test_two_editions_in_one_purchase_have_two_numbers(fan: Fan) -> None:
    fan.goes_to_buy("Hollow Lanes", "1 TON")
    first = drop_titled(fan.account, "Hollow Lanes")["supply"]["minted"] + 1
    fan.page.get_by_role("button", name="One more").click()
    fan.presses("Collect - 2 TON")
    fan.wallet.press("Confirm")
    numbers = fan.page.locator(".numbers .edition-no")
    expect(numbers).to_have_text([f"No. {first}", f"No. {first + 1}"], timeout=PATIENCE)
    fan.presses("My collection")
    expect(fan.page.locator(".shelf-own a")).to_have_count(2)


def test_a_gift_goes_straight_to_the_friends_wallet(fan: Fan, shop: World) -> None:
    friend = customer(shop, "Lev")
    friend.link_wallet()
    fan.goes_to_buy("Hollow Lanes", "1 TON")
    fan.page.get_by_role("switch", name="Send to someone else").check()
    fan.page.get_by_label("Their TON address").fill(friend.wallet.friendly())
    fan.presses("Collect - 1 TON")
    fan.wallet.press("Confirm")
    expect(fan.page.get_by_text("It is theirs")).to_be_visible(timeout=PATIENCE)
    [gift] = friend.call("GET", "items")["results"]
    assert gift["release"]["title"] == "Hollow Lanes"
    assert fan.account.call("GET", "items")["results"] == []


def test_a_visitor_sees_the_supply_change_while_somebody_buys(
    fan: Fan, shop: World, open_page: OpenPage
) -> None:
    drop = drop_titled(fan.account, "Coastal Redline")
    sold, total = drop["supply"]["minted"], drop["supply"]["total"]
    visitor = open_page(DESKTOP, "dark")
    heard: list[str] = []
    asked: list[str] = []
    visitor.on("websocket", lambda socket: listen(socket, heard))
    visitor.goto(f"{shop.environ['PUBLIC_URL']}/app/drops/{drop['id']}")
    words = visitor.locator(".drop .supply-words")
    expect(words).to_contain_text(f"{sold} of {total} collected")
    bar = visitor.get_by_role("progressbar", name="Editions collected")
    visitor.wait_for_load_state("networkidle")  # its collectors and prices too
    visitor.on("request", lambda request: asked.append(request.url))

    fan.goes_to_buy("Coastal Redline", "3 TON")
    fan.presses("Collect - 3 TON")
    fan.wallet.press("Confirm")
    fan.sees_edition(sold + 1, total)

    expect(words).to_contain_text(f"{sold + 1} of {total} collected", timeout=PATIENCE)
    expect(bar).to_have_attribute("aria-valuenow", str(sold + 1))
    assert any("drop.supply" in frame for frame in heard)
    assert not any(drop["id"] in url for url in asked)


def listen(socket: WebSocket, heard: list[str]) -> None:
    """Keep the text frames that come over a socket."""
    socket.on("framereceived", lambda frame: heard.append(str(frame)))
