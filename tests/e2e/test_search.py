"""Somebody looks for music: types with a slip, narrows it down, hears it, and comes back."""

import re

from playwright.sync_api import expect

from deploy.local.world import World
from tests.e2e.conftest import OpenPage


def test_a_fan_finds_a_track_with_a_slip_and_comes_back_to_the_search(
    shop: World, open_page: OpenPage
) -> None:
    page = open_page()
    page.goto(f"{shop.environ['PUBLIC_URL']}/app/")
    page.get_by_role("navigation").get_by_role("link", name="Search").last.click()
    field = page.get_by_role("searchbox", name="Search")
    field.fill("harbuor lihgts")
    results = page.locator(".entries")
    expect(results.get_by_text("Harbour Lights").first).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=harbuor\+lihgts"))

    field.fill("нордлис")
    expect(results.get_by_text("Artist", exact=True).first).to_be_visible()
    page.get_by_role("button", name="Tracks", exact=True).click()
    expect(results.get_by_text("Artist", exact=True)).to_have_count(0)
    track = results.locator(".entry-main").first
    title = track.locator("b").inner_text()
    track.click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()

    page.go_back()
    expect(field).to_have_value("нордлис")
    expect(page.get_by_role("button", name="Tracks", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(page.get_by_role("button", name="нордлис", exact=True)).to_be_visible()
