"""Pinata's files, version 3 (docs.pinata.cloud/api-reference): uploaded, listed and deleted by id.

Files of the older "pinning" paths are listed apart; we use these alone. The network is "public":
what we upload is either open or encrypted.
"""

from __future__ import annotations

from typing import Any, Final

from core import http
from core.ipfs.cid import Cid, CidInvalid, parse_any
from core.ipfs.pinning.base import Content, PinError, State, Status, answer, calls, same

ASKING: Final = 10.0
ADDING: Final = 120.0
NETWORK: Final = "public"


class Pinata:
    """Fulfils PinService."""

    fetches = False

    def __init__(self, name: str, *, api: str, uploads: str, token: str) -> None:
        self.name = name
        self._api, self._uploads = f"{api}/v3", f"{uploads}/v3"
        self._headers = {"Authorization": f"Bearer {token}"}

    def add(self, content: Content) -> Status:
        """An upload whose answer was lost is found in the list, and not sent twice."""
        present = self.state(content.cid, "")
        if present.state is State.PINNED:
            return present
        with calls(), content.open() as file, self._client(self._uploads, ADDING) as pinata:
            response = pinata.request(
                "POST",
                "/files",
                data={"network": NETWORK, "name": content.name},
                files={"file": (content.name, file, "application/octet-stream")},
            )
            made = answer(response)["data"]
            remote_id, name = str(made["id"]), str(made["cid"])
        try:
            with calls():
                same(name, content.cid)
        except PinError:
            self._delete(remote_id)
            raise
        return Status(State.PINNED, remote_id)

    def state(self, cid: Cid, remote_id: str) -> Status:
        del remote_id
        found = self._files(cid)
        return Status(State.PINNED, str(found[0]["id"])) if found else Status(State.ABSENT)

    def remove(self, cid: Cid, remote_id: str) -> None:
        del remote_id
        for file in self._files(cid):
            self._delete(str(file["id"]))

    def holds(self, cid: Cid) -> bool:
        return self.state(cid, "").state is State.PINNED

    def _files(self, cid: Cid) -> list[dict[str, Any]]:
        with calls(), self._client(self._api, ASKING) as pinata:
            query = {"cid": str(cid), "limit": "10"}
            found = answer(pinata.request("GET", f"/files/{NETWORK}", params=query))
            return [one for one in found["data"]["files"] or () if _is(one, cid)]

    def _delete(self, remote_id: str) -> None:
        with calls(), self._client(self._api, ASKING) as pinata:
            response = pinata.request("DELETE", f"/files/{NETWORK}/{remote_id}", again=True)
            if response.status_code != 404:
                answer(response)

    def _client(self, base: str, seconds: float) -> http.Client:
        return http.Client(base_url=base, timeout=seconds, headers=self._headers, attempts=2)


def _is(file: dict[str, Any], cid: Cid) -> bool:
    """The filter is asked for, and not relied upon."""
    try:
        return parse_any(str(file["cid"])) == cid
    except CidInvalid:
        return False
