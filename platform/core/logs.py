"""Structured logs: JSON lines in production, readable ones in development, no secrets in either."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Callable, MutableMapping
from typing import Any, Final

import structlog
from django.http import HttpRequest, HttpResponseBase

from core import redact
from core.address import client_address
from core.ids import uuid7

_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
# Every request to these is noise: probes and scrapes come every few seconds.
_QUIET: Final = ("/health/", "/metrics", "/static/")
# The request log says it once, with the id and the duration; Celery says each task three times.
_CHATTY: Final = ("django.server", "celery.worker.strategy", "celery.beat", "httpx2", "httpcore2")
# Written by ourselves; everything else is scrubbed.
_OURS: Final = frozenset({"event", "level", "timestamp", "logger", "request_id", "user_id"})

log = structlog.get_logger("request")


def _scrub(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if name == "event":
            event[name] = redact.text(str(value))
        elif name in _OURS:
            continue
        elif redact.is_secret(name):
            event[name] = redact.FILTERED
        else:
            event[name] = redact.tree(value)
    return event


def _drop_arguments(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Celery's trace repeats a task's arguments beside its one line."""
    if event.get("logger") == "celery.app.trace":
        event.pop("data", None)
    return event


def configure(*, pretty: bool, level: str = "INFO") -> None:
    """Send structlog's and the standard library's records to stderr through one chain."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(),
        _drop_arguments,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _scrub,
    ]
    last: Any = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if pretty
        else structlog.processors.JSONRenderer()
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel("WARNING")
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class RequestLogMiddleware:
    """One line a request: id, method, path without its query, status, duration, user id."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid7().hex
        started = time.perf_counter()
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            response = self.get_response(request)
            response["X-Request-ID"] = request_id
            if not request.path.startswith(_QUIET) or response.status_code >= 500:
                _write(request, response, started)
        return response


def _write(request: HttpRequest, response: HttpResponseBase, started: float) -> None:
    emit = log.error if response.status_code >= 500 else log.info
    emit(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round((time.perf_counter() - started) * 1000, 1),
        user_id=_user_id(request),
        address=client_address(request),
    )


def _user_id(request: HttpRequest) -> str | None:
    """Only if somebody has looked already: the log must not cause a query."""
    user = request.__dict__.get("_cached_user") or request.__dict__.get("user")
    if user is None or type(user).__name__ == "SimpleLazyObject":
        return None
    return str(user.pk) if getattr(user, "pk", None) else None
