"""The follower process."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from prometheus_client import start_http_server

from core.ton import addresses, networks, sources
from core.ton.follower import Follower


class Command(BaseCommand):
    help = "Follow the hub's transactions on chain, in order, each exactly once."
    # `migrate` goes before every start and makes them all; after a fall every second counts.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--account", default=settings.TON_HUB_ADDRESS)
        parser.add_argument("--poll", type=float, default=None, help="seconds between polls")
        parser.add_argument("--metrics-port", type=int, default=0, help="0 serves no metrics")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ARG002
        try:
            account = addresses.parse(options["account"] or "")
        except addresses.AddressInvalid as error:
            raise CommandError(f"TON_HUB_ADDRESS: {error}") from error
        local = networks.current() is networks.LOCAL
        poll = options["poll"] or (0.5 if local else 1.0)
        if options["metrics_port"]:
            start_http_server(options["metrics_port"])
        follower = Follower(account, sources.quorum(), poll)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: follower.stop())
        self.stdout.write(f"following {account} on {networks.current().name}")
        follower.run()
        self.stdout.write("the follower has stopped")
