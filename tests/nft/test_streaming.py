"""Who hears what of a track, told by the chain; links, the master to keep, and its bytes."""

from __future__ import annotations

import io
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from catalog import services as catalog
from catalog.media.models import Asset, Recording
from catalog.media.services import recording_made, recording_store
from catalog.media.serving import file_name
from catalog.models import Artist, Track
from core.ton.addresses import friendly
from nft import streaming
from nft.models import Collection, Item
from nft.services import items_record
from nft.streaming import MAX_READS
from tests import people
from tests.catalog.people import artist_of, draft, person, staff, wallet
from tests.nft.conftest import Ton
from tests.nft.drops import address, artist, live, mint
from tests.nft.onchain import bought, deployed, handed_over, until

pytestmark = pytest.mark.django_db
NOBODY = "http://127.0.0.1:9/api/v2/"
WHOLE = b"Harbour Lights whole. " * 50
PREVIEW = b"Harbour Lights preview"


@pytest.fixture
def nordlys() -> Artist:
    return artist()


def asked(
    track: Track, user: User | None = None, verb: str = "stream", status: int = 200, **query: str
) -> dict[str, Any]:
    answer = people.api(user).get(f"/api/v1/tracks/{track.pk}/{verb}", query)
    assert answer.status_code == status, answer.content
    assert status != 200 or answer["Cache-Control"] == "private, no-store"
    return dict(answer.json())


def track_of(drop: Collection) -> Track:
    return drop.release.tracks.get()


def heard(url: str, part: str = "") -> bytes:
    headers = {"Range": part} if part else {}
    return bytes(Client().get(url, headers=headers).getvalue())


def is_preview(told: dict[str, Any], reason: str) -> None:
    assert (told["access"], told["reason"], told["download"]) == ("preview", reason, False)
    assert told["detail"].startswith("This is the preview")
    assert heard(told["url"]) == PREVIEW


# --- who hears what -----------------------------------------------------------------------------


def test_everyone_hears_the_preview(nordlys: Artist) -> None:
    drop = live(nordlys)
    is_preview(asked(track_of(drop)), "guest")
    fan = person("fan")
    is_preview(asked(track_of(drop), fan), "no_wallet")
    wallet(fan, address("fan"))
    is_preview(asked(track_of(drop), fan), "not_holder")


def test_the_holder_hears_it_all_until_the_edition_is_given_away(ton: Ton, nordlys: Artist) -> None:
    drop = deployed(ton, nordlys)
    bought(ton, drop, 1)
    (edition,) = items_record(
        collection=drop, first_index=0, quantity=1, owner="", minted_at=timezone.now()
    )
    fan, other = person("fan"), person("other")
    wallet(fan, ton.fan.address)
    wallet(other, ton.artist.address)
    Item.objects.update(owner=ton.fan.address)
    until(lambda: ton.client.is_active(edition.address))
    track = track_of(drop)

    told = asked(track, fan)
    assert (told["access"], told["reason"], told["download"]) == ("full", "holder", True)
    assert told["content_type"] == "audio/mp4"
    assert (heard(told["url"]), heard(told["url"], "bytes=100-199")) == (WHOLE, WHOLE[100:200])
    is_preview(asked(track, other), "not_holder")

    kept = asked(track, fan, "download")
    saved = Client().get(kept["url"])
    assert saved["Content-Disposition"] == 'attachment; filename="Nordlys - 01 First Crossing.flac"'
    assert saved.getvalue() == b"Harbour Lights master"

    handed_over(ton, edition, ton.fan, ton.artist)
    until(lambda: asked(track, fan)["access"] == "preview")
    is_preview(asked(track, fan), "not_holder")
    assert asked(track, fan, "download", 403)["code"] == "not_holder"
    edition.refresh_from_db()
    assert edition.owner == ton.artist.address  # what was read is also recorded
    assert asked(track, other)["access"] == "full"


