"""The story with TON: a release, a referred fan, a purchase on chain, and the books of it."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import psycopg2

from deploy.local.customer import Customer
from deploy.local.process import ROOT
from deploy.local.ton import addresses
from deploy.local.ton.client import NetworkClient
from deploy.local.ton.trace import Trace, trace_of
from deploy.local.world import World

COIN: Final = 10**9
PRICE: Final = 5 * COIN // 2
PATIENCE: Final = 60.0
_RATE: Final = "3.00"


class DemoFailed(RuntimeError):
    """The purchase did not end as it has to; the text says what was seen instead."""


@dataclass(frozen=True)
class Purchase:
    """One finished purchase as its buyer saw it."""

    order: dict[str, Any]
    seconds_to_final: float
    trace: Trace


def say(line: str) -> None:
    """Tell progress; the last line of standard output is the result's alone."""
    print(line, file=sys.stderr, flush=True)


class Demo:
    """The story, told once in a running world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._base = world.environ["PUBLIC_URL"]
        self.ton_api = world.environ["TON_ENDPOINTS"].split(",")[0]
        self._network = NetworkClient(self.ton_api)
        # Fresh identities, so that a world may hear the story more than once.
        first = 10**9 + time.time_ns() // 10**6 % 10**9 * 10
        self._artist, self._referrer, self._fan = (
            Customer(self._base, self._network, first + number, name)
            for number, name in enumerate(("Ada", "Theo", "Mira"))
        )
        self._audio_sha256 = ""

    def run(self, purchases: int) -> dict[str, Any]:
        """Tell it all and return the result line. Raises DemoFailed."""
        drop = self._release()
        link = self._referral()
        self._arrive(self._fan, link)
        self._fan.fund(purchases * 2 * PRICE + 10 * COIN)
        done = [self._buy(drop) for _ in range(purchases)]
        line = self._line(done[0])
        if purchases > 1:
            line["seconds_to_final_p95"] = _p95([one.seconds_to_final for one in done])
        return line

    def _arrive(self, person: Customer, start_param: str = "") -> None:
        person.sign_in(start_param)
        person.link_wallet()

    def _release(self) -> str:
        """The artist publishes, signs the deployment, and the shop finds it on chain."""
        self._arrive(self._artist)
        self._artist.fund(10 * COIN)
        prepared = self._publish()
        self._audio_sha256 = prepared["audio_sha256"]
        self._artist.sign(prepared["transaction"])
        self._artist.wait_until_live(prepared["drop"], PATIENCE)
        say(f"  {prepared['title']} is live: {prepared['drop']}")
        return str(prepared["drop"])

    def _publish(self) -> dict[str, Any]:
        """Upload and publish in a process of its own: only that one knows the shop's inside."""
        me = self._artist.call("GET", "me")
        words = ["--artist", me["id"], "--wallet", self._artist.wallet.address]
        words += ["--price", str(PRICE)]
        for option in ("audio", "cover"):
            if path := os.environ.get(option.upper()):
                words += [f"--{option}", str(Path(path).resolve())]
        done = subprocess.run(
            [sys.executable, "-m", "deploy.local.demo_release", *words],
            cwd=ROOT,
            env=dict(self._world.environ),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise DemoFailed(f"the release was not published:\n{done.stderr.strip()[-2000:]}")
        return dict(json.loads(done.stdout.splitlines()[-1]))

    def _referral(self) -> str:
        """The referrer's own link; its start parameter opens the fan's session."""
        self._arrive(self._referrer)
        link = str(self._referrer.call("GET", "referrals/me")["link"])
        return link.partition("startapp=")[2]

    def _buy(self, drop: str) -> Purchase:
        order = self._fan.order(drop)
        [attempt] = order["attempts"]
        began = time.monotonic()
        sent = self._fan.sign(attempt["transaction"])
        final = self._fan.wait_for_order(order["id"], PATIENCE)
        seconds = time.monotonic() - began
        if final["state"] != "fulfilled":
            raise DemoFailed(f"the order ended {final['state']}: {json.dumps(final)}")
        say(f"  order {final['id']} fulfilled after {seconds:.2f} s")
        return Purchase(final, seconds, trace_of(self._network, sent.hash))

    def _line(self, done: Purchase) -> dict[str, Any]:
        order, trace = done.order, done.trace
        [item] = order["items"]
        roles = self._roles(item["address"])
        legs, ledger = self._books(order["id"])
        artist = trace.received(self._artist.wallet.address)
        platform = PRICE - artist
        _agree("the artist's part", artist, legs.get("artist_direct"))
        _agree("the hub's new coins", trace.kept(roles["hub"]), legs.get("ton_hot"))
        revenue = -legs.get("platform_revenue", 0) - legs.get("referral_payable", 0)
        _agree("the platform's part", platform, revenue)
        fee = trace.burned
        rate = Decimal(os.environ.get("TON_USD_RATE") or _RATE)
        return {
            "order_id": order["id"],
            "state": order["state"],
            "collection": addresses.friendly(roles["collection"], test_only=True),
            "item": item["address"],
            "owner": item["owner"],
            "edition": item["edition"],
            "price_nano": PRICE,
            "artist_nano": artist,
            "platform_nano": platform,
            "referrer_nano": -legs.get("referral_payable", 0),
            "network_fee_nano": fee,
            "network_fee_usd": float(round(rate * fee / COIN, 6)),  # shown, never counted with
            "gas": {name: trace.gas(address) for name, address in roles.items()},
            "audio_sha256": self._audio_sha256,
            "seconds_to_final": round(done.seconds_to_final, 3),
            "ledger": ledger,
        }

    def _roles(self, item: str) -> dict[str, str]:
        raw = addresses.parse(item)
        collection = self._network.run_get(raw, "get_nft_data")[2]
        found = addresses.load(collection.begin_parse())
        if found is None:
            raise DemoFailed("the item names no collection")
        hub = addresses.parse(self._world.environ["TON_HUB_ADDRESS"])
        return {"wallet": self._fan.wallet.address, "collection": found, "item": raw, "hub": hub}

    def _books(self, order_id: str) -> tuple[dict[str, int], dict[str, int]]:
        """One order's legs by kind of account, and the sum of all legs by asset."""
        connection = psycopg2.connect(self._world.reader_url())
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(
                    "SELECT a.kind, sum(l.amount) FROM payments_leg l"
                    " JOIN payments_ledgeraccount a ON a.id = l.account_id"
                    " JOIN payments_ledgerentry e ON e.id = l.entry_id"
                    " WHERE e.order_id = %s GROUP BY a.kind",
                    (order_id,),
                )
                legs = {kind: int(amount) for kind, amount in cursor.fetchall()}
                cursor.execute("SELECT asset, sum(amount) FROM payments_leg GROUP BY asset")
                return legs, {asset: int(amount) for asset, amount in cursor.fetchall()}
        finally:
            connection.close()


def _agree(what: str, on_chain: int, in_ledger: int | None) -> None:
    if on_chain != in_ledger:
        raise DemoFailed(f"{what}: {on_chain} on chain, {in_ledger} in the ledger")


def _p95(values: list[float]) -> float:
    return round(sorted(values)[math.ceil(0.95 * len(values)) - 1], 3)
