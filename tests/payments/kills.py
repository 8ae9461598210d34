"""A real process with a connection of its own that is killed at a line."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from celery import current_app
from django.db import connections

from core.outbox.models import OutboxEvent


def killed_at(place: str, call: Callable[[], Any]) -> None:
    """Fork; in the child `call` runs until `place`, where the process gets a SIGKILL.

    place: "before <dotted name>" or "after <dotted name>" of a function or method.
    """
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            _mine(*place.split(" "))
            call()
        finally:
            os._exit(0)  # it got past its place: the parent sees that it was not killed
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), f"nothing came by {place}"
    assert os.WTERMSIG(status) == signal.SIGKILL


def _mine(when: str, name: str) -> None:
    *path, last = name.split(".")
    owner = _owner(path)
    real = getattr(owner, last)

    def mined(*args: Any, **kwargs: Any) -> Any:
        if when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        real(*args, **kwargs)
        os.kill(os.getpid(), signal.SIGKILL)

    pytest.MonkeyPatch().setattr(owner, last, mined)


def _owner(path: list[str]) -> Any:
    """A module, or what it calls by that name: a class of its own, a module that it uses."""
    for number in range(len(path), 0, -1):
        try:
            found: Any = import_module(".".join(path[:number]))
        except ModuleNotFoundError:
            continue
        for name in path[number:]:
            found = getattr(found, name)
        return found
    raise ModuleNotFoundError(".".join(path))


def keep_promises() -> None:
    """What relay and worker do once they run again: every promise of the outbox is kept."""
    for event in OutboxEvent.objects.filter(state__in=("pending", "sent")).order_by("id"):
        current_app.tasks[event.topic](event_id=str(event.pk), **event.payload)
