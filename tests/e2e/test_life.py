"""The whole life of a fan, by touch on a phone: from a friend's link to the end of the account."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from playwright.sync_api import Locator, Page, expect

from deploy.local.customer import Customer
from deploy.local.world import World
from referrals.start_param import start_param_format
from tests.e2e.conftest import PHONE, OpenPage, Scheme
from tests.e2e.people import (
    PATIENCE,
    Fan,
    connect_development_wallet,
    customer,
    drop_titled,
    newcomer,
)
from tests.e2e.words import Words

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
TITLE, PRICE = "Hollow Lanes", "1 TON"
SLIP = "holow lanse"


@dataclass
class Life:
    """A fan and a friend of hers, each with the Mini App on a phone of the same language."""

    fan: Fan
    friend: Fan
    drop: dict[str, Any]
    say: Words

    @property
    def page(self) -> Page:
        return self.fan.page

    def button(self, key: str, page: Page | None = None, **values: str) -> Locator:
        name = re.compile("^" + re.escape(self.say(key, **values)))
        return (page or self.page).get_by_role("button", name=name).first

    def goes(self, path: str) -> None:
        self.page.goto(f"{self.fan.base}/app/{path}")
        expect(self.page.locator("main .skeleton")).to_have_count(0)


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ru", "dark")])
def test_a_fans_life(shop: World, open_page: OpenPage, language: str, scheme: Scheme) -> None:
    def phone() -> Page:
        return open_page(PHONE, scheme, language, touch=True)

    fan = Fan(phone(), shop, newcomer(shop, "Noor", language))
    friend = Fan(phone(), shop, newcomer(shop, "Lev", language))
    mira = customer(shop, "Mira")
    life = Life(fan, friend, drop_titled(mira, TITLE), Words(language))
    comes_by_a_friends_link(life, mira)
    hears_the_preview(life)
    finds_it_with_a_slip(life)
    keeps_a_list_together(life)
    address = buys_it_with_coins(life)
    gives_one_paid_with_stars(life)
    hands_hers_on(life, address)
    sees_what_happened(life)
    assert int(mira.call("GET", "referrals/me")["earned"]["amount"]) > 0
    leaves(life)


def comes_by_a_friends_link(life: Life, mira: Customer) -> None:
    code = mira.call("GET", "referrals/me")["code"]
    life.fan.opens_the_app(start_param=start_param_format(drop=UUID(life.drop["id"]), code=code))
    life.fan.account.sign_in()
    life.friend.opens_the_app()
    life.friend.account.sign_in()
    expect(life.page.locator("html")).to_have_attribute("lang", life.say.language)
    expect(life.page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()


def hears_the_preview(life: Life) -> None:
    life.page.locator("button.track").first.tap()
    expect(life.page.locator(".mini small")).to_contain_text(life.say("play.preview"))
    life.button("play.open").tap()
    expect(life.page.locator("dialog.sheet-player")).to_be_visible()
    life.page.locator("dialog.sheet-player").get_by_role("button").first.tap()
    life.button("common.close").tap()
    expect(life.page.locator(".mini")).to_have_count(0)


def finds_it_with_a_slip(life: Life) -> None:
    """And follows who made it, and likes it."""
    life.goes("search")
    life.page.get_by_role("searchbox").fill(SLIP)
    found = life.page.locator(".entries .entry-main", has_text=TITLE)
    found.first.tap()
    expect(life.page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    life.button("like.add", title=TITLE).tap()
    life.page.locator(".by a").first.tap()
    life.button("follow.add").tap()
    expect(life.button("follow.on")).to_have_attribute("aria-pressed", "true")
    sheet = life.page.get_by_role("dialog")
    if sheet.count():  # whether the bot may tell of the artist's next drop
        sheet.get_by_role("button", name=life.say("common.close")).tap()
    life.goes("library")
    life.page.get_by_role("radio", name=life.say("library.liked")).check()
    expect(life.page.locator(".songs .list-main b")).to_contain_text(TITLE)


def keeps_a_list_together(life: Life) -> None:
    """Hers and the friend's: each adds a track, both see both."""
    life.goes(f"drops/{life.drop['id']}")
    life.button("track.add").tap()
    life.button("addto.new").tap()
    life.page.get_by_label(life.say("playlist.form.title")).fill("For the road")
    life.fan.presses(life.say("playlist.form.create"))
    expect(life.page.get_by_role("dialog")).to_have_count(0)
    key = life.fan.account.call("GET", "playlists")["results"][0]["id"]
    life.goes(f"playlists/{key}")
    life.button("playlist.share").tap()
    life.button("people.invite").tap()
    link = life.page.get_by_role("dialog").locator(".mono").inner_text()
    [token] = re.findall(r"[0-9a-f]{40}", link)
    life.page.get_by_role("dialog").get_by_role("button", name=life.say("common.close")).tap()

    friend = life.friend.page
    friend.goto(f"{life.fan.base}/app/join/{token}")
    life.friend.presses(life.say("join.action"))
    expect(friend.get_by_role("heading", level=1, name="For the road")).to_be_visible()
    friend.goto(f"{life.fan.base}/app/drops/{life.drop['id']}")
    friend.get_by_role("button", name=re.compile("^" + life.say("track.add"))).nth(1).tap()
    friend.get_by_role("dialog").get_by_role("button", name=re.compile("For the road")).tap()
    expect(life.page.locator(".songs .list-main b")).to_have_count(2, timeout=PATIENCE)


