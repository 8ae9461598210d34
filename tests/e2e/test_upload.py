"""Fifty megabytes from an artist's browser to a track that plays, over a connection that fails."""

import hashlib
import json
import struct
import subprocess
import sys
from pathlib import Path

import aleph_cid
import pytest
from playwright.sync_api import Page, Request, Route, expect

from deploy.local.process import ROOT
from deploy.local.world import World
from tests.catalog.sounds import pcm
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.test_shares import signed_in

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(900)]
TITLE = "Long Shore"
PIECES = 3  # of eight megabytes that come through before the connection is cut
MINUTES = 60_000


def behind(shop: World, *words: str) -> dict[str, dict[str, str]]:
    command = [sys.executable, "-m", "tests.e2e.draft_release", *words]
    done = subprocess.run(command, cwd=ROOT, env=shop.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found: dict[str, dict[str, str]] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture
def song(tmp_path: Path) -> Path:
    """Five minutes of stereo, 16 bits at 44.1 kHz."""
    data = b"".join(pcm(10.0, seed=seed) for seed in (1, 2)) * 15
    format_ = struct.pack("<IHHIIHH", 16, 1, 2, 44_100, 176_400, 4, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(data)) + b"WAVEfmt " + format_
    path = tmp_path / f"01 {TITLE}.wav"
    path.write_bytes(head + b"data" + struct.pack("<I", len(data)) + data)
    assert path.stat().st_size > 50_000_000
    return path


class Line:
    """The connection of one page: after PIECES it is cut, and stays so."""

    def __init__(self, page: Page) -> None:
        self.through: list[int] = []
        page.route("**/portal/uploads/*", self._pass)

    def _pass(self, route: Route) -> None:
        if len(self.through) == PIECES:
            route.abort("internetdisconnected")
            return
        if route.request.method == "PATCH":
            self.through.append(int(route.request.headers["upload-offset"]))
        route.fallback()


def test_half_a_file_is_kept_and_goes_on_after_the_page_was_closed(
    open_page: OpenPage, shop: World, song: Path
) -> None:
    page = signed_in(open_page(DESKTOP), shop, "Ada", "/portal/")
    page.get_by_role("link", name="New release of Nordlys").click()
    page.get_by_label("Title").fill(TITLE)
    page.get_by_role("button", name="Go on to cover and tracks").click()
    page.get_by_label("open to everyone").check()
    Line(page)
    page.locator("#files").set_input_files(song)
    expect(page.get_by_text("The connection is lost.")).to_be_visible(timeout=MINUTES)
    address, context = page.url, page.context
    page.close()

    page, sent = context.new_page(), []

    def note(request: Request) -> None:
        if request.method == "PATCH":
            sent.append(int(request.headers["upload-offset"]))

    page.on("request", note)
    page.goto(address)
    expect(page.get_by_text("25.1 MB of 52.9 MB are here, kept until")).to_be_visible()
    page.locator("[data-again]").set_input_files(song)
    seen = page.locator("[data-step=running], [data-step=done]").first
    expect(seen).to_be_visible(timeout=2 * MINUTES)  # the test carries every byte itself
    assert sent[0] == PIECES * 8 * 2**20
    expect(page.locator("[data-stage=ready]")).to_be_visible(timeout=5 * MINUTES)
    expect(page.get_by_text("LUFS")).to_be_visible()
    expect(page.locator("#wants")).to_contain_text("Done: Every track is ready")

    found = behind(shop, "files", TITLE)
    assert found["master"]["sha256"] == hashlib.sha256(song.read_bytes()).hexdigest()
    for name, file in found.items():
        other = aleph_cid.CidHasher.for_ipfs_v1_raw_leaves()
        other.update(Path(file["path"]).read_bytes())
        assert str(other.finalize()) == file["cid"], name
