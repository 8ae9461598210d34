"""`manage.py audit_verify`: prove that no sealed audit record was changed, dropped or reordered."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core.audit import broken_seals
from core.models import AuditSeal


class Command(BaseCommand):
    help = "Recompute the audit trail's hash chain; fails naming the seals that do not hold."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        if broken := broken_seals():
            raise CommandError(f"broken seals: {', '.join(map(str, broken))}")
        self.stdout.write(f"{AuditSeal.objects.count()} seals hold")
