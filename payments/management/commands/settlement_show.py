"""`manage.py settlement_show <number>`: the list of a batch, and the hash that was signed."""

from __future__ import annotations

import hashlib
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from payments.models import Settlement
from payments.services.settlement.building import Place, listing


class Command(BaseCommand):
    help = "Print a settlement's list of orders and recompute the hash that the minter signed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("number", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        row = Settlement.objects.filter(
            hub=settings.TON_HUB_ADDRESS, number=options["number"]
        ).first()
        if row is None:
            raise CommandError("No such settlement.")
        text = listing(
            Place(line.claim, line.recipient, line.position)
            for part in row.parts.all()
            for line in part.lines.select_related("claim__collection")
        )
        self.stdout.write(text.decode(), ending="")
        found = hashlib.sha256(text).hexdigest()
        self.stdout.write(f"sha256 {found}, state {row.state}, body {bytes(row.body).hex()}")
        if found != row.orders_sha256:
            raise CommandError(f"The signed hash is {row.orders_sha256}: the list has changed.")
