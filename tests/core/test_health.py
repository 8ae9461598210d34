from __future__ import annotations

from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client, override_settings

from core import health


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> dict[str, health.Check]:
    """The ground's own checks alone, so that a test can add to them."""
    own = {name: health._checks[name] for name in ("database", "cache", "migrations")}
    monkeypatch.setattr(health, "_checks", own)
    return own


def test_being_alive_needs_no_database(client: Client) -> None:
    answer = client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.django_db
def test_ready_when_everything_is_well(client: Client, checks: dict[str, health.Check]) -> None:
    answer = client.get("/health/ready")
    assert answer.json() == {"status": "ok", "checks": dict.fromkeys(checks, "ok")}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_a_rooms_complaint_makes_it_unready(
    client: Client, checks: dict[str, health.Check]
) -> None:
    health.register("follower", lambda: "behind by 90 s")
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["follower"] == "behind by 90 s"
    assert "follower" in checks


@pytest.mark.django_db
def test_a_lost_database_is_named_without_its_secrets(
    client: Client, checks: dict[str, health.Check]
) -> None:
    assert checks
    lost = OperationalError("password authentication failed for postgres://u:secret@h")
    with patch.object(connection, "cursor", side_effect=lost):
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "failed: OperationalError"
    assert b"secret" not in answer.content


@pytest.mark.django_db
def test_a_lost_cache_is_named(client: Client, checks: dict[str, health.Check]) -> None:
    assert checks
    away = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
    }
    with override_settings(CACHES={"default": away}):
        answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["checks"]["cache"].startswith("failed")


@pytest.mark.django_db
def test_a_waiting_migration_is_named(client: Client, checks: dict[str, health.Check]) -> None:
    assert checks
    health._migrated.cache_clear()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'core' AND name LIKE '0002%%'")
    answer = client.get("/health/ready")
    assert answer.json()["checks"]["migrations"] == "migrations are waiting"
