"""Every screen, on a phone and on a desk, light and dark: nothing sticks out, nothing misbehaves.

SHOTS=<folder> keeps a picture of each.
"""

import re
from base64 import b32decode
from typing import Final

import pytest
from django_otp.oath import totp
from playwright.sync_api import Page, expect

from deploy.local.customer import Customer
from deploy.local.world import World
from tests.e2e.books import PATIENCE
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.gallery import Gallery, heading
from tests.e2e.money import Buyer, sandbox
from tests.e2e.people import (
    Fan,
    colleague,
    customer,
    drop_titled,
    enter_the_desk,
    owner_of,
    type_the_shown_code,
)
from tests.e2e.shoppers import MINTED, Shopper, steer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

ASK: Final = "payments/paymentmethodpolicy/ask/?context=web&goods=nft&method=stripe"
TITLE: Final = "Hollow Lanes"
FOCUS_IS_SEEN: Final = """
(element) => {
  const style = getComputedStyle(element);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}
"""


@pytest.fixture(scope="module")
def owner(shop: World) -> Customer:
    return owner_of(shop, TITLE)


@pytest.fixture
def gallery(page: Page) -> Gallery:
    return Gallery(page)


def in_the_app(gallery: Gallery, base: str, drop: str, who: str) -> None:
    """What everybody may open, signed in or not."""
    page = gallery.page
    gallery.look(f"{who}-home", page.locator(".hero-words h2"))
    page.goto(f"{base}/app/drops/{drop}")
    gallery.look(f"{who}-drop", page.locator("button.track"))
    page.locator("button.track").first.click()
    page.get_by_role("button", name="Open the player").click()
    gallery.look(f"{who}-player", page.locator("dialog.sheet-player"), whole=False)
    page.keyboard.press("Escape")
    page.goto(f"{base}/app/artists/tom-ashdown")
    gallery.look(f"{who}-artist", heading(page, "Tom Ashdown"))


def test_the_app_fits(gallery: Gallery, shop: World, owner: Customer) -> None:
    page, base = gallery.page, shop.environ["PUBLIC_URL"]
    fan = Fan(page, shop, owner)
    fan.opens_the_app()
    in_the_app(gallery, base, drop_titled(owner, TITLE)["id"], "fan")
    page.go_back()
    fan.presses("Collect - 1 TON")
    gallery.look("buy", page.locator("dialog.sheet-buy"), whole=False)
    fan.presses("Connect wallet")
    wallets = page.locator("dialog.sheet-wallet")
    gallery.look("wallet", wallets.get_by_text("Development wallet"), whole=False)
    paid, unpaid = sorted(fan.orders(), key=lambda order: str(order["created_at"]))
    item = paid["items"][0]["address"]
    for screen, path, there in (
        ("profile", "profile", page.get_by_text("Linked")),
        ("collection", "collection", page.locator(".shelf-own a")),
        ("orders", "orders", page.locator("main .list-row")),
        ("order-paid", f"orders/{paid['id']}", page.locator(".edition-huge")),
        ("order-unpaid", f"orders/{unpaid['id']}", page.locator(".order-head")),
        ("certificate", f"items/{item}", heading(page, "Certificate")),
    ):
        page.goto(f"{base}/app/{path}")
        gallery.look(screen, there)
    assert gallery.problems == []


def test_the_pages_for_guests_fit(gallery: Gallery, shop: World, owner: Customer) -> None:
    page, base = gallery.page, shop.environ["PUBLIC_URL"]
    page.goto(base)
    gallery.look("landing", page.locator("[data-shelf] a"))
    page.goto(f"{base}/app/")
    in_the_app(gallery, base, drop_titled(owner, TITLE)["id"], "guest")
    page.goto(f"{base}/app/profile")
    gallery.look("guest-profile", page.get_by_text("Guest"))
    page.goto(f"{base}/app/collection")
    gallery.look("guest-collection", heading(page, "A shelf of your own"))
    page.goto(f"{base}/app/nowhere")
    gallery.look("nothing", heading(page, "Nothing here"))
    page.goto(f"{base}/nowhere")
    gallery.look("404", page.get_by_role("heading"))
    assert gallery.problems == []


