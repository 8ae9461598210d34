"""From an uploaded file to a verified stream: once, whatever happens on the way."""

from __future__ import annotations

import hashlib
import os
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection, connections
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from catalog.media import encoding, services, tasks
from catalog.media.cipher import stream
from catalog.media.models import Asset, Recording, Step, Upload
from catalog.media.services import stages, workshop
from core.outbox.models import OutboxEvent
from tests.catalog import sounds
from tests.catalog.people import artist_of, recording_of

pytestmark = pytest.mark.django_db
State = Recording.State


@pytest.fixture(autouse=True)
def scratch(settings: Settings) -> Iterator[Path]:
    """A folder that anybody may walk to, as in production."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o711)
        settings.MEDIA_SCRATCH_DIR = place
        yield Path(place)


def work(recording: Recording) -> Recording:
    services.recording_work(recording=recording.pk)
    return Recording.objects.get(pk=recording.pk)


def opened(asset: Asset | None) -> bytes:
    assert asset is not None
    data: bytes = default_storage.open(asset.storage_name).read()
    if asset.key is None or asset.nonce is None:
        return data
    return stream(services.key_secret(asset.key), bytes(asset.nonce)).update(data)


def states(recording: Recording) -> dict[str, tuple[str, int]]:
    return {step.name: (step.state, step.attempts) for step in recording.steps.all()}


def test_an_uploaded_song_becomes_streams_at_one_loudness(artist: User) -> None:
    data = sounds.wav(sounds.pcm(3.0, level=0.1))
    done = work(sounds.uploaded(artist, data))
    assert (done.state, done.reason) == (State.READY, "")
    assert set(states(done).values()) == {("done", 1)}
    assert opened(done.master) == data
    for asset in (done.aac, done.opus, done.preview):
        loudness, peak = sounds.measured(opened(asset))
        assert abs(loudness + 14) < 1
        assert peak <= -0.9
    assert (done.duration_ms, done.codec, done.sample_rate) == (3000, "pcm_s16le", 44_100)
    assert (done.channels, done.bit_depth, len(done.waveform)) == (2, 16, 800)
    assert done.loudness is not None
    assert -30 < done.loudness < -20


def test_what_is_for_holders_leaves_encrypted_and_the_preview_is_open(artist: User) -> None:
    done = work(sounds.uploaded(artist, sounds.wav()))
    for asset in (done.master, done.aac, done.opus):
        assert asset is not None
        assert asset.access == Asset.Access.HOLDERS
        assert default_storage.open(asset.storage_name).read() != opened(asset)
    assert done.preview is not None
    assert done.preview.access == Asset.Access.OPEN


def test_the_upload_is_over_and_its_parts_are_gone(
    artist: User, django_capture_on_commit_callbacks: Callable[..., object], media_root: Path
) -> None:
    data = sounds.wav()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        work(sounds.uploaded(artist, data))
    upload = Upload.objects.get()
    assert (upload.state, upload.parts) == ("taken", [])
    assert upload.sha256 == hashlib.sha256(data).hexdigest()
    assert not [path for path in (media_root / "uploads").rglob("*") if path.is_file()]


def test_what_is_done_is_not_done_again(artist: User, monkeypatch: pytest.MonkeyPatch) -> None:
    done = work(sounds.uploaded(artist, sounds.wav()))
    ready_at = done.ready_at

    def never(*_: object) -> None:
        raise AssertionError("encoded twice")

    monkeypatch.setattr(encoding, "streams", never)
    monkeypatch.setattr(encoding, "preview", never)
    again = work(done)
    assert again.ready_at == ready_at
    assert set(states(again).values()) == {("done", 1)}


def test_a_refused_file_is_told_in_words_and_leaves_nothing(artist: User, scratch: Path) -> None:
    hours = sounds.riff(
        sounds.chunk(b"fmt ", sounds.fmt()),
        sounds.chunk(b"data", sounds.pcm()[:12_000], said=3 * 3600 * 44_100 * 4),
        said=3 * 3600 * 44_100 * 4 + 36,
    )
    recording = sounds.uploaded(artist, hours)
    refused = work(recording)
    assert (refused.state, refused.reason) == (State.REFUSED, "size_false")
    assert refused.detail.startswith("The file says it is 1.9 GB long, but 12 KB are there.")
    assert Upload.objects.get().reason == "size_false"
    assert states(refused)["inspect"] == ("failed", 1)
    assert not Asset.objects.exists()
    assert not list(scratch.iterdir())


def test_a_stumble_is_kept_and_the_next_try_goes_on(
    artist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = sounds.uploaded(artist, sounds.wav())
    with monkeypatch.context() as broken:
        broken.setattr(encoding, "streams", _out_of_room)
        with pytest.raises(OSError, match="No space"):
            work(recording)
    half = Recording.objects.get(pk=recording.pk)
    assert half.state == State.WORKING
    assert states(half)["master"] == ("done", 1)
    assert states(half)["streams"] == ("waiting", 1)
    assert "No space" in half.steps.get(name="streams").error
    done = work(recording)
    assert done.state == State.READY
    assert states(done)["streams"] == ("done", 2)
    assert states(done)["inspect"] == ("done", 1)


def _out_of_room(*_: object) -> None:
    raise OSError(28, "No space left on device")


def test_after_five_tries_it_has_failed_and_a_person_tries_again(
    artist: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = sounds.uploaded(artist, sounds.wav())
    with monkeypatch.context() as broken:
        broken.setattr(encoding, "streams", _out_of_room)
        for _ in range(workshop.MAX_ATTEMPTS):
            with pytest.raises(OSError, match="No space"):
                work(recording)
        failed = work(recording)
    assert (failed.state, failed.detail) == (State.FAILED, workshop.OURS)
    assert failed.steps.get(name="streams").state == "failed"
    services.recording_again(recording=failed)
    assert work(failed).state == State.READY


def test_the_same_bytes_are_kept_once_and_the_artist_is_told_where(artist: User) -> None:
    page = artist_of(artist)
    known = recording_of(page, "Harbour Lights")
    first = work(sounds.uploaded(artist, sounds.wav(), artist=known.artist))
    count = Asset.objects.count()
    second = work(sounds.uploaded(artist, sounds.wav(), artist=known.artist))
    assert (second.state, second.reason) == (State.READY, "duplicate")
    assert "kept once" in second.detail
    assert (second.master, second.aac, second.opus) == (first.master, first.aac, first.opus)
    assert second.waveform == first.waveform
    assert Asset.objects.count() == count
    other = work(sounds.uploaded(artist, sounds.wav()))  # another artist's: told nothing
    assert (other.state, other.reason, other.detail) == (State.READY, "", "")


def test_bytes_that_are_public_do_not_become_a_secret(artist: User) -> None:
    work(sounds.uploaded(artist, sounds.wav(), access=Asset.Access.OPEN))
    closed = work(sounds.uploaded(artist, sounds.wav()))
    assert (closed.state, closed.reason) == (State.REFUSED, "known_elsewhere")
    assert closed.master is None


def test_the_preview_is_cut_anew_from_another_place(artist: User) -> None:
    data = sounds.wav(sounds.pcm(3.0, channels=1, level=0.3) * 11, channels=1)
    done = work(sounds.uploaded(artist, data, access=Asset.Access.OPEN))
    before = done.preview
    services.preview_move(recording=done, start_ms=2500)
    again = work(done)
    assert again.state == State.READY
    assert again.preview != before
    assert states(again)["preview"] == ("done", 2)
    assert states(again)["streams"] == ("done", 1)


@pytest.mark.django_db(transaction=True)
def test_the_same_upload_twice_at_once_is_worked_on_once(artist: User) -> None:
    recording = sounds.uploaded(artist, sounds.wav())

    def one(_: int) -> None:
        try:
            services.recording_work(recording=recording.pk)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, range(2)))
    done = Recording.objects.get(pk=recording.pk)
    assert done.state == State.READY
    assert set(states(done).values()) == {("done", 1)}
    assert Asset.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_uploads_of_the_same_bytes_at_once_are_kept_once(artist: User) -> None:
    page = artist_of(artist)
    both = [sounds.uploaded(artist, sounds.wav(), artist=page.pk) for _ in range(2)]

    def one(recording: Recording) -> None:
        try:
            for _ in range(200):  # as the outbox does, with a wait
                try:
                    return services.recording_work(recording=recording.pk)
                except stages.Occupied:
                    time.sleep(0.05)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(one, both))
    first, second = Recording.objects.order_by("pk")
    assert (first.state, second.state) == (State.READY, State.READY)
    assert first.master == second.master
    assert {first.reason, second.reason} == {"", "duplicate"}
    assert Asset.objects.filter(kind="master").count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_while_it_encodes_leaves_work_that_another_one_ends(
    artist: User, scratch: Path
) -> None:
    data = sounds.wav(sounds.pcm(3.0, channels=1) * 100, channels=1)
    recording = sounds.uploaded(artist, data)
    connections.close_all()
    worker = os.fork()
    if worker == 0:
        try:
            services.recording_work(recording=recording.pk)
        finally:
            os._exit(0)
    _until(lambda: list(scratch.glob("*/out/stream.m4a")))
    children = Path(f"/proc/{worker}/task/{worker}/children").read_text().split()
    assert children
    os.kill(worker, signal.SIGKILL)
    assert os.waitpid(worker, 0)[1] == signal.SIGKILL
    _until(lambda: not any(Path(f"/proc/{child}/exe").exists() for child in children))
    assert states(recording)["streams"] == ("running", 1)
    OutboxEvent.objects.update(state="done")  # whoever was told is dead
    assert list(scratch.iterdir())

    assert tasks.recordings_pick_up() == 1
    assert not list(scratch.iterdir())
    event = OutboxEvent.objects.get(state="pending")
    assert event.payload == {"recording": str(recording.pk)}
    tasks.recording_work(event_id=str(event.pk), **event.payload)
    done = Recording.objects.get(pk=recording.pk)
    assert done.state == State.READY
    assert states(done) == {
        "inspect": ("done", 1),
        "master": ("done", 1),
        "streams": ("done", 2),
        "preview": ("done", 1),
        "publish": ("done", 1),
    }
    assert OutboxEvent.objects.get(pk=event.pk).state == "done"
    assert tasks.recordings_pick_up() == 0


def _until(true: Callable[[], object], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_what_a_worker_holds_is_not_picked_up(artist: User) -> None:
    recording = sounds.uploaded(artist, sounds.wav())
    OutboxEvent.objects.all().delete()
    assert services.recordings_pick_up() == 1
    assert services.recordings_pick_up() == 0  # promised now
    OutboxEvent.objects.all().delete()
    Step.objects.filter(recording=recording, name="inspect").update(ended_at=timezone.now())
    assert services.recordings_pick_up() == 0  # something was done just now
    Step.objects.update(ended_at=timezone.now() - timedelta(minutes=5))
    assert services.recordings_pick_up() == 1


def test_a_recording_that_was_given_up_is_left_alone(artist: User) -> None:
    recording = sounds.uploaded(artist, sounds.wav())
    services.recording_discard(recording=recording)
    given_up = work(recording)
    assert given_up.state == State.REFUSED
    assert given_up.master is None
