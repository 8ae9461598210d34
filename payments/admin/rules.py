"""What staff decide about ways to pay: where each may be used, which is off, who gets what."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from core.desk.options import AuditedAdmin, ReadOnlyAdmin
from payments.models import (
    ListPrice,
    MethodSwitch,
    PaymentMethodPolicy,
    ProviderHealth,
    Quote,
    Rate,
    ShareRule,
)
from payments.providers import REGISTRY
from payments.services import policy

_METHODS = [(name, name) for name in REGISTRY]
_SWITCHES = [*_METHODS, ("yookassa", "sbp by yookassa"), ("tbank", "sbp by tbank")]


class PolicyForm(forms.ModelForm[PaymentMethodPolicy]):
    method = forms.ChoiceField(choices=_METHODS)

    class Meta:
        model = PaymentMethodPolicy
        fields = (
            "context", "goods", "method", "country", "asset", "smallest", "largest", "allowed",
            "reason",
        )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """The database refuses it too; here it is said why."""
        given: dict[str, Any] = super().clean() or {}
        inside = given.get("context") == PaymentMethodPolicy.Context.TELEGRAM
        if inside and given.get("method") == "binance" and given.get("allowed"):
            raise forms.ValidationError(
                "Binance Pay may not be offered or linked inside Telegram (bot terms 7.4)."
            )
        return given


@admin.register(PaymentMethodPolicy)
class PaymentMethodPolicyAdmin(AuditedAdmin[PaymentMethodPolicy]):
    """Rows here overrule the defaults, which stand above the list with their reasons."""

    form = PolicyForm
    list_display = ("context", "goods", "method", "country", "asset", "allowed", "reason")
    list_filter = ("context", "goods", "method", "allowed")
    change_list_template = "admin/payments/policy_list.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        cells = [
            {"context": context, "goods": goods, "method": method, "decision": decision}
            for (context, goods, method), decision in sorted(policy.DEFAULTS.items())
        ]
        return super().changelist_view(request, {**(extra_context or {}), "defaults": cells})


class SwitchForm(forms.ModelForm[MethodSwitch]):
    method = forms.ChoiceField(choices=_SWITCHES)

    class Meta:
        model = MethodSwitch
        fields = ("method", "on", "reason")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not given.get("on") and not given.get("reason"):
            self.add_error("reason", "Say why it is switched off: others will read it.")
        return given


@admin.register(MethodSwitch)
class MethodSwitchAdmin(AuditedAdmin[MethodSwitch]):
    """Off at once for new attempts; open ones complete."""

    form = SwitchForm
    list_display = ("method", "on", "reason", "changed_at")

    def get_readonly_fields(
        self, request: HttpRequest, obj: MethodSwitch | None = None
    ) -> tuple[str, ...]:
        del request
        return ("method",) if obj else ()

    def get_form(
        self, request: HttpRequest, obj: MethodSwitch | None = None, change: bool = False, **kw: Any
    ) -> Any:
        """Which method it is stays; only its state is changed."""
        if obj is None:
            return super().get_form(request, obj, change, **kw)
        return super().get_form(request, obj, change, form=_ChangeSwitchForm, **kw)


class _ChangeSwitchForm(SwitchForm):
    method = None  # type: ignore[assignment]

    class Meta:
        model = MethodSwitch
        fields = ("on", "reason")


@admin.register(ProviderHealth)
class ProviderHealthAdmin(ReadOnlyAdmin[ProviderHealth]):
    """Who answers. Nobody has to do anything here: a method switch is for what people decide."""

    list_display = ("acquirer", "state", "failures", "error", "opened_at", "probe_at")
    list_filter = ("state",)


@admin.register(ShareRule)
class ShareRuleAdmin(AuditedAdmin[ShareRule]):
    """A new rule takes over from its day; what was in force stays to be read."""

    list_display = ("method", "asset", "kind", "bps", "fixed", "starts_on", "reason")
    list_filter = ("method", "kind")
    fields = ("method", "asset", "kind", "bps", "fixed", "starts_on", "reason")

    def has_change_permission(self, request: HttpRequest, obj: ShareRule | None = None) -> bool:
        del request, obj
        return False


@admin.register(Rate)
class RateAdmin(ReadOnlyAdmin[Rate]):
    list_display = ("at", "asset", "micros", "source")
    list_filter = ("asset", "source")
    show_full_result_count = False


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin[Quote]):
    list_display = ("created_at", "asset", "unit_price", "base_price", "rate_id", "spread_bps")
    list_filter = ("asset",)
    show_full_result_count = False


@admin.register(ListPrice)
class ListPriceAdmin(AuditedAdmin[ListPrice]):
    list_display = ("collection_id", "asset", "unit_price", "changed_at")
    raw_id_fields = ("collection",)