def test_the_storefront_fits(gallery: Gallery, shop: World) -> None:
    shopper = Shopper(gallery.page, shop)
    page = gallery.page
    page.goto(f"{shopper.base}/drops/{shopper.drop['id']}")
    gallery.look("store-drop", page.locator(".store-cover"))
    shopper.arrives()
    gallery.look("store-checkout", page.get_by_text("It is a gift"))
    shopper.chooses("stripe")
    shopper.presses("Leave without paying")
    order = shopper.returns()
    gallery.look("store-checking", page.locator("[data-standing]"))
    page.goto(f"{shopper.base}/orders/{order}?again=1")
    gallery.look("store-again", page.locator("#again"))
    shopper.chooses("binance")
    shopper.presses("Pay")
    shopper.returns()
    shopper.sees("Yours", MINTED)
    gallery.look("store-yours", page.locator(".store-number"))
    assert gallery.problems == []


def test_gifts_fit(gallery: Gallery, shop: World) -> None:
    giver = Shopper(gallery.page, shop)
    page = gallery.page
    giver.arrives()
    page.get_by_label("It is a gift").check()
    giver.chooses("stripe")
    giver.presses("Pay")
    giver.returns()
    giver.sees("Your gift is ready", PATIENCE * 1000)
    page.get_by_label("A note for the card").fill("For the long way home.\nYours, as ever")
    giver.presses("Save the note")
    gallery.look("gift-given", page.get_by_label("Link of the gift"))
    link = page.get_by_label("Link of the gift").input_value()
    page.goto(link)
    gallery.look("gift-own", page.locator("[data-gift=own]"))
    page.context.clear_cookies()
    page.goto(link)
    gallery.look("gift-waiting", page.locator("[data-gift=waiting]"))
    friend = Fan(page, shop, customer(shop, "Lev"))
    friend.opens_the_app(start_param=f"g{link.rpartition('/')[2]}")
    gallery.look("app-gift", page.locator("[data-gift=waiting]"))
    friend.presses("Accept the gift")
    gallery.look("app-gift-yours", page.locator("[data-gift=yours]"))
    page.goto(link)
    gallery.look("gift-taken", page.locator("[data-gift=taken]"))
    page.goto(f"{giver.base}/app/collection")
    gallery.look("app-kept", heading(page, "Kept for you"))
    assert gallery.problems == []


def test_stars_fit(gallery: Gallery, shop: World) -> None:
    fan = Fan(gallery.page, shop)
    page = gallery.page
    fan.opens_the_app()
    fan.opens_drop(TITLE)
    fan.presses("Collect - 1 TON")
    page.get_by_role("radio", name=re.compile("Telegram Stars")).check()
    page.get_by_role("switch", name=re.compile("A gift by link")).check()
    gallery.look("stars-buy", page.locator("dialog.sheet-buy"), whole=False)
    with page.context.expect_page() as opened:
        fan.presses("Collect - 233 Stars")
    gallery.look("stars-invoice", page.locator(".tg-invoice"))
    opened.value.get_by_role("button", name="Pay", exact=True).click()
    opened.value.close()
    page.locator(".tg-invoice").get_by_role("button", name="Paid").click()
    gallery.look("stars-gift", page.get_by_text("Your gift is ready"))
    [gift] = fan.orders()
    fan.account.call("DELETE", f"orders/{gift['id']}/gift")
    gallery.look("stars-called-back", page.get_by_text("You called the gift back"))
    plain = fan.account.order_by(drop_titled(fan.account, TITLE)["id"], "stars", "fan@example.org")
    page.goto(f"{fan.base}/app/orders/{plain['id']}")
    gallery.look("stars-ready", page.get_by_text("Ready to pay"))
    slug = plain["attempts"][0]["handoff"]["url"].rpartition("/")[2]
    steer(shop, "stars", "pay", {"slug": slug, "user": fan.account.telegram_id})
    gallery.look("stars-kept", page.get_by_text(re.compile("Kept for you until")))
    page.goto(f"{fan.base}/app/orders")
    gallery.look("stars-orders", page.locator("main .list-row"))
    assert gallery.problems == []


