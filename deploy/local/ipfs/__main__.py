"""The local IPFS network in one process: python -m deploy.local.ipfs --state folder.

Our node's RPC, a pinning service with a store of its own, and three gateways: "own" before our
node, "backup" before the service, and "legacy", which gives files alone. Each has its port and its
faults. A gateway finds what any of the stores has, as on the network.
"""

from __future__ import annotations

import argparse
import os
import signal
import threading
from pathlib import Path
from typing import Final

from deploy.local.ipfs.network import Network

SELDOM: Final = 3_600.0  # s; nothing but the process ends them


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.local.ipfs")
    parser.add_argument("--state", type=Path, required=True, help="folder of the blocks")
    parser.add_argument("--api", type=int, default=5001, help="port of the node's RPC")
    parser.add_argument("--pinning", type=int, default=5002, help="port of the pinning service")
    parser.add_argument("--gateways", type=int, nargs=3, default=(8181, 8182, 8183))
    options = parser.parse_args()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    network = Network(
        options.state,
        token=os.environ["IPFS_PINNING_TOKENS"].partition("=")[2],
        api=options.api,
        pinning=options.pinning,
        gateways=tuple(options.gateways),
    )
    for face in network.faces:
        face.start(look_every=SELDOM)
    print("ipfs_started", flush=True)
    stop.wait()
    for store in network.stores:
        store.close()
    return 0  # the faces' threads end with the process


if __name__ == "__main__":
    raise SystemExit(main())
