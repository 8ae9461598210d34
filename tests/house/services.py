"""PostgreSQL and Redis for a test run: started once, shared by all parallel workers.

DATABASE_URL and REDIS_URL, where set, name services of yours instead. The database role has to be
a superuser (the flush between tests passes the triggers that guard append-only tables), and the
numbered Redis database is emptied before each test.
"""

import atexit
import os
import re
import shutil
import tempfile
from pathlib import Path

from django.conf import settings

from deploy.local import postgres
from deploy.local.world import World

WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")


class Services:
    """The run's services. Only the first process starts any; workers inherit their addresses."""

    def __init__(self) -> None:
        self.missing = [
            name
            for name, variable in (("postgres", "DATABASE_URL"), ("redis", "REDIS_URL"))
            if variable not in os.environ
        ]
        self.world = World.temporary() if self.missing else None
        atexit.register(self.stop)  # also when the tests cannot even be loaded

    def announce(self) -> None:
        """Puts addresses into the environment. Has to come before Django reads its settings."""
        if WORKER and settings.configured:
            raise RuntimeError("settings were read before this worker's Redis database was chosen")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "core.settings.test")
        if self.world is not None:
            if "postgres" in self.missing:
                owner = self.world.postgres.url(postgres.OWNER)
                os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"] = owner
            if "redis" in self.missing:
                os.environ["REDIS_URL"] = self.world.environ["REDIS_URL"]
        if WORKER:
            os.environ["REDIS_URL"] = _index_of(WORKER, os.environ["REDIS_URL"])
            os.environ["REDIS_PREFIX"] = f"tonality-{WORKER}"
        media = tempfile.mkdtemp(prefix="tonality-media-")
        atexit.register(shutil.rmtree, media, ignore_errors=True)
        os.environ["STATE_DIR"], os.environ["MEDIA_ROOT"] = media, str(Path(media, "media"))

    def start(self) -> None:
        if self.world is not None:
            self.world.start(self.missing)

    def stop(self) -> None:
        if self.world is not None:
            self.world.stop()
            self.world = None


def _index_of(worker: str, url: str) -> str:
    """Another numbered database for each worker: gw0 takes the one after the given."""
    number = int(worker.removeprefix("gw"))
    base, index = re.fullmatch(r"(.*?)(?:/(\d+))?", url).groups()  # type: ignore[union-attr]
    return f"{base}/{int(index or 0) + number + 1}"