def test_the_back_office_fits(gallery: Gallery, shop: World, owner: Customer) -> None:
    page, admin = gallery.page, f"{shop.environ['PUBLIC_URL']}/admin/"
    page.goto(admin)
    gallery.look("admin-login", page.locator("#login-form"))
    page.locator("[name=username]").fill("admin")
    page.locator("[name=password]").fill("tonality-admin")
    page.locator("[name=password]").press("Enter")
    gallery.look("admin-code", page.locator("#second-factor-form"))
    type_the_shown_code(page)
    gallery.look("admin-home", page.locator(".desk-tiles"))
    for room in ("payments/order", "payments/ledgerentry", "nft/collection", "ton/chaincursor"):
        page.goto(f"{admin}{room}/")
        gallery.look(f"admin-{room.partition('/')[2]}", page.locator("#changelist"))
    page.goto(f"{admin}payments/order/")
    page.locator("#result_list tbody th a").first.click()
    gallery.look("admin-order-page", page.locator("#content h1, #content h2"))
    assert gallery.problems == []


def test_every_list_of_the_desk_fits(gallery: Gallery, shop: World) -> None:
    page, admin = gallery.page, f"{shop.environ['PUBLIC_URL']}/admin/"
    enter_the_desk(page, shop)
    page.goto(f"{admin}media/gateway/")
    gallery.look("desk-gateways", page.locator("#gateways-now"))
    page.goto(admin)
    listed = "() => [...document.querySelectorAll('.app-list th a, .module th a')].map(a => a.href)"
    lists = sorted(set(page.evaluate(listed)))
    assert len(lists) > 40
    for address in (*lists, f"{admin}payments/starsconversion/report/",
                    f"{admin}payments/accountingperiod/trial/"):  # fmt: skip
        page.goto(address)
        gallery.glance("list-" + "-".join(address.strip("/").split("/")[-2:]), page.locator("h1"))
    assert gallery.problems == []


def test_the_ways_in_fit(gallery: Gallery, shop: World) -> None:
    page, base = gallery.page, shop.environ["PUBLIC_URL"]
    page.goto(f"{base}/sign-in?next=/app/")
    gallery.look("sign-in", heading(page, "Sign in to collect"))
    page.get_by_role("button", name="Confirm in a chat with our bot").click()
    page.get_by_text("Telegram is on another device").click()
    gallery.look("sign-in-bot", page.locator("[data-number]"))
    page.goto(f"{base}/sign-in/telegram/back?state=nobodys")
    gallery.look("sign-in-trouble", heading(page, "This sign-in did not begin here"))
    assert gallery.problems == []


def test_setting_up_a_second_factor_fits(
    gallery: Gallery, open_page: OpenPage, shop: World
) -> None:
    password = colleague(open_page(DESKTOP), shop, "ines")
    page = gallery.page
    page.goto(f"{shop.environ['PUBLIC_URL']}/admin/")
    page.locator("[name=username]").fill("ines")
    page.locator("[name=password]").fill(password)
    page.locator("[name=password]").press("Enter")
    gallery.look("second-factor-enrol", page.locator(".second-factor-qr svg"))
    page.locator("[name=code]").fill("000000")
    page.get_by_role("button", name="Confirm").click()
    gallery.look("second-factor-wrong", page.locator(".errorlist"))
    page.wait_for_timeout(1100)  # guessing is slowed down
    key = b32decode(page.locator("[data-key]").inner_text().replace(" ", ""))
    page.locator("[name=code]").fill(f"{totp(key):06}")
    page.get_by_role("button", name="Confirm").click()
    gallery.look("second-factor-recovery", page.locator("[data-recovery]"))
    page.get_by_role("link", name="I have kept them").click()
    expect(page.locator(".desk-tiles")).to_be_visible()
    assert gallery.problems == []


@pytest.fixture(scope="module")
def waiting(shop: World) -> Buyer:
    """Somebody whose order waits for a person, because its refund failed; the order is `known`."""
    buyer = Buyer(shop)
    order = buyer.orders_by_card()
    buyer.pays(order)
    buyer.waits(order, "fulfilled")
    buyer.known = order
    return buyer


