"""The demo's purchase by a method outside the chain: paid on the provider's sandbox page, then
minted to the fan's wallet by a settlement that the signer signs by itself.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from typing import Any, Final
from urllib.parse import urlsplit

from deploy.local.demo_ton import PATIENCE, Demo, DemoFailed, say
from deploy.local.ton import addresses

# What the payer may get wrong of the world: webhooks twice and in another order, hanging answers.
FAULTS: Final = {"duplicate": 3, "reorder": True, "hang_after_effect": 1, "hang_seconds": 11.0}
INSIDE_TELEGRAM: Final = ("stars",)
EMAIL: Final = "fan@example.org"
ACQUIRERS: Final = ("yookassa", "tbank")


def acquirer() -> str:
    """Who takes SBP payments in this demo: ACQUIRER, else the first."""
    return os.environ.get("ACQUIRER") or ACQUIRERS[0]


class ElsewhereDemo(Demo):
    """One purchase by `method`, told with its legs and what the chain has counted."""

    def tell(self, method: str) -> dict[str, Any]:
        """Return the result line. Raises DemoFailed."""
        drop = self._release()
        self._arrive(self._fan, self._referral())
        if method not in INSIDE_TELEGRAM:
            self._fan.sign_in_web()
        if faulty := os.environ.get("FAULTS", "") not in ("", "0", "off"):
            self._break(method)
        began = time.monotonic()
        order = self._fan.order_by(drop, method, EMAIL)
        page = self._page_of(order["id"])
        self._pay(page)
        final = self._fan.wait_for_order(order["id"], 3 * PATIENCE)
        if final["state"] != "fulfilled":
            raise DemoFailed(f"the order ended {final['state']}: {json.dumps(final)}")
        say(f"  order {final['id']} fulfilled after {time.monotonic() - began:.2f} s")
        return self._result(method, final, faulty=faulty, seconds=time.monotonic() - began)

    def _break(self, method: str) -> None:
        url = self._sandbox(method)
        _post(f"{url}/_sandbox/faults", json.dumps(FAULTS).encode(), "application/json")

    def _sandbox(self, method: str) -> str:
        name = {"stars": "telegram", "sbp": acquirer()}.get(method, method)
        return f"http://127.0.0.1:{getattr(self._world.ports, f'sandbox_{name}_port')}"

    def _page_of(self, order_id: str) -> str:
        """Where to pay. A provider that hangs is asked again by the shop itself."""
        deadline = time.monotonic() + 2 * PATIENCE
        while time.monotonic() < deadline:
            order = self._fan.call("GET", f"orders/{order_id}")
            handoff = order["attempts"][-1]["handoff"]
            if handoff:
                return str(handoff["url"])
            time.sleep(0.2)
        raise DemoFailed(f"no page to pay on: {json.dumps(order)}")

    def _pay(self, page: str) -> None:
        """Press the first button of the hosted page, as a person does."""
        data = f"act=pay&user={self._fan.telegram_id}".encode()
        _post(page, data, "application/x-www-form-urlencoded")
        say(f"  paid on {urlsplit(page).netloc}")

    def _result(
        self, method: str, order: dict[str, Any], *, faulty: bool, seconds: float
    ) -> dict[str, Any]:
        [item] = order["items"]
        raw = addresses.parse(item["address"])
        owner = addresses.load(self._network.run_get(raw, "get_nft_data")[3].begin_parse())
        if owner != self._fan.wallet.address:
            raise DemoFailed(f"the chain says that {owner} owns the edition")
        legs, ledger = self._books(order["id"])
        if any(ledger.values()) or legs.get("order_liability"):
            raise DemoFailed(f"the ledger is not balanced: {legs} {ledger}")
        paid = next(one for one in order["attempts"] if one["state"] == "confirmed")
        gross = int(paid["amount"]["amount"])
        if legs.get("psp_clearing") != gross:
            raise DemoFailed(f"{gross} paid, {legs.get('psp_clearing')} in the ledger")
        share = -legs.get("telegram_share", 0)
        if method == "stars" and share != gross * 3 // 10:
            raise DemoFailed(f"Telegram's share is {share} of {gross}")
        return {
            "order_id": order["id"],
            "state": order["state"],
            "method": method,
            "faults": faulty,
            "item": item["address"],
            "owner": item["owner"],
            "edition": item["edition"],
            "gross": paid["amount"],
            "telegram_share": share,
            "legs": legs,
            "ledger": ledger,
            "audio_sha256": self._audio_sha256,
            "seconds_to_final": round(seconds, 3),
        }


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Where the page sends the payer is the shop's return page: nobody has to look at it here."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        del args, kwargs


def _post(url: str, data: bytes, kind: str) -> None:
    request = urllib.request.Request(url, data, {"Content-Type": kind})  # noqa: S310  loopback
    opener = urllib.request.build_opener(_NoRedirect)
    try:
        opener.open(request, timeout=60).close()
    except urllib.error.HTTPError as answer:
        if answer.code not in (302, 303):
            raise DemoFailed(f"{url} answers {answer.code}: {answer.read()[:300]!r}") from answer
