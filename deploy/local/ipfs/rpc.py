"""A node's RPC as Kubo answers it, the commands that we use: strict, every command a POST."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar, Final

from core.ipfs import car
from core.ipfs.cid import CLASSIC, PROFILES, Cid, CidInvalid, Profile, parse_any
from core.ipfs.dag import BlockInvalid
from deploy.local.ipfs.blocks import Blocks, NotFound
from deploy.local.ipfs.body import BodyInvalid, Part
from deploy.local.ipfs.face import Answer, Asked, Face, Refuse, Route

VERSION: Final = "0.0.0-tonality"
PEER: Final = "12D3KooWTonalityLocalNode"
_TRUTH: Final = {"true": True, "1": True, "": True, "false": False, "0": False}


class NodeFace(Face):
    """Our node's RPC. Browsers are refused, as Kubo refuses an Origin that it was not told of."""

    def __init__(self, blocks: Blocks, *, port: int = 0) -> None:
        super().__init__(port=port)
        self.blocks = blocks

    def failed(self, status: int, why: str, **headers: str) -> Answer:
        return Answer.json({"Message": why, "Code": 0, "Type": "error"}, status, **headers)

    def command(self, asked: Asked) -> Answer:
        if asked.method != "POST":
            return Answer.whole(b"405 - Method Not Allowed", status=405, kind="text/plain")
        if "Origin" in asked.headers or "Referer" in asked.headers:
            return Answer.whole(b"403 - Forbidden", status=403, kind="text/plain")
        found = COMMANDS.get(asked.match["command"])
        if found is None:
            return Answer.whole(b"404 page not found", status=404, kind="text/plain")
        run, options = found
        if unknown := asked.query.keys() - options:
            return self.failed(400, f"unknown options: {', '.join(sorted(unknown))}")
        try:
            return run(self, asked)
        except (NotFound, BlockInvalid, BodyInvalid, KeyError, ValueError) as error:
            return self.failed(500, str(error))

    # --- commands -----------------------------------------------------------------------------
    def add(self, asked: Asked) -> Answer:
        """NDJSON, a line a file. Only CIDv1 with raw leaves: what our product names."""
        profile = _profile(asked.query)
        keep = not flag(asked, "only-hash", default=False)
        lines = []
        for part in asked.body.parts():
            root = self.blocks.add(part.pieces, profile, keep=keep)
            if keep and flag(asked, "pin", default=True):
                self.blocks.pin(root)
            size = self.blocks.layout(root).size if keep else 0
            lines.append({"Name": part.filename or str(root), "Hash": str(root), "Size": str(size)})
        if not lines:
            raise BodyInvalid("file argument 'path' is required")
        return _lines(lines)

    def pin_add(self, asked: Asked) -> Answer:
        cid = argument(asked)
        self.blocks.fetch(cid)
        self.blocks.pin(cid)
        return Answer.json({"Pins": [str(cid)]})

    def pin_ls(self, asked: Asked) -> Answer:
        if asked.query.get("type", "all") not in {"all", "recursive"}:
            raise ValueError("only recursive pins are kept here")
        if "arg" not in asked.query:
            found = self.blocks.pins()
        elif self.blocks.pinned(cid := argument(asked)):
            found = [cid]
        else:
            raise ValueError(f"path '{asked.query['arg']}' is not pinned")
        if flag(asked, "stream", default=False):
            return _lines([{"Cid": str(one), "Type": "recursive"} for one in found])
        return Answer.json({"Keys": {str(one): {"Type": "recursive"} for one in found}})

    def pin_rm(self, asked: Asked) -> Answer:
        cid = argument(asked)
        if not self.blocks.unpin(cid):
            raise ValueError("not pinned or pinned indirectly")
        return Answer.json({"Pins": [str(cid)]})

    def block_get(self, asked: Asked) -> Answer:
        alone = flag(asked, "offline", default=False)
        block = (self.blocks.own if alone else self.blocks.get)(argument(asked))
        return Answer.whole(block, kind="application/octet-stream")

    def block_stat(self, asked: Asked) -> Answer:
        cid = argument(asked)
        return Answer.json({"Key": str(cid), "Size": len(self.blocks.get(cid))})

    def dag_export(self, asked: Asked) -> Answer:
        cid = argument(asked)
        layout = self.blocks.layout(cid)
        pieces = car.write(layout, lambda: self.blocks.open_file(cid))
        return Answer(body=pieces, kind=car.CONTENT_TYPE)

    def dag_import(self, asked: Asked) -> Answer:
        """The first block of a CAR of ours is its root; blocks arrive checked."""
        lines = []
        for part in asked.body.parts():
            root = self._imported(part)
            if flag(asked, "pin-roots", default=True):
                self.blocks.pin(root)
            lines.append({"Root": {"Cid": {"/": str(root)}, "PinErrorMsg": ""}})
        return _lines(lines)

    def _imported(self, part: Part) -> Cid:
        root: Cid | None = None
        for cid, block in car.read(part.pieces):
            root = root or cid
            self.blocks.put(cid, block)
        if root is None:
            raise ValueError("a CAR without blocks")
        self.blocks.fetch(root)
        return root

    def repo_stat(self, asked: Asked) -> Answer:
        del asked
        size, count = self.blocks.size()
        return Answer.json(
            {
                "RepoSize": size,
                "StorageMax": 10_000_000_000,
                "NumObjects": count,
                "RepoPath": str(self.blocks.folder),
                "Version": "fs-repo@local",
            }
        )

    def repo_gc(self, asked: Asked) -> Answer:
        del asked
        return _lines([{"Key": {"/": str(cid)}} for cid in self.blocks.collect()])

    def version(self, asked: Asked) -> Answer:
        del asked
        return Answer.json({"Version": VERSION, "Commit": "", "Repo": "1", "System": "tonality"})

    def id(self, asked: Asked) -> Answer:
        del asked
        return Answer.json(
            {"ID": PEER, "Addresses": [f"/ip4/127.0.0.1/tcp/{self.port}/p2p/{PEER}"]}
        )

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("GET|HEAD|POST|PUT|DELETE", r"/api/v0/(?P<command>[a-z/]+)"): command,
    }


