"""`manage.py gateways_sync`: rows for IPFS_GATEWAYS. Run it after a change of that setting."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from catalog.media.services.gateways import gateways_sync


class Command(BaseCommand):
    help = "Make a row for every gateway of IPFS_GATEWAYS; what staff have decided stays."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(f"{gateways_sync()} new gateways")
