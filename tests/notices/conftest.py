"""The kinds of the tests, somebody who asked for them, and the bot's chats."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from accounts.models import User
from notices import kinds
from tests.accounts.bot import SECRET, Bot
from tests.notices.telling import LAW, NEWS, READER, person


@pytest.fixture(autouse=True)
def _kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (NEWS, LAW):
        monkeypatch.setitem(kinds._kinds, kind.name, kind)


@pytest.fixture
def bot(settings: Settings) -> Iterator[Bot]:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    with Bot(token=settings.TELEGRAM_BOT_TOKEN, secret=SECRET) as bot:
        settings.TELEGRAM_API_URL = bot.url
        yield bot


@pytest.fixture
def reader(db: None) -> User:
    """Asked for the news, and let the bot write."""
    return person("fan", READER)
