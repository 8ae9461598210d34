"""`make real-music`: two packages of real music go the whole way, from a file to streams and CIDs.

Debian's packages are fetched by apt-get (no installation), their Ogg files decoded to WAV or FLAC
as an artist would export them, every one uploaded in pieces and worked on by the shop's own
services in a throw-away world. PACKAGES="asc-music hyperrogue-music" names others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from deploy.local.process import ROOT
from deploy.local.world import World

PACKAGES: Final = ("asc-music", "hyperrogue-music")
_COLUMNS: Final = (
    ("title", 30), ("as", 5), ("length", 7), ("LUFS", 7), ("dBTP", 6), ("MB", 6), ("AAC", 5),
    ("Opus", 5), ("s", 6), ("flags", 16), ("master's CID", 14),
)  # fmt: skip


def packages(folder: Path, *names: str) -> None:
    """Download and unpack, in the folder."""
    for name in names:
        subprocess.run(
            ["apt-get", "download", "-qq", name], cwd=folder, check=True, capture_output=True
        )
    for package in sorted(folder.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", package, folder / package.stem], check=True)
        package.unlink()


def fetch(folder: Path) -> list[Path]:
    """The music files of the packages, unpacked."""
    packages(folder, *os.environ.get("PACKAGES", " ".join(PACKAGES)).split())
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in {".ogg", ".mp3"} and path.parent.name == "music"
    )


def exported(path: Path, kind: str, ffmpeg: Path) -> Path:
    """As an artist's program writes it; an MP3 stays what it is."""
    if path.suffix == ".mp3":
        return path
    out = path.with_suffix(f".{kind}")
    words = ["-c:a", "pcm_s24le"] if kind == "wav" else []
    for opened in (Path, _oggdec):  # some this ffmpeg cannot open
        source = opened(path)
        command = [str(ffmpeg), "-v", "fatal", "-nostdin", "-y", "-i", str(source), "-vn"]
        shape = ["-af", "asetpts=N/SR/TB", *words, str(out)]
        if subprocess.run([*command, *shape], check=False).returncode == 0:
            return out
    raise RuntimeError(f"nothing here opens {path.name}")


def _oggdec(path: Path) -> Path:
    """Decoded by Vorbis' own program."""
    tools = path.parent / "tools"
    if not tools.exists():
        tools.mkdir()
        packages(tools, "vorbis-tools", "libvorbisfile3", "libvorbis0a", "libogg0")
    libraries = ":".join(str(one) for one in tools.glob("*/usr/lib/*-linux-gnu"))
    program, out = next(tools.glob("*/usr/bin/oggdec")), path.with_suffix(".decoded.wav")
    subprocess.run([program, "-Q", "-o", out, path], check=True, env={"LD_LIBRARY_PATH": libraries})
    return out


def lived(folder: Path) -> Iterator[dict[str, Any]]:
    """Runs inside the world: every track's row."""
    import django

    django.setup()
    from accounts.models import User
    from catalog import services as catalog
    from catalog.media.programs import ffmpeg

    owner = User.objects.create_user("artist", first_name="Artist")
    page = catalog.artist_create(actor=owner, name="Debian's Own")
    release = catalog.release_create(actor=owner, artist=page, title="Real Music")
    for number, path in enumerate(fetch(folder)):
        file = exported(path, ("wav", "flac")[number % 2], ffmpeg())
        yield _track(owner, release, file)
        file.unlink()


def _track(owner: Any, release: Any, file: Path) -> dict[str, Any]:
    from django.core.files.base import ContentFile

    from catalog import services as catalog
    from catalog.media import services as media
    from catalog.media.models import Recording

    begun = time.monotonic()
    upload = catalog.track_upload_begin(
        actor=owner, release=release, filename=file.name, length=file.stat().st_size
    )
    with file.open("rb") as data:
        while piece := data.read(8 << 20):
            upload = media.upload_receive(
                upload=upload, offset=upload.offset, data=ContentFile(piece)
            )
    recording = Recording.objects.get(upload=upload)
    media.recording_work(recording=recording.pk)
    row = Recording.objects.select_related("master", "aac", "opus").get(pk=recording.pk)
    sizes = {name: getattr(getattr(row, name), "size", 0) for name in ("master", "aac", "opus")}
    return {
        "title": file.stem, "as": file.suffix[1:], "state": row.state, "detail": row.detail,
        "ms": row.duration_ms, "LUFS": str(row.loudness), "dBTP": str(row.true_peak),
        "sizes": sizes, "flags": row.flags, "seconds": round(time.monotonic() - begun, 2),
        "cid": row.master.cid if row.master else "",
    }  # fmt: skip


def shown(row: dict[str, Any]) -> str:
    minutes, seconds = divmod(round(row["ms"] / 1000), 60)
    sizes = [f"{row['sizes'][name] / 1e6:.1f}" for name in ("master", "aac", "opus")]
    cells = [
        row["title"], row["as"], f"{minutes}:{seconds:02d}", row["LUFS"], row["dBTP"], *sizes,
        f"{row['seconds']:.1f}", ",".join(row["flags"]) or "-", f"…{row['cid'][-12:]}",
    ]  # fmt: skip
    if row["state"] != "ready":
        cells[-1] = f"{row['state']}: {row['detail']}"
    widths = (width for _, width in _COLUMNS)
    return " ".join(f"{cell[:width]:<{width}}" for cell, width in zip(cells, widths, strict=True))


def main() -> int:
    if sys.argv[1:] == ["inside"]:
        with tempfile.TemporaryDirectory() as folder:
            for row in lived(Path(folder)):
                print(json.dumps(row), flush=True)
        return 0
    rows = []
    with World.temporary(LOG_LEVEL="ERROR") as world:
        world.start(["postgres", "redis", "migrate"])
        inside = [sys.executable, "-m", "tests.catalog.real_music", "inside"]
        print(" ".join(f"{name:<{width}}" for name, width in _COLUMNS))
        with subprocess.Popen(
            inside, cwd=ROOT, env=world.environ, stdout=subprocess.PIPE, text=True
        ) as child:
            for line in child.stdout or ():
                if line.startswith("{"):
                    rows.append(json.loads(line))
                    print(shown(rows[-1]), flush=True)
    ready = [row for row in rows if row["state"] == "ready"]
    length, spent = sum(row["ms"] for row in ready) / 1000, sum(row["seconds"] for row in rows)
    print(f"{len(ready)} of {len(rows)} ready; {length / 60:.0f} minutes of music in {spent:.0f} s")
    return 0 if rows and len(ready) == len(rows) and child.returncode == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
