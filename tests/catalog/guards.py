"""Guards against hostile files, each taken away once: the file that it stops has to get through.

`ONLY="file:" make mutants` runs them all.
"""

from __future__ import annotations

from typing import Final

from tests.simulation.planted import Mutant

_INSPECTION: Final = "catalog/media/inspection"
_SOUND: Final = "tests/catalog/test_hostile.py::test_a_hostile_sound_is_refused"
_COVER: Final = "tests/catalog/test_hostile.py::test_a_hostile_cover_is_refused"
_CONFINE: Final = "tests/catalog/test_confine.py"


def _sound(file: str, where: str, before: str, after: str) -> Mutant:
    return Mutant(f"file: {file}", f"{_INSPECTION}/{where}", before, after, (f"{_SOUND}[{file}]",))


def _cover(file: str, before: str, after: str) -> Mutant:
    return Mutant(f"file: {file}", "catalog/media/covers.py", before, after, (f"{_COVER}[{file}]",))


def _child(test: str, where: str, before: str, after: str) -> Mutant:
    path = f"catalog/media/{where}"
    return Mutant(f"file: child, {test}", path, before, after, (f"{_CONFINE}::{test}",))


GUARDS: Final = (
    _sound("id3_bomb", "tags.py", "data[at + 9] & _PACKED[version]", "data[at + 9] & 0"),
    _sound("id3_of_megabytes", "tags.py", "if words > _MAX_WORDS:", "if False:"),
    _sound("id3_that_lies", "tags.py", "if at > len(data) or not length or", "if not length or"),
    _sound("page_before_mp3", "kinds.py", '    if head[:3] == b"ID3" or', "    if True or"),
    _sound("page_in_a_title", "hidden.py", "    low = data.lower()", '    low = b""'),
    _sound("junk_before_mp3", "mp3.py", '        raise Refused("not_from_start")',
           "        first = _frame(source.peek(start + 700, 4)) or (3, 44_100, 2, 417)"),
    _sound("mp3_with_garbage", "mp3.py", "        if frame is None or frame[:2] != first[:2]:",
           "        while frame is None and at < end:\n            at += 1\n"
           "            frame = _frame(source.peek(at, 4))\n        if frame is None:"),
    _sound("mp3_with_a_tail", "mp3.py", "        if frame is None or frame[:2] != first[:2]:",
           "        if frame is None:\n            return count\n"
           "        if frame[:2] != first[:2]:"),
    _sound("mp3_cut", "mp3.py", "    if at != end:", "    if False:"),
    _sound("mp3_that_says_hours", "mp3.py", "    if abs(said - count) > 2:", "    if False:"),
    _sound("ape_that_lies", "tags.py", "        if length < _APE or length > end - start:",
           "        length = min(length, 56)\n        if False:"),
    _sound("playlist_as_wav", "kinds.py", "    if text.startswith(_LISTS):", "    if False:"),
    _sound("hours_in_kilobytes", "wav.py", "    if length > source.left:",
           "    length = min(length, source.left)\n    if False:"),
    _sound("wav_that_says_more", "wav.py", "    if size + 8 != source.size:",
           "    if size + 8 < source.size:"),
    _sound("wav_that_says_less", "wav.py", "    if size + 8 != source.size:",
           "    if size + 8 > source.size:"),
    _sound("wav_unfinished", "wav.py", "    elif size in (0, _UNKNOWN):", "    elif False:"),
    _sound("zip_in_the_tail", "kinds.py", "        refuse_archive(source)\n", ""),
    _sound("page_in_wav", "wav.py", "    refuse_marks(data)\n", ""),
    _sound("lists_in_lists", "wav.py", 'or (name == b"LIST" and _nested(data))', ""),
    _sound("thousand_chunks", "wav.py", "_MAX_CHUNKS: Final = 64", "_MAX_CHUNKS: Final = 6400"),
    _sound("two_musics", "wav.py", "        if found.data:\n", "        if False:\n"),
    _sound("pictures_of_megabytes", "wav.py", "    if found.extra > MAX_EXTRA:", "    if False:"),
    _sound("many_channels", "facts.py", "    if channels not in (1, 2):", "    if not channels:"),
    _sound("no_channels", "facts.py", "    if channels not in (1, 2):", "    if channels > 2:"),
    _sound("one_gigahertz", "facts.py", "    if rate not in RATES:", "    if False:"),
    _sound("packed_wav", "wav.py", "    if (tag, bits) not in (", "    if False and bits in ("),
    _sound("wrong_block", "wav.py",
           "    if align != channels * bits // 8 or per_second != rate * align:", "    if False:"),
    _sound("half_a_sample", "wav.py", "    if length % align:", "    if False:"),
    _sound("no_numbers", "child.py", "        if not math.isfinite(sum(samples)):",
           "        if not math.isfinite(0 * len(samples)):"),
    _sound("silence", "child.py", "    if heard.silent:", "    if False:"),
    _sound("half_a_second", "child.py", "    if sound.frames < LEAST_SECONDS * sound.rate:",
           "    if False:"),
    _sound("sixty_four_bits", "wav.py", "    if size + 8 != source.size:", "    if False:"),
    _sound("flac_cut", "flac.py", "        if header and sum(header) == info.frames:",
           "        if header:"),
    _sound("flac_with_a_tail", "flac.py", "    if _crc16(tail[at:-2]) != int",
           "    if False and tail != int"),
    _sound("flac_damaged", "decoding.py", '+crccheck+bitstream+buffer+explode", "-xerror"',
           'ignore_err"'),
    _sound("flac_without_end", "flac.py", "    if not frames:", "    if False:"),
    _sound("aiff_that_says_more", "aiff.py", "    if size + 8 > source.size:", "    if False:"),
    _sound("aiff_of_hours", "aiff.py", "    if frames * align > length:", "    if False:"),
    _sound("aiff_packed", "aiff.py", '    if order not in (b"NONE", b"sowt"):', "    if False:"),
    _cover("pixel_bomb", "    if image.width * image.height > MAX_PIXELS:", "    if False:"),
    _cover("png_with_a_page", "    refuse_marks(raw[end:])\n", ""),
    _cover("png_with_a_tail", '    if image.format != "JPEG" and len(raw) > end + 1:',
           "    if False:"),
    _cover("png_with_an_archive", "    refuse_archive(Source(io.BytesIO(raw), len(raw)))\n", ""),
    _cover("huge_profile", "    if profile > MAX_PROFILE:", "    if False:"),
    _cover("moving_bomb", '    if getattr(image, "n_frames", 1) > 1 and', "    if False and"),
    _cover("small_picture", "    if min(image.size) < MIN_SIDE:", "    if False:"),
    _child("test_what_leads_outside_is_refused_by_the_kernel", "confined/launcher.py",
           "    seccomp.refuse()\n", ""),
    _child("test_it_has_a_network_of_its_own_without_any_way_out", "confined/launcher.py",
           "_CLONE_NEWNET | _CLONE_NEWIPC", "_CLONE_NEWIPC"),
    _child("test_it_reads_programs_and_nothing_of_the_house", "confined/landlock.py",
           "    for path in reads:\n", '    for path in (*reads, "/"):\n'),
    _child("test_it_writes_only_into_its_folder", "confined/launcher.py",
           '[told["folder"], "/dev/null"]', '[told["folder"], "/dev/null", "/tmp"]'),
    _child("test_root_becomes_nobody", "confined/launcher.py",
           "        os.setresuid(NOBODY, NOBODY, NOBODY)\n", ""),
    _child("test_no_right_is_left_and_none_comes_back", "confined/launcher.py",
           "        _drop_capabilities(libc)\n", "        pass\n"),
    _child("test_its_environment_is_empty_and_its_input_closed", "confine.py",
           "        env=_environment(place),\n", ""),
    _child("test_memory_is_bounded", "confined/launcher.py",
           '        (resource.RLIMIT_AS, limits["memory"]),\n', ""),
    _child("test_files_are_bounded", "confined/launcher.py",
           '        (resource.RLIMIT_FSIZE, limits["file"]),\n', ""),
    _child("test_open_files_are_bounded", "confined/launcher.py",
           '        (resource.RLIMIT_NOFILE, limits["files"]),\n', ""),
    _child("test_processes_are_bounded", "confined/launcher.py",
           "        (resource.RLIMIT_NPROC, processes),\n", ""),
    _child("test_time_of_the_processor_is_bounded", "confined/launcher.py",
           '        (resource.RLIMIT_CPU, limits["cpu"] + 1),\n', ""),
    _child("test_what_it_says_is_bounded", "confine.py",
           '    return "output" if sum(map(len, texts.values())) > limits.output else ""',
           '    return ""'),
    _child("test_at_the_deadline_it_ends_with_everything_it_started", "confine.py",
           "        os.killpg(child.pid, signal.SIGKILL)", "        child.kill()"),
    _child("test_it_ends_with_its_parent", "confined/launcher.py",
           '        _end_with(told["parent"])\n', ""),
)  # fmt: skip
