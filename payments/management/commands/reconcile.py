"""`manage.py reconcile`: compare our books with providers and the chain now."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from payments.services.reconciliation import reconcile


class Command(BaseCommand):
    help = "Compare our books with every provider and the chain; one line a difference."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--days", type=int, default=3, help="how far back providers are asked")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        cases = reconcile(since=timezone.now() - timedelta(days=options["days"]))
        for case in cases:
            state = "healed" if case.closed_at else "open"
            self.stdout.write(f"{state}: {case} (ours {case.ours!r}, theirs {case.theirs!r})")
        self.stdout.write(f"{len(cases)} difference(s)")
