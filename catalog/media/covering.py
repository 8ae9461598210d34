"""The limited child for pictures: decodes one, leaves files in its folder, prints a small JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from catalog.media.covers import cover_read, sizes
from catalog.media.inspection.facts import Refused


def main() -> None:
    told = json.loads(sys.argv[1])
    try:
        answer = _sizes(Path(told["path"])) if told["sizes"] else _cover(Path(told["path"]))
    except Refused as refused:
        answer = {"refused": refused.code, "values": refused.values}
    except MemoryError:
        answer = {"refused": "cover_too_large", "values": {}}
    print(json.dumps(answer))


def _cover(path: Path) -> dict[str, Any]:
    with path.open("rb") as data:
        cover = cover_read(data)
    Path("cover.jpg").write_bytes(cover.data)
    return {name: value for name, value in asdict(cover).items() if name != "data"}


def _sizes(path: Path) -> dict[str, Any]:
    made = []
    with path.open("rb") as data:
        for width, name, picture in sizes(data):
            Path(f"{width}.{name}").write_bytes(picture)
            made.append([width, name])
    return {"made": made}
