"""The worker's side of pictures: hostile ones are opened in a limited child only."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import IO, Any, Final

from catalog.media.confine import ConfineFailed, Limits, Scratch, python, run, scratch
from catalog.media.covers import MAX_BYTES, Cover
from catalog.media.inspection.reasons import WORDS
from catalog.media.inspection.worker import FileRefused

LIMITS: Final = Limits(
    seconds=60, cpu=60, memory=900 << 20, file=32 << 20, files=32, output=16 << 10
)
_COLOUR: Final = re.compile(r"#[0-9a-f]{6}")
_PIECE: Final = 1 << 20


def cover_made(path: Path, place: Scratch) -> Cover:
    """A square cover out of an upload. Raises FileRefused, ConfineFailed."""
    answer = _ask(path, place, sizes=False)
    deep, bright = str(answer["deep"]), str(answer["bright"])
    data = (place.outward / "cover.jpg").read_bytes()
    if not (_COLOUR.fullmatch(deep) and _COLOUR.fullmatch(bright) and data[:2] == b"\xff\xd8"):
        raise ConfineFailed("the child gave no cover")
    return Cover(data, int(answer["side"]), deep, bright)


def cover_from(data: IO[bytes], base: str) -> Cover:
    """As cover_made, for bytes that are no file yet. base: where scratch folders are made."""
    with scratch(base) as place:
        path = place.inward / "picture"
        with path.open("wb") as file:
            shutil.copyfileobj(data, file, _PIECE)
            if file.tell() > MAX_BYTES:
                raise FileRefused("cover_too_large", {})
        path.chmod(0o444)
        return cover_made(path, place)


def sizes_made(path: Path, place: Scratch) -> list[tuple[int, str, Path]]:
    """A cover of ours in every width and format: (pixels, format, file)."""
    made = _ask(path, place, sizes=True)["made"]
    return [(int(width), str(name), place.outward / f"{int(width)}.{name}") for width, name in made]


def _ask(path: Path, place: Scratch, *, sizes: bool) -> dict[str, Any]:
    command = [*python("catalog.media.covering"), json.dumps({"path": str(path), "sizes": sizes})]
    done = run(command, place=place, limits=LIMITS, reads=(path,))
    if done.ended:
        raise FileRefused("cover_too_large", {}, done.peak)
    try:
        answer = json.loads(done.out)
    except ValueError:
        raise ConfineFailed(done.err.decode(errors="replace")[-300:]) from None
    if not isinstance(answer, dict) or answer.get("refused", "empty") not in WORDS:
        raise ConfineFailed("the child says what it cannot know")
    if code := answer.get("refused"):
        raise FileRefused(str(code), answer["values"], done.peak)
    return answer
