"""Every screen of the fan in Telegram: phone and desk, light and dark, English and Russian."""

import pytest
from playwright.sync_api import Page, expect

from deploy.local.customer import Customer
from deploy.local.world import World
from tests.e2e.gallery import Gallery
from tests.e2e.people import Fan, drop_titled, owner_of

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]

TITLE = "Hollow Lanes"


@pytest.fixture(scope="module")
def owner(shop: World) -> Customer:
    """Somebody with an edition, likes, follows and a playlist."""
    person = owner_of(shop, TITLE)
    drop = person.call("GET", f"drops/{drop_titled(person, TITLE)['id']}")
    tracks = [track["id"] for track in drop["release"]["tracks"]]
    for track in tracks:
        person.call("PUT", f"tracks/{track}/like", {})
    person.call("PUT", f"artists/{drop['release']['artist']['slug']}/follow", {})
    words = {"title": "For the long way home"}
    playlist = person.call("POST", "playlists", words, Idempotency_Key="looks-playlist")
    added = f"playlists/{playlist['id']}/entries"
    person.call("POST", added, {"tracks": tracks}, Idempotency_Key="looks-entries")
    return person


@pytest.fixture
def gallery(page: Page) -> Gallery:
    return Gallery(page)


def everything_of(gallery: Gallery, fan: Fan, name: str) -> None:
    drop = drop_titled(fan.account, TITLE)
    release = fan.account.call("GET", f"drops/{drop['id']}")["release"]
    [item] = fan.account.call("GET", "items")["results"]
    [playlist] = fan.account.call("GET", "playlists")["results"]
    page, main = gallery.page, gallery.page.locator("main")
    for screen, path in (
        ("home", ""),
        ("search", "search"),
        ("found", "search?q=hollow"),
        ("nothing-found", "search?q=qqqqqq"),
        ("track", f"tracks/{release['tracks'][0]['id']}"),
        ("release", f"releases/{release['id']}"),
        ("artist", f"artists/{release['artist']['slug']}"),
        ("library", "library"),
        ("playlist", f"playlists/{playlist['id']}"),
        ("certificate", f"certificate/{item['address']}"),
        ("leaders", f"leaders/{drop['id']}"),
        ("history", "history"),
        ("settings", "settings"),
        ("notifications", "notifications"),
        ("sessions", "sessions"),
        ("privacy", "privacy"),
        ("referrals", "referrals"),
        ("verify", "verify"),
    ):
        page.goto(f"{fan.base}/app/{path}")
        gallery.look(f"{name}-{screen}", main.locator("h1, h2, input").first)


def test_the_fans_screens_fit(gallery: Gallery, shop: World, owner: Customer) -> None:
    fan = Fan(gallery.page, shop, owner)
    fan.opens_the_app()
    everything_of(gallery, fan, "fan")
    assert gallery.problems == []


def test_in_russian_they_fit_as_well(gallery: Gallery, shop: World, owner: Customer) -> None:
    owner.call("PATCH", "me", {"language": "ru"})
    fan = Fan(gallery.page, shop, owner)
    fan.opens_the_app()
    expect(gallery.page.get_by_role("link", name="Поиск").first).to_be_visible()
    everything_of(gallery, fan, "ru")
    assert gallery.problems == []
