"""Prometheus: /metrics for the scraper alone, and gauges that are computed when they are read.

With several web processes (PROMETHEUS_MULTIPROC_DIR set) counters of all of them are summed; the
gauges below are read from the database, so any process gives the same answer.
"""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final, TypeAlias

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    generate_latest,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from core.address import is_inside
from core.errors import ProblemResponse

# One number, or a number for each value of the gauge's label.
Reading: TypeAlias = float | Mapping[str, float]
Reader: TypeAlias = Callable[[], Reading]

log = structlog.get_logger(__name__)
_gauges: dict[str, tuple[str, str, Reader]] = {}


def gauge(name: str, meaning: str, *, label: str = "") -> Callable[[Reader], Reader]:
    """Register a gauge that is read at every scrape; keep its query small and indexed.

    With `label` the reader returns {label value: number}.
    """

    def register(reader: Reader) -> Reader:
        _gauges[name] = (meaning, label, reader)
        return reader

    return register


class _Gauges(Collector):
    def collect(self) -> Iterator[Metric]:
        for name, (meaning, label, reader) in _gauges.items():
            family = GaugeMetricFamily(name, meaning, labels=[label] if label else None)
            for value, number in _read(name, reader):
                family.add_metric([value] if label else [], number)
            yield family


def _read(name: str, reader: Reader) -> Iterable[tuple[str, float]]:
    try:
        reading = reader()
    except Exception as error:  # noqa: BLE001  one broken gauge must not hide all others
        log.warning("gauge_unread", gauge=name, error=type(error).__name__)
        return []
    return reading.items() if isinstance(reading, Mapping) else [("", reading)]


def registry() -> CollectorRegistry:
    """What a scrape of this process shows."""
    result = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(result)  # type: ignore[no-untyped-call]
    else:
        result.register(_Whole())
    result.register(_Gauges())
    return result


class _Whole(Collector):
    """The process' default registry, as a collector."""

    def collect(self) -> Iterable[Metric]:
        return REGISTRY.collect()


@require_GET
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """GET /metrics: for a private peer that came straight to us, or with METRICS_TOKEN."""
    if not _may_scrape(request):
        return ProblemResponse("forbidden", "Forbidden", 403)
    return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)


_FORWARDED: Final = ("X-Forwarded-For", "X-Forwarded-Host", "Forwarded", "X-Real-IP")


def _may_scrape(request: HttpRequest) -> bool:
    token: str = settings.METRICS_TOKEN
    if token:
        given = request.headers.get("Authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    # A private peer may be our own proxy, speaking for anyone.
    forwarded = any(name in request.headers for name in _FORWARDED)
    return not forwarded and is_inside(request.META.get("REMOTE_ADDR", ""))


def serve_from_environment() -> None:
    """For processes without HTTP (worker, relay, follower): listen on METRICS_PORT if it is set."""
    if port := os.environ.get("METRICS_PORT"):
        start_http_server(int(port), addr=settings.METRICS_HOST, registry=registry())
