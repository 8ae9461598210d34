"""Who hears what, in a browser: a stranger the preview, the holder all of it, until it is sold on.

SHOTS=<folder> keeps pictures of the player.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Response, Route, expect
from pytoniq_core.boc.address import Address

from contracts import item as contract
from core.ton.addresses import parse
from deploy.local.customer import Customer, Refused
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.wallet import Outgoing
from deploy.local.world import World
from tests.e2e.books import PATIENCE, Books
from tests.e2e.conftest import OpenPage
from tests.e2e.gallery import Gallery
from tests.e2e.people import Fan, customer, drop_titled

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(300)]
COIN = 10**9
TITLE = "Hollow Lanes"
# Plays of headless browsers do not count; this one stands for a person's.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36"
PARTS = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
SLOW = {"offline": False, "latency": 5, "downloadThroughput": 60_000, "uploadThroughput": -1}


class Sound:
    """What a page's player asks for: links, and bytes by those links."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.parts: list[Response] = []
        self.told: list[dict[str, Any]] = []
        page.set_extra_http_headers({"User-Agent": BROWSER})
        page.on("response", self._note)

    def _note(self, response: Response) -> None:
        if "/media/" in response.url:
            self.parts.append(response)

    @contextmanager
    def slow(self) -> Iterator[None]:
        """A connection on which music arrives not much faster than it is heard."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Network.emulateNetworkConditions", SLOW)
        yield
        session.send("Network.emulateNetworkConditions", SLOW | {"downloadThroughput": -1})

    def plays(self, name: str, badge: str) -> None:
        """Press the track; the player says what it is, and it moves."""
        track = self.page.locator("button.track", has_text=name)
        with self.page.expect_response(re.compile(r"/stream\?")) as answer:
            track.click()
        self.told.append(answer.value.json())
        expect(self.page.locator(".mini small")).to_contain_text(badge, timeout=PATIENCE * 1000)
        expect(track).to_have_attribute("aria-pressed", "true")

    def opens(self) -> Locator:
        """The full player; its slider."""
        self.page.get_by_role("button", name="Open the player").click()
        return self.page.get_by_role("slider", name="Position in the track")

    def ranges(self) -> list[tuple[int, int, int]]:
        """(first, last, size) of every part that came, in order."""
        found = [PARTS.fullmatch(part.headers.get("content-range", "")) for part in self.parts]
        return [(int(one[1]), int(one[2]), int(one[3])) for one in found if one]


@pytest.fixture(scope="module")
def holder(shop: World) -> Customer:
    """Somebody who has just collected an edition."""
    person = customer(shop, "Noor")
    person.link_wallet()
    person.fund(20 * COIN)
    order = person.order(drop_titled(person, TITLE)["id"])
    person.sign(order["attempts"][0]["transaction"])
    assert person.wait_for_order(order["id"], PATIENCE)["state"] == "fulfilled"
    return person


def first_track(person: Customer) -> dict[str, Any]:
    drop = person.call("GET", f"drops/{drop_titled(person, TITLE)['id']}")
    return dict(drop["release"]["tracks"][0])


def edition(person: Customer) -> str:
    return str(person.call("GET", "items")["results"][0]["address"])


def slid(slider: Locator) -> float:
    return float(slider.input_value())


def test_a_stranger_hears_the_preview_and_is_refused_the_rest(
    open_page: OpenPage, shop: World
) -> None:
    stranger = customer(shop, "Stranger")
    track = first_track(stranger)
    assert track["full"] == "holders"
    with pytest.raises(Refused) as refused:
        stranger.call("GET", f"tracks/{track['id']}/download")
    assert (refused.value.status, refused.value.code) == (403, "no_wallet")

    page = open_page()
    sound = Sound(page)
    page.goto(f"{shop.environ['PUBLIC_URL']}/app/drops/{drop_titled(stranger, TITLE)['id']}")
    sound.plays(track["title"], "Preview")
    assert (sound.told[0]["access"], sound.told[0]["reason"]) == ("preview", "guest")
    slider = sound.opens()
    expect(page.locator(".player-state")).to_contain_text("Preview: 30 s")
    assert float(slider.get_attribute("max") or 0) == pytest.approx(track["duration_ms"] / 1000)
    needed = sound.told[0]["play_after_ms"] / 1000
    heard = re.compile(f"{track['id']}/plays$")
    with page.expect_response(heard, timeout=(needed + 30) * 1000) as answer:
        pass
    assert answer.value.json() == {"counted": True, "reason": "counted"}
    assert first_track(stranger)["plays"] >= 1


def answering(told: dict[str, Any]) -> Callable[[Route], None]:
    return lambda route: route.fulfill(json=told)


def test_the_player_in_all_its_states(open_page: OpenPage, shop: World, holder: Customer) -> None:
    page = open_page()
    gallery, fan = Gallery(page), Fan(page, shop, holder)
    player = page.locator("dialog.sheet-player")

    fan.opens_the_app(f"items/{edition(holder)}")
    track = first_track(holder)["title"]
    gallery.look("listening-edition", page.locator(".track-kept"))
    sound = Sound(page)
    sound.plays(track, "Full track")
    gallery.look("listening-row", page.locator(".track-on"))
    sound.opens()
    gallery.look("listening-full", player.get_by_text("You hold an edition"), whole=False)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Close").click()

    # What the chain may do, and the line: told by answers, and by none.
    for name, reason in (("unknown", "ownership_unknown"), ("preview", "not_holder")):
        answer = sound.told[0] | {"access": "preview", "reason": reason, "preview_start_ms": 14_000}
        page.route(re.compile(r"/stream\?"), answering(answer))
        sound.plays(track, "Preview")
        sound.opens()
        gallery.look(f"listening-{name}", player.locator(".player-badge"), whole=False)
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Close").click()
        page.unroute(re.compile(r"/stream\?"))
    page.context.set_offline(True)
    page.locator("button.track", has_text=track).click()
    page.get_by_role("button", name="Open the player").click()
    gallery.look("listening-offline", player.get_by_text("You are offline"), whole=False)
    page.context.set_offline(False)
    expect(player.get_by_text("You hold an edition")).to_be_visible()
    assert gallery.problems == []


def test_the_holder_seeks_in_the_whole_track_until_it_is_given_away(
    open_page: OpenPage, shop: World, holder: Customer
) -> None:
    page, track = open_page(), first_track(holder)
    sound, fan = Sound(page), Fan(page, shop, holder)
    address = edition(holder)
    fan.opens_the_app(f"items/{address}")
    expect(page.get_by_role("heading", name="Yours to hear")).to_be_visible()
    with sound.slow():
        sound.plays(track["title"], "Full track")
        assert (sound.told[0]["access"], sound.told[0]["reason"]) == ("full", "holder")
        slider = sound.opens()
        expect(slider).not_to_have_value("0")

        box = slider.bounding_box()
        assert box is not None
        for part in (0.8, 0.3, 0.6):  # by mouse, ahead of what has arrived and back
            page.mouse.click(box["x"] + box["width"] * part, box["y"] + box["height"] / 2)
            expect(page.locator(".player-state")).to_contain_text("You hold an edition")
            assert slid(slider) == pytest.approx(track["duration_ms"] / 1000 * part, abs=4)
        before = slid(slider)
        slider.press("ArrowRight")
        assert slid(slider) == pytest.approx(before + 5, abs=2)

    (size,) = Books(shop).ask(
        "SELECT a.size FROM catalog_track t JOIN media_recording r ON r.id = t.recording_id"
        " JOIN media_asset a ON a.id = r.aac_id WHERE t.id = %s",
        track["id"],
    )
    assert {one.status for one in sound.parts} == {206}
    parts = sound.ranges()
    assert len(parts) == len(sound.parts) >= 2
    assert all(last < size and whole == size for _, last, whole in parts)
    assert any(first > size // 2 for first, _, _ in parts)  # the jump asked for its own bytes

    page.keyboard.press("Escape")
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download the master of {track['title']}").click()
    assert download.value.suggested_filename.endswith(f"{track['title']}.flac")

    given_away(shop, holder, address)
    page.reload()
    sound.plays(track["title"], "Preview")
    assert (sound.told[-1]["access"], sound.told[-1]["reason"]) == ("preview", "not_holder")
    with pytest.raises(Refused) as refused:
        holder.call("GET", f"tracks/{track['id']}/download")
    assert (refused.value.status, refused.value.code) == (403, "not_holder")


def given_away(shop: World, holder: Customer, address: str) -> None:
    """To a wallet that the shop does not know; nobody tells the shop."""
    network = NetworkClient(shop.environ["TON_ENDPOINTS"])
    body = contract.transfer_body(new_owner=Address("0:" + "5e" * 32), response=None)
    message = Outgoing(parse(address), contract.transfer_value(), body)
    network.wait_for_message(holder.wallet.transfer(network, [message]).hash)
    track = first_track(holder)["id"]
    end = time.monotonic() + PATIENCE
    while holder.call("GET", f"tracks/{track}/stream")["access"] == "full":
        assert time.monotonic() < end, "the transfer did not arrive"
        time.sleep(0.2)


def test_a_link_that_ended_is_renewed_where_it_was(open_page: OpenPage, shop: World) -> None:
    """The link is refused in the middle of the track; the player asks for another and goes on."""
    page = open_page()
    sound = Sound(page)
    someone = customer(shop, "Iris")
    track = first_track(someone)
    page.goto(f"{shop.environ['PUBLIC_URL']}/app/drops/{drop_titled(someone, TITLE)['id']}")
    refusals = iter([True])

    def ended(route: Any) -> None:
        if next(refusals, False):
            route.fulfill(status=403, content_type="application/problem+json", body="{}")
        else:
            route.fallback()

    page.route(re.compile("/media/"), ended)
    sound.plays(track["title"], "Preview")
    slider = sound.opens()
    expect(slider).not_to_have_value("0")
    assert page.locator(".player-trouble").count() == 0
