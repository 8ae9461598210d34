"""Where each method may be used: the grid of defaults and overrides, and every cell to edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from accounts.models import User
from core.errors import ApplicationError
from core.models import AuditRecord
from core.money import Money
from payments.models import PaymentMethodPolicy
from payments.models.policy import ANY
from payments.providers import REGISTRY, provider
from payments.services import policy, rules

_LIST: Final = "admin:payments_paymentmethodpolicy_changelist"
_METHODS: Final = [(name, name) for name in REGISTRY]


def _assets() -> list[tuple[str, str]]:
    found = {asset for name in REGISTRY for asset in provider(name).capabilities.assets}
    return [(ANY, "all"), *((one, one) for one in sorted(found))]


class CellForm(forms.ModelForm[PaymentMethodPolicy]):
    """Amounts in whole units of the currency; the note is the cell's reason."""

    method = forms.ChoiceField(choices=_METHODS)
    asset = forms.ChoiceField(choices=_assets, label="Currency")
    country = forms.CharField(
        max_length=2, initial=ANY, help_text="Two capital letters (ISO 3166), or * for all"
    )
    smallest = forms.CharField(required=False, max_length=40, help_text="From this amount on")
    largest = forms.CharField(required=False, max_length=40, help_text="Up to this amount")
    allowed = forms.TypedChoiceField(
        choices=[("yes", "Allowed"), ("no", "Not allowed")],
        coerce=lambda word: word == "yes",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = PaymentMethodPolicy
        fields = (
            "context", "goods", "method", "country", "asset", "smallest", "largest", "allowed",
            "reason",
        )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.allowed is not None:
            self.initial["allowed"] = "yes" if self.instance.allowed else "no"
        for name in ("smallest", "largest"):
            amount = getattr(self.instance, name)
            self.initial[name] = _shown(self.instance.asset, amount)
        if not self.instance._state.adding:  # noqa: SLF001  Django's public API
            for name in ("context", "goods", "method", "country", "asset"):
                self.fields[name].disabled = True  # a rule for another cell is another row

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        for name in ("smallest", "largest"):
            given[name] = self._amount(name, given)
        if not self.errors:
            try:
                rules.policy_cell_check(
                    cell=cell_of(given),
                    allowed=given["allowed"],
                    smallest=given["smallest"],
                    largest=given["largest"],
                )
            except ApplicationError as refusal:
                raise forms.ValidationError(refusal.detail) from refusal
        return given

    def _amount(self, name: str, given: Mapping[str, Any]) -> int | None:
        text = (given.get(name) or "").strip()
        if not text:
            return None
        if given.get("asset") in (None, ANY):
            self.add_error(name, "Amounts need a currency: name it instead of *.")
            return None
        try:
            return Money.parse(given["asset"], text).amount
        except ValueError as error:
            self.add_error(name, str(error))
            return None


def _shown(asset: str, amount: int | None) -> str:
    return "" if amount is None or asset == ANY else Money(asset, amount).decimal()


def cell_of(given: Mapping[str, Any]) -> rules.Cell:
    return rules.Cell(*(given[name] for name in ("context", "goods", "method", "country", "asset")))


class AskForm(forms.Form):
    """May somebody pay like this? The same question as the server asks at every attempt."""

    context = forms.ChoiceField(choices=PaymentMethodPolicy.Context.choices)
    goods = forms.ChoiceField(choices=PaymentMethodPolicy.Goods.choices)
    method = forms.ChoiceField(choices=_METHODS)
    country = forms.CharField(max_length=2, required=False)
    asset = forms.ChoiceField(choices=lambda: _assets()[1:], label="Currency")
    amount = forms.CharField(max_length=40, required=False)


class ReasonForm(forms.Form):
    reason = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 2}))