def buys_it_with_coins(life: Life) -> str:
    """The address of her edition, whose certificate her own browser has checked."""
    fan = life.fan
    life.goes(f"drops/{life.drop['id']}")
    fan.presses(life.say("drop.collect", price=PRICE))
    fan.presses(life.say("buy.connect"))
    fan.wallet = connect_development_wallet(life.page)
    fan.presses(life.say("buy.pay", price=PRICE))
    fan.wallet.press("Confirm")
    fan.presses(life.say("order.seen"))
    life.page.get_by_role("link", name=life.say("item.see")).tap()
    life.button("certificate.check.go").tap()
    expect(life.page.get_by_text(life.say("certificate.all.right"))).to_be_visible(timeout=PATIENCE)
    return str(fan.account.call("GET", "items")["results"][0]["address"])


def gives_one_paid_with_stars(life: Life) -> None:
    """The friend opens it by its link; it is theirs, and minted when the Stars are safe."""
    fan, page = life.fan, life.page
    life.goes(f"drops/{life.drop['id']}")
    fan.presses(life.say("drop.collect", price=PRICE))
    page.get_by_role("radio", name=re.compile(life.say("buy.way.stars"))).check()
    page.get_by_role("switch", name=re.compile(life.say("buy.gift.link"))).check()
    with page.context.expect_page() as opened:
        fan.presses(re.compile(life.say("buy.pay", price=r"\d+\s\S+")))
    opened.value.get_by_role("button", name="Pay", exact=True).tap()
    expect(opened.value.get_by_text("Paid. Go back to the Mini App's tab.")).to_be_visible()
    opened.value.close()
    page.get_by_role("dialog", name="Telegram's payment sheet").get_by_text("Paid").last.tap()
    standing = page.locator("[data-standing]")
    expect(standing).to_have_text(life.say("gift.given"), timeout=PATIENCE)
    [secret] = [
        order["claim"]["gift_link"].rpartition("/")[2]
        for order in fan.orders()
        if order["claim"] and order["claim"]["gift_link"]
    ]
    life.friend.opens_the_app(start_param=f"g{secret}")
    gift = life.friend.page.locator("[data-gift]")
    expect(gift).to_have_text(life.say("gift.from", name="Noor"))
    life.friend.presses(life.say("gift.accept"))
    expect(gift).to_have_text(life.say("gift.yours"))
    expect(standing).to_have_text(life.say("gift.opened"), timeout=PATIENCE)


def hands_hers_on(life: Life, address: str) -> None:
    life.friend.account.link_wallet()
    life.goes(f"items/{address}")
    life.button("item.give").tap()
    wallet = life.friend.account.wallet.friendly()
    life.page.get_by_label(life.say("transfer.to")).fill(wallet)
    life.fan.presses(life.say("transfer.sign"))
    life.fan.wallet.press("Confirm")
    expect(life.page.get_by_text(life.say("transfer.done"))).to_be_visible(timeout=PATIENCE)
    life.fan.presses(life.say("common.done"))
    [theirs] = life.friend.account.call("GET", "items")["results"]
    assert theirs["address"] == address


def sees_what_happened(life: Life) -> None:
    """Bought, given by a link, handed on: the newest first."""
    life.goes("history")
    rows = life.page.locator(".history-row")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text(life.say("history.out", address="").strip())
    expect(rows.nth(1)).to_contain_text(life.say("history.gift.given"))


def leaves(life: Life) -> None:
    life.goes("privacy")
    life.button("privacy.delete").tap()
    sheet = life.page.locator("dialog.sheet")
    sheet.get_by_role("textbox").fill(life.say("privacy.delete.word"))
    sheet.get_by_role("button", name=life.say("privacy.delete.action")).tap()
    expect(life.page.get_by_text(life.say("privacy.delete.done"))).to_be_visible()
    again = customer(life.fan.shop, "Noor", life.fan.account.telegram_id)
    assert again.call("GET", "orders")["results"] == []
