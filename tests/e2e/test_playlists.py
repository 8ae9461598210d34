"""Two people and one playlist: made, shared by a link, and put in order by both at once."""

import re

from playwright.sync_api import Locator, Page, expect

from deploy.local.world import World
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.people import Fan, customer

TITLES = ".songs .list-main b"


def test_two_people_change_a_playlist_at_the_same_time(open_page: OpenPage, shop: World) -> None:
    noor = Fan(open_page(), shop)
    theo = Fan(open_page(DESKTOP, "dark"), shop, customer(shop, "Theo"))
    key = makes_a_playlist(noor, "Late ferries")
    fills(noor, key)
    token = invites(noor)
    theo.opens_the_app(f"join/{token}")
    theo.presses("Join")
    expect(theo.page.get_by_role("heading", level=1, name="Late ferries")).to_be_visible()

    for fan in (noor, theo):
        fan.page.get_by_role("button", name="Change the order").click()
    before = titles(noor.page)
    assert len(before) >= 4
    grip(noor.page, before[0]).press("ArrowDown")
    drags_to_the_top(theo.page, before[-1])
    noor.page.get_by_role("button", name=f"Take {before[1]} out").click()
    theo.page.get_by_role("button", name=f"Take {before[2]} out").click()

    entries = theo.page.locator(TITLES)
    expect(entries).to_have_count(len(before) - 2)
    expect(noor.page.locator(TITLES)).to_have_count(len(before) - 2)
    kept = [
        one["track"]["title"] for one in noor.account.call("GET", f"playlists/{key}")["entries"]
    ]
    assert sorted([*kept, before[1], before[2]]) == sorted(before)
    assert kept[0] == before[-1]
    for fan in (noor, theo):
        expect(fan.page.locator(TITLES)).to_have_text([re.compile(re.escape(one)) for one in kept])

    noor.page.get_by_role("button", name="Put it back").click()
    expect(entries).to_have_count(len(before) - 1)
    theo.page.get_by_role("button", name="Done").click()
    theo.page.get_by_role("button", name=f"Like {before[0]}").click()
    theo.page.goto(f"{theo.base}/app/library")
    theo.page.get_by_role("radio", name="Liked").check()
    expect(theo.page.locator(TITLES)).to_have_text([re.compile(re.escape(before[0]))])


def makes_a_playlist(fan: Fan, title: str) -> str:
    """Out of a track's row on a drop's page; the playlist's id."""
    fan.opens_the_app()
    fan.page.locator("main a[href^='/app/drops/']").first.click()
    fan.page.get_by_role("button", name="Add to a playlist: ").first.click()
    fan.page.get_by_role("button", name="New playlist").click()
    fan.page.get_by_label("Title").fill(title)
    fan.presses("Create")
    expect(fan.page.get_by_role("dialog")).to_have_count(0)
    return str(fan.account.call("GET", "playlists")["results"][0]["id"])


def fills(fan: Fan, key: str) -> None:
    """With the first track of every drop; then opens it from the library."""
    drops = fan.account.call("GET", "drops?limit=6")["results"]
    pages = [fan.account.call("GET", f"drops/{one['id']}") for one in drops]
    tracks = [page["release"]["tracks"][0]["id"] for page in pages]
    fan.account.call("POST", f"playlists/{key}/entries", {"tracks": tracks})
    fan.page.goto(f"{fan.base}/app/library")
    fan.page.get_by_role("radio", name="Playlists").check()
    fan.page.get_by_role("link", name="Late ferries").click()
    expect(fan.page.get_by_role("heading", level=1, name="Late ferries")).to_be_visible()


def invites(fan: Fan) -> str:
    """Opens the invitation, and reads its secret off the link."""
    fan.page.get_by_role("button", name="People and link").click()
    fan.page.get_by_role("button", name="Invite to edit").click()
    link = fan.page.get_by_role("dialog").locator(".mono").inner_text()
    fan.page.get_by_role("button", name="Close").click()
    found = re.search(r"[0-9a-f]{40}", link)
    assert found, link
    return found[0]


def titles(page: Page) -> list[str]:
    return [text.split("\n")[-1].strip() for text in page.locator(TITLES).all_inner_texts()]


def grip(page: Page, title: str) -> Locator:
    return page.get_by_role("button", name=f"Move {title}.")


def drags_to_the_top(page: Page, title: str) -> None:
    """By hand, as far up as it goes."""
    held = grip(page, title)
    held.scroll_into_view_if_needed()
    box, top = held.bounding_box(), page.locator(".songs").bounding_box()
    assert box
    assert top
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(box["x"] + 10, top["y"] + 8, steps=8)
    page.mouse.up()
