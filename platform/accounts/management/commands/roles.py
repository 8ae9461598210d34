"""`manage.py roles`: bring the staff roles in line with what rooms grant."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts.roles import roles_sync


class Command(BaseCommand):
    help = "Bring the staff roles in line with what rooms grant (run after migrate)."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        for role, count in roles_sync().items():
            self.stdout.write(f"{role}: {count} permissions")
