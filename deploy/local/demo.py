"""`make demo METHOD=ton`: one purchase end to end in a throw-away world, told in one JSON line.

The shop is used through its public doors alone: the artist's wallet deploys, a referrer's link
brings the fan, the fan pays, on chain or on a provider's sandbox page. What the line says of money
is read from the chain and from the ledger's tables and has to agree, else the demo fails.

Settings by environment: KEEP=1 leaves the world up until Ctrl-C and adds database_url (a role
that can only read), ton_api and base_url; AUDIO= and COVER= make the release from real files;
FAULTS=on lets the provider repeat, reorder and hang; ACQUIRER=tbank takes METHOD=sbp to T-Bank;
PURCHASES=n repeats the purchase with TON and adds seconds_to_final_p95; TON_USD_RATE is the rate at
which the network fee is valued.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any, Final

from deploy.local.customer import Refused
from deploy.local.demo_elsewhere import ACQUIRERS, ElsewhereDemo, acquirer
from deploy.local.demo_ton import Demo, DemoFailed, say
from deploy.local.process import CannotStart
from deploy.local.supervisor import Interrupted
from deploy.local.ton.client import NetworkError
from deploy.local.ton.wallet import WalletRefused
from deploy.local.world import PROGRAMS, World

METHODS: Final = ("ton", "stars", "sbp", "stripe", "binance")


def tell(world: World, method: str, began: float) -> dict[str, Any]:
    """Start the world, run the story, return the line. Raises what the story raises."""
    world.start([name for name in PROGRAMS if name != "seed"])
    if method == "ton":
        line = Demo(world).run(max(1, int(os.environ.get("PURCHASES") or 1)))
    else:
        line = ElsewhereDemo(world).tell(method)
    line["seconds"] = round(time.monotonic() - began, 1)
    if _keep():
        line["database_url"] = world.reader_url()
        line["ton_api"] = world.environ["TON_ENDPOINTS"].split(",")[0]
        line["base_url"] = world.environ["PUBLIC_URL"]
    return line


def _keep() -> bool:
    return os.environ.get("KEEP", "") not in ("", "0")


def main(argv: list[str] | None = None) -> int:
    """Return 0 when the order was fulfilled and everything agreed."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.demo")
    parser.add_argument("--method", default="ton")
    options = parser.parse_args(argv)
    if options.method not in METHODS:
        say(f"cannot demo METHOD={options.method}: it is one of {', '.join(METHODS)}")
        return 2
    if acquirer() not in ACQUIRERS:
        say(f"cannot demo ACQUIRER={acquirer()}: it is one of {', '.join(ACQUIRERS)}")
        return 2
    began = time.monotonic()
    try:
        # One person buys many times in a row here, and asks how it stands as often as a page would
        # that has no live updates: more than the shop lets a single person ask.
        world = World.temporary(
            say=say, RATE_LIMIT_FACTOR="20", STARS_HOLD_DAYS="0", SBP_ACQUIRERS=acquirer()
        )
    except CannotStart as problem:
        say(f"cannot demo: {problem}")
        return 1
    world.supervisor.on_signals()
    try:
        return _finish(world, lambda: tell(world, options.method, began))
    finally:
        world.stop()


def _finish(world: World, story: Callable[[], dict[str, Any]]) -> int:
    try:
        print(json.dumps(story()), flush=True)
        if _keep():
            say("the world stays up until Ctrl-C")
            world.supervisor.watch()
    except Interrupted:
        return 0
    except (CannotStart, DemoFailed, Refused, NetworkError, WalletRefused, TimeoutError) as problem:
        say(f"the demo failed: {problem}")
        _show_logs(world)
        return 1
    return 0


def _show_logs(world: World) -> None:
    """The folder goes with the world: what the programs said last is shown before."""
    for log in sorted(world.state.logs.glob("*.log")):
        lines = log.read_text(errors="replace").splitlines()[-8:]
        if lines:
            say(f"--- {log.name}\n" + "\n".join(lines))


if __name__ == "__main__":
    sys.exit(main())
