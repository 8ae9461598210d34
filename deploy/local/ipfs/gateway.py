"""Gateways: one that can be checked (single blocks and CARs), and an old one that gives files.

Source: github.com/ipfs/specs, src/http-gateways (path-gateway, trustless-gateway).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import ClassVar, Final

from core.ipfs import car
from core.ipfs.cid import Cid, CidInvalid, parse_any
from core.ipfs.dag import BlockInvalid
from deploy.local.ipfs.blocks import Blocks, NotFound
from deploy.local.ipfs.face import Answer, Asked, Face, Refuse, Route

PROBE: Final = "bafkqaaa"  # the identity CID of nothing: every gateway has it
RAW_TYPE: Final = "application/vnd.ipld.raw"
_FOREVER: Final = "public, max-age=29030400, immutable"
_MAGIC: Final = (
    (b"\xff\xd8\xff", 0, "image/jpeg"),
    (b"\x89PNG", 0, "image/png"),
    (b"{", 0, "application/json"),
    (b"ftyp", 4, "audio/mp4"),
    (b"OggS", 0, "audio/ogg"),
    (b"fLaC", 0, "audio/flac"),
    (b"RIFF", 0, "audio/wav"),
    (b"ID3", 0, "audio/mpeg"),
)


class GatewayFace(Face):
    """trustless: it answers format=raw and format=car; otherwise it ignores them."""

    def __init__(self, blocks: Blocks, *, port: int = 0, trustless: bool = True) -> None:
        super().__init__(port=port)
        self.blocks, self.trustless = blocks, trustless

    def failed(self, status: int, why: str, **headers: str) -> Answer:
        return Answer.whole(why.encode(), status=status, kind="text/plain", headers=headers)

    def file(self, asked: Asked) -> Answer:
        text = asked.match["cid"]
        wanted = self._format(asked)
        if text == PROBE:
            return self._given(asked, text, b"", RAW_TYPE if wanted == "raw" else "text/plain")
        cid = self._cid(asked, text)
        try:
            if wanted == "raw":
                return self._given(asked, f"{text}.raw", self.blocks.get(cid), RAW_TYPE)
            if wanted == "car":
                return self._car(asked, cid)
            return self._path(asked, cid)
        except (NotFound, BlockInvalid) as error:
            return self.failed(404, f"ipfs resolve -r /ipfs/{text}: {error}")

    def _cid(self, asked: Asked, text: str) -> Cid:
        try:
            cid = parse_any(text)
        except CidInvalid:
            raise Refuse(self.failed(400, f"invalid path: invalid cid {text[:80]}")) from None
        only = "only-if-cached" in asked.headers.get("Cache-Control", "")
        if only and not self.blocks.has(cid):
            raise Refuse(self.failed(412, f"{text} not in the local store"))
        return cid

    def _format(self, asked: Asked) -> str:
        """The query wins over Accept."""
        if not self.trustless:
            return ""
        found = asked.query.get("format")
        accepted = asked.headers.get("Accept", "")
        if found is None:
            found = {RAW_TYPE in accepted: "raw", car.CONTENT_TYPE in accepted: "car"}.get(True, "")
        if found not in {"", "raw", "car"}:
            raise Refuse(self.failed(400, f"unsupported format {found}"))
        return found

    def _given(self, asked: Asked, tag: str, data: bytes, kind: str) -> Answer:
        headers = _headers(asked, tag) | {"Content-Disposition": f'attachment; filename="{tag}"'}
        if _matches(asked, headers["Etag"]):
            return Answer(304, length=0, kind=kind, headers=headers)
        return Answer.whole(data, kind=kind, headers=headers)

    def _car(self, asked: Asked, cid: Cid) -> Answer:
        """dag-scope=block gives the root alone; entity-bytes the blocks that prove a range."""
        layout = self.blocks.layout(cid)
        scope, part = asked.query.get("dag-scope", "all"), asked.query.get("entity-bytes")
        if scope == "block":
            blocks: Iterator[tuple[Cid, bytes]] = iter([(cid, self.blocks.get(cid))])
        elif part:
            blocks = self.blocks.part(cid, *self._entity(part, layout.size))
        else:
            blocks = self.blocks.below(cid)
        headers = _headers(asked, f"{cid}.car") | {"Etag": f'W/"{cid}.car.{scope}.{part}"'}
        kind = f"{car.CONTENT_TYPE}; version=1; order=dfs; dups=y"
        return Answer(body=car.framed(cid, blocks), kind=kind, headers=headers)

    def _entity(self, text: str, size: int) -> tuple[int, int]:
        found = re.fullmatch(r"(\d+):(\d+|\*)", text)
        if not found:
            raise Refuse(self.failed(400, "entity-bytes is from:to"))
        last = size - 1 if found[2] == "*" else int(found[2])
        return int(found[1]), min(last, size - 1)

    def _path(self, asked: Asked, cid: Cid) -> Answer:
        """A file by its path: whole or one range (RFC 9110, 14)."""
        size = self.blocks.layout(cid).size
        headers = _headers(asked, str(cid)) | {"Accept-Ranges": "bytes"}
        if _matches(asked, headers["Etag"]):
            return Answer(304, length=0, headers=headers)
        kind = self._sniffed(cid, size)
        found = re.fullmatch(r"bytes=(\d*)-(\d*)", asked.headers.get("Range", ""))
        if not found or found[0] == "bytes=-" or size == 0:
            body = self.blocks.bytes_of(cid, 0, size - 1) if size else iter(())
            return Answer(200, body, kind, size, headers)
        first = int(found[1]) if found[1] else max(0, size - int(found[2]))
        last = min(int(found[2]), size - 1) if found[1] and found[2] else size - 1
        if first > last:
            raise Refuse(self.failed(416, "no such bytes", **{"Content-Range": f"bytes */{size}"}))
        headers["Content-Range"] = f"bytes {first}-{last}/{size}"
        return Answer(206, self.blocks.bytes_of(cid, first, last), kind, last - first + 1, headers)

    def _sniffed(self, cid: Cid, size: int) -> str:
        head = b"".join(self.blocks.bytes_of(cid, 0, min(11, size - 1))) if size else b""
        for magic, at, kind in _MAGIC:
            if head[at : at + len(magic)] == magic:
                return kind
        return "application/octet-stream"

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("GET|HEAD", r"/ipfs/(?P<cid>[A-Za-z0-9]+)"): file,
    }


def _headers(asked: Asked, tag: str) -> dict[str, str]:
    cid = asked.match["cid"]
    return {
        "Etag": f'"{tag}"',
        "Cache-Control": _FOREVER,
        "X-Ipfs-Path": f"/ipfs/{cid}",
        "X-Ipfs-Roots": cid,
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
    }


def _matches(asked: Asked, etag: str) -> bool:
    given = asked.headers.get("If-None-Match", "")
    return etag in [one.strip() for one in given.split(",")]
