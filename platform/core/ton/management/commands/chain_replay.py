"""Show stored transactions to their handlers again."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.ton import handling
from core.ton.models import ChainTransaction

State = ChainTransaction.State


class Command(BaseCommand):
    help = "Replay parked transactions, or one ignored transaction by its lt."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", default=settings.TON_HUB_ADDRESS)
        parser.add_argument("--lt", type=int, help="also when it was ignored")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        account = options["account"]
        if options["lt"] is None:
            self.stdout.write(f"{handling.replay_parked(account)} moved on")
            return
        row = ChainTransaction.objects.filter(account=account, lt=options["lt"]).first()
        if row is None:
            raise CommandError("no such transaction is stored")
        if not handling.replay(row.pk, states=(State.PARKED, State.IGNORED)):
            row.refresh_from_db()
            raise CommandError(f"it stays {row.state}: {row.reason}")
        self.stdout.write("moved on")