@admin.register(PaymentMethodPolicy)
class PaymentMethodPolicyAdmin(admin.ModelAdmin[PaymentMethodPolicy]):
    """Rows here overrule the defaults, which stand in the grid above the list."""

    form = CellForm
    list_display = ("context", "goods", "method", "country", "asset", "amounts", "allowed",
                    "reason", "changed_at")  # fmt: skip
    list_filter = ("context", "goods", "method", "allowed")
    change_list_template = "admin/payments/policy_list.html"
    change_form_template = "admin/payments/policy_cell.html"
    actions = None

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        name = "payments_paymentmethodpolicy_{}".format
        return [
            path("ask/", view(self.ask_view), name=name("ask")),
            path("<uuid:cell>/clear/", view(self.clear_view), name=name("clear")),
            *super().get_urls(),
        ]

    def has_delete_permission(
        self, request: HttpRequest, obj: PaymentMethodPolicy | None = None
    ) -> bool:
        del request, obj
        return False

    @admin.display(description="amounts")
    def amounts(self, row: PaymentMethodPolicy) -> str:
        if row.smallest is None and row.largest is None:
            return "any"
        return (
            f"{_shown(row.asset, row.smallest) or '0'} to {_shown(row.asset, row.largest) or '∞'}"
        )

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        grids = grid(PaymentMethodPolicy.objects.all())
        countries = [
            {"method": method, "country": country, "decision": decision}
            for (method, country), decision in sorted(policy.COUNTRIES.items())
        ]
        more = {"grids": grids, "countries": countries, "ask": AskForm(),
                "title": "Payment policy"}  # fmt: skip
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def save_model(
        self,
        request: HttpRequest,
        obj: PaymentMethodPolicy,
        form: ModelForm[PaymentMethodPolicy],
        change: bool,
    ) -> None:
        del change
        given = form.cleaned_data
        row = rules.policy_cell_set(
            cell=cell_of(given),
            allowed=given["allowed"],
            reason=given["reason"],
            smallest=given["smallest"],
            largest=given["largest"],
            actor=cast("User", request.user),
        )
        obj.pk = row.pk

    def clear_view(self, request: HttpRequest, cell: UUID) -> HttpResponse:
        """GET: what would be the default again. POST with a reason: make it so."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        row = get_object_or_404(PaymentMethodPolicy, pk=cell)
        form = ReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            rules.policy_cell_clear(
                cell_id=cell, reason=form.cleaned_data["reason"], actor=cast("User", request.user)
            )
            messages.success(request, "The default holds again.")
            return redirect(_LIST)
        context = {
            **self.admin_site.each_context(request),
            "title": "Back to the default",
            "row": row,
            "default": policy.DEFAULTS.get((row.context, row.goods, row.method)),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/policy_clear.html", context)

    def ask_view(self, request: HttpRequest) -> HttpResponse:
        """Which rule decides about one payment; changes nothing."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = AskForm(request.GET or None)
        decision = _ask(form) if form.is_valid() else None
        context = {
            **self.admin_site.each_context(request),
            "title": "May somebody pay like this?",
            "form": form,
            "decision": decision,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/payments/policy_ask.html", context)


def _ask(form: AskForm) -> policy.Decision | None:
    given = form.cleaned_data
    try:
        text = given["amount"].strip()
        amount = Money.parse(given["asset"], text).amount if text else None
    except ValueError as error:
        form.add_error("amount", str(error))
        return None
    return policy.decide(
        method=given["method"],
        context=given["context"],
        country=given["country"].upper(),
        asset=given["asset"],
        amount=amount,
        goods=given["goods"],
    )


# --- the grid -------------------------------------------------------------------------------------


def grid(rows: QuerySet[PaymentMethodPolicy]) -> list[dict[str, Any]]:
    """Per goods a table: methods down, contexts across; each cell with who decided it."""
    known = list(rows)
    whole = {
        (row.context, row.goods, row.method): row
        for row in known
        if (row.country, row.asset) == (ANY, ANY)
    }
    authors = _authors(known)
    return [
        {
            "goods": label,
            "rows": [
                {"method": method,
                 "cells": [_cell(context, goods, method, whole, known, authors)
                           for context in PaymentMethodPolicy.Context.values]}
                for method in REGISTRY
            ],
        }
        for goods, label in PaymentMethodPolicy.Goods.choices
    ]  # fmt: skip


def _cell(
    context: str,
    goods: str,
    method: str,
    whole: Mapping[tuple[str, str, str], PaymentMethodPolicy],
    known: Iterable[PaymentMethodPolicy],
    authors: Mapping[str, AuditRecord],
) -> dict[str, Any]:
    row = whole.get((context, goods, method))
    default = policy.DEFAULTS.get((context, goods, method))
    where = {"context": context, "goods": goods, "method": method}
    narrower = [
        one
        for one in known
        if (one.context, one.goods, one.method) == (context, goods, method) and one is not row
    ]
    if row is not None:
        address = reverse("admin:payments_paymentmethodpolicy_change", args=[row.pk])
    else:
        address = reverse("admin:payments_paymentmethodpolicy_add") + f"?{urlencode(where)}"
    return {
        "context": context,
        "allowed": row.allowed if row else bool(default and default.allowed),
        "reason": row.reason if row else (default.reason if default else "No rule allows it."),
        "row": row,
        "record": authors.get(str(row.pk)) if row else None,
        "narrower": len(narrower),
        "address": address,
    }


def _authors(rows: Iterable[PaymentMethodPolicy]) -> dict[str, AuditRecord]:
    """The newest record of each row: who changed it, and when."""
    records = AuditRecord.objects.filter(
        target_type="payments.paymentmethodpolicy", target_id__in=[str(row.pk) for row in rows]
    )
    return {one.target_id: one for one in records.order_by("id")}
