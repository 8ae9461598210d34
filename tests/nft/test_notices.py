"""Followers hear of drops, holders of what leaves their wallets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from catalog.models import Artist, Follow
from nft import notices
from nft.models import Collection, Item
from nft.services.ownership import _record
from notices.models import Broadcast, Notice
from notices.services import choices_set
from tests import people
from tests.nft import drops

pytestmark = pytest.mark.django_db


@pytest.fixture
def drop(settings: Settings, tmp_path: Any) -> Collection:
    settings.MEDIA_ROOT = str(tmp_path)
    made = drops.live(drops.artist(), "Night Train")
    Collection.objects.update(starts_at=timezone.now() - timedelta(minutes=1))
    return made


def follower(name: str, artist: Artist, number: int, *kinds: str) -> User:
    user = people.person(name)
    User.objects.filter(pk=user.pk).update(telegram_id=number, bot_access="allowed")
    Follow.objects.create(user=user, artist=artist)
    choices_set(user=user, on=dict.fromkeys(kinds, True))
    return user


def tell() -> list[tuple[str, str]]:
    """Beats until nothing is left; who was told of which kind."""
    for _ in range(6):
        notices.drops_tell(now=timezone.now())
    return list(Notice.objects.order_by("kind", "user__login").values_list("kind", "user__login"))


def test_followers_who_asked_hear_of_a_drop_once(drop: Collection) -> None:
    artist = drop.release.artist
    follower("fan", artist, 1, "drop")
    follower("collector", artist, 2)  # asked for nothing
    other = drops.artist("Somebody Else")
    follower("stranger", other, 3, "drop")
    assert tell() == tell() == [("drop", "fan")]
    notice = Notice.objects.get()
    assert notice.values == {"artist": "Nordlys", "title": "Night Train", "total": drop.max_supply}
    assert notice.link == f"drops/{drop.pk}"


def test_a_drop_that_has_not_begun_is_told_when_it_does(drop: Collection) -> None:
    follower("fan", drop.release.artist, 1, "drop")
    later = timezone.now() + timedelta(hours=1)
    Collection.objects.update(starts_at=later)
    assert tell() == []
    assert not Broadcast.objects.exists()
    Collection.objects.update(starts_at=timezone.now())
    assert tell() == [("drop", "fan")]


@pytest.mark.parametrize("what", ["old", "paused", "hidden", "over"])
def test_what_is_no_news_or_not_to_be_seen_is_told_nobody(drop: Collection, what: str) -> None:
    follower("fan", drop.release.artist, 1, "drop")
    now, old = timezone.now(), timezone.now() - timedelta(days=2)
    changes: dict[str, dict[str, Any]] = {
        "old": {"starts_at": old, "live_at": old},
        "paused": {"paused": True},
        "hidden": {},
        "over": {"ends_at": now},
    }
    if changes[what]:
        Collection.objects.update(**changes[what])
    else:
        Artist.objects.update(status="hidden")
    assert tell() == []


def test_a_crowd_is_told_page_by_page(drop: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "FOLLOWERS", 2)
    for number in range(5):
        follower(f"fan{number}", drop.release.artist, 10 + number, "drop")
    assert len(tell()) == 5
    assert Broadcast.objects.get(kind="drop").told == 5


def test_followers_hear_that_the_last_edition_is_gone(drop: Collection) -> None:
    follower("fan", drop.release.artist, 1, "sold_out")
    drops.mint(drop, 1, people.address_of("collector"))
    assert tell() == []
    Collection.objects.update(max_supply=1, minted=1, hub_quota=0)
    assert tell() == tell() == [("sold_out", "fan")]


def test_a_holder_hears_that_an_edition_has_left_the_wallet(drop: Collection) -> None:
    holder = follower("fan", drop.release.artist, 1, "moved")
    wallet = people.wallet_of(holder)
    drops.mint(drop, 1, wallet.address)
    item = Item.objects.get()
    _record(item, wallet.address)
    assert not Notice.objects.exists()  # it is where it was
    _record(item, people.address_of("collector"))
    assert Notice.objects.get().values == {"title": "Night Train", "edition": 1}
    _record(Item.objects.get(), people.address_of("stranger"))
    assert Notice.objects.count() == 1  # nobody of ours held it
