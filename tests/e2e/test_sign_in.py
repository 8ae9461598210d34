"""Who somebody is, in a real browser: Telegram's page, a yes to the bot, a code at the desk."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from deploy.local.world import World
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.people import PATIENCE, enter_the_desk

pytestmark = pytest.mark.e2e
MINE = "/portal/"  # says who one is; the public pages do not


@pytest.fixture
def guest(page: Page, shop: World) -> Page:
    """At the sign-in page, as nobody."""
    page.goto(f"{shop.environ['PUBLIC_URL']}/sign-in?next={MINE}")
    return page


def test_by_telegrams_page(guest: Page, shop: World) -> None:
    guest.get_by_role("link", name="Continue with Telegram").click()
    expect(guest.locator(".mark")).to_contain_text("SANDBOX")
    guest.get_by_role("button", name="Ada").click()
    expect(guest.get_by_role("heading", name="Nordlys")).to_be_visible()
    assert guest.url == f"{shop.environ['PUBLIC_URL']}{MINE}"


def test_a_no_on_telegrams_page_says_what_to_do(guest: Page) -> None:
    guest.get_by_role("link", name="Continue with Telegram").click()
    guest.get_by_role("button", name="Cancel").click()
    expect(guest.get_by_role("heading", name="You did not continue in Telegram")).to_be_visible()
    guest.get_by_role("link", name="Sign in again").click()
    expect(guest.get_by_role("link", name="Continue with Telegram")).to_be_visible()


def test_a_press_before_the_script_is_there_is_not_lost(guest: Page) -> None:
    held: list[Route] = []
    guest.route("**/portal-*.js", lambda route: held.append(route))  # noqa: PLW0108  # no method
    guest.reload(wait_until="commit")
    button = guest.get_by_role("button", name="Continue with a TON wallet")
    expect(button).to_be_disabled()
    for script in held:
        script.continue_()
    button.click()
    expect(guest.locator("dialog.sheet-wallet")).to_be_visible(timeout=PATIENCE)


def ask_the_bot(guest: Page) -> tuple[Page, str]:
    """The chat with the bot as Ada sees it, and the number that her browser shows."""
    guest.get_by_role("button", name="Confirm in a chat with our bot").click()
    number = guest.locator("[data-number]").inner_text()
    with guest.expect_popup() as opened:
        guest.get_by_role("link", name="Open Telegram").click()
    chat = opened.value
    chat.get_by_role("button", name="Ada").click()
    expect(chat.get_by_role("heading")).to_contain_text(f"the number {number}")
    return chat, number


def test_by_a_yes_to_the_bot(guest: Page) -> None:
    chat, number = ask_the_bot(guest)
    expect(guest.get_by_text("The bot has asked.")).to_be_visible()
    chat.get_by_role("button", name=f"Yes, {number}").click()
    expect(guest.get_by_role("heading", name="Nordlys")).to_be_visible(timeout=PATIENCE)
    done = chat.get_by_text("Done. Go back to the page in your browser.")
    for _ in range(40):  # the bot takes its buttons away in its own time
        if done.count():
            break
        chat.wait_for_timeout(250)
        chat.reload()
    expect(done).to_be_visible()
    expect(chat.get_by_role("button", name=f"Yes, {number}")).to_have_count(0)


def test_not_me_ends_it(guest: Page) -> None:
    chat, _ = ask_the_bot(guest)
    chat.get_by_role("button", name="Not me").click()
    expect(guest.get_by_role("heading", name="This sign-in has ended")).to_be_visible()


def test_without_javascript_one_looks_again(guest: Page, shop: World) -> None:
    context = guest.context.browser.new_context(java_script_enabled=False)  # type: ignore[union-attr]
    try:
        plain = context.new_page()
        plain.goto(guest.url)
        chat, number = ask_the_bot(plain)
        chat.get_by_role("button", name=f"Yes, {number}").click()
        expect(plain.locator("[data-number]")).to_be_visible()
        plain.get_by_role("link", name="Check again").click()
        expect(plain.get_by_role("heading", name="Nordlys")).to_be_visible()
    finally:
        context.close()


@pytest.mark.parametrize("login", ["admin", "finance", "moderator"])
def test_a_newcomer_opens_the_desk_by_what_the_pages_show(
    open_page: OpenPage, shop: World, login: str
) -> None:
    enter_the_desk(open_page(DESKTOP), shop, login)


def test_the_code_is_typed_already_in_development(page: Page, shop: World) -> None:
    page.goto(f"{shop.environ['PUBLIC_URL']}/admin/payments/order/")
    page.locator("[name=username]").fill("finance")
    page.locator("[name=password]").fill("tonality-finance")
    page.locator("[name=password]").press("Enter")
    expect(page.locator("[name=code]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#changelist")).to_be_visible()
