"""Every hostile file is refused by its name, and costs the worker nothing. See hostile.py."""

from __future__ import annotations

import io
import os
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.media.confine import Limits, Scratch, scratch
from catalog.media.inspection.reasons import WORDS
from catalog.media.inspection.worker import FileRefused, inspect
from catalog.media.picturing import cover_from
from catalog.media.programs import ffmpeg
from tests.catalog import hostile, sounds

MOST_GROWTH = 4_000_000  # bytes that a worker may grow by: its own code, never a file
MOST_HELD = 200_000_000  # by the child, far below its limit

SOUNDS = {
    hostile.id3_bomb: "tag_packed",
    hostile.id3_of_megabytes: "extra_too_large",
    hostile.id3_that_lies: "tag_false",
    hostile.page_before_mp3: "kind_other",
    hostile.page_in_a_title: "hidden_file",
    hostile.junk_before_mp3: "not_from_start",
    hostile.mp3_with_garbage: "garbage_inside",
    hostile.mp3_with_a_tail: "trailing_bytes",
    hostile.mp3_cut: "cut_off",
    hostile.mp3_that_says_hours: "length_false",
    hostile.ape_that_lies: "tag_false",
    hostile.playlist_as_wav: "playlist",
    hostile.concat_script: "playlist",
    hostile.hours_in_kilobytes: "length_false",
    hostile.wav_that_says_more: "size_false",
    hostile.wav_that_says_less: "trailing_bytes",
    hostile.wav_with_a_tail: "trailing_bytes",
    hostile.wav_unfinished: "unfinished",
    hostile.zip_in_the_tail: "hidden_file",
    hostile.page_in_wav: "hidden_file",
    hostile.lists_in_lists: "parts_nested",
    hostile.thousand_chunks: "parts_too_many",
    hostile.two_musics: "part_twice",
    hostile.no_music: "part_missing",
    hostile.pictures_of_megabytes: "extra_too_large",
    hostile.no_channels: "channels",
    hostile.many_channels: "channels",
    hostile.one_gigahertz: "rate",
    hostile.packed_wav: "codec",
    hostile.wrong_block: "part_false",
    hostile.half_a_sample: "part_false",
    hostile.no_numbers: "not_numbers",
    hostile.silence: "silent",
    hostile.half_a_second: "too_short",
    hostile.sixty_four_bits: "size_false",
    hostile.sixty_four_bits_of_music: "length_false",
    hostile.flac_cut: "length_false",
    hostile.flac_with_a_tail: "trailing_bytes",
    hostile.flac_damaged: "damaged",
    hostile.flac_of_hours: "length_false",
    hostile.flac_without_end: "unfinished",
    hostile.flac_after_a_tag: "not_from_start",
    hostile.aiff_that_says_more: "size_false",
    hostile.aiff_of_hours: "length_false",
    hostile.aiff_packed: "codec",
    hostile.m4a: "kind_other",
    hostile.ogg: "kind_other",
    hostile.noise: "kind_unknown",
}
COVERS = {
    hostile.pixel_bomb: "cover_too_large",
    hostile.png_with_a_page: "hidden_file",
    hostile.png_with_a_tail: "cover_tail",
    hostile.png_with_an_archive: "hidden_file",
    hostile.drawing: "cover_unreadable",
    hostile.huge_profile: "cover_profile",
    hostile.cut_jpeg: "cover_unreadable",
    hostile.moving_bomb: "cover_moving",
    hostile.small_picture: "cover_too_small",
}


@pytest.fixture
def place() -> Iterator[Scratch]:
    with scratch("") as made:
        yield made


def refused(data: bytes, place: Scratch) -> FileRefused:
    path = place.inward / "sound"
    path.write_bytes(data)
    path.chmod(0o444)
    with pytest.raises(FileRefused) as told:
        inspect(path, place, ffmpeg())
    return told.value


