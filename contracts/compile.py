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

from pytoniq_core import Cell, HashMap, begin_cell

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
    "collection": (
        *_SHARED,
        "messages.fc",
        "collection_sale.fc",
        "collection_owner.fc",
        "collection.fc",
        "collection_getters.fc",
    ),
    "hub": (*_SHARED, "messages.fc", "hub.fc", "hub_admin.fc", "hub_getters.fc"),
    "splitter": (*_SHARED, "messages.fc", "splitter.fc"),
}

# Contracts that deploy items carry the item's code as a constant of their own code.
KNOWS_ITEM: Final = frozenset({"collection"})

_HANDLER: Final = "recv_internal PROC:<{"
_ENTRY: Final = "SETCP0 DUP <b b> IFJMPREF DROP"


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
            return code_of(func_to_asm([str(path) for path in paths]))
        except (RuntimeError, IndexError, AssertionError) as error:
            capture.seek(0)
            said = capture.read().decode(errors="replace").strip()
            raise CompileError(said or str(error)) from error


def _paths(name: str) -> list[Path]:
    return [SOURCES / source for source in CONTRACTS[name]]


def code_of(assembly: str) -> Cell:
    """Assemble and link what the FunC compiler wrote: the code cell of a contract."""
    return link(_assemble(assembly.replace(_HANDLER, f"{_HANDLER} {_ENTRY}")))


def _assemble(text: str) -> Cell:
    assembler = Fift()
    assembler.add_lib("Asm.fif")
    assembler.run(text)
    return Cell.one_from_boc(base64.b64decode(assembler.last().to_boc()))


def link(program: Cell) -> Cell:
    """Run messages at once: the dictionary of methods is only opened for get-methods.

    The compiler's program looks every call up in a dictionary of method numbers, messages (number
    0) too. Here the message handler is the root. It starts with ``_ENTRY``, whose empty reference
    is replaced by what answers every other number: the dictionary, or the only get-method. Saves
    about 200 gas a message and, in an item, two cells of every mint.
    """
    methods = program.refs[0].begin_parse().load_hashmap(19) or {}
    handler = methods.pop(0).to_cell()
    if len(methods) == 1:
        number, body = methods.popitem()
        check = _assemble(f"<{{ {number} PUSHINT EQUAL 11 THROWIFNOT }}>c")
        getters = begin_cell().store_cell(check).store_slice(body).end_cell()
    else:
        table = HashMap(19, value_serializer=lambda source, target: target.store_slice(source))
        table.map = methods
        dictionary = table.serialize()
        if dictionary is None:
            raise CompileError("a contract without a get-method")
        getters = begin_cell().store_bits(program.bits).store_ref(dictionary).end_cell()
    root = begin_cell().store_bits(handler.bits).store_ref(getters)
    for ref in handler.refs[1:]:
        root.store_ref(ref)
    return root.end_cell()


def item_constants(item: Cell) -> str:
    """Return the FunC source by which a collection knows its items' code: cell and hash prefix.

    The prefix is the representation of an item's StateInit (descriptors, five bits, the depths of
    code and data, the hash of the code) up to the hash of its data.
    """
    depth = item.get_depth()
    prefix = f"020134{depth:04x}0000{item.hash.hex()}"
    boc = item.to_boc(has_idx=False).hex()
    # stack of item::send: tail index -> tail data -> tail data address -> message
    send = [
        "MYADDR NEWC STSLICE 64 STU ENDC",
        f"DUP HASHCU x{{{prefix}}} PUSHSLICE NEWC STSLICE 256 STU ONE HASHEXT_SHA256",
        "NEWC b{01100010000000000} STSLICECONST 256 STU s1 s2 XCHG STB STREF ENDC",
        "17 PUSHINT SENDRAWMSG",
    ]
    steps = " ".join(f'"{step}"' for step in send)
    return (
        f'cell item::code() asm "B{{{boc}}} B>boc PUSHREF";\n'
        f'builder item::hash_prefix() asm "x{{{prefix}}} PUSHSLICE NEWC STSLICE";\n'
        f"() item::send(builder tail, int index) impure asm {steps};\n"
    )


def texts_of(name: str) -> dict[str, str]:
    """Return a contract's sources, {file name: text}, in the order of compilation."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in _paths(name)}
    if name not in KNOWS_ITEM:
        return texts
    files = list(texts.items())
    constants = item_constants(compile_sources(_paths("item")))
    return dict([*files[: len(_SHARED)], ("item_code.fc", constants), *files[len(_SHARED) :]])


def build(name: str) -> dict[str, Any]:
    """Compile one contract into the record that is committed under ``build/``."""
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for file, text in texts_of(name).items():
            paths.append(Path(folder) / file)
            paths[-1].write_text(text, encoding="utf-8")
        code = compile_sources(paths)
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
