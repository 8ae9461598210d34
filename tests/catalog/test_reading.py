"""Reading an asset: cache, gateways, stored copy; every byte is checked, whoever sends it."""

from __future__ import annotations

import hashlib
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connections
from pytest_django import Settings

from catalog.media import gateways
from catalog.media.models import Asset, Gateway, GatewayEvent
from catalog.media.reading import SourcesUnavailable, local_path, read
from core.ipfs.gateways import Fetcher
from core.models import AuditRecord
from deploy.local.ipfs.blocks import Blocks
from deploy.local.ipfs.gateway import GatewayFace
from tests.catalog.shelf import SOUND, pinned, stored
from tests.core.ipfs.gateway import nodes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fetcher")]


def whole(asset: Asset) -> bytes:
    return b"".join(read(asset))


def spoil(path: Path, at: int = 0) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        byte = file.read(1)[0]
        file.seek(at)
        file.write(bytes((byte ^ 1,)))


@pytest.mark.parametrize("secret", [False, True], ids=["open", "for holders"])
def test_any_part_is_plain_bytes_from_storage_and_from_gateways(secret: bool) -> None:
    with nodes("one") as [one]:
        asset = stored(secret=secret)
        if secret:
            assert default_storage.open(asset.storage_name).read() != SOUND
        draw = random.Random(2)
        for turn in range(30):
            if turn == 10:  # from here on only the gateway has it
                pinned(asset, one)
            first = draw.randrange(len(SOUND))
            last = draw.randrange(first, len(SOUND))
            assert b"".join(read(asset, first, last)) == SOUND[first : last + 1]
        assert whole(asset) == SOUND
        assert b"".join(read(asset.cid, 7)) == SOUND[7:]
        assert one.leaves_asked() or secret  # what was read before came out of the cache


def test_the_order_of_sources_is_a_setting(settings: Settings) -> None:
    with nodes("one") as [one]:
        asset = pinned(stored(), one, keep=True)
        assert whole(asset) == SOUND
        assert one.asked == []
        assert not Path(settings.MEDIA_CACHE_DIR).exists()  # it lies near enough
        settings.MEDIA_ORIGIN = "gateways"
        assert whole(asset) == SOUND
        assert len(one.asked) == 6
        assert whole(asset) == SOUND  # now it is in the cache
        assert len(one.asked) == 6


def test_our_own_copy_is_checked_as_well(media_root: Path) -> None:
    with nodes("one") as [one]:
        asset = pinned(stored(), one, keep=True)
        spoil(media_root / asset.storage_name, 300_000)
        assert whole(asset) == SOUND
        assert len(one.asked) == 1  # for that one chunk
        one.behaviour = "error"
        other = stored(SOUND[:-1])
        spoil(media_root / other.storage_name)
        with pytest.raises(SourcesUnavailable):
            whole(other)


def test_the_cache_is_checked_as_well() -> None:
    with nodes("one") as [one]:
        asset = pinned(stored(secret=True), one)
        assert whole(asset) == SOUND
        path = local_path(asset)
        assert path is not None
        assert path.read_bytes() == SOUND
        spoil(path, 5)
        assert whole(asset) == SOUND
        assert local_path(asset) is None or local_path(asset).read_bytes() == SOUND  # type: ignore[union-attr]


