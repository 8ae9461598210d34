"""The Celery app. Rooms give it tasks and, as `BEAT` in their `tasks.py`, a schedule.

`BEAT: Schedule = {"room-what": {"task": "room.what", "schedule": 60.0}}`, in seconds or crontab.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias

from celery import Celery, Task, signals
from django.conf import settings
from django.db import close_old_connections

Schedule: TypeAlias = Mapping[str, Mapping[str, Any]]

app = Celery("tonality")
app.config_from_object("django.conf:settings", namespace="CELERY")
# Celery would close the database's connection before and after each task; ours is kept as long as
# a request's (CONN_MAX_AGE), and looked at before it is used again.
app.conf["CELERY_DB_REUSE_MAX"] = sys.maxsize
app.autodiscover_tasks()


def beat_schedule() -> dict[str, Mapping[str, Any]]:
    """Every room's BEAT as one schedule. A name used twice is a mistake and stops the start."""
    merged: dict[str, Mapping[str, Any]] = {}
    for room in settings.ROOMS:
        if find_spec(f"{room}.tasks") is None:
            continue
        entries: Schedule = getattr(import_module(f"{room}.tasks"), "BEAT", {})
        if repeated := merged.keys() & entries.keys():
            raise ValueError(f"{room}.tasks: BEAT repeats {', '.join(sorted(repeated))}")
        merged.update(entries)
    return merged


@app.on_after_finalize.connect
def _fill_schedule(sender: Celery, **_kwargs: object) -> None:
    sender.conf.beat_schedule = beat_schedule()


@signals.setup_logging.connect
def _keep_logging(**_kwargs: object) -> None:
    """Logging is set up by core.apps; being connected here stops Celery from replacing it."""


@signals.task_prerun.connect
@signals.task_postrun.connect
def _keep_only_good_connections(task: Task[Any, Any], **_kwargs: object) -> None:
    if not task.request.is_eager:
        close_old_connections()