Command = Callable[[NodeFace, Asked], Answer]
_ONE: Final = frozenset({"arg"})
COMMANDS: Final[dict[str, tuple[Command, frozenset[str]]]] = {
    "add": (
        NodeFace.add,
        frozenset(
            {
                "cid-version",
                "raw-leaves",
                "chunker",
                "max-file-links",
                "pin",
                "progress",
                "only-hash",
                "wrap-with-directory",
            }
        ),
    ),
    "pin/add": (NodeFace.pin_add, _ONE | {"progress", "recursive", "name"}),
    "pin/ls": (NodeFace.pin_ls, _ONE | {"type", "stream", "names", "quiet"}),
    "pin/rm": (NodeFace.pin_rm, _ONE | {"recursive"}),
    "block/get": (NodeFace.block_get, _ONE | {"offline"}),
    "block/stat": (NodeFace.block_stat, _ONE),
    "dag/export": (NodeFace.dag_export, _ONE | {"progress"}),
    "dag/import": (NodeFace.dag_import, frozenset({"pin-roots", "stats", "silent"})),
    "repo/stat": (NodeFace.repo_stat, frozenset({"size-only", "human"})),
    "repo/gc": (NodeFace.repo_gc, frozenset({"quiet", "silent"})),
    "version": (NodeFace.version, frozenset({"all", "number"})),
    "id": (NodeFace.id, frozenset()),
}


def argument(asked: Asked) -> Cid:
    """The CID of `arg`, also as "/ipfs/..."."""
    text = asked.query.get("arg", "")
    try:
        return parse_any(text.removeprefix("/ipfs/"))
    except CidInvalid:
        raise ValueError(f"invalid path {json.dumps(text)}: invalid cid") from None


def flag(asked: Asked, name: str, *, default: bool) -> bool:
    """Raises ValueError."""
    text = asked.query.get(name)
    if text is not None and text not in _TRUTH:
        raise ValueError(f"{name} is no boolean")
    return default if text is None else _TRUTH[text]


def _profile(query: Mapping[str, str]) -> Profile:
    if query.get("cid-version") != "1" or query.get("raw-leaves", "true") != "true":
        raise ValueError("this node makes CIDv1 with raw leaves")
    if query.get("wrap-with-directory", "false") != "false":
        raise ValueError("this node keeps files, no directories")
    kind, _, size = query.get("chunker", f"size-{CLASSIC.chunk}").partition("-")
    profile = Profile(int(size), int(query.get("max-file-links", CLASSIC.width)))
    if kind != "size" or profile not in PROFILES.values():
        raise ValueError("no such chunker here")
    return profile


def _lines(values: list[Any]) -> Answer:
    def pieces() -> Iterator[bytes]:
        for value in values:
            yield json.dumps(value).encode() + b"\n"

    return Answer(body=pieces(), length=None)


__all__ = ["NodeFace", "Refuse"]
