"""Plain bytes on this machine's disk: checked before they were written, and again when read.

An asset that is being filled is one sparse file: its bytes, then one byte a chunk that says which
chunks are there. A chunk's bytes are written before its mark, so whoever is killed in between
leaves a chunk that counts as missing. Once all marks are set the bytes are copied, hashed as a
whole and given their final name, under which a web server may send them. The disk being full, or
gone, costs speed and nothing else.

Two processes may do all of it at once: files are made, and removed to make room, under one lock;
chunks are fetched under one of their own (open file description locks: who is killed holds none).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final
from uuid import UUID

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)
_MARK: Final = b"\x01"
_PIECE: Final = 1 << 20
_MODE: Final = 0o640  # plain bytes: for our group, a web server perhaps, and nobody else
_TOUCH: Final = 60.0  # seconds within which one use is as good as many
_FULL_PAUSE: Final = 30.0  # seconds without writing after the disk said no
_ROOM: Final = 0.9  # of MEDIA_CACHE_BYTES, down to which old files are removed
_OFD_SETLK: Final = getattr(fcntl, "F_OFD_SETLK", None)  # Linux; elsewhere nobody waits for others
_blocked_until = [0.0]


class Entry:
    """One asset in the cache. size, chunk: bytes. sha256: of the whole plain file, hex."""

    def __init__(self, key: UUID, size: int, chunk: int, sha256: str) -> None:
        self.size, self.chunk, self.sha256 = size, chunk, sha256
        self.count = max(1, -(-size // chunk))
        self.path = Path(settings.MEDIA_CACHE_DIR, key.hex[-2:], key.hex)
        self.part = self.path.with_suffix(".part")

    def complete(self) -> Path | None:
        """The finished file, touched as used."""
        with contextlib.suppress(OSError):
            if self.path.stat().st_size == self.size:
                _touch(self.path)
                return self.path
        return None

    def get(self, number: int) -> bytes | None:
        """The bytes of a chunk as they lie there, to be checked; None when they do not."""
        length = min(self.chunk, self.size - number * self.chunk)
        try:
            with self._reading() as (file, finished):
                if not finished and os.pread(file, 1, self.size + number) != _MARK:
                    return None
                data = os.pread(file, length, number * self.chunk)
        except OSError:
            return None
        return data if len(data) == length else None

    def has(self, number: int) -> bool:
        """Whether a chunk lies there, unread."""
        try:
            with self._reading() as (file, finished):
                return finished or os.pread(file, 1, self.size + number) == _MARK
        except OSError:
            return False

    def put(self, number: int, data: bytes) -> bool:
        """Keep a chunk that was checked. False: it is not kept, which hurts nobody."""
        if not self._writable():
            return False
        try:
            file = self._writing()
            try:
                _write(file, data, number * self.chunk)
                _write(file, _MARK, self.size + number)
            finally:
                os.close(file)
        except OSError as error:
            _blocked_until[0] = time.monotonic() + _FULL_PAUSE
            log.warning("media_cache_not_written", error=error.strerror, errno=error.errno)
            return False
        return True

    def _writable(self) -> bool:
        fits = 0 < self.size <= settings.MEDIA_CACHE_BYTES
        return fits and time.monotonic() >= _blocked_until[0]

    def drop(self, number: int) -> None:
        """What lies there is spoilt: a finished file goes, a chunk counts as missing."""
        log.error("media_cache_spoilt", path=self.path.name, chunk=number)
        with contextlib.suppress(OSError), _alone():
            self.path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            file = os.open(self.part, os.O_WRONLY)
            try:
                os.pwrite(file, b"\x00", self.size + number)
            finally:
                os.close(file)

    def finish(self) -> Path | None:
        """When every chunk is there: check the whole, and give it its final name."""
        if found := self.complete():
            return found
        try:
            return self._finish()
        except FileNotFoundError:
            return None  # somebody else has finished it, or it had to make room
        except OSError as error:
            log.warning("media_cache_not_finished", error=error.strerror, errno=error.errno)
            return None

    def _filled(self) -> bool:
        with self.part.open("rb") as part:
            part.seek(self.size)
            return part.read() == _MARK * self.count

    def _finish(self) -> Path | None:
        """Without the lock, as large files take a while; two who do it at once make the same."""
        if not self._filled():
            return None
        made = self.path.with_suffix(f".{os.getpid()}-{threading.get_ident()}.new")
        try:
            with self.part.open("rb") as part:
                good = _copied(part, made, self.size) == self.sha256
            if good:
                made.replace(self.path)
        finally:
            made.unlink(missing_ok=True)
        # If it is not good a crash of the machine has spoilt it: all of it is fetched anew.
        self.part.unlink(missing_ok=True)
        return self.path if good else None

    @contextmanager
    def only_one(self, number: int, *, patience: float) -> Iterator[None]:
        """One process fetches a chunk, the others wait for it, for so many seconds at most."""
        file = -1
        with contextlib.suppress(OSError):
            if _OFD_SETLK is not None and self._writable():
                file = self._writing()
        try:
            until = time.monotonic() + patience
            while file >= 0 and not _locked(file, number) and time.monotonic() < until:
                time.sleep(0.01)
            yield
        finally:
            if file >= 0:
                os.close(file)

    @contextmanager
    def _reading(self) -> Iterator[tuple[int, bool]]:
        """An open file and whether it is the finished one."""
        for path, finished in ((self.path, True), (self.part, False)):
            with contextlib.suppress(FileNotFoundError):
                file = os.open(path, os.O_RDONLY)
                try:
                    _touch(path)
                    yield file, finished
                finally:
                    os.close(file)
                return
        raise FileNotFoundError(self.path)

    def _writing(self) -> int:
        """The file to fill, made sparse when it is not there yet."""
        with contextlib.suppress(FileNotFoundError):
            file = os.open(self.part, os.O_RDWR)
            if os.fstat(file).st_size == self.size + self.count:
                return file
            os.close(file)  # whoever made it was killed before it had its length
        self.part.parent.mkdir(parents=True, exist_ok=True)
        with _alone():
            if not self.part.exists():  # nobody has made it meanwhile
                make_room(self.size + self.count)
            file = os.open(self.part, os.O_RDWR | os.O_CREAT, _MODE)
            try:
                os.ftruncate(file, self.size + self.count)
            except OSError:
                os.close(file)
                raise
        return file


def make_room(needed: int = 0) -> int:
    """Remove the files that were not used for longest until the rest fits; how many went.

    needed: bytes of what is about to come. Call it under the lock. A file that is being filled
    counts as full already; only the copy at its end is not counted.
    """
    found = []
    for path in Path(settings.MEDIA_CACHE_DIR).glob("??/*"):
        with contextlib.suppress(OSError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    used = needed + sum(size for _, size, _ in found)
    if used <= settings.MEDIA_CACHE_BYTES:
        return 0
    gone = 0
    for _, size, path in sorted(found):
        if used <= max(settings.MEDIA_CACHE_BYTES * _ROOM, needed):
            break
        with contextlib.suppress(OSError):
            path.unlink()
            used -= size
            gone += 1
    return gone


def sweep() -> int:
    """What the beat does: keep to MEDIA_CACHE_BYTES also when nothing new is begun."""
    if not Path(settings.MEDIA_CACHE_DIR).is_dir():
        return 0
    with _alone():
        return make_room()


@contextmanager
def _alone() -> Iterator[None]:
    """The lock of the whole cache; held for moments."""
    root = Path(settings.MEDIA_CACHE_DIR)
    root.mkdir(parents=True, exist_ok=True)
    file = os.open(root / "lock", os.O_RDWR | os.O_CREAT, _MODE)
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
    finally:
        os.close(file)


def _locked(file: int, number: int) -> bool:
    """Lock one byte far behind the file's end, the chunk's own, for this open file."""
    lock = struct.pack("hhqqi", fcntl.F_WRLCK, os.SEEK_SET, (1 << 40) + number, 1, 0)
    try:
        fcntl.fcntl(file, _OFD_SETLK or 0, lock)
    except OSError:
        return False
    return True


def _write(file: int, data: bytes, at: int) -> None:
    with memoryview(data) as view:
        done = 0
        while done < len(view):
            done += os.pwrite(file, view[done:], at + done)


def _copied(part: IO[bytes], made: Path, size: int) -> str:
    """Copy so many bytes; their SHA-256, hex. They are on the disk when this returns."""
    digest = hashlib.sha256()
    with made.open("wb") as out:
        os.fchmod(out.fileno(), _MODE)
        left = size
        while left and (piece := part.read(min(_PIECE, left))):
            digest.update(piece)
            out.write(piece)
            left -= len(piece)
        out.flush()
        os.fsync(out.fileno())
    return digest.hexdigest()


def _touch(path: Path) -> None:
    with contextlib.suppress(OSError):
        if time.time() - path.stat().st_mtime > _TOUCH:
            os.utime(path)
