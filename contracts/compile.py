"""Compile the FunC sources: ``python -m contracts.compile [--out DIR] [--check]``.

The compiler is FunC 0.4.6 inside tonpy, a development dependency: only this file imports it, so
the wrappers work where it is not installed. The result is the same byte for byte on every
machine; ``--check`` compares it with what is committed.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final

from pytoniq_core import Cell

try:
    from tonpy.fift.fift import Fift
    from tonpy.libs.python_ton import func_to_asm
except ImportError:  # product code has no use for the compiler
    Fift = func_to_asm = None

FUNC_VERSION: Final = "0.4.6"
SOURCES: Final = Path(__file__).with_name("func")
BUILD: Final = Path(__file__).with_name("build")
_SHARED: Final = ("asm.fc", "opcodes.fc", "errors.fc", "fees.fc")
CONTRACTS: Final[dict[str, tuple[str, ...]]] = {
    "item": (*_SHARED, "item.fc"),
    "collection": (*_SHARED, "messages.fc", "collection.fc", "collection_getters.fc"),
    "hub": (*_SHARED, "messages.fc", "hub.fc", "hub_admin.fc", "hub_getters.fc"),
}


class CompileError(RuntimeError):
    """The sources do not compile; the text is the compiler's own."""


@contextmanager
def _captured_stderr() -> Iterator[IO[bytes]]:
    """The compiler writes its messages to file descriptor 2, past Python's sys.stderr."""
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as capture:
        os.dup2(capture.fileno(), 2)
        try:
            yield capture
        finally:
            os.dup2(saved, 2)
            os.close(saved)


def compile_sources(paths: list[Path]) -> Cell:
    """Compile files in order into one code cell. Raises CompileError."""
    if Fift is None or func_to_asm is None:
        raise CompileError("tonpy is not installed: it holds the compiler (development group)")
    with _captured_stderr() as capture:
        try:
            assembler = Fift()
            assembler.add_lib("Asm.fif")
            assembler.run(func_to_asm([str(path) for path in paths]))
            return Cell.one_from_boc(base64.b64decode(assembler.last().to_boc()))
        except (RuntimeError, IndexError, AssertionError) as error:
            capture.seek(0)
            said = capture.read().decode(errors="replace").strip()
            raise CompileError(said or str(error)) from error


def build(name: str) -> dict[str, Any]:
    """Compile one contract into the record that is committed under ``build/``."""
    code = compile_sources([SOURCES / source for source in CONTRACTS[name]])
    return {
        "name": name,
        "code_boc_hex": code.to_boc(has_idx=False).hex(),
        "code_hash": code.hash.hex(),
        "func_version": FUNC_VERSION,
        "sources": {
            source: hashlib.sha256((SOURCES / source).read_bytes()).hexdigest()
            for source in CONTRACTS[name]
        },
    }


def render(record: dict[str, Any]) -> str:
    """Return the text of one build file."""
    return json.dumps(record, indent=2) + "\n"


def main(arguments: list[str] | None = None) -> int:
    """Build or check every contract; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m contracts.compile", description=__doc__)
    parser.add_argument("--out", type=Path, default=BUILD, help="folder of the build files")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    try:
        records = {name: build(name) for name in CONTRACTS}
    except CompileError as error:
        print(error, file=sys.stderr)
        return 1
    stale = []
    for name, record in records.items():
        target = options.out / f"{name}.json"
        if not options.check:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(render(record))
        elif not target.exists() or target.read_text() != render(record):
            stale.append(name)
        print(f"{name:<12} {record['code_hash']}  {len(record['code_boc_hex']) // 2} bytes")
    if stale:
        print(f"differs from the committed build: {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
