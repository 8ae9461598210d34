"""Checks before anything starts: the database's version always, development's doors when deploying.

Our identifiers are tonality.E001 and on; `manage.py check --deploy` fails on each.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

MIN_POSTGRES: Final = 17
# Of development: accounts.development signs with its private half, settings.dev names the bot.
DEVELOPMENT_KEY: Final = "ad3e72c2c50efa1ce79fe25c2e42f420fe832594a10437d6bb8da77d65a61c18"
DEVELOPMENT_BOT: Final = "1000000001:"
TEST_BOT: Final = "1234567890:TEST"
_LOCAL_APPS: Final = ("deploy.local", "deploy.bench")


@register(Tags.database)
def postgres_is_new_enough(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **_: Any
) -> list[CheckMessage]:
    del app_configs
    found: list[CheckMessage] = []
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000")
            (version,) = cursor.fetchone()
        if version < MIN_POSTGRES:
            found.append(_error(1, f"PostgreSQL {MIN_POSTGRES} or newer is needed, not {version}."))
    return found


@register(Tags.security, deploy=True)
def nothing_of_development(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Development logins, faucet, sandboxes, the local network and wallet stay at home."""
    del app_configs
    rules = (
        (2, settings.DEVELOPMENT, "DEVELOPMENT is on: it opens /dev/ logins to everybody."),
        (3, settings.DEBUG, "DEBUG is on: it shows our insides to everybody."),
        (4, settings.TON_NETWORK == "local", "TON_NETWORK=local is a network of toy coins."),
        (5, _foreign_sources(), "TON_ENDPOINTS names this machine: the local network's faucet."),
        (6, _development_bot(), "TELEGRAM_BOT_TOKEN is missing or development's."),
        (7, _development_key(), "TELEGRAM_PUBLIC_KEYS is empty or trusts development's signer."),
        (8, bool(settings.DEVELOPMENT_WALLETS), "DEVELOPMENT_WALLETS offers a toy wallet."),
        (9, _own_script(), "TELEGRAM_JS_URL is not Telegram's script but the development stub."),
        (10, _local_app(), "INSTALLED_APPS holds parts of deploy.local or deploy.bench."),
        (11, not _public(settings.PUBLIC_URL), "PUBLIC_URL must be https with a public name."),
        (12, not settings.WS_URL.startswith("wss://"), "WS_URL must be wss://."),
        (13, settings.RATE_LIMIT_FACTOR != 1, "RATE_LIMIT_FACTOR loosens the rate limits."),
        (14, _short_quorum(), "TON_QUORUM below 2 lets one source decide about money."),
        (15, not settings.TON_HUB_ADDRESS, "TON_HUB_ADDRESS is missing."),
        (16, not _public(settings.TELEGRAM_OIDC_ISSUER), "TELEGRAM_OIDC_ISSUER must be https."),
        (17, not _public(settings.TELEGRAM_BOT_URL), "TELEGRAM_BOT_URL must be https."),
        (18, not settings.MEDIA_MASTER_KEYS, "MEDIA_MASTER_KEYS is missing."),
    )
    return [_error(number, text) for number, broken, text in rules if broken]


def _error(number: int, text: str) -> Error:
    return Error(text, id=f"tonality.E{number:03}")


def _foreign_sources() -> bool:
    urls = [url for url in settings.TON_ENDPOINTS if "://" in url]
    return any(_is_local(urlsplit(url).hostname or "") for url in urls)


def _is_local(host: str) -> bool:
    if host in {"localhost", ""} or host.endswith((".localhost", ".local")):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _public(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme == "https" and not _is_local(parts.hostname or "")


def _development_bot() -> bool:
    token: str = settings.TELEGRAM_BOT_TOKEN
    return not token or token.startswith((DEVELOPMENT_BOT, TEST_BOT))


def _development_key() -> bool:
    keys: list[str] = settings.TELEGRAM_PUBLIC_KEYS
    return not keys or DEVELOPMENT_KEY in keys


def _own_script() -> bool:
    return urlsplit(settings.TELEGRAM_JS_URL).path.startswith("/static/dev/")


def _local_app() -> bool:
    return any(app.startswith(_LOCAL_APPS) for app in settings.INSTALLED_APPS)


def _short_quorum() -> bool:
    return bool(settings.TON_QUORUM < 2)
