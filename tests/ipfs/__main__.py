"""The contract of tests/ipfs against a real node: python -m tests.ipfs (`make test-ipfs`).

Against the node that IPFS_API names (and the gateway of IPFS_GATEWAY), or against js-ipfs 0.66,
which npm installs into build/js-ipfs: nearly a thousand packages, three minutes the first time, so
it is no part of `make test`. It runs offline, on loopback, without peers.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deploy.local.node import command, environ
from deploy.local.ports import FREE_RANGE, is_free
from deploy.local.process import ROOT
from deploy.local.ready import port_answers

SOURCE: Final = Path(__file__).parent
PLACE: Final = ROOT / "build" / "js-ipfs"
REPO: Final = PLACE / "repo"
CLI: Final = PLACE / "node_modules" / "ipfs" / "src" / "cli.js"
START_WITHIN: Final = 60.0


def main() -> int:
    """The exit code of pytest."""
    if api := os.environ.get("IPFS_API"):
        return _contract(api.rstrip("/"), os.environ.get("IPFS_GATEWAY", "").rstrip("/"))
    _install()
    with _daemon() as (api, gateway):
        return _contract(api, gateway)


def _contract(api: str, gateway: str) -> int:
    print(f"the contract against {api}, gateway {gateway or 'none'}", flush=True)
    found = {"CONTRACT_IPFS_API": api, "CONTRACT_IPFS_GATEWAY": gateway}
    line = [
        sys.executable,
        "-m",
        "pytest",
        "-v",
        "-p",
        "no:cacheprovider",
        str(SOURCE / "test_contract.py"),
    ]
    return subprocess.run(line, cwd=ROOT, env={**os.environ, **found}, check=False).returncode


def _install() -> None:
    if CLI.exists():
        return
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", ".npmrc"):
        shutil.copy(SOURCE / name, PLACE / name)
    print(f"installing js-ipfs into {PLACE.relative_to(ROOT)}", flush=True)
    subprocess.run(
        command("npm", "install", "--no-progress", "--loglevel=error", "--no-package-lock"),
        cwd=PLACE,
        env=environ(),
        check=True,
    )


@contextmanager
def _daemon() -> Iterator[tuple[str, str]]:
    """js-ipfs with an empty repository; its RPC and its gateway."""
    api, gateway = (port for port in _free(2))
    shutil.rmtree(REPO, ignore_errors=True)
    _cli("init", "--empty-repo", "--profile", "test")
    _configure(api, gateway)
    with (PLACE / "daemon.log").open("wb") as log:
        line = command("node", str(CLI), "daemon", "--offline", "--enable-preload=false")
        daemon = subprocess.Popen(line, cwd=PLACE, env=_environ(), stdout=log, stderr=log)
    try:
        _wait(daemon, api, gateway)
        yield f"http://127.0.0.1:{api}", f"http://127.0.0.1:{gateway}"
    finally:
        daemon.terminate()
        try:
            daemon.wait(10)
        except subprocess.TimeoutExpired:
            daemon.kill()
            daemon.wait()


def _free(count: int) -> Iterator[int]:
    return (port for port, _ in zip(filter(is_free, FREE_RANGE), range(count), strict=False))


def _configure(api: int, gateway: int) -> None:
    """No peers, no bootstrap, nothing that leaves this machine."""
    path = REPO / "config"
    config = json.loads(path.read_text())
    config["Bootstrap"] = []
    config["Addresses"] |= {
        "Swarm": [],
        "Delegates": [],
        "API": f"/ip4/127.0.0.1/tcp/{api}",
        "Gateway": f"/ip4/127.0.0.1/tcp/{gateway}",
        "RPC": f"/ip4/127.0.0.1/tcp/{next(_free_above(gateway))}",
    }
    path.write_text(json.dumps(config))


def _free_above(port: int) -> Iterator[int]:
    return (one for one in FREE_RANGE if one > port and is_free(one))


def _cli(*words: str) -> None:
    subprocess.run(
        command("node", str(CLI), *words),
        cwd=PLACE,
        env=_environ(),
        check=True,
        capture_output=True,
    )


def _environ() -> dict[str, str]:
    return {**environ(), "IPFS_PATH": str(REPO)}


def _wait(daemon: subprocess.Popen[bytes], *ports: int) -> None:
    end = time.monotonic() + START_WITHIN
    while not all(port_answers(port) for port in ports):
        if daemon.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"js-ipfs did not start: see {PLACE / 'daemon.log'}")
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
