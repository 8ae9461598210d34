"""Run the local TON network: python -m deploy.local.ton --port 8081 --state DIR."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from deploy.local.ton.chain import Chain
from deploy.local.ton.server import Server
from deploy.local.ton.store import StateUnusable, Store

log = logging.getLogger("ton")


def arguments(argv: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.local.ton", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081, help="0 takes a free one")
    parser.add_argument("--state", type=Path, required=True, help="folder of the chain's file")
    parser.add_argument("--block-seconds", type=float, default=1.0)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; returns the exit status."""
    options = arguments(sys.argv[1:] if argv is None else argv)
    logging.basicConfig(level=logging.INFO, format="%(name)s %(message)s", stream=sys.stderr)
    # Cells are read recursively, and a message may be 511 of them deep.
    sys.setrecursionlimit(20_000)
    try:
        store = Store(options.state)
    except StateUnusable as error:
        print(f"local TON network: {error}", file=sys.stderr)
        return 1
    chain = Chain(store, block_seconds=options.block_seconds)
    try:
        server = Server(options.host, options.port, chain)
    except OSError as error:
        print(f"local TON network: port {options.port}: {error.strerror}", file=sys.stderr)
        return 1
    serve(chain, server)
    store.close()
    return 0


def serve(chain: Chain, server: Server) -> None:
    """Make blocks and answer until a signal, then finish the block being made."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        chain.stop()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(
        f"local TON network: http://{server.server_name}:{server.server_port}/api/v2/", flush=True
    )
    chain.run()
    server.shutdown()
    server.server_close()


if __name__ == "__main__":
    sys.exit(main())
