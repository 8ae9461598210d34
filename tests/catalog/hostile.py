"""Files that mean harm, or are broken, each made here. Small ones: what they cost is the point."""

from __future__ import annotations

import io
import math
import random
import struct
import zipfile
import zlib
from functools import cache

from PIL import Image

from tests.catalog import sounds
from tests.catalog.sounds import chunk, encoded, fmt, pcm, riff

HOURS = 3 * 3600 * 44_100 * 4  # bytes of three hours


def _sound(**more: int) -> bytes:
    return chunk(b"fmt ", fmt(**more))


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.sh", "rm -rf /")
    return out.getvalue()


@cache
def mp3() -> bytes:
    """Bare frames: no tag, no description."""
    return encoded("mp3", "-write_xing", "0", "-id3v2_version", "0")


def id3(*frames: bytes, version: int = 3, said: int | None = None) -> bytes:
    body = b"".join(frames)
    length = len(body) if said is None else said
    size = bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, 0]) + size + body


def frame(name: bytes, data: bytes, flags: int = 0) -> bytes:
    return name + struct.pack(">IH", len(data), flags) + data


def id3_bomb() -> bytes:
    packed = zlib.compress(bytes(60_000_000), 9)
    return id3(frame(b"TXXX", struct.pack(">I", 60_000_000) + packed, 0x0080)) + mp3()


def id3_of_megabytes() -> bytes:
    return id3(frame(b"TXXX", b"\0" + b"a" * 1_200_000)) + mp3()


def id3_that_lies() -> bytes:
    return id3(b"TIT2" + struct.pack(">IH", 9_000_000, 0) + b"\0x") + mp3()


def page_before_mp3() -> bytes:
    return b"<html><script>alert(1)</script></html>" + mp3()


def page_in_a_title() -> bytes:
    return id3(frame(b"TIT2", b"\0<ScRiPt src=//x></ScRiPt>")) + mp3()


def junk_before_mp3() -> bytes:
    return id3(frame(b"TIT2", b"\0Song")) + b"\0" * 700 + mp3()


def mp3_with_garbage() -> bytes:
    data, at = mp3(), 0
    for _ in range(20):
        at += _mp3_frame(data, at)
    return data[:at] + b"garbage!" * 40 + data[at:]


def _mp3_frame(data: bytes, at: int) -> int:
    kbits = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)[data[at + 2] >> 4]
    return 144_000 * kbits // 44_100 + (data[at + 2] >> 1 & 1)


def mp3_with_a_tail() -> bytes:
    return mp3() + b"\x90" * 400


def mp3_cut() -> bytes:
    return mp3()[:-50]


