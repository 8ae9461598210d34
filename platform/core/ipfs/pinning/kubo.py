"""A Kubo node by its RPC (docs.ipfs.tech/reference/kubo/rpc): every command is a POST.

js-ipfs answers the same commands. Whoever reaches this port owns the node: it is never public.
"""

from __future__ import annotations

import json
from typing import Any, Final

import httpx2

from core import http
from core.ipfs.cid import Cid
from core.ipfs.dag import BlockInvalid, verify
from core.ipfs.pinning.base import Content, PinError, State, Status, answer, calls, same

ASKING: Final = 10.0  # seconds without a byte
ADDING: Final = 120.0  # it answers an add when the whole tree is written


class Kubo:
    """Fulfils PinService. url: up to and without "/api/v0"."""

    fetches = False

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url.rstrip("/")

    def add(self, content: Content) -> Status:
        options = {
            "cid-version": "1",
            "raw-leaves": "true",
            "chunker": f"size-{content.profile.chunk}",
            "max-file-links": str(content.profile.width),  # a node may be set to another one
            "pin": "true",
            "progress": "false",
        }
        with calls(), content.open() as file, self._client(ADDING) as node:
            part = {"file": (content.name, file, "application/octet-stream")}
            lines = self._lines(node.request("POST", "/add", params=options, files=part))
            name = str(next(one for one in reversed(lines) if "Hash" in one)["Hash"])
            try:
                same(name, content.cid)
            except PinError:
                self._call("/pin/rm", name)
                raise
        return Status(State.PINNED)

    def state(self, cid: Cid, remote_id: str) -> Status:
        del remote_id
        with calls():
            found = self._call("/pin/ls", str(cid), type="recursive")
        return Status(State.ABSENT if found is None else State.PINNED)

    def remove(self, cid: Cid, remote_id: str) -> None:
        del remote_id
        with calls():
            self._call("/pin/rm", str(cid))

    def holds(self, cid: Cid) -> bool:
        """It gives the root block, which is hashed here."""
        if self.state(cid, "").state is not State.PINNED:
            return False
        try:
            verify(cid, self.block(cid))
        except BlockInvalid:
            return False
        except PinError as error:
            if "not found" in error.detail.lower() or "could not find" in error.detail:
                return False  # it pins what it has not
            raise
        return True

    def block(self, cid: Cid) -> bytes:
        """The bytes of a block that the node has itself, unchecked. Raises PinError."""
        options = {"arg": str(cid), "offline": "true"}  # else it would search the network for it
        with calls(), self._client(ASKING) as node:
            response = node.request("POST", "/block/get", params=options, again=True)
            if not response.is_success:
                answer(response)
            return response.content

    def version(self) -> str:
        with calls():
            found = self._call("/version", None)
        return str((found or {}).get("Version", ""))

    def _call(self, command: str, cid: str | None, **options: str) -> dict[str, Any] | None:
        """One command that may be repeated; None when the CID is not pinned there."""
        arguments = {"arg": cid, **options} if cid else options
        with self._client(ASKING) as node:
            response = node.request("POST", command, params=arguments, again=True)
        if response.status_code == 500 and "not pinned" in response.text:
            return None
        found: dict[str, Any] = answer(response)
        return found

    def _client(self, seconds: float) -> http.Client:
        return http.Client(base_url=f"{self.url}/api/v0", timeout=seconds, attempts=2)

    @staticmethod
    def _lines(response: httpx2.Response) -> list[dict[str, Any]]:
        """Newline-separated JSON; an error may come after the status was sent."""
        if not response.is_success:
            answer(response)
        lines = [json.loads(line) for line in response.text.splitlines() if line.strip()]
        for line in lines:
            if line.get("Type") == "error":
                raise PinError("refused", str(line.get("Message")), retry=True)
        return lines