def test_an_edition_that_we_have_in_other_hands_is_named_by_its_holder(
    ton: Ton, nordlys: Artist
) -> None:
    """Bought on a market a minute ago: our record is a day old at most."""
    drop = deployed(ton, nordlys)
    bought(ton, drop, 1)
    now = timezone.now()
    (edition,) = items_record(
        collection=drop, first_index=0, quantity=1, owner=address("seller"), minted_at=now
    )
    until(lambda: ton.client.is_active(edition.address))
    fan = person("fan")
    wallet(fan, ton.fan.address)
    is_preview(asked(track_of(drop), fan), "not_holder")
    assert asked(track_of(drop), fan, item=friendly(edition.address))["access"] == "full"
    is_preview(asked(track_of(drop), person("stranger"), item=edition.address), "no_wallet")
    assert asked(track_of(drop), fan)["access"] == "full"  # from here on it is known


def test_when_no_source_answers_nobody_gets_more_than_the_preview(
    nordlys: Artist, settings: Settings
) -> None:
    settings.TON_ENDPOINTS = [NOBODY]
    drop = live(nordlys)
    fan = person("fan")
    wallet(fan, address("fan"))
    mint(drop, 1, address("fan"))
    before = Item.objects.values().get()
    is_preview(asked(track_of(drop), fan), "ownership_unknown")
    refused = asked(track_of(drop), fan, "download", 503)
    assert refused["code"] == "ownership_unknown"
    assert Item.objects.values().get() == before


def test_an_edition_that_does_not_answer_yet_is_unknown(ton: Ton, nordlys: Artist) -> None:
    drop = live(nordlys)
    fan = person("fan")
    wallet(fan, ton.fan.address)
    mint(drop, 1, ton.fan.address)
    is_preview(asked(track_of(drop), fan), "ownership_unknown")


