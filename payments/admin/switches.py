"""The kill switch of each method: off at once for new attempts, open ones still complete."""

from __future__ import annotations

from typing import Any, Final, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from core.models import AuditRecord
from payments.models import MethodSwitch, PaymentAttempt
from payments.providers import REGISTRY, provider
from payments.services import rules, states

_LIST: Final = "admin:payments_methodswitch_changelist"


class SwitchForm(forms.Form):
    method = forms.ChoiceField(choices=list(rules.SWITCHES.items()))
    on = forms.TypedChoiceField(
        choices=[("on", "on"), ("off", "off")], coerce=lambda word: word == "on"
    )
    reason = forms.CharField(max_length=300, required=False)


@admin.register(MethodSwitch)
class MethodSwitchAdmin(ReadOnlyAdmin[MethodSwitch]):
    """One row per method, always; the table itself has only those that were ever switched."""

    change_list_template = "admin/payments/switches.html"
    list_display = ("method", "on", "reason", "changed_at")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.set_view)
        return [path("set/", view, name="payments_methodswitch_set"), *super().get_urls()]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        more = {
            "switches": switches(),
            "may_switch": request.user.has_perm(rules.SWITCH),
            "title": "Method switches",
        }
        return super().changelist_view(request, {**(extra_context or {}), **more})

    @method_decorator(require_POST)
    def set_view(self, request: HttpRequest) -> HttpResponse:
        if not request.user.has_perm(rules.SWITCH):
            raise PermissionDenied
        form = SwitchForm(request.POST)
        if form.is_valid():
            try:
                row = rules.method_switch(**form.cleaned_data, actor=cast("User", request.user))
            except ApplicationError as refusal:
                messages.error(request, refusal.detail)
            else:
                messages.success(request, _told(row))
        else:
            messages.error(request, "There is no such switch.")
        return redirect(_LIST)


def _told(row: MethodSwitch) -> str:
    if row.on:
        return f"{row.method} is on again: it is offered from this moment on."
    return f"{row.method} is off for new payments from this moment on. Open ones still complete."


def switches() -> list[dict[str, Any]]:
    """Every method and acquirer: on or off, why, since when and by whom, and what is still open."""
    rows = {row.method: row for row in MethodSwitch.objects.all()}
    records = AuditRecord.objects.filter(target_type="payments.methodswitch").order_by("id")
    authors = {one.target_id: one for one in records}
    tries = PaymentAttempt.objects.filter(state__in=states.OPEN_TRIES).order_by()
    open_ = dict(tries.values_list("acquirer").annotate(number=Count("pk")))
    by_method = dict(tries.values_list("provider").annotate(number=Count("pk")))
    return [
        {
            "name": name,
            "label": label,
            "on": rows[name].on if name in rows else True,
            "reason": rows[name].reason if name in rows else "",
            "record": authors.get(name),
            "configured": provider(name).configured if name in REGISTRY else None,
            "open": by_method.get(name, 0) if name in REGISTRY else open_.get(name, 0),
        }
        for name, label in rules.SWITCHES.items()
    ]
