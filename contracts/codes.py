"""The compiled contracts: code cells and hashes from ``build/``, no compiler needed."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Final

from pytoniq_core import Cell

BUILD: Final = Path(__file__).with_name("build")
NAMES: Final = ("item", "collection", "hub", "splitter")


@cache
def code(name: str) -> Cell:
    """Return a contract's code cell. Raises RuntimeError when the file and its hash disagree."""
    record = json.loads((BUILD / f"{name}.json").read_text())
    cell = Cell.one_from_boc(record["code_boc_hex"])
    if cell.hash.hex() != record["code_hash"]:
        raise RuntimeError(f"contracts/build/{name}.json: code and hash disagree")
    return cell


def code_hash(name: str) -> str:
    """Return the hash of a contract's code as hex."""
    return code(name).hash.hex()


def name_of(code_cell: Cell) -> str | None:
    """Return which contract of ours has this code, or None."""
    for name in NAMES:
        if (BUILD / f"{name}.json").exists() and code(name).hash == code_cell.hash:
            return name
    return None
