"""A release of two people: agreed to in two browsers, deployed by one signature, paid to both."""

import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from deploy.local.process import ROOT
from deploy.local.world import World
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.gallery import Gallery
from tests.e2e.people import PATIENCE, DevelopmentWallet, connect_development_wallet

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
TITLE = "Two Hands"


def behind(shop: World, *words: str) -> None:
    """Something that no page of this test does."""
    command = [sys.executable, "-m", "tests.e2e.shared_release", *words]
    done = subprocess.run(command, cwd=ROOT, env=shop.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def signed_in(page: Page, shop: World, name: str, path: str) -> Page:
    page.goto(f"{shop.environ['PUBLIC_URL']}{path}")
    page.locator(".card", has_text=name).get_by_role("button", name="Sign in").click()
    return page


def agree(page: Page) -> None:
    """With the development wallet of the page's browser."""
    page.get_by_role("button", name="Connect").first.click()
    connect_development_wallet(page)
    page.get_by_role("button", name="I agree to these shares").click()
    expect(page.get_by_text("You agreed.")).to_be_visible()


def test_two_people_share_a_drop(open_page: OpenPage, shop: World) -> None:
    behind(shop, "publish", TITLE)
    ada = signed_in(open_page(DESKTOP), shop, "Ada", "/portal/")
    ada.get_by_role("row", name=TITLE).get_by_role("link").click()
    ada.get_by_role("link", name="Made with others?").click()
    ada.get_by_label("Your share").fill("70")
    ada.get_by_label("Who").first.fill("Mira")
    ada.get_by_label("Share, %").nth(1).fill("29.5")
    ada.get_by_role("button", name="Save the shares").click()
    expect(ada.get_by_role("alert")).to_contain_text("99.50 %")
    ada.get_by_label("Share, %").nth(1).fill("30")
    ada.get_by_role("button", name="Save the shares").click()
    link = ada.get_by_label("Link for Mira").input_value()

    gallery = Gallery(ada)
    gallery.look("portal-split", ada.get_by_label("Link for Mira"))
    path = link.removeprefix(shop.environ["PUBLIC_URL"])
    mira = signed_in(open_page(DESKTOP), shop, "Mira", path)
    hers = Gallery(mira)
    hers.look("portal-join", mira.get_by_role("button", name="This is me"))
    mira.get_by_role("button", name="This is me").click()
    agree(mira)
    hers.look("portal-share", mira.get_by_text("You agreed."))

    ada.reload()
    ada.get_by_role("link", name="Confirm your own share").click()
    agree(ada)
    ada.goto(f"{shop.environ['PUBLIC_URL']}/portal/")
    ada.get_by_role("row", name=TITLE).get_by_role("link").click()
    ada.get_by_label("Price of one edition").fill("2")
    ada.get_by_role("button", name="Prepare the drop").click()
    ada.get_by_text("What exactly is signed").click()
    expect(ada.get_by_text("deploys our splitter", exact=True)).to_be_visible()
    gallery.look("portal-deploy", ada.get_by_text("deploys our splitter", exact=True))
    wallet = DevelopmentWallet(ada)
    ada.get_by_role("button", name="Deploy with my wallet").click()
    wallet.press("Confirm")
    expect(ada.get_by_text("Live: fans can collect it now")).to_be_visible(timeout=PATIENCE)

    behind(shop, "buy", TITLE)
    mira.reload()
    expect(mira.get_by_text("Holds now")).to_be_visible()
    hers.look("portal-splitter", mira.get_by_role("button", name="Share it out with my wallet"))
    mira.get_by_role("button", name="Share it out with my wallet").click()
    DevelopmentWallet(mira).press("Confirm")
    expect(mira.locator("[data-progress]")).not_to_be_empty()
    button = mira.get_by_role("button", name="Share it out with my wallet")
    for _ in range(10):
        mira.wait_for_timeout(1_000)
        mira.reload()
        if not button.count():
            break
    expect(button).to_have_count(0)

    behind(shop, "earn")
    ada.goto(f"{shop.environ['PUBLIC_URL']}/portal/earnings")
    expect(ada.get_by_text("482.5 USD").first).to_be_visible()
    gallery.look("portal-earnings", ada.get_by_role("heading", name="Statements"))
    with ada.expect_download() as download:
        ada.get_by_role("link", name="CSV").first.click()
    assert download.value.suggested_filename.startswith("S-")
    assert gallery.problems + hers.problems == []
