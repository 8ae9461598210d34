"""Referral rewards that are held because something looked odd: the evidence, and the decision."""

from __future__ import annotations

from typing import Final, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from core.money import Money
from payments.models import Order
from payments.services import rewards
from referrals.models import FraudFlag

_DECIDE: Final = "admin:referrals_fraudflag_decide"
_MEANS: Final = {
    FraudFlag.Kind.SELF_WALLET: "The buyer pays from, or mints to, a wallet that the referrer has"
    " proved. A family may share one; somebody with two accounts does too.",
    FraudFlag.Kind.RING: "The chain of who brought whom comes back to the buyer, or to somebody"
    " who uses the same wallet.",
    FraudFlag.Kind.SAME_PAYER: "Several people whom this referrer brought pay from one wallet.",
    FraudFlag.Kind.VELOCITY: "More people came by this link within an hour than a person knows."
    " A concert or a post can do that.",
    FraudFlag.Kind.FRESH: "Many accounts came by this link and bought within ten minutes, on one"
    " day.",
}
_WORDS: Final = {
    FraudFlag.State.CLEARED: "Honest: the reward is let go.",
    FraudFlag.State.CONFIRMED: "Fraud: the reward is the platform's again, and this person's"
    " orders earn nobody anything.",
}


class ReasonForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What you looked at; kept in the audit",
    )


@admin.register(FraudFlag)
class FraudFlagAdmin(ReadOnlyAdmin[FraudFlag]):
    list_display = ("found_at", "what", "referrer", "state", "decided_by", "reason")
    list_display_links = None
    list_filter = ("state", "kind")
    list_select_related = ("attribution__referrer", "decided_by")
    search_fields = ("attribution__referrer__username", "attribution__referrer__login")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.decide)
        return [
            path("<uuid:key>/decide/", view, name="referrals_fraudflag_decide"),
            *super().get_urls(),
        ]

    @admin.display(description="what", ordering="kind")
    def what(self, row: FraudFlag) -> str:
        address = reverse(_DECIDE, args=[row.pk])
        return format_html('<a href="{}">{}</a>', address, row.get_kind_display())

    @admin.display(description="referrer")
    def referrer(self, row: FraudFlag) -> str:
        return str(row.attribution.referrer)

    def decide(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """GET: what was seen. POST: what it was."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = FraudFlag.objects.select_related(
            "attribution__user", "attribution__referrer", "decided_by"
        )
        row = get_object_or_404(rows, pk=key)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and _decided(request, row, form):
            return redirect(_DECIDE, key)
        orders = Order.objects.filter(
            user=row.attribution.user_id, referrer=row.attribution.referrer_id
        ).select_related("collection__release")
        context = {
            **self.admin_site.each_context(request),
            "title": row.get_kind_display(),
            "row": row,
            "means": _MEANS[FraudFlag.Kind(row.kind)],
            "others": row.attribution.flags.exclude(pk=row.pk),
            "orders": orders[:50],
            "rewards": [Money(asset, amount) for asset, amount in _at_stake(row)],
            "form": form,
            "may_decide": request.user.has_perm(rewards.DECIDE),
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/fraud.html", context)


def _at_stake(row: FraudFlag) -> list[tuple[str, int]]:
    return [(asset, amount) for asset, amount in rewards.rewards_of(row.attribution) if amount]


def _decided(request: HttpRequest, row: FraudFlag, form: ReasonForm) -> bool:
    if not request.user.has_perm(rewards.DECIDE):
        raise PermissionDenied
    state = FraudFlag.State.CONFIRMED if "fraud" in request.POST else FraudFlag.State.CLEARED
    try:
        rewards.flag_decide(
            flag_id=row.pk,
            state=state,
            reason=form.cleaned_data["reason"],
            actor=cast("User", request.user),
        )
    except ApplicationError as refusal:
        messages.error(request, refusal.detail)
        return False
    messages.success(request, _WORDS[state])
    return True
