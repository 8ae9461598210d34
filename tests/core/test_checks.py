from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from pytest_django import Settings

from accounts.development import PUBLIC_KEY
from core.checks import nothing_of_development

ROOT = Path(__file__).parents[2]
PRODUCTION = {
    "PUBLIC_URL": "https://tonality.example",
    "WS_URL": "wss://tonality.example/ws/",
    "TON_NETWORK": "mainnet",
    "TON_QUORUM": 2,
    "TON_HUB_ADDRESS": "0:" + "11" * 32,
    "TELEGRAM_BOT_TOKEN": "7777777777:REAL-BOT-TOKEN-OF-PRODUCTION-000000",
}
INHERITED = ("PATH", "HOME", "DATABASE_URL", "REDIS_URL", "LANG")


@pytest.fixture
def production(settings: Settings) -> Settings:
    for name, value in PRODUCTION.items():
        setattr(settings, name, value)
    settings.DEVELOPMENT = False
    settings.DEVELOPMENT_WALLETS = []
    settings.TON_ENDPOINTS = ["liteserver", "https://toncenter.com/api/v2/"]
    settings.TELEGRAM_PUBLIC_KEYS = ["e7" * 32]
    settings.TELEGRAM_JS_URL = "https://telegram.org/js/telegram-web-app.js?64"
    return settings


def test_production_settings_are_clean(tmp_path: Path) -> None:
    """The whole of `check --deploy`, as an operator runs it."""
    liteservers = tmp_path / "global.config.json"
    liteservers.write_text('{"liteservers": []}')
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    values = {name: str(value) for name, value in PRODUCTION.items()}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env={
            **kept,
            **values,
            "DJANGO_SETTINGS_MODULE": "core.settings.prod",
            "SECRET_KEY": "k3v-8Zq" * 10,
            "MEDIA_MASTER_KEYS": f"first:{'A' * 43}=",
            "ALLOWED_HOSTS": "tonality.example",
            "TON_ENDPOINTS": "https://one.example/api/v2/,https://two.example/api/v2/",
            "TON_LITESERVER_CONFIG": str(liteservers),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_an_honest_deployment_has_nothing_to_hide(production: Settings) -> None:
    assert production.DEVELOPMENT is False
    assert nothing_of_development(None) == []


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("DEVELOPMENT", True, 2),
        ("DEBUG", True, 3),
        ("TON_NETWORK", "local", 4),
        ("TON_ENDPOINTS", ["http://127.0.0.1:8081/api/v2/"], 5),
        ("TON_ENDPOINTS", ["liteserver", "http://localhost:8081/api/v2/"], 5),
        ("TELEGRAM_BOT_TOKEN", "", 6),
        ("TELEGRAM_BOT_TOKEN", "1000000001:DEVELOPMENT-BOT-OF-TONALITY-00000", 6),
        ("TELEGRAM_PUBLIC_KEYS", [PUBLIC_KEY], 7),
        ("TELEGRAM_PUBLIC_KEYS", [], 7),
        ("DEVELOPMENT_WALLETS", [{"name": "toy"}], 8),
        ("TELEGRAM_JS_URL", "/static/dev/telegram-web-app.js", 9),
        ("PUBLIC_URL", "http://tonality.example", 11),
        ("PUBLIC_URL", "https://localhost", 11),
        ("WS_URL", "ws://tonality.example/ws/", 12),
        ("RATE_LIMIT_FACTOR", 100, 13),
        ("TON_QUORUM", 1, 14),
        ("TON_HUB_ADDRESS", "", 15),
        ("TELEGRAM_OIDC_ISSUER", "http://127.0.0.1:8097", 16),
        ("TELEGRAM_BOT_URL", "http://127.0.0.1:8091/chat", 17),
        ("MEDIA_MASTER_KEYS", {}, 18),
    ],
)
def test_each_door_of_development_stops_a_deployment(
    production: Settings, name: str, value: Any, number: int
) -> None:
    setattr(production, name, value)
    assert [error.id for error in nothing_of_development(None)] == [f"tonality.E{number:03}"]


@pytest.mark.django_db
def test_the_database_is_new_enough() -> None:
    assert run_checks(tags=["database"], databases=["default"]) == []
