"""Blocks on disk, and which of them are pinned. One folder is one node's store."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Final, Self, cast

from core.ipfs.cid import CLASSIC, DAG_PB, RAW, Cid, CidBuilder, Profile, parse
from core.ipfs.dag import Layout, parse_node, resolve, verify

_SCHEMA: Final = "CREATE TABLE IF NOT EXISTS pins (cid TEXT PRIMARY KEY, name TEXT NOT NULL)"


class NotFound(Exception):
    """Nobody here has the block."""

    def __init__(self, cid: Cid) -> None:
        super().__init__(f"block was not found locally (offline): ipld: could not find {cid}")


class Blocks:
    """peers: other stores, from which a block is fetched as from the network."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.peers: tuple[Blocks, ...] = ()
        (folder / "blocks").mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._db = sqlite3.connect(
            folder / "pins.sqlite3", check_same_thread=False, isolation_level=None
        )
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.execute(_SCHEMA)
        self.layout = lru_cache(1024)(self._layout)

    # --- blocks -------------------------------------------------------------------------------
    def path(self, cid: Cid) -> Path:
        text = str(cid)
        return self.folder / "blocks" / text[-2:] / text

    def has(self, cid: Cid) -> bool:
        return self.path(cid).exists()

    def put(self, cid: Cid, block: bytes) -> None:
        """Raises BlockInvalid for bytes of another name."""
        verify(cid, block)
        path = self.path(cid)
        if path.exists():
            return
        path.parent.mkdir(exist_ok=True)
        draft = path.with_suffix(f".{threading.get_ident()}")
        draft.write_bytes(block)
        draft.replace(path)

    def own(self, cid: Cid) -> bytes:
        """A block of this store. Raises NotFound."""
        try:
            return self.path(cid).read_bytes()
        except FileNotFoundError:
            raise NotFound(cid) from None

    def get(self, cid: Cid) -> bytes:
        """A block of this store, or of a peer, which is then kept. Raises NotFound."""
        for store in (self, *self.peers):
            if store.has(cid):
                block = store.own(cid)
                if store is not self:
                    self.put(cid, block)
                return block
        raise NotFound(cid)

    def below(self, root: Cid) -> Iterator[tuple[Cid, bytes]]:
        """Every block of a file, depth first, each as often as it occurs. Raises NotFound."""
        block = self.get(root)
        yield root, block
        if root.codec == DAG_PB:
            for child, _size in parse_node(block).links:
                yield from self.below(child)

    def part(self, root: Cid, first: int, last: int, start: int = 0) -> Iterator[tuple[Cid, bytes]]:
        """The blocks that prove the bytes from first to last (both included), depth first."""
        block = self.get(root)
        yield root, block
        if root.codec != DAG_PB:
            return
        for child, size in parse_node(block).links:
            if start <= last and start + size > first:
                yield from self.part(child, first, last, start)
            start += size

    # --- files --------------------------------------------------------------------------------
    def add(self, pieces: Iterable[bytes], profile: Profile = CLASSIC, *, keep: bool = True) -> Cid:
        """Take a file in; memory: one chunk. keep: False only names it."""
        builder, pending = CidBuilder(profile), bytearray()
        for piece in pieces:
            pending += piece
            while len(pending) >= profile.chunk:
                self._leaf(builder, bytes(pending[: profile.chunk]), keep=keep)
                del pending[: profile.chunk]
        if pending or builder.size == 0:
            self._leaf(builder, bytes(pending), keep=keep)
        root = builder.cid()
        if keep:
            for cid, block in Layout(builder.size, builder.leaves, profile).blocks():
                self.put(cid, block)
        return root

    def _leaf(self, builder: CidBuilder, data: bytes, *, keep: bool) -> None:
        builder.update(data)
        if keep:
            self.put(Cid(RAW, hashlib.sha256(data).digest()), data)

    def _layout(self, root: Cid) -> Layout:
        return resolve(root, self.get)

    def bytes_of(self, root: Cid, first: int, last: int) -> Iterator[bytes]:
        """Bytes first to last (both included) of a file. Raises NotFound."""
        layout = self.layout(root)
        for number in layout.covering(first, last):
            start, _ = layout.span(number)
            yield self.get(layout.leaf(number))[max(0, first - start) : last - start + 1]

    def fetch(self, root: Cid) -> None:
        """See that the whole file is in this store. Raises NotFound."""
        for _ in self.below(root):
            pass

    # --- pins ---------------------------------------------------------------------------------
    def pin(self, cid: Cid, name: str = "") -> None:
        with self._lock:
            self._db.execute("INSERT OR IGNORE INTO pins VALUES (?, ?)", (str(cid), name))

    def unpin(self, cid: Cid) -> bool:
        with self._lock:
            return self._db.execute("DELETE FROM pins WHERE cid = ?", (str(cid),)).rowcount > 0

    def pins(self) -> list[Cid]:
        with self._lock:
            rows = self._db.execute("SELECT cid FROM pins ORDER BY cid").fetchall()
        return [parse(text) for (text,) in rows]

    def pinned(self, cid: Cid) -> bool:
        with self._lock:
            found = self._db.execute("SELECT 1 FROM pins WHERE cid = ?", (str(cid),)).fetchone()
        return found is not None

    def collect(self) -> list[Cid]:
        """Remove what no pin leads to, as garbage collection does; what was removed."""
        kept = {str(cid) for root in self.pins() for cid, _ in self.below(root)}
        gone = [path for path in self._files() if path.name not in kept]
        for path in gone:
            path.unlink(missing_ok=True)
        self.layout.cache_clear()
        return [parse(path.name) for path in gone]

    def _files(self) -> list[Path]:
        return [path for path in (self.folder / "blocks").glob("??/b*") if "." not in path.name]

    def size(self) -> tuple[int, int]:
        """Bytes and number of blocks."""
        sizes = [path.stat().st_size for path in self._files()]
        return sum(sizes), len(sizes)

    def open_file(self, root: Cid) -> IO[bytes]:
        """A whole file as something to read from."""
        return cast("IO[bytes]", _Joined(self, root))

    def close(self) -> None:
        self._db.close()


class _Joined:
    """The leaves of a file one after another; only what car.write needs of a file."""

    def __init__(self, blocks: Blocks, root: Cid) -> None:
        self._pieces = (block for cid, block in blocks.below(root) if cid.codec == RAW)

    def read(self, _length: int) -> bytes:
        return next(self._pieces, b"")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None
