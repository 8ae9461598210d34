"""What the studio has made is kept on a shelf, named by what it was made of."""

from __future__ import annotations

import hashlib
import os
import pickle
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from deploy.local.studio.catalogue import Album, Piece
from deploy.local.studio.covers import draw
from deploy.local.studio.encode import Made, record
from deploy.local.studio.sound import mastered
from deploy.local.studio.styles import STYLES

_STUDIO = Path(__file__).parent


class Shelf:
    """A folder of recordings and covers. What is missing is made, by two processes at once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def recording(self, piece: Piece) -> Made:
        made = self._get(("piece", piece.style, piece.seed, piece.key), lambda: _play(piece))
        if not isinstance(made, Made):
            raise TypeError("the shelf holds something else")
        return made

    def cover(self, album: Album) -> bytes:
        """PNG bytes."""
        made = self._get(("cover", album.cover), lambda: draw(album.cover, _seed(album.cover)))
        if not isinstance(made, bytes):
            raise TypeError("the shelf holds something else")
        return made

    def prepare(self, albums: Iterable[Album]) -> Iterator[str]:
        """Make whatever these albums need; yields the title of each thing when it is there."""
        wanted: list[tuple[str, Any]] = []
        for album in albums:
            wanted += [("cover", album), *(("recording", piece) for piece in album.pieces)]
        with ProcessPoolExecutor(min(4, os.cpu_count() or 1)) as pool:
            jobs = [pool.submit(_make, self.folder, kind, thing) for kind, thing in wanted]
            for job, (_, thing) in zip(jobs, wanted, strict=True):
                job.result()
                yield thing.title

    def _get(self, name: tuple[object, ...], make: Callable[[], object]) -> object:
        key = hashlib.sha256(repr((_sources(), name)).encode()).hexdigest()[:32]
        path = self.folder / f"{key}.pickle"
        if path.exists():
            return pickle.loads(path.read_bytes())  # noqa: S301  our own file in our own folder
        made = make()
        draft = path.with_suffix(f".{os.getpid()}")
        draft.write_bytes(pickle.dumps(made))
        draft.replace(path)
        return made


@cache
def _sources() -> str:
    """A digest of the studio's own code: what it made with other code is made anew."""
    digest = hashlib.sha256()
    for path in sorted(_STUDIO.rglob("*.py")):
        if path.name not in {"shelf.py", "catalogue.py"}:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _seed(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def _play(piece: Piece) -> Made:
    sound = STYLES[piece.style](np.random.default_rng(piece.seed), piece.key)
    return record(mastered(sound))


def _make(folder: Path, kind: str, thing: Any) -> None:
    getattr(Shelf(folder), kind)(thing)
