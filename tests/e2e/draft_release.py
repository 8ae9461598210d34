"""What the tests of drafts need behind the pages: a process of its own, with the world's settings.

python -m tests.e2e.draft_release states        Ada's drafts: empty, in every state, publishable
python -m tests.e2e.draft_release files TITLE   the stored files of a release's only track, as JSON
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.conf import settings

import deploy  # noqa: F401  puts platform/ on the path

django.setup()

from accounts.people import PEOPLE  # noqa: E402 - models exist only after the setup
from catalog.models import Artist, Track  # noqa: E402
from tests.catalog import drafts  # noqa: E402


def states() -> dict[str, str]:
    artist = Artist.objects.get(owner__telegram_id=PEOPLE["artist"].telegram_id)
    made = {
        "empty": drafts.empty(artist),
        "full": drafts.full(artist),
        "publishable": drafts.publishable(artist),
    }
    return {name: str(release.pk) for name, release in made.items()}


def files(title: str) -> dict[str, dict[str, str]]:
    """By what it is: its CID, its plain bytes' hash, and where it lies."""
    recording = Track.objects.get(release__title=title).recording
    found = {}
    for name in ("master", "aac", "opus", "preview"):
        asset = getattr(recording, name)
        path = Path(settings.MEDIA_ROOT, asset.storage_name)
        found[name] = {"cid": asset.cid, "sha256": asset.sha256, "path": str(path)}
    return found


ACTS: dict[str, Callable[..., object]] = {"states": states, "files": files}

if __name__ == "__main__":
    print(json.dumps(ACTS[sys.argv[1]](*sys.argv[2:])))
