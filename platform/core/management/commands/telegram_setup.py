"""`manage.py telegram_setup`: tell Telegram where our webhook is, and which commands there are."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.telegram import api, router


class Command(BaseCommand):
    help = "Set the bot's webhook (with its secret and all kinds of updates) and its commands."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        if not settings.TELEGRAM_WEBHOOK_SECRET:
            raise CommandError("Set TELEGRAM_WEBHOOK_SECRET first.")
        url = f"{settings.PUBLIC_URL}/webhooks/telegram"
        try:
            api.webhook_set(url=url, secret=settings.TELEGRAM_WEBHOOK_SECRET)
            api.commands_set(router.commands())
        except api.BotError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"webhook {url}, {len(router.commands())} commands")
