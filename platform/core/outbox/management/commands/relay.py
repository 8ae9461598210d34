"""`manage.py relay`: hand outbox events to Celery until asked to stop."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import OperationalError, close_old_connections

from core.metrics import serve_from_environment
from core.outbox.services import relay_batch

log = structlog.get_logger(__name__)


class Command(BaseCommand):
    help = "Hand outbox events to Celery until SIGINT or SIGTERM."
    # `migrate` goes before every start and makes them all; after a fall every second counts.
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="empty the due events and leave")
        parser.add_argument("--pause", type=float, default=0.25, help="seconds between empty looks")

    def handle(self, *args: Any, **options: Any) -> None:
        del args
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: stop.set())
            serve_from_environment()
            log.info("relay_started")
        while not stop.is_set():
            taken = _look()
            if not taken and options["once"]:
                break
            if not taken:
                stop.wait(options["pause"])
        log.info("relay_stopped")


def _look() -> int:
    """A lost database is waited for, not died of."""
    close_old_connections()
    try:
        return relay_batch()
    except OperationalError as error:
        log.warning("relay_database_away", error=type(error).__name__)
        return 0
