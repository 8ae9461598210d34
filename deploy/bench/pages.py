"""What Lighthouse says of the Mini App's first pages, and how long a change between pages takes.

Lighthouse comes from npm (deploy/bench/lighthouse) into a folder of its own, and drives a Chromium:
mobile profile, the median of five visits. Its scores are of 100; performance is with its own
simulation of a slow phone on a slow network. A page that was seen before is there at once: from the
press until a frame shows its content.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, Final

import httpx2
from playwright.sync_api import sync_playwright

from deploy.local import node
from deploy.local.chromium import WHOLE, find
from deploy.local.process import CannotStart
from deploy.local.world import World

FOLDER: Final = Path(__file__).parent / "lighthouse"
VISITS: Final = 5
# They share this machine's processors with the simulated phone, whose time is taken from them.
BACKGROUND: Final = ("beat", "relay", "follower", "worker")
TRIES: Final = 3  # now and then a visit's trace has no beginning (NO_NAVSTART): it says nothing
PATIENCE: Final = 180.0  # seconds for one visit, and for what the worker does before
AIMS: Final = {"performance": 95, "accessibility": 100, "best-practices": 95}
AT_ONCE: Final = 100  # ms from a press to the content of a page that was seen before
CHANGES: Final = 10
PRESS: Final = """
async ([link, title]) => {
  const frame = () => new Promise(requestAnimationFrame);
  const there = () => document.querySelector("main h1")?.textContent.includes(title)
    && !document.querySelector("main .skeleton");
  const pressed = performance.now();
  document.querySelector(link).click();
  do await frame(); while (!there());
  await frame();  // what stands in the document now has been shown
  return performance.now() - pressed;
}
"""


def rows(say: Callable[[str], None]) -> Iterator[dict[str, Any]]:
    """Builds a world of its own, visits it, and takes it down."""
    _install()
    with sync_playwright() as playwright:
        chromium = find(playwright, WHOLE)
    with World.temporary(say=say, RATE_LIMIT_FACTOR="50") as world:
        world.start()
        base = world.environ["PUBLIC_URL"]
        [drop] = _drops(base, state="live", limit=1)
        _covers_made(base)
        world.supervisor.stop_all(BACKGROUND)
        for name, path in (("home", "/app/"), ("drop", f"/app/drops/{drop['id']}")):
            visits = [_scores(f"{base}{path}", chromium) for _ in range(VISITS)]
            for category, aim in AIMS.items():
                score = round(median(visit[category] for visit in visits))
                say(f"  {name}, {category}: {score}")
                yield {
                    "name": f"{name}, {category}", "value": score, "unit": "of 100",
                    "floor": aim, "ratio": score / aim, "won": score >= aim,
                }  # fmt: skip
        took = round(median(_changes(base, drop, chromium)))
        yield {
            "name": "a page that was seen before, from press to frame", "value": took, "unit": "ms",
            "floor": AT_ONCE, "ratio": took / AT_ONCE, "won": took < AT_ONCE,
        }  # fmt: skip


def _install() -> None:
    mark = FOLDER / "node_modules" / ".installed"
    locked = (FOLDER / "package-lock.json").read_text()
    if not mark.exists() or mark.read_text() != locked:
        subprocess.run(node.command("npm", "ci"), cwd=FOLDER, env=node.environ(), check=True)
        mark.write_text(locked)


def _drops(base: str, **asked: str | int) -> list[dict[str, Any]]:
    found = httpx2.get(f"{base}/api/v1/drops", params=asked, timeout=30)
    return list(found.raise_for_status().json()["results"])


def _covers_made(base: str) -> None:
    """Waits until the worker has made all covers in their sizes: people come long after that."""
    covers = [
        drop["release"]["cover"]["url"].replace("/ipfs/", "/covers/")
        for drop in _drops(base, limit=50)
    ]
    end = time.monotonic() + PATIENCE
    while not all(_is_made(f"{base}{cover}/1000.avif") for cover in covers):
        if time.monotonic() > end:
            raise CannotStart("the covers were not made in their sizes")
        time.sleep(1)


def _is_made(url: str) -> bool:
    """Until then the cover is sent as the artist gave it, for a minute."""
    return "immutable" in httpx2.get(url, timeout=30).headers["Cache-Control"]


def _changes(base: str, drop: dict[str, Any], chromium: str) -> Iterator[float]:
    """Milliseconds of changes between a drop and its artist, on a phone-sized page."""
    title, artist = drop["release"]["title"], drop["release"]["artist"]
    to_artist = [f"main a[href$='/artists/{artist['slug']}']", artist["name"]]
    to_drop = [f"main a[href$='/drops/{drop['id']}']", title]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(f"{base}/app/drops/{drop['id']}")
        page.locator("main h1", has_text=title).wait_for()
        for way in (to_artist, to_drop):  # seen once
            page.evaluate(PRESS, way)
            page.wait_for_load_state("networkidle")
        for _ in range(CHANGES):
            for way in (to_artist, to_drop):
                yield page.evaluate(PRESS, way)
        browser.close()


def _scores(url: str, chromium: str) -> dict[str, float]:
    """One visit by a browser that has never been there."""
    line = node.command(
        "node", str(FOLDER / "node_modules/lighthouse/cli/index.js"), url, "--quiet",
        "--output=json", "--output-path=stdout", f"--only-categories={','.join(AIMS)}",
        "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
    )  # fmt: skip
    environ = node.environ() | {"CHROME_PATH": chromium}
    for _ in range(TRIES):
        done = subprocess.run(
            line, cwd=FOLDER, env=environ, check=False, capture_output=True, timeout=PATIENCE
        )
        if not done.returncode:
            break
    else:
        raise CannotStart(f"Lighthouse at {url}: {done.stderr.decode(errors='replace')[-600:]}")
    report = json.loads(done.stdout)
    if folder := os.environ.get("LIGHTHOUSE_REPORTS"):
        at = Path(folder, f"{url.rstrip('/').rpartition('/')[2]}-{report['fetchTime']}.json")
        at.write_bytes(done.stdout)
    return {name: 100 * report["categories"][name]["score"] for name in AIMS}
