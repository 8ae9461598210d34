"""Compile the contracts with func-js, the compiler's WebAssembly build from npm, and compare.

`make contracts-funcjs`. Not part of `make test`: it proves the compiler, not our code, and only
when the compiler or the sources change is there anything new to learn.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from contracts import codes
from contracts.compile import CONTRACTS, code_of, texts_of
from deploy.local.node import command, environ
from deploy.local.process import ROOT

SOURCE = Path(__file__).parent
PLACE = ROOT / "build" / "funcjs"
FILES = (".npmrc", "package.json", "package-lock.json", "compile.mjs")


def main() -> int:
    """Print a line a contract; the exit code is 1 when a hash differs from the committed one."""
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        shutil.copy(SOURCE / name, PLACE / name)
    _run(*command("npm", "ci", "--no-progress", "--silent"))
    with tempfile.TemporaryDirectory() as folder:
        asked, told = Path(folder) / "asked.json", Path(folder) / "told.json"
        asked.write_text(json.dumps({name: texts_of(name) for name in CONTRACTS}))
        _run(*command("node", "compile.mjs", str(asked), str(told)))
        made = {name: code_of(text) for name, text in json.loads(told.read_text()).items()}
    differing = 0
    for name, code in made.items():
        same = code.hash.hex() == codes.code_hash(name)
        differing += not same
        print(f"{name:<12} {code.hash.hex()}  {'as committed' if same else 'DIFFERS'}")
    return 1 if differing else 0


def _run(*line: str) -> None:
    subprocess.run(line, cwd=PLACE, env=environ(), check=True)


if __name__ == "__main__":
    sys.exit(main())
