from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from celery import current_app, signals
from celery.fixups import django as django_fixup
from django.db import connection
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


@pytest.mark.django_db(transaction=True)
def test_a_task_keeps_the_connection_but_not_a_lost_one() -> None:
    """As around a request: Celery alone would open a new one for every task."""
    fixup = django_fixup.DjangoWorkerFixup(current_app)  # type: ignore[attr-defined]
    task = current_app.tasks["core.audit_seal"]

    def around(number: int) -> int:
        fixup.on_task_prerun(task)
        signals.task_prerun.send(sender=task, task=task, task_id=str(number))
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (process,) = cursor.fetchone()
        signals.task_postrun.send(sender=task, task=task, task_id=str(number))
        fixup.on_task_postrun(task)
        return int(process)

    kept = around(1)
    assert around(2) == kept
    with closing(connection.copy()) as other, other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [kept])
    assert around(3) != kept
