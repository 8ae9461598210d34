from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app
from pytest_django import Settings

import core
from accounts import tasks
from core.celery_app import beat_schedule

ROOT = Path(__file__).parents[2]


def test_importing_core_makes_our_app_the_current_one(settings: Settings) -> None:
    assert core.celery_app is current_app._get_current_object()  # type: ignore[attr-defined]
    assert current_app.conf.broker_url == settings.CELERY_BROKER_URL


def test_every_scheduled_task_exists() -> None:
    current_app.loader.import_default_modules()
    schedule = beat_schedule()
    assert "core-audit-seal" in schedule
    assert {entry["task"] for entry in schedule.values()} <= set(current_app.tasks)


def test_a_name_used_by_two_rooms_stops_the_start(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tasks, "BEAT", {"core-audit-seal": {}})
    settings.ROOMS = ["core", "accounts"]
    with pytest.raises(ValueError, match="core-audit-seal"):
        beat_schedule()


def test_the_scheduler_process_reads_the_rooms_schedule() -> None:
    program = (
        "import deploy.celery as c; c.app.loader.import_default_modules(); c.app.finalize();"
        "print(sorted(c.app.conf.beat_schedule))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=os.environ, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert "accounts-sweep" in done.stdout
    assert "inbox-process-due" in done.stdout
