"""A fan's settings, what is held of her, and the end of her account."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from deploy.local.world import World
from tests.e2e.books import wait_until
from tests.e2e.gallery import Gallery, heading
from tests.e2e.people import Fan, customer

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


def test_a_fan_chooses_takes_her_data_along_and_leaves(
    page: Page, shop: World, tmp_path: Path
) -> None:
    fan = Fan(page, shop, customer(shop, "Vera"))
    gallery = Gallery(page)
    fan.opens_the_app("settings")
    gallery.look("settings", heading(page, "Settings"))
    page.get_by_role("radio", name="Русский").check()
    expect(heading(page, "Настройки")).to_be_visible()
    page.get_by_role("radio", name="Тёмная").check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("radio", name="₽ RUB").check()
    chosen = {"language": "ru", "currency": "RUB", "theme": "dark", "shown": True}
    wait_until(
        lambda: fan.account.call("GET", "me")["preferences"] == chosen, "the choice at the server"
    )
    page.reload()
    expect(heading(page, "Настройки")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("radio", name="English").check()
    page.get_by_role("radiogroup", name="Theme").get_by_label("Automatic").check()

    page.goto(f"{fan.base}/app/referrals")
    gallery.look("referrals", heading(page, "How it works"))
    page.goto(f"{fan.base}/app/verify")
    gallery.look("verify", page.get_by_label("Artist or band"))
    page.goto(f"{fan.base}/app/sessions")
    gallery.look("sessions", page.get_by_text("This one"))
    page.goto(f"{fan.base}/app/privacy")
    gallery.look("privacy", heading(page, "What we keep"))

    with page.expect_download() as given:
        page.get_by_role("button", name="Download my data").click()
    given.value.save_as(tmp_path / "mine.json")
    mine = json.loads((tmp_path / "mine.json").read_text())
    assert mine["accounts"]["profile"]["first_name"] == "Vera"

    page.get_by_role("button", name="Delete the account").click()
    sheet = page.locator("dialog.sheet")
    delete = sheet.get_by_role("button", name="Delete for good")
    gallery.look("leaving", delete, whole=False)
    expect(delete).to_be_disabled()
    sheet.get_by_role("textbox").fill("delete")
    delete.click()
    expect(page.get_by_text("Your account is gone")).to_be_visible()
    again = customer(shop, "Vera", fan.account.telegram_id)
    assert again.call("GET", "me")["id"] != mine["accounts"]["profile"]["id"]
    assert gallery.problems == []