def test_two_hundred_ranges_are_right_with_a_liar_a_hanging_and_a_healthy_gateway(
    settings: Settings,
) -> None:
    with nodes("liar", "silent", "honest") as [liar, silent, honest]:
        liar.behaviour, silent.behaviour = "flip", "hang"
        sounds = [random.Random(n).randbytes(600_000 + n) for n in range(20)]
        assets = [pinned(stored(sound), liar, silent, honest) for sound in sounds]
        draw = random.Random(9)
        for turn in range(200):
            # A fresh cache each time the twenty are through: most requests go to gateways.
            if turn % 20 == 0:
                for path in list(Path(settings.MEDIA_CACHE_DIR).glob("??/*")):
                    path.unlink()
            sound, asset = sounds[turn % 20], assets[turn % 20]
            first = draw.randrange(len(sound))
            last = min(first + draw.choice([1, 5_000, 300_000]), len(sound) - 1)
            assert b"".join(read(asset, first, last)) == sound[first : last + 1]
        away = Gateway.objects.get(name="liar")
        assert away.quarantined_at is not None
        assert away.quarantine_reason.startswith("wrong bytes")
        assert 1 <= len(liar.asked) <= 3  # as many as were on their way at once
        assert GatewayEvent.objects.filter(gateway=away, kind="quarantined").count() == 1
        assert AuditRecord.objects.filter(action="media.gateway_quarantined").count() == 1
        assert len(honest.asked) > 200


def test_a_quarantine_outlives_redis_and_the_process(redis_server: Any) -> None:
    with nodes("liar", "good") as [liar, good]:
        liar.behaviour, good.tier = "flip", 1
        asset = pinned(stored(), liar, good)
        assert whole(asset) == SOUND
        asked = len(liar.asked)
        assert asked <= 3  # as many as were on their way at once
        redis_server.flushdb()
        gateways._here[:] = [gateways._Process(os.getpid(), Fetcher())]
        assert [one.name for one in gateways.sources()] == ["good"]
        Path(str(local_path(asset))).unlink()
        assert whole(asset) == SOUND
        assert len(liar.asked) == asked


def test_all_down_is_said_before_the_first_byte_and_others_go_on() -> None:
    with nodes("one") as [one]:
        gone, here = pinned(stored(), one), stored(SOUND[:-1])
        one.behaviour = "error"
        with pytest.raises(SourcesUnavailable) as away:
            read(gone)
        assert away.value.retry_after >= 1
        assert whole(here) == SOUND[:-1]


def test_what_is_read_ahead_is_asked_for_once() -> None:
    with nodes("one") as [one]:
        asset = pinned(stored(), one)
        pieces = read(asset)
        next(pieces)
        time.sleep(0.2)
        assert len(one.asked) == 3  # the first, and two ahead of it
        pieces.close()  # type: ignore[attr-defined]
        assert whole(asset) == SOUND
        assert len(one.asked) == 6


@pytest.mark.django_db(transaction=True)
def test_eight_listeners_at_once_fetch_each_chunk_once() -> None:
    with nodes("one") as [one]:
        asset = pinned(stored(), one)
        one.behaviour, one.seconds = "slow", 0.03
        got: list[bytes] = []

        def listen() -> None:
            try:
                got.append(whole(asset))
            finally:
                connections.close_all()

        threads = [threading.Thread(target=listen) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert got == [SOUND] * 8
        assert len(one.asked) == 6


def test_the_gateways_of_the_local_ipfs_network_serve_us_with_all_their_faults(
    tmp_path: Path,
) -> None:
    blocks = Blocks(tmp_path / "node")
    asset = stored(secret=True)
    raw = default_storage.open(asset.storage_name).read()
    assert str(blocks.add([raw])) == asset.cid
    with GatewayFace(blocks) as own, GatewayFace(blocks, trustless=False) as legacy:
        pinned(asset)
        Gateway.objects.create(name="own", url=own.url)
        Gateway.objects.create(name="legacy", url=legacy.url, tier=1, trustless=False)
        own.faults.too_many = legacy.faults.flip = 1
        for fault in ("", "truncate", "wrong_type"):
            if fault:
                setattr(own.faults, fault, 1)
            with pytest.raises(SourcesUnavailable):
                read(asset, 0, 10)
            time.sleep(1.1 if not fault else 0)  # the pause that it asked for
        assert [row.name for row in Gateway.objects.exclude(quarantined_at=None)] == ["legacy"]
        assert whole(asset) == SOUND
    blocks.close()


# --- the cache on disk -------------------------------------------------------------------------


def test_the_cache_keeps_to_its_size_and_what_was_used_last(settings: Settings) -> None:
    settings.MEDIA_CACHE_BYTES = 4_000_000
    with nodes("one") as [one]:
        sounds = [random.Random(n).randbytes(1_000_000) for n in range(6)]
        assets = [pinned(stored(sound), one) for sound in sounds]
        for age, asset in enumerate(assets[:3]):
            whole(asset)
            path = local_path(asset)
            assert path is not None
            os.utime(path, (age + 1, age + 1))
        local_path(assets[0])  # used again, so no longer the oldest
        for asset in assets[3:5]:
            whole(asset)
        files = list(Path(settings.MEDIA_CACHE_DIR).glob("??/*"))
        assert sum(path.stat().st_size for path in files) <= 4_000_000
        assert local_path(assets[1]) is None
        assert local_path(assets[0]) is not None
        assert all(whole(asset) == sound for asset, sound in zip(assets, sounds, strict=True))


def test_a_file_larger_than_the_cache_is_not_kept(settings: Settings) -> None:
    settings.MEDIA_CACHE_BYTES = 1_000_000
    with nodes("one") as [one]:
        assert whole(asset := pinned(stored(), one)) == SOUND
        assert local_path(asset) is None


def test_a_full_disk_costs_only_speed() -> None:
    """A limit of the kernel on the size of files, which fails as a full disk does."""
    with nodes("one") as [one]:
        asset = pinned(stored(), one)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, before[1]))
        try:
            assert whole(asset) == SOUND
            assert whole(asset) == SOUND
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert local_path(asset) is None
        assert len(one.asked) == 12


