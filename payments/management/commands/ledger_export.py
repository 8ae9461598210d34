"""`manage.py ledger_export 2026-10`: the month's entries and its trial balance as CSV."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from payments.services.exports import Span, entries_csv, trial_csv


class Command(BaseCommand):
    help = "Write entries-<month>.csv and trial-<month>.csv; a closed month's never change."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("month", help="as 2026-10")
        parser.add_argument("--out", default=".", help="the folder to write to")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        try:
            first = datetime.strptime(options["month"] + "-01", "%Y-%m-%d").date()  # noqa: DTZ007
        except ValueError as error:
            raise CommandError(f"{options['month']!r} is no month; write it as 2026-10") from error
        span = Span.month(first)
        for name, parts in (("entries", entries_csv(span)), ("trial", trial_csv(span))):
            path = Path(options["out"], f"{name}-{options['month']}.csv")
            with path.open("w", newline="") as file:
                file.writelines(parts)
            self.stdout.write(str(path))