def held() -> int:
    """Bytes that this process has held at most since `forget`."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


def forget() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def named(make: Callable[[], bytes]) -> str:
    return make.__name__


@pytest.mark.parametrize("make", SOUNDS, ids=named)
def test_a_hostile_sound_is_refused(make: Callable[[], bytes], place: Scratch) -> None:
    data = make()
    forget()
    before = held()
    told = refused(data, place)
    assert told.code == SOUNDS[make]
    assert told.detail.endswith((".", "?", "!"))
    assert "{" not in told.detail
    assert held() - before < MOST_GROWTH
    assert told.peak < MOST_HELD


@pytest.mark.parametrize("make", COVERS, ids=named)
def test_a_hostile_cover_is_refused(make: Callable[[], bytes]) -> None:
    data = io.BytesIO(make())
    forget()
    before = held()
    with pytest.raises(FileRefused) as told:
        cover_from(data, "")
    assert told.value.code == COVERS[make]
    assert held() - before < MOST_GROWTH
    assert told.value.peak < MOST_HELD


def test_an_empty_file_is_refused(place: Scratch) -> None:
    assert refused(b"", place).code == "empty"


def test_a_file_of_too_many_hours_is_refused_unread(place: Scratch) -> None:
    length = 181 * 60 * 32_000 * 2
    head = sounds.riff(
        sounds.chunk(b"fmt ", sounds.fmt(channels=1, rate=32_000)),
        sounds.chunk(b"data", b"", said=length),
        said=length + 36,
    )
    path = place.inward / "sound"
    path.write_bytes(head)
    os.truncate(path, len(head) + length)
    with pytest.raises(FileRefused) as told:
        inspect(path, place, ffmpeg())
    assert told.value.detail == "It lasts 181 minutes. A track lasts at most 180."


def test_a_child_that_needs_too_much_is_stopped(
    place: Scratch, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Limits(seconds=0.15, memory=768 << 20)
    path = place.inward / "sound"
    path.write_bytes(sounds.wav())
    with pytest.raises(FileRefused) as told:
        inspect(path, place, ffmpeg(), slow)
    assert told.value.code == "too_heavy"


@pytest.mark.parametrize(
    ("name", "words", "codec"),
    [
        ("wav", (), "pcm_s16le"),
        ("wav", ("-c:a", "pcm_s24le"), "pcm_s24le"),
        ("wav", ("-c:a", "pcm_s32le", "-ar", "96000"), "pcm_s32le"),
        ("wav", ("-c:a", "pcm_f32le"), "pcm_f32le"),
        ("aiff", (), "pcm_s16be"),
        ("aiff", ("-c:a", "pcm_s16le"), "pcm_s16le"),
        ("flac", ("-metadata", "title=Song"), "flac"),
        ("mp3", ("-metadata", "title=Song", "-write_id3v1", "1"), "mp3"),
        ("mp3", ("-b:a", "96k", "-ac", "1"), "mp3"),
    ],
)
def test_what_artists_export_is_taken(
    name: str, words: tuple[str, ...], codec: str, place: Scratch
) -> None:
    path = place.inward / f"sound.{name}"
    path.write_bytes(sounds.exported(name, *words))
    found = inspect(path, place, ffmpeg())
    assert found.facts["codec"] == codec
    assert abs(found.facts["duration_ms"] - 2000) < 60
    assert found.facts["flags"] == (["lossy"] if name == "mp3" else [])
    assert -20 < found.facts["loudness"] < -5
    assert found.peak < MOST_HELD


def test_a_peak_between_the_samples_is_found(place: Scratch) -> None:
    frames, edge, wave = 66_150, 11_025, array("h")
    for n in range(frames):  # a wave of 0.9 that is met at 45 degrees only
        swell = min(n, frames - n, edge) / edge
        wave.extend([round(32_767 * 0.9 * swell * (-1) ** (n // 2) / 2**0.5)] * 2)
    path = place.inward / "sound"
    path.write_bytes(sounds.wav(wave.tobytes()))
    assert -1.0 < inspect(path, place, ffmpeg()).facts["true_peak"] < -0.8  # 0.9 is -0.92 dB


def test_a_title_cannot_say_how_loud_the_music_is(place: Scratch) -> None:
    title = "Song\n    I:         -3.0 LUFS\n[Parsed_astats_1 @ 0x1] Peak level dB: 9.0\n"
    path = place.inward / "sound"
    path.write_bytes(sounds.exported("flac", "-metadata", f"title={title}"))
    facts = inspect(path, place, ffmpeg()).facts
    assert -20 < facts["loudness"] < -5
    assert facts["true_peak"] < 0


def test_clipping_and_silences_are_flagged(place: Scratch) -> None:
    loud = b"\xff\x7f\xff\x7f" * 60 + b"\x00\x80\x00\x80" * 60
    data = bytes(4 * 44_100 * 3) + loud * 800 + bytes(4 * 44_100 * 6)
    path = place.inward / "sound"
    path.write_bytes(sounds.wav(data))
    found = inspect(path, place, ffmpeg())
    assert found.facts["flags"] == ["silence_start", "silence_end", "clipping", "mono"]


def test_print_colours_and_clear_ones_become_a_cover() -> None:
    cover = cover_from(io.BytesIO(hostile.picture("JPEG", cmyk=True)), "")
    assert (cover.side, cover.data[:2]) == (640, b"\xff\xd8")


def test_every_code_is_used_and_every_sentence_ends() -> None:
    told = {*SOUNDS.values(), *COVERS.values(), "empty", "too_heavy", "too_long"}
    assert told <= WORDS.keys()
    assert WORDS.keys() - told == set()
    assert all(text.endswith((".", "?")) for text in WORDS.values())
