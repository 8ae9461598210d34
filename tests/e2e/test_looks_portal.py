"""The artists' screens: forms, drafts with tracks in every state, drops; see test_looks."""

import json
import subprocess
import sys

import pytest
from playwright.sync_api import Page, expect

from deploy.local.process import ROOT
from deploy.local.world import World
from tests.e2e.gallery import Gallery, heading

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]


@pytest.fixture
def gallery(page: Page) -> Gallery:
    return Gallery(page)


@pytest.fixture(scope="module")
def drafts(shop: World) -> dict[str, str]:
    """Ada's drafts: empty, with a track in each state, and one that waits for its button."""
    command = [sys.executable, "-m", "tests.e2e.draft_release", "states"]
    done = subprocess.run(command, cwd=ROOT, env=shop.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    made: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return made


def test_the_portal_fits(gallery: Gallery, shop: World) -> None:
    page = gallery.page
    page.goto(f"{shop.environ['PUBLIC_URL']}/portal/")
    gallery.look("portal-login", heading(page, "Publish your music"))
    page.locator(".card", has_text="Ada").get_by_role("button", name="Sign in").click()
    gallery.look("portal-home", heading(page, "Nordlys"))
    home = page.url
    for screen, release in (("portal-drop", "Harbour Lights"), ("portal-terms", "Quiet Hour")):
        page.goto(home)
        page.locator("tr", has_text=release).get_by_role("link").click()
        gallery.look(screen, heading(page, release))
    assert gallery.problems == []


def test_drafts_fit(gallery: Gallery, shop: World, drafts: dict[str, str]) -> None:
    page, base = gallery.page, shop.environ["PUBLIC_URL"]
    page.goto(f"{base}/portal/")
    page.locator(".card", has_text="Mira").get_by_role("button", name="Sign in").click()
    gallery.look("portal-nobody", page.get_by_text("No artist page yet"))
    page.get_by_role("link", name="Make an artist page").click()
    gallery.look("portal-artist-new", heading(page, "Who makes the music?"))
    page.get_by_role("button", name="Sign out").click()
    page.goto(f"{base}/portal/")
    page.locator(".card", has_text="Ada").get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Edit the page of Nordlys").click()
    gallery.look("portal-artist", heading(page, "Nordlys"))
    page.goto(f"{base}/portal/")
    page.get_by_role("link", name="New release of Nordlys").click()
    gallery.look("portal-release-new", heading(page, "A new release"))
    for name, release in drafts.items():
        page.goto(f"{base}/portal/releases/{release}/draft")
        gallery.look(f"portal-draft-{name}", page.locator("#wants"))
    page.get_by_role("button", name="Publish").click()
    gallery.look("portal-published", page.get_by_text("is published. Now set its terms."))
    assert gallery.problems == []


def test_a_preview_is_placed_by_keyboard(page: Page, shop: World, drafts: dict[str, str]) -> None:
    page.goto(f"{shop.environ['PUBLIC_URL']}/portal/")
    page.locator(".card", has_text="Ada").get_by_role("button", name="Sign in").click()
    page.goto(f"{shop.environ['PUBLIC_URL']}/portal/releases/{drafts['full']}/draft")
    slider = page.get_by_role("slider", name="Where the preview of First Light begins")
    slider.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "0:03 to 0:33")
    expect(page.get_by_text("Preview: 0:03 to 0:33")).to_be_visible()
    page.get_by_role("button", name="Move First Light down").click()
    expect(page.locator(".studio-track").nth(1)).to_contain_text("First Light")
    expect(page.get_by_role("button", name="Move First Light down")).to_be_focused()
