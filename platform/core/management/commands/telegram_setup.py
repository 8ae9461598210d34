"""`manage.py telegram_setup`: tell Telegram where our webhook is, which commands there are in which
language, and what the menu button opens."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.telegram import api, router


class Command(BaseCommand):
    help = "Set the bot's webhook (with its secret and kinds of updates), commands, menu button."

    def handle(self, *args: Any, **options: Any) -> None:
        del args, options
        if not settings.TELEGRAM_WEBHOOK_SECRET:
            raise CommandError("Set TELEGRAM_WEBHOOK_SECRET first.")
        url = f"{settings.PUBLIC_URL}/webhooks/telegram"
        try:
            api.webhook_set(url=url, secret=settings.TELEGRAM_WEBHOOK_SECRET)
            api.commands_set(router.commands("en"))
            api.commands_set(router.commands("ru"), language="ru")
            api.menu_button_set(text="Tonality", url=f"{settings.PUBLIC_URL}/app/")
        except api.BotError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"webhook {url}, {len(router.commands('en'))} commands")
