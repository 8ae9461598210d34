"""manage.py search_rebuild: write the index of what can be found anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalog.services import search_rebuild


class Command(BaseCommand):
    help = "Write the search index anew, while the shop goes on; run it again at will."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        self.stdout.write(f"{search_rebuild()} things can be found.")
