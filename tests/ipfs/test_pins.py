"""What is published is kept: pinned, watched, pinned again when lost, let go after a grace."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models.functions import Now
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from catalog import services as catalog
from catalog.media.models import AccessKey, Asset, Pin
from catalog.media.pinned import below_target, standing
from catalog.media.services import (
    keys_rewrap,
    pins_check,
    pins_ready,
    pins_release,
    pins_want,
    pins_work,
)
from catalog.media.services.pins import LEASE, _claim, _settle
from catalog.models import Release
from catalog.selectors import release_assets
from core.errors import ApplicationError
from core.ipfs.cid import parse
from core.ipfs.pinning import kubo
from core.models import AuditRecord
from deploy.local.ipfs.network import Network
from nft.models import Collection
from nft.services import collection_deploy_transaction
from tests.catalog import people
from tests.ipfs.conftest import until
from tests.nft import drops

State = Pin.State


@pytest.fixture(autouse=True)
def media_root(settings: Settings, tmp_path: Path) -> Path:
    settings.MEDIA_ROOT = str(tmp_path / "media")
    return tmp_path / "media"


@pytest.fixture
def release(artist: User) -> Release:
    return people.published(people.artist_of(artist))


def states(*services: str) -> set[str]:
    return set(Pin.objects.filter(service__in=services).values_list("state", flat=True))


def all_done() -> bool:
    """Work as the clock would, without waiting for it."""
    Pin.objects.exclude(state__in=(State.PINNED, State.LEAVING)).update(due_at=Now())
    pins_work()
    return states("own", "backup") <= {State.PINNED, State.LEAVING, State.GONE}


def test_what_is_published_is_kept_at_every_service(kept_at: Network, release: Release) -> None:
    wanted = release_assets(release)
    assert {asset.kind for asset in wanted} == {"metadata", "cover", "preview", "master", "stream"}
    assert not pins_ready(wanted)
    assert until(all_done)
    assert Pin.objects.count() == 2 * len(wanted)
    assert pins_ready(wanted)
    assert below_target() == []
    for asset in wanted:
        for store in (kept_at.node.blocks, kept_at.pinning.blocks):
            assert store.pinned(parse(asset.cid))
    master = next(asset for asset in wanted if asset.kind == Asset.Kind.MASTER)
    sent = b"".join(kept_at.node.blocks.bytes_of(parse(master.cid), 0, master.size - 1))
    assert b"master" not in sent  # what is for holders leaves encrypted


def test_without_a_service_there_is_nothing_to_wait_for(db: None, release: Release) -> None:
    assert Pin.objects.count() == 0
    assert pins_ready(release_assets(release))
    assert pins_work() == 0


def test_a_service_that_is_added_later_gets_what_is_public(
    db: None, release: Release, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("kept_at")
    assert catalog.releases_keep() == 1
    assert catalog.releases_keep() == 0
    assert until(all_done)
    assert pins_ready(release_assets(release))


def test_a_drop_waits_for_its_files_and_its_page_says_so(
    db: None, kept_at: Network, client: Client, settings: Settings
) -> None:
    settings.TON_HUB_ADDRESS = drops.address("hub")
    drop = drops.prepared(drops.artist())
    client.force_login(drop.release.artist.owner)
    page = f"/portal/drops/{drop.pk}"
    with pytest.raises(ApplicationError) as refused:
        collection_deploy_transaction(collection=drop)
    assert (refused.value.code, refused.value.status) == ("media_unpinned", 409)
    before = client.get(page).content.decode()
    assert "0 of 3 are kept" in before
    assert "data-ton-transaction" not in before
    kept_at.pinning.faults.unavailable = True
    pins_work()
    pins_work()
    assert "does not take them" in client.get(page).content.decode()
    kept_at.pinning.mend()
    assert until(all_done)
    after = client.get(page).content.decode()
    assert "on their way" not in after
    assert "data-ton-transaction" in after
    assert collection_deploy_transaction(collection=drop)["messages"]
    assert Collection.objects.get().state == Collection.State.PREPARED


def test_a_deleted_pin_is_noticed_and_pinned_again(kept_at: Network, release: Release) -> None:
    assert until(all_done)
    assert release.cover is not None
    cid = parse(release.cover.cid)
    kept_at.node.blocks.unpin(cid)
    kept_at.pinning.requests.clear()
    pins_check(pins=Pin.objects.filter(asset=release.cover))
    pins_work()
    assert kept_at.node.blocks.pinned(cid)
    assert until(all_done)
    pins = Pin.objects.filter(asset=release.cover)
    assert set(pins.values_list("state", "error")) == {(State.PINNED, "")}
    assert kept_at.pinning.requests


def test_with_the_node_down_the_rest_goes_on_and_nothing_is_lost(
    kept_at: Network, release: Release
) -> None:
    kept_at.node.faults.refuse = True
    pins_work()
    down = Pin.objects.filter(service="own")
    assert set(down.values_list("state", flat=True)) == {State.WAITING}
    assert down.filter(attempts=1, error__startswith="unavailable").count() == 1
    asked = len(kept_at.node.asked)
    pins_work()
    assert len(kept_at.node.asked) == asked + 1  # one call a round, not one a file
    assert states("backup") == {State.WAITING}  # it would find the bytes nowhere
    assert standing(release_assets(release)).trouble
    kept_at.node.mend()
    assert until(all_done)
    assert pins_ready(release_assets(release))


def test_a_service_that_hangs_holds_up_nobody_else(
    kept_at: Network, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert until(all_done)
    monkeypatch.setattr(kubo, "ASKING", 0.2)
    kept_at.node.faults.hang, kept_at.node.faults.hang_seconds = True, 3.0
    pins_check(pins=Pin.objects.all())
    pins_work()
    checked = Pin.objects.filter(due_at__gt=Now() + timedelta(hours=1))
    assert set(checked.values_list("service", flat=True)) == {"backup"}
    assert states("own") == {State.PINNED}  # not lost, for nobody has said so
    kept_at.node.stopping.set()
    kept_at.node.stopping.clear()


def test_a_service_asks_for_time_and_gets_it(kept_at: Network, release: Release) -> None:
    kept_at.node.faults.too_many, kept_at.node.faults.retry_after = 1, 500
    pins_work()
    pin = Pin.objects.get(service="own", attempts=1)
    assert pin.due_at > timezone.now() + timedelta(seconds=400)


def test_bytes_that_are_missing_on_disk_are_told_and_waited_for(
    kept_at: Network, release: Release
) -> None:
    assert release.cover is not None
    default_storage.delete(release.cover.storage_name)
    pins_work()
    pin = Pin.objects.get(asset=release.cover, service="own")
    assert (pin.state, pin.error.partition(":")[0]) == (State.WAITING, "bytes_missing")
    assert not kept_at.node.blocks.pinned(parse(release.cover.cid))


def test_what_is_let_go_stays_for_the_grace_and_comes_back_when_it_is_wanted(
    kept_at: Network, release: Release, moderator: User
) -> None:
    assert until(all_done)
    assert release.cover is not None
    cid = parse(release.cover.cid)
    assert pins_release(release.cover, actor=moderator, reason="taken down") == 2
    pins_work()
    assert kept_at.node.blocks.pinned(cid)
    assert AuditRecord.objects.get(action="media.pins_release").reason == "taken down"
    Pin.objects.filter(asset=release.cover).update(due_at=Now())
    pins_work()
    assert not kept_at.node.blocks.pinned(cid)
    assert not kept_at.pinning.blocks.pinned(cid)
    assert set(release.cover.pins.values_list("state", flat=True)) == {State.GONE}
    pins_want(release.cover)
    assert until(all_done)
    assert kept_at.node.blocks.pinned(cid)


def test_wanted_again_while_it_is_taken_off_it_is_pinned_again_and_not_forgotten(
    kept_at: Network, release: Release
) -> None:
    assert until(all_done)
    assert release.cover is not None
    pins_release(release.cover)
    Pin.objects.filter(asset=release.cover, service="own").update(due_at=Now())
    leaving = _claim("own")
    assert leaving is not None
    pins_want(release.cover)
    assert _claim("own") is None  # the other is still at it
    _settle(leaving, {"state": State.GONE})
    again = _claim("own")
    assert again is not None
    assert (again.pk, again.state) == (leaving.pk, State.WAITING)


def test_a_pin_is_never_in_two_hands_and_not_lost_with_a_worker_that_died(
    kept_at: Network, release: Release
) -> None:
    held = [pin for _ in range(10) if (pin := _claim("own")) is not None]
    assert len({pin.pk for pin in held}) == len(held) == len(release_assets(release))
    Pin.objects.filter(pk=held[0].pk).update(busy_until=timezone.now() - LEASE)
    again = _claim("own")
    assert again is not None
    assert again.pk == held[0].pk


@pytest.mark.django_db(transaction=True)
def test_many_workers_at_once_never_take_the_same_pin(kept_at: Network) -> None:
    for number in range(8):
        asset = Asset.objects.create(
            kind="cover", cid=f"b{number}", sha256="", size=1, content_type="image/jpeg"
        )
        pins_want(asset)

    def take(_turn: int) -> list[object]:
        try:
            return [pin.pk for _ in range(8) if (pin := _claim("own")) is not None]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        taken = [pk for pks in pool.map(take, range(4)) for pk in pks]
    assert len(taken) == len(set(taken)) == 8


def test_storage_is_proved_and_what_was_lost_is_repaired(
    kept_at: Network, release: Release
) -> None:
    assert until(all_done)
    assert "files, " in proved()
    master = Asset.objects.get(kind=Asset.Kind.MASTER)
    kept_at.node.blocks.unpin(parse(master.cid))
    with pytest.raises(CommandError, match="1 files are not"):
        proved()
    assert states("own") == {State.PINNED}  # it was only asked to look
    with pytest.raises(CommandError):
        proved("--repair")
    assert master.pins.get(service="own").state == State.LOST
    assert until(all_done)
    assert kept_at.node.blocks.pinned(parse(master.cid))
    assert "5 right, 0 wrong. 10 pins: 10 proved, 0 lost" in proved()


def proved(*options: str) -> str:
    out = StringIO()
    call_command("ipfs_prove", *options, stdout=out)
    return out.getvalue()


def test_a_node_that_pins_but_has_lost_the_block_has_lost_it(
    kept_at: Network, release: Release
) -> None:
    assert until(all_done)
    assert release.cover is not None
    cid = parse(release.cover.cid)
    kept_at.node.blocks.path(cid).unlink()
    with pytest.raises(CommandError):
        proved("--repair")
    assert release.cover.pins.get(service="own").state == State.LOST
    assert until(all_done)
    assert kept_at.node.blocks.has(cid)
    assert "0 lost" in proved()


@pytest.mark.parametrize("kind", ["master", "cover"])
def test_one_wrong_byte_on_disk_is_found(
    db: None, release: Release, media_root: Path, kind: str
) -> None:
    assert "0 wrong" in proved()
    path = media_root / Asset.objects.get(kind=kind).storage_name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(CommandError, match="1 files"):
        proved()


def test_the_master_key_is_changed_and_the_old_one_is_needed_no_more(
    release: Release, settings: Settings
) -> None:
    old = settings.MEDIA_MASTER_KEYS
    settings.MEDIA_MASTER_KEYS = {"second": bytes(range(32)), **old}
    out = StringIO()
    call_command("media_rekey", stdout=out)
    assert "1 keys wrapped anew; all 1 are wrapped by 'second'" in out.getvalue()
    settings.MEDIA_MASTER_KEYS = {"second": bytes(range(32))}
    assert "0 wrong" in proved()
    assert keys_rewrap() == 0
    settings.MEDIA_MASTER_KEYS = {"third": bytes(32)}
    with pytest.raises(CommandError, match="media_key_lost"):
        call_command("media_rekey")
    assert AccessKey.objects.get().master == "second"


def test_staff_see_where_each_file_is_kept_and_have_it_looked_at(
    kept_at: Network, release: Release, client: Client
) -> None:
    assert until(all_done)
    client.force_login(people.staff("operator", "media.view_pin"))
    assert release.cover is not None
    pins = Pin.objects.filter(asset=release.cover)
    page = client.get("/admin/media/pin/").content.decode()
    assert release.cover.cid in page
    assert "Unpin their files" not in page
    later = pins.get(service="own").due_at
    form = {"action": "look", "_selected_action": [str(pin.pk) for pin in pins]}
    client.post("/admin/media/pin/", form)
    assert pins.get(service="own").due_at < later
    form["action"] = "unpin"
    client.post("/admin/media/pin/", form)
    assert states("own") == {State.PINNED}
