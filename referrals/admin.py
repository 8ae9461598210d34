"""Codes and attributions on the desk, to read; campaigns, to plan and to end."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_POST

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from referrals import services
from referrals.models import Attribution, Campaign, Code
from referrals.services import campaigns


@admin.register(Code)
class CodeAdmin(ReadOnlyAdmin[Code]):
    list_display = ("code", "user", "created_at")
    list_select_related = ("user",)
    search_fields = ("code", "user__login", "user__username")


@admin.register(Attribution)
class AttributionAdmin(ReadOnlyAdmin[Attribution]):
    list_display = ("user", "referrer", "created_at", "expires_at")
    list_select_related = ("user", "referrer")
    search_fields = ("user__login", "user__username", "referrer__login", "referrer__username")
    date_hierarchy = "created_at"


class CampaignForm(forms.ModelForm[Campaign]):
    reason = forms.CharField(max_length=300, help_text="Why; kept in the audit")

    class Meta:
        model = Campaign
        fields = ("name", "starts_at", "ends_at", "rate_bps")
        help_texts = {  # noqa: RUF012
            "name": "Referrers read it",
            "rate_bps": "Of the platform's part of a sale, in basis points: 5000 = half of it",
        }

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            said = {name: given[name] for name in ("name", "starts_at", "ends_at", "rate_bps")}
            try:
                campaigns.campaign_check(**said)
            except ApplicationError as refusal:
                raise forms.ValidationError(refusal.detail) from refusal
        return given


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin[Campaign]):
    """Planned here, ended here, never changed: what was promised to an order stays promised."""

    form = CampaignForm
    list_display = ("name", "starts_at", "ends_at", "rate_bps")
    actions = None
    change_form_template = "admin/campaign.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.end)
        return [path("<uuid:key>/end/", view, name="referrals_campaign_end"), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        del request, obj
        return False

    def get_fields(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        del request
        names = ["name", "starts_at", "ends_at", "rate_bps"]
        return names if obj else [*names, "reason"]

    def save_model(
        self, request: HttpRequest, obj: Campaign, form: ModelForm[Campaign], change: bool
    ) -> None:
        del change
        made = services.campaign_plan(
            name=obj.name,
            starts_at=obj.starts_at,
            ends_at=obj.ends_at,
            rate_bps=obj.rate_bps,
            reason=form.cleaned_data["reason"],
            actor=_actor(request),
        )
        obj.pk = made.pk

    @method_decorator(require_POST)
    def end(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """End it now."""
        if not request.user.has_perm(campaigns.END):
            raise PermissionDenied
        reason = request.POST.get("reason", "")[:300]
        try:
            services.campaign_end(campaign_id=key, reason=reason, actor=_actor(request))
        except ApplicationError as refusal:
            messages.error(request, refusal.detail)
        else:
            messages.success(request, "Ended. Orders that were made keep their rate.")
        return redirect("admin:referrals_campaign_change", key)


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)
