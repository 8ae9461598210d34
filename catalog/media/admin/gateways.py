"""The gateways on the desk: how each does right now, and what a person may decide about it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from catalog.media import gateways
from catalog.media.models import Gateway, GatewayEvent, GatewayMinute
from catalog.media.services import gateways as doors
from core.desk.charts import Chart, bars
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from core.ipfs.gateways.health import Health

_LIST: Final = "admin:media_gateway_changelist"
_MINUTES: Final = 30  # of a sparkline
_EVENTS: Final = 20


class DecisionForm(forms.Form):
    tier = forms.IntegerField(min_value=0, max_value=99)
    enabled = forms.BooleanField(required=False)


class ReleaseForm(forms.Form):
    reason = forms.CharField(max_length=250)


@admin.register(Gateway)
class GatewayAdmin(ReadOnlyAdmin[Gateway]):
    """A page that refreshes itself; rows come from IPFS_GATEWAYS, decisions from here."""

    change_list_template = "admin/media/gateways.html"
    list_display = ("name", "url", "tier", "trustless", "enabled", "quarantined_at")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("now/", wrap(self.now_view), name="media_gateway_now"),
            path("<uuid:pk>/decide/", wrap(self.decide_view), name="media_gateway_decide"),
            path("<uuid:pk>/release/", wrap(self.release_view), name="media_gateway_release"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        more = {**_shown(request), "title": "Gateways"}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    @method_decorator(require_GET)
    def now_view(self, request: HttpRequest) -> HttpResponse:
        """The part that the page asks for every few seconds."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return render(request, "admin/media/gateways_now.html", _shown(request))

    @method_decorator(require_POST)
    def decide_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        row, form = get_object_or_404(Gateway, pk=pk), DecisionForm(request.POST)
        if not request.user.has_perm(doors.CHANGE):
            raise PermissionDenied
        if not form.is_valid():
            messages.error(request, "A tier is a number from 0 to 99.")
        elif doors.gateway_change(actor=_staff(request), gateway=row, **form.cleaned_data):
            messages.success(request, f"{row} is changed, from its next request on.")
        return redirect(_LIST)

    @method_decorator(require_POST)
    def release_view(self, request: HttpRequest, pk: Any) -> HttpResponse:
        row, form = get_object_or_404(Gateway, pk=pk), ReleaseForm(request.POST)
        if not request.user.has_perm(doors.RELEASE):
            raise PermissionDenied
        if not form.is_valid():
            messages.error(request, "Say why it can be trusted again.")
            return redirect(_LIST)
        try:
            doors.gateway_release(actor=_staff(request), gateway=row, **form.cleaned_data)
        except ApplicationError as refusal:
            messages.error(request, refusal.detail)
        else:
            messages.success(request, f"{row} is asked again from now on.")
        return redirect(_LIST)


def _shown(request: HttpRequest) -> dict[str, Any]:
    rows = list(Gateway.objects.all())
    healths = gateways.fetcher().health.read(row.name for row in rows)
    since = timezone.now().replace(second=0, microsecond=0) - timedelta(minutes=_MINUTES)
    history = _history(since)
    return {
        "gateways": [_row(row, healths[row.name], history[row.pk], since) for row in rows],
        "events": GatewayEvent.objects.select_related("gateway").order_by("-id")[:_EVENTS],
        "may_change": request.user.has_perm(doors.CHANGE),
        "may_release": request.user.has_perm(doors.RELEASE),
        "read_at": timezone.now(),
    }


def _history(since: datetime) -> Mapping[Any, list[GatewayMinute]]:
    found: dict[Any, list[GatewayMinute]] = defaultdict(list)
    for one in GatewayMinute.objects.filter(minute__gte=since).order_by("minute"):
        found[one.gateway_id].append(one)
    return found


def _row(
    row: Gateway, health: Health, minutes: list[GatewayMinute], since: datetime
) -> dict[str, Any]:
    state, tone = _state(row, health)
    asked = sum(one.requests for one in minutes)
    failed = sum(one.failures for one in minutes)
    usual = health.p95()
    return {
        "row": row,
        "state": state,
        "tone": tone,
        "rest": round(health.resting(time.time())),
        "success": f"{health.success:.0%}" if health.seen else "not asked yet",
        "first_byte": _milliseconds(health.first_byte or None),
        "p95": _milliseconds(usual),
        "asked": asked,
        "failed": failed,
        "chart": _sparkline(minutes, since),
    }


def _sparkline(minutes: Iterable[GatewayMinute], since: datetime) -> Chart:
    """Mean first byte of each minute in milliseconds; a minute without answers is a gap."""
    means = {
        one.minute: one.first_byte_ms // (one.requests - one.failures)
        for one in minutes
        if one.requests > one.failures
    }
    times = [since + timedelta(minutes=number) for number in range(_MINUTES + 1)]
    return bars([(f"{moment:%H:%M}", means.get(moment, 0)) for moment in times])


def _state(row: Gateway, health: Health) -> tuple[str, str]:
    if row.quarantined_at is not None:
        return "in quarantine", "bad"
    if not row.enabled:
        return "switched off", "quiet"
    now = time.time()
    circuit = health.state(now)
    if circuit == "open":
        return "circuit open", "bad"
    if circuit == "half_open":
        return "to be tried again", "warn"
    return ("resting, as it asked", "warn") if health.busy_until > now else ("in use", "good")


def _milliseconds(seconds: float | None) -> str:
    return "unknown" if seconds is None else f"{max(1, round(seconds * 1000))} ms"


def _staff(request: HttpRequest) -> User:
    return cast("User", request.user)
