"""manage.py media_rekey: wrap the keys of all recordings by the newest master key."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from catalog.media.models import AccessKey
from catalog.media.services import keys_rewrap
from core import audit
from core.errors import ApplicationError


class Command(BaseCommand):
    help = "Wrap every recording's key by the first of MEDIA_MASTER_KEYS; run it again at will."

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError: a master key is missing. What was wrapped until then stays so."""
        del args, options
        try:
            done = keys_rewrap()
        except ApplicationError as error:
            raise CommandError(f"{error.code}: {error.detail}") from None
        total, current = AccessKey.objects.count(), next(iter(settings.MEDIA_MASTER_KEYS))
        if done:
            with transaction.atomic():
                audit.record(
                    actor=None,
                    action="media.rekey",
                    target=("media.accesskey", current),
                    after={"keys": done},
                )
        self.stdout.write(f"{done} keys wrapped anew; all {total} are wrapped by {current!r}.")
        others = [name for name in settings.MEDIA_MASTER_KEYS if name != current]
        if others:
            self.stdout.write(f"No key needs {', '.join(others)} any more.")
