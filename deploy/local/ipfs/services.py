"""Two strict pinning services: one of the Pinning Service API, and Pinata's files of version 3."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from core.ipfs.cid import Cid, CidInvalid, parse_any
from deploy.local.ipfs.blocks import Blocks, NotFound
from deploy.local.ipfs.body import BodyInvalid
from deploy.local.ipfs.face import Answer, Asked, Face, Refuse, Route

STATES: Final = frozenset({"queued", "pinning", "pinned", "failed"})
_PIN: Final = frozenset({"cid", "name", "origins", "meta"})
_LIST: Final = frozenset({"cid", "name", "match", "status", "before", "after", "limit", "meta"})


@dataclass
class Request:
    """One wish for a pin."""

    cid: Cid
    pin: dict[str, Any]
    at: float = field(default_factory=time.monotonic)
    created: datetime = field(default_factory=lambda: datetime.now(UTC))
    status: str = "queued"
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    def shown(self) -> dict[str, Any]:
        return {
            "requestid": self.id,
            "status": self.status,
            "created": self.created.isoformat().replace("+00:00", "Z"),
            "pin": self.pin,
            "delegates": ["/ip4/127.0.0.1/tcp/1/p2p/12D3KooWTonalityBackup"],
            "info": {"status_details": "not found yet"} if self.status == "pinning" else {},
        }


class _Service(Face):
    """A face with a store and a bearer token; requests are kept with the store's pins."""

    def __init__(self, blocks: Blocks, *, token: str, port: int = 0) -> None:
        super().__init__(port=port)
        self.blocks, self.token = blocks, token
        self.requests: dict[str, Request] = {}
        for cid in blocks.pins():  # those of an earlier run
            self._keep(Request(cid, {"cid": str(cid)}, status="pinned"))

    def _keep(self, request: Request) -> Request:
        self.requests[request.id] = request
        return request

    def _let_in(self, asked: Asked) -> None:
        if asked.headers.get("Authorization") != f"Bearer {self.token}":
            raise Refuse(self.failed(401, "UNAUTHORIZED"))

    def _cid(self, text: str) -> Cid:
        try:
            return parse_any(text)
        except CidInvalid:
            raise Refuse(self.failed(400, "invalid cid")) from None

    def _of(self, asked: Asked) -> Request:
        request = self.requests.get(asked.match["id"])
        if request is None:
            raise Refuse(self.failed(404, "NOT_FOUND"))
        return request

    def _drop(self, request: Request) -> None:
        del self.requests[request.id]
        if all(other.cid != request.cid for other in self.requests.values()):
            self.blocks.unpin(request.cid)


class PinningFace(_Service):
    """Fetches from its peers a moment after it was asked; gives up after `patience` seconds."""

    delay, patience = 0.05, 60.0

    def failed(self, status: int, why: str, **headers: str) -> Answer:
        return Answer.json({"error": {"reason": why, "details": why}}, status, **headers)

    def ask(self, asked: Asked) -> Answer:
        self._let_in(asked)
        with self.lock:
            return Answer.json(self._keep(self._wish(asked)).shown(), 202)

    def replace(self, asked: Asked) -> Answer:
        self._let_in(asked)
        with self.lock:
            old = self._of(asked)
            new = self._keep(self._wish(asked))
            self._drop(old)
            return Answer.json(new.shown(), 202)

    def _wish(self, asked: Asked) -> Request:
        try:
            pin = asked.json()
        except ValueError:
            pin = None
        if not isinstance(pin, dict) or not isinstance(pin.get("cid"), str) or pin.keys() - _PIN:
            raise Refuse(self.failed(400, "BAD_REQUEST"))
        if len(pin.get("origins", ())) > 20 or len(pin.get("name", "")) > 255:
            raise Refuse(self.failed(400, "BAD_REQUEST"))
        return Request(self._cid(pin["cid"]), pin)

    def one(self, asked: Asked) -> Answer:
        self._let_in(asked)
        with self.lock:
            return Answer.json(self._progress(self._of(asked)).shown())

    def listed(self, asked: Asked) -> Answer:
        """Only what is pinned, unless another status is asked for."""
        self._let_in(asked)
        status = set(asked.query.get("status", "pinned").split(","))
        limit = asked.query.get("limit", "10")
        if asked.query.keys() - _LIST or status - STATES or not limit.isdecimal():
            raise Refuse(self.failed(400, "BAD_REQUEST"))
        cids = {self._cid(text) for text in asked.query.get("cid", "").split(",") if text}
        if len(cids) > 10 or not 1 <= int(limit) <= 1000:
            raise Refuse(self.failed(400, "BAD_REQUEST"))
        with self.lock:
            found = [self._progress(one) for one in self.requests.values()]
        found = [one for one in found if one.status in status and (not cids or one.cid in cids)]
        found.sort(key=lambda one: one.created, reverse=True)
        shown = [one.shown() for one in found[: int(limit)]]
        return Answer.json({"count": len(found), "results": shown})

    def remove(self, asked: Asked) -> Answer:
        self._let_in(asked)
        with self.lock:
            self._drop(self._of(asked))
        return Answer(202, length=0)

    def _progress(self, request: Request) -> Request:
        age = time.monotonic() - request.at
        if request.status in {"queued", "pinning"} and age > self.delay:
            try:
                self.blocks.fetch(request.cid)
                self.blocks.pin(request.cid, str(request.pin.get("name", "")))
                request.status = "pinned"
            except NotFound:
                request.status = "failed" if age > self.patience else "pinning"
        return request

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("POST", "/pins"): ask,
        ("GET", "/pins"): listed,
        ("GET", "/pins/(?P<id>[^/]+)"): one,
        ("POST", "/pins/(?P<id>[^/]+)"): replace,
        ("DELETE", "/pins/(?P<id>[^/]+)"): remove,
    }