def mp3_that_says_hours() -> bytes:
    first = bytearray(mp3()[: _mp3_frame(mp3(), 0)])
    first[36:48] = b"Xing" + struct.pack(">II", 1, 3 * 3600 * 44_100 // 1152)
    return bytes(first) + mp3()[len(first) :]


def ape_that_lies() -> bytes:
    return mp3() + b"APETAGEX" + struct.pack("<IIII", 2000, 1 << 30, 1, 0) + bytes(8)


def playlist_as_wav() -> bytes:
    return b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:9,\nfile:///etc/passwd\n"


def concat_script() -> bytes:
    return b"ffconcat version 1.0\nfile '/etc/passwd'\nfile 'http://127.0.0.1/'\n"


def hours_in_kilobytes() -> bytes:
    """The whole is said rightly, the music in it is not."""
    return riff(_sound(), chunk(b"data", pcm()[:12_000], said=HOURS))


def wav_that_says_more() -> bytes:
    return riff(_sound(), chunk(b"data", pcm()), said=1 << 30)


def wav_that_says_less() -> bytes:
    return riff(_sound(), chunk(b"data", pcm()), said=40_000)


def wav_with_a_tail() -> bytes:
    return riff(_sound(), chunk(b"data", pcm()), tail=b"\x07" * 900)


def wav_unfinished() -> bytes:
    return riff(_sound(), chunk(b"data", pcm(), said=0xFFFFFFFF), said=0xFFFFFFFF)


def zip_in_the_tail() -> bytes:
    """Inside a chunk of its own: the sizes are right, and it opens as a ZIP all the same."""
    return riff(_sound(), chunk(b"data", pcm()), chunk(b"JUNK", _zip()))


def page_in_wav() -> bytes:
    return riff(_sound(), chunk(b"iXML", b"<!DOCTYPE html><html>"), chunk(b"data", pcm()))


def lists_in_lists() -> bytes:
    inner = b"INFO"
    for _ in range(200):
        inner = b"INFO" + chunk(b"LIST", inner)
    return riff(_sound(), chunk(b"LIST", inner), chunk(b"data", pcm()))


def thousand_chunks() -> bytes:
    return riff(_sound(), *([chunk(b"note", b"x")] * 1000), chunk(b"data", pcm()))


def two_musics() -> bytes:
    return riff(_sound(), chunk(b"data", pcm()), chunk(b"data", pcm()))


def no_music() -> bytes:
    return riff(_sound(), chunk(b"bext", bytes(602)))


def pictures_of_megabytes() -> bytes:
    return riff(_sound(), chunk(b"bext", bytes(6_100_000)), chunk(b"data", pcm()))


def no_channels() -> bytes:
    return sounds.wav(channels=0)


def many_channels() -> bytes:
    return sounds.wav(channels=64)


def one_gigahertz() -> bytes:
    return sounds.wav(rate=1_000_000_000)


def packed_wav() -> bytes:
    return sounds.wav(tag=0x55, bits=16)


def wrong_block() -> bytes:
    wrong = bytearray(fmt())
    wrong[12:14] = struct.pack("<H", 3)
    return riff(chunk(b"fmt ", bytes(wrong)), chunk(b"data", pcm()))


def half_a_sample() -> bytes:
    return riff(_sound(), chunk(b"data", pcm()[:-3]))


def no_numbers() -> bytes:
    floats = [math.sin(n / 20) / 2 for n in range(2 * 88_200)]
    floats[70_000] = math.nan
    return sounds.wav(struct.pack(f"<{len(floats)}f", *floats), tag=3, bits=32)


def silence() -> bytes:
    return sounds.wav(bytes(4 * 44_100 * 2))


def half_a_second() -> bytes:
    return sounds.wav(pcm()[: 22_050 * 4])


def sixty_four_bits() -> bytes:
    """RF64 whose sizes are those of a planet."""
    body = chunk(b"ds64", struct.pack("<QQQI", 2**64 - 9, 2**64 - 1, 2**62, 0))
    body += _sound() + chunk(b"data", pcm(), said=0xFFFFFFFF)
    return b"RF64" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + body


def sixty_four_bits_of_music() -> bytes:
    """RF64 of the right size, whose music overflows."""
    rest = _sound() + chunk(b"data", pcm(), said=0xFFFFFFFF)
    size = 4 + 8 + 28 + len(rest)
    body = chunk(b"ds64", struct.pack("<QQQI", size, 2**63 + 5, 1, 0)) + rest
    return b"RF64" + struct.pack("<I", 0xFFFFFFFF) + b"WAVE" + body


@cache
def flac() -> bytes:
    """With its true length in front, as a file has it (a pipe has not)."""
    data = bytearray(encoded("flac"))
    packed = int.from_bytes(data[18:26], "big") >> 36 << 36 | 88_200
    data[18:26] = packed.to_bytes(8, "big")
    return bytes(data)


def flac_cut() -> bytes:
    return flac()[: len(flac()) * 2 // 3]


def flac_with_a_tail() -> bytes:
    return flac() + b"\0junk" * 60


def flac_damaged() -> bytes:
    data = bytearray(flac())
    for at in range(len(data) // 2, len(data) // 2 + 40):
        data[at] ^= 0x5A
    return bytes(data)


def flac_of_hours() -> bytes:
    data = bytearray(flac())
    packed = int.from_bytes(data[18:26], "big") >> 36 << 36 | 3 * 3600 * 44_100
    data[18:26] = packed.to_bytes(8, "big")
    return bytes(data)


def flac_without_end() -> bytes:
    data = bytearray(flac())
    packed = int.from_bytes(data[18:26], "big") >> 36 << 36
    data[18:26] = packed.to_bytes(8, "big")
    return bytes(data)


def flac_after_a_tag() -> bytes:
    return id3(frame(b"TIT2", b"\0Song")) + flac()


def aiff_that_says_more() -> bytes:
    data = bytearray(sounds.exported("aiff"))
    data[4:8] = struct.pack(">I", 1 << 30)
    return bytes(data)


def aiff_of_hours() -> bytes:
    data = bytearray(sounds.exported("aiff"))
    at = data.index(b"COMM") + 10
    data[at : at + 4] = struct.pack(">I", 3 * 3600 * 44_100)
    return bytes(data)


def aiff_packed() -> bytes:
    return sounds.exported("aiff", "-c:a", "pcm_mulaw")


def m4a() -> bytes:
    return encoded("mp4", "-c:a", "aac", "-movflags", "frag_keyframe+empty_moov")


def ogg() -> bytes:
    return encoded("ogg", "-c:a", "libopus")


def noise() -> bytes:
    return random.Random(3).randbytes(20_000)


# --- covers -------------------------------------------------------------------------------------
def picture(kind: str = "PNG", size: tuple[int, int] = (640, 640), **more: object) -> bytes:
    out = io.BytesIO()
    mode = "CMYK" if more.pop("cmyk", False) else "RGB"
    colour = (10, 120, 40, 0)[: len(mode)]
    Image.new(mode, size, colour).save(out, kind, **more)
    return out.getvalue()


def pixel_bomb() -> bytes:
    """A few kilobytes that unpack to 144 megapixels."""
    side = 12_000
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((side // 8 + 1) * 2000), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        map(_png_chunk, (b"IHDR", b"IDAT", b"IEND"), (head, rows, b""))
    )


def _png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_with_a_page() -> bytes:
    return picture() + b"<html><script>alert(1)</script>"


def png_with_a_tail() -> bytes:
    return picture() + b"\x01\x02" * 500


def png_with_an_archive() -> bytes:
    return picture("JPEG") + _zip()


def drawing() -> bytes:
    return b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def huge_profile() -> bytes:
    return picture("JPEG", icc_profile=b"x" * 1_500_000)


def cut_jpeg() -> bytes:
    draw = random.Random(1)
    out = io.BytesIO()
    Image.frombytes("RGB", (640, 640), draw.randbytes(640 * 640 * 3)).save(out, "JPEG")
    return out.getvalue()[:60_000]


def moving_bomb() -> bytes:
    frames = [Image.new("RGB", (2000, 2000), (n, 0, 0)) for n in range(8)]
    out = io.BytesIO()
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], lossless=True, method=0)
    return out.getvalue()


def small_picture() -> bytes:
    return picture(size=(299, 900))