def test_the_pages_of_money_fit(gallery: Gallery, shop: World, waiting: Buyer) -> None:
    page, admin = gallery.page, f"{shop.environ['PUBLIC_URL']}/admin/"
    enter_the_desk(page, shop)
    order, attempt = waiting.known, waiting.attempt(waiting.known)
    page.goto(f"{admin}payments/paymentattempt/{attempt}/refund/")
    gallery.look("desk-refund", page.locator("[name=note]"))
    sandbox(shop, "stripe", "faults", fail_refund=1)
    page.locator("[name=amount]").fill("2")
    page.locator("[name=note]").fill("The fan asked for a part")
    page.locator("[type=submit][value=Refund]").click()
    waiting.waits(order, "needs_attention")
    for screen, path, there in (
        ("home", "", page.locator(".desk-chart").first),
        ("waiting", "payments/order/?state__exact=needs_attention", page.get_by_text("Decide")),
        ("story", f"payments/order/{order}/story/", page.locator(".desk-way").first),
        ("policy", "payments/paymentmethodpolicy/", page.locator(".desk-cell").first),
        ("policy-cell", "payments/paymentmethodpolicy/add/?context=web&goods=nft&method=stripe",
         page.locator("[name=reason]")),
        ("policy-ask", f"{ASK}&asset=USD&country=RU", page.locator(".desk-why")),
        ("switches", "payments/methodswitch/", page.locator(".desk-switch").first),
        ("shares", "payments/sharerule/", page.get_by_text("In force today")),
        ("share", "payments/sharerule/add/", page.locator("[name=starts_on]")),
        ("rates", "payments/rate/", page.get_by_text("What one coin costs")),
        ("list-price", "payments/listprice/add/", page.locator("[name=price]")),
        ("refunds", "payments/refund/", page.locator("#result_list")),
        ("payouts", "payments/payoutbatch/", page.get_by_text("Due now")),
        ("settlements", "payments/settlement/", page.locator("#result_list")),
        ("ledger", "payments/ledgeraccount/", page.locator("#result_list")),
        ("audit", "core/auditrecord/", page.locator("#result_list")),
    ):  # fmt: skip
        page.goto(f"{admin}{path}")
        gallery.look(f"desk-{screen}", there)
    page.locator("#result_list tbody th a").first.click()
    gallery.look("desk-audit-record", page.get_by_text("All that was done to it"))
    sandbox(shop, "stripe", "plant", amount=100)
    page.goto(f"{admin}payments/case/")
    page.get_by_role("button", name="Run now").click()
    expect(page.locator("#result_list tbody a").first).to_be_visible(timeout=30_000)
    expect(page.get_by_role("button", name="Run now")).to_be_enabled(timeout=30_000)
    gallery.look("desk-cases", page.locator("#result_list tbody a"))
    page.locator("#result_list tbody a").first.click()
    gallery.look("desk-case", page.locator(".desk-sides-both"))
    page.wait_for_load_state("load")
    page.keyboard.press("Control+k")
    gallery.look("desk-palette", page.get_by_role("listbox"), whole=False)
    page.goto(f"{admin}payments/settlement/")
    page.locator("#result_list tbody th a").first.click()
    page.goto(re.sub("change/$", "sign/", page.url))
    gallery.look("desk-sign", page.locator("[data-decoded]"))
    assert gallery.problems == []


@pytest.mark.parametrize(
    ("path", "action"),
    [
        ("/", ".button-primary"),
        ("/app/", ".primary"),
        ("/app/drops/{drop}", ".primary"),
        ("/app/profile", ".primary"),
        ("/drops/{drop}", ".button-primary"),
        ("/portal/", ".button-primary"),
        ("/admin/", "[type=submit]"),
    ],
)
def test_the_one_thing_to_do_is_reached_by_keyboard_and_seen(
    page: Page, shop: World, owner: Customer, path: str, action: str
) -> None:
    page.goto(shop.environ["PUBLIC_URL"] + path.format(drop=drop_titled(owner, TITLE)["id"]))
    wanted = page.locator(action).first
    expect(wanted).to_be_visible()
    page.locator("body").focus()
    for _ in range(40):
        page.keyboard.press("Tab")
        if wanted.evaluate("(element) => element === document.activeElement"):
            break
    expect(wanted).to_be_focused()
    assert wanted.evaluate(FOCUS_IS_SEEN)