_UPLOAD: Final = frozenset({"file", "network", "name", "group_id", "keyvalues"})
_FILES: Final = frozenset({"cid", "name", "group", "mimeType", "limit", "order", "pageToken"})


class PinataFace(_Service):
    """Uploads and files share this port; at Pinata they are two hosts."""

    def failed(self, status: int, why: str, **headers: str) -> Answer:
        return Answer.json({"error": {"code": status, "message": why}}, status, **headers)

    def upload(self, asked: Asked) -> Answer:
        self._let_in(asked)
        fields: dict[str, str] = {}
        cid: Cid | None = None
        try:
            for part in asked.body.parts():
                if part.name not in _UPLOAD:
                    raise BodyInvalid(f"unknown field {part.name}")
                if part.name == "file":
                    cid = self.blocks.add(part.pieces)
                else:
                    fields[part.name] = part.text()
        except BodyInvalid as error:
            raise Refuse(self.failed(400, str(error))) from None
        if cid is None or fields.get("network", "private") not in {"public", "private"}:
            raise Refuse(self.failed(400, "file and network are required"))
        with self.lock:
            return Answer.json({"data": self._made(cid, fields)})

    def _made(self, cid: Cid, fields: Mapping[str, str]) -> dict[str, Any]:
        self.blocks.pin(cid, fields.get("name", ""))
        known = next((one for one in self.requests.values() if one.cid == cid), None)
        made = known or self._keep(Request(cid, {"name": fields.get("name", "")}))
        return self._shown(made) | {"is_duplicate": known is not None}

    def _shown(self, made: Request) -> dict[str, Any]:
        return {
            "id": made.id,
            "name": made.pin.get("name", ""),
            "cid": str(made.cid),
            "size": self.blocks.layout(made.cid).size,
            "number_of_files": 1,
            "mime_type": "application/octet-stream",
            "network": "public",
            "created_at": made.created.isoformat(),
        }

    def files(self, asked: Asked) -> Answer:
        self._let_in(asked)
        if asked.query.keys() - _FILES:
            raise Refuse(self.failed(400, "unknown filter"))
        wanted = self._cid(asked.query["cid"]) if "cid" in asked.query else None
        with self.lock:
            found = [one for one in self.requests.values() if wanted in {None, one.cid}]
            shown = [self._shown(one) for one in found[: int(asked.query.get("limit", "10"))]]
        return Answer.json({"data": {"files": shown, "next_page_token": ""}})

    def file(self, asked: Asked) -> Answer:
        self._let_in(asked)
        with self.lock:
            return Answer.json({"data": self._shown(self._of(asked))})

    def remove(self, asked: Asked) -> Answer:
        self._let_in(asked)
        with self.lock:
            self._drop(self._of(asked))
        return Answer.json({"data": None})

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("POST", "/v3/files"): upload,
        ("GET", "/v3/files/public"): files,
        ("GET", "/v3/files/public/(?P<id>[^/]+)"): file,
        ("DELETE", "/v3/files/public/(?P<id>[^/]+)"): remove,
    }
