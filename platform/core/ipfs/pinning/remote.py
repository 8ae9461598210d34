"""Any service of the IPFS Pinning Service API 1.0 (ipfs.github.io/pinning-services-api-spec).

It takes no bytes: it fetches them from whoever has them, first from `origins`. The same CID asked
for twice gives two requests, so we look before we ask, and remove all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from core import http
from core.ipfs.cid import Cid, parse_any
from core.ipfs.pinning.base import Content, State, Status, answer, calls

ASKING: Final = 10.0
MOST_ORIGINS: Final = 20
_STATES: Final = {
    "queued": State.WORKING,
    "pinning": State.WORKING,
    "pinned": State.PINNED,
    "failed": State.FAILED,
}
# The best one first, where several requests stand for one CID.
_RANK: Final = ("pinned", "pinning", "queued", "failed")


class Remote:
    """Fulfils PinService. url: the endpoint, to which "/pins" is added."""

    fetches = True

    def __init__(self, name: str, url: str, *, token: str, origins: Sequence[str] = ()) -> None:
        self.name, self.url = name, url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"}
        self._origins = list(origins)[:MOST_ORIGINS]

    def add(self, content: Content) -> Status:
        present = self.state(content.cid, "")
        if present.state in {State.PINNED, State.WORKING}:
            return present
        if present.state is State.FAILED:
            self.remove(content.cid, present.remote_id)
        wanted: dict[str, Any] = {"cid": str(content.cid), "name": content.name}
        if self._origins:
            wanted["origins"] = self._origins
        with calls(), self._client() as service:
            return _status(answer(service.request("POST", "/pins", json=wanted)))

    def state(self, cid: Cid, remote_id: str) -> Status:
        """By the request's id; by the CID when that is unknown or gone."""
        if remote_id:
            with calls(), self._client() as service:
                response = service.request("GET", f"/pins/{quote(remote_id, safe='')}")
                if response.status_code != 404:
                    return _status(answer(response))
        found = sorted(self._requests(cid), key=lambda one: _RANK.index(one["status"]))
        return _status(found[0]) if found else Status(State.ABSENT)

    def remove(self, cid: Cid, remote_id: str) -> None:
        found = {str(one["requestid"]) for one in self._requests(cid)}
        for name in found | ({remote_id} if remote_id else set()):
            with calls(), self._client() as service:
                path = f"/pins/{quote(name, safe='')}"
                response = service.request("DELETE", path, again=True)
                if not response.is_success and response.status_code != 404:
                    answer(response)

    def holds(self, cid: Cid) -> bool:
        return self.state(cid, "").state is State.PINNED

    def _requests(self, cid: Cid) -> list[dict[str, Any]]:
        """Without a status the list holds pinned ones alone."""
        query = {"cid": str(cid), "status": ",".join(_STATES), "limit": "100"}
        with calls(), self._client() as service:
            found = answer(service.request("GET", "/pins", params=query))["results"]
            return [one for one in found if parse_any(str(one["pin"]["cid"])) == cid]

    def _client(self) -> http.Client:
        return http.Client(base_url=self.url, timeout=ASKING, headers=self._headers, attempts=2)


def _status(found: dict[str, Any]) -> Status:
    info = found.get("info") or {}
    detail = info.get("status_details") or info.get("error") or ""
    return Status(_STATES[found["status"]], str(found["requestid"]), str(detail)[:200])
