"""Errors go to Sentry without what must not leave the house.

Three nets: Sentry's own scrubber by field name with our list, no local variables and no bodies;
then every string of every event through core.redact, whatever it is called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import sentry_sdk
from django.conf import settings
from sentry_sdk.integrations.celery import CeleryIntegration
from sentry_sdk.integrations.django import DjangoIntegration
from sentry_sdk.scrubber import DEFAULT_DENYLIST, EventScrubber
from sentry_sdk.types import Breadcrumb, BreadcrumbHint, Event, Hint

from core import redact

DENYLIST: Final = sorted(
    {
        *DEFAULT_DENYLIST,
        *redact.SECRET_NAMES,
        "init_data",
        "query_string",
        "state_init",
        "tgWebAppData",
        "ton_proof",
        "wallet_state_init",
    }
)
# Sampled away altogether: probes and scrapes.
_QUIET: Final = ("/health/", "/metrics", "/static/")
# Written by the SDK or by us, never by a client, and needed whole: ids of events, traces, spans.
_STRUCTURE: Final = frozenset(
    {
        "event_id", "trace_id", "span_id", "parent_span_id", "release", "timestamp",
        "start_timestamp", "type", "level", "platform", "sdk", "modules", "debug_meta",
        "measurements", "filename", "abs_path", "module", "function", "lineno", "in_app", "op",
        "origin", "status", "exclusive_time", "sample_rate", "sample_rand", "server_name",
        "environment",
    }
)  # fmt: skip


def clean(event: Event, hint: Hint | None = None) -> Event:
    """before_send and before_send_transaction."""
    del hint
    return cast("Event", _walk(event))


def _walk(value: Any, depth: int = 0) -> Any:
    if depth > 32:
        return redact.FILTERED
    if isinstance(value, str):
        return redact.text(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return redact.FILTERED
    if isinstance(value, dict):
        return {key: _field(key, inner, depth) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_walk(inner, depth + 1) for inner in value]
    return value


def _field(name: Any, value: Any, depth: int) -> Any:
    if name in _STRUCTURE and not isinstance(value, dict | list | tuple):
        return value
    if name in {"query_string", "data", "cookies", "env"} and isinstance(value, str):
        return redact.FILTERED if value else value
    if isinstance(name, str) and redact.is_secret(name) and isinstance(value, str) and value:
        return redact.FILTERED
    return _walk(value, depth + 1)


def clean_breadcrumb(crumb: Breadcrumb, hint: BreadcrumbHint | None = None) -> Breadcrumb:
    del hint
    return cast("Breadcrumb", _walk(crumb))


def sample(context: dict[str, Any]) -> float:
    """traces_sampler: money always, reads sometimes, probes never."""
    path = str(context.get("wsgi_environ", {}).get("PATH_INFO", ""))
    if path.startswith(_QUIET):
        return 0.0
    if path.startswith(("/api/v1/orders", "/webhooks/")):
        return 1.0
    return float(settings.SENTRY_TRACES_PERCENT) / 100


def start(transport: Callable[..., Any] | type | None = None) -> bool:
    """Start the SDK if SENTRY_DSN is set; whether it was. Tests pass their own transport."""
    if not settings.SENTRY_DSN:
        return False
    sentry_sdk.init(
        dsn=settings.SENTRY_DSN,
        environment=settings.SENTRY_ENVIRONMENT,
        release=settings.RELEASE or None,
        transport=cast("Any", transport),
        integrations=[DjangoIntegration(), CeleryIntegration(monitor_beat_tasks=True)],
        event_scrubber=EventScrubber(denylist=DENYLIST, recursive=True, send_default_pii=False),
        before_send=clean,
        before_send_transaction=clean,
        before_breadcrumb=clean_breadcrumb,
        traces_sampler=sample,
        include_local_variables=False,
        max_request_body_size="never",
    )
    return True
