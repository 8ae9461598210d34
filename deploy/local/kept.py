"""Waiting until releases are kept on IPFS, for what no artist at a screen puts on sale."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Final

from catalog.media.services import pins_ready, pins_work
from catalog.models import Release
from catalog.selectors import assets_shown

PATIENCE: Final = 60.0


def wait_until_kept(releases: Iterable[Release]) -> None:
    """See to the pins here, for no worker may run yet. Raises TimeoutError."""
    end = time.monotonic() + PATIENCE
    assets = [asset for release in releases for asset in assets_shown(release)]
    while not pins_ready(assets):
        if time.monotonic() > end:
            raise TimeoutError("the releases' files did not get onto IPFS")
        if not pins_work(seconds=5.0):
            time.sleep(0.1)