FILLER = """
import hashlib, os, sys, time
import deploy, django
django.setup()
from uuid import UUID
from django.conf import settings
from catalog.media.cache import Entry
settings.MEDIA_CACHE_DIR = sys.argv[1]
sound = open(sys.argv[3], "rb").read()
entry = Entry(UUID(sys.argv[2]), len(sound), 262144, hashlib.sha256(sound).hexdigest())
real = os.pwrite
def pwrite(file, data, at):
    if at > 2 * 262144 and len(data) > 1000:  # the third chunk gets half of its bytes
        real(file, data[: len(data) // 2], at)
        print("half", flush=True)
        time.sleep(60)
    return real(file, data, at)
os.pwrite = pwrite
with entry.only_one(3, patience=1):
    for number in (0, 1, 3):
        entry.put(number, sound[number * 262144 : (number + 1) * 262144])
"""


def test_a_process_killed_in_mid_fill_leaves_nothing_wrong(
    settings: Settings, tmp_path: Path
) -> None:
    with nodes("one") as [one]:
        asset = pinned(stored(), one)
        sound = tmp_path / "sound"
        sound.write_bytes(SOUND)
        child = subprocess.Popen(
            [sys.executable, "-c", FILLER, str(settings.MEDIA_CACHE_DIR), str(asset.pk), sound],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "half\n"
        child.send_signal(signal.SIGKILL)
        child.wait()
        started = time.monotonic()
        assert whole(asset) == SOUND
        assert time.monotonic() - started < 5  # its lock died with it
        assert len(one.asked) == 4  # two chunks were whole
        path = local_path(asset)
        assert path is not None
        assert hashlib.sha256(path.read_bytes()).hexdigest() == asset.sha256


def test_two_processes_do_not_fetch_the_same_chunk(settings: Settings, tmp_path: Path) -> None:
    with nodes("one") as [one]:
        asset = pinned(stored(), one)
        sound = tmp_path / "sound"
        sound.write_bytes(SOUND)
        script = FILLER.replace("os.pwrite = pwrite", "").replace(
            "    for number in (0, 1, 3):",
            '    print("locked", flush=True)\n    time.sleep(0.5)\n    for number in (3,):',
        )
        child = subprocess.Popen(
            [sys.executable, "-c", script, str(settings.MEDIA_CACHE_DIR), str(asset.pk), sound],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        assert child.stdout.readline() == "locked\n"
        assert whole(asset) == SOUND
        child.wait()
        assert len(one.asked) == 5  # the other process brought one