def test_few_editions_are_asked_however_many_one_has(
    nordlys: Artist, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop = live(nordlys)
    fan = person("fan")
    wallet(fan, address("fan"))
    mint(drop, 40, address("fan"))
    reads: list[Item] = []

    def read(*, item: Item) -> str:
        reads.append(item)
        return address("somebody else")

    monkeypatch.setattr(streaming, "item_owner_read", read)
    is_preview(asked(track_of(drop), fan), "not_holder")
    assert len(reads) == MAX_READS


def test_an_open_track_is_for_everyone(nordlys: Artist) -> None:
    track = open_track(nordlys)
    told = asked(track)
    assert (told["access"], told["reason"], told["detail"]) == (
        "full",
        "open",
        "The artist lets everyone hear this track.",
    )
    assert heard(told["url"]) == b"open whole"
    assert heard(asked(track, None, "download")["url"]) == b"open master"


def open_track(of: Artist) -> Track:
    release = draft(of, "Open Water")
    made = recording_made(
        artist=of.pk,
        access=Asset.Access.OPEN,
        files={
            "master": (io.BytesIO(b"open master"), "audio/wav"),
            "aac": (io.BytesIO(b"open whole"), "audio/mp4"),
            "preview": (io.BytesIO(b"open preview"), "audio/mp4"),
        },
        facts={"duration_ms": 90_000},
    )
    track = catalog.track_add(actor=of.owner, release=release, title="Free", recording=made)
    catalog.release_publish(actor=of.owner, release=release)
    return track


def test_a_draft_and_an_unknown_track_are_not_there(nordlys: Artist) -> None:
    hidden = draft(nordlys).tracks.get()
    for verb in ("stream", "download"):
        assert asked(hidden, nordlys.owner, verb, 404)["code"] == "not_found"
        assert asked(Track(pk=uuid4()), None, verb, 404)["code"] == "not_found"


@pytest.mark.parametrize("how", ["withdrawn", "hidden"])
def test_what_left_the_shop_plays_on_for_its_holders(
    ton: Ton, nordlys: Artist, settings: Settings, how: str
) -> None:
    drop = deployed(ton, nordlys)
    bought(ton, drop, 1)
    now = timezone.now()
    (edition,) = items_record(
        collection=drop, first_index=0, quantity=1, owner=ton.fan.address, minted_at=now
    )
    until(lambda: ton.client.is_active(edition.address))
    fan = person("fan")
    wallet(fan, ton.fan.address)
    if how == "withdrawn":
        catalog.release_withdraw(actor=nordlys.owner, release=drop.release, reason="tour")
    else:
        boss = staff("boss", "catalog.change_artist")
        catalog.artist_status_set(
            actor=boss, artist=nordlys, status=Artist.Status.HIDDEN, reason="a claim"
        )
    track = track_of(drop)
    assert asked(track, None, "stream", 404)["code"] == "not_found"
    assert asked(track, person("stranger"), "download", 404)["code"] == "not_found"
    assert asked(track, fan)["access"] == "full"
    page = people.api().get(f"/api/v1/items/{friendly(edition.address)}").json()
    assert [(one["id"], one["preview_url"]) for one in page["tracks"]] == [(str(track.pk), None)]
    settings.TON_ENDPOINTS = [NOBODY]
    is_preview(asked(track, fan), "ownership_unknown")


# --- what is played -----------------------------------------------------------------------------


def test_a_player_chooses_its_encoding_and_gets_the_other_where_there_is_one(
    nordlys: Artist,
) -> None:
    track = open_track(nordlys)
    assert asked(track, None, format="opus")["content_type"] == "audio/mp4"
    recording_store(
        recording=track.recording,
        field="opus",
        data=io.BytesIO(b"open opus"),
        content_type="audio/ogg",
    )
    assert asked(track, None, format="opus")["content_type"] == "audio/ogg"
    assert asked(track, None, format="aac")["content_type"] == "audio/mp4"
    assert asked(track, None, status=400, format="flac")["code"] == "format_invalid"


def test_what_is_not_made_yet_is_said(nordlys: Artist) -> None:
    track = open_track(nordlys)
    Recording.objects.filter(pk=track.recording_id).update(aac=None)
    told = asked(track)
    assert (told["access"], told["reason"]) == ("preview", "not_ready")
    Recording.objects.filter(pk=track.recording_id).update(preview=None)
    assert asked(track, None, status=409)["code"] == "nothing_to_play"


def test_names_of_files_are_fit_for_any_disk() -> None:
    of = artist_of(person("slash"), "AC/DC: live?")
    track = catalog.track_add(
        actor=of.owner,
        release=catalog.release_create(actor=of.owner, artist=of, title="Hard"),
        title='"Up"\\..',
        recording=recording_made(
            artist=of.pk,
            access=Asset.Access.OPEN,
            files={"master": (io.BytesIO(b"hard master"), "audio/mpeg")},
            facts={"duration_ms": 1000},
        ),
    )
    master = track.recording.master
    assert master is not None
    called = f"{of.name} - {track.position:02} {track.title}"
    assert file_name(master, called) == "AC DC live - 01 Up.mp3"
    assert file_name(master, "a name.mp3") == "a name.mp3"
    assert file_name(master, "...") == "master.mp3"
    long = file_name(master, "ночь " * 60)
    assert long.endswith(".mp3")
    assert len(long.encode()) <= 80


# --- signed links -------------------------------------------------------------------------------


def test_by_their_cids_there_is_no_way_to_what_is_for_holders(nordlys: Artist) -> None:
    recording = track_of(live(nordlys)).recording
    for asset in (recording.master, recording.aac):
        assert asset is not None
        assert Client().get(f"/ipfs/{asset.cid}").status_code == 404


def test_links_live_five_minutes(nordlys: Artist) -> None:
    told = asked(track_of(live(nordlys)))
    left = datetime.fromisoformat(told["expires_at"]) - timezone.now()
    assert timedelta(seconds=290) < left <= timedelta(seconds=300)
