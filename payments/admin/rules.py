"""Shares, prices and rates on the desk: dated, checked, and never changed behind a sale's back."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError
from core.money import Money
from payments.models import ListPrice, ProviderHealth, Quote, Rate, ShareRule
from payments.providers import REGISTRY, provider
from payments.services import pricing, rules, waterfall

_METHODS = [(name, name) for name in REGISTRY if name != "ton"]


def _assets() -> list[tuple[str, str]]:
    return [(one, one) for one in rules.priced_assets()]


def _actor(request: HttpRequest) -> User:
    return cast("User", request.user)


class ShareForm(forms.ModelForm[ShareRule]):
    method = forms.ChoiceField(choices=_METHODS)
    asset = forms.ChoiceField(choices=_assets, label="Currency")

    class Meta:
        model = ShareRule
        fields = ("method", "asset", "kind", "bps", "fixed", "starts_on", "reason")
        help_texts = {  # noqa: RUF012
            "bps": "Basis points of the gross: 100 = 1%. VAT: of the price without it",
            "fixed": "A provider's fee on top, in minor units (cents)",
            "starts_on": "Tomorrow at the earliest (UTC); it holds until a later rule",
        }

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                rules.share_rule_check(ShareRule(**given))
            except ApplicationError as refusal:
                raise forms.ValidationError(refusal.detail) from refusal
        return given


@admin.register(ProviderHealth)
class ProviderHealthAdmin(ReadOnlyAdmin[ProviderHealth]):
    """Who answers. Nobody has to do anything here: a method switch is for what people decide."""

    list_display = ("acquirer", "state", "failures", "error", "opened_at", "probe_at")
    list_filter = ("state",)


@admin.register(ShareRule)
class ShareRuleAdmin(admin.ModelAdmin[ShareRule]):
    """A new rule takes over from its day; what was in force stays to be read."""

    form = ShareForm
    list_display = ("method", "asset", "kind", "bps", "fixed", "starts_on", "reason")
    list_filter = ("method", "kind")
    change_list_template = "admin/payments/shares.html"
    actions = None

    def has_change_permission(self, request: HttpRequest, obj: ShareRule | None = None) -> bool:
        del request, obj
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ShareRule | None = None) -> bool:
        del request, obj
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        now = timezone.now()
        today = [
            {"method": name, "asset": asset,
             "rules": waterfall.rules_at(method=name, asset=asset, at=now)}
            for name, _ in _METHODS
            for asset in sorted(provider(name).capabilities.assets)
        ]  # fmt: skip
        return super().changelist_view(
            request,
            {
                **(extra_context or {}),
                "title": "Shares and fees",
                "today": today,
                "first": waterfall.FIRST,
            },
        )

    def save_model(
        self, request: HttpRequest, obj: ShareRule, form: ModelForm[ShareRule], change: bool
    ) -> None:
        del form, change
        rules.share_rule_add(rule=obj, actor=_actor(request))


class RateForm(forms.ModelForm[Rate]):
    """price: of one native coin, in whole units."""

    asset = forms.ChoiceField(choices=_assets, label="Currency")
    price = forms.CharField(max_length=20, help_text="Of one coin, in whole units, as 3.05")
    reason = forms.CharField(max_length=300, help_text="Where you have it from")

    class Meta:
        model = Rate
        fields = ("asset",)

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if not self.errors:
            try:
                rules.rate_check(asset=given["asset"], price=given["price"])
            except ApplicationError as refusal:
                raise forms.ValidationError(refusal.detail) from refusal
        return given


@admin.register(Rate)
class RateAdmin(ReadOnlyAdmin[Rate]):
    form = RateForm
    fields = ("asset", "price", "reason")
    list_display = ("at", "asset", "price_of_a_coin", "source")
    list_filter = ("asset", "source")
    show_full_result_count = False
    change_list_template = "admin/payments/rates.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(rules.RATE)

    def get_fields(self, request: HttpRequest, obj: Rate | None = None) -> Any:
        """A rate that is there is only looked at."""
        del request
        return ("at", "asset", "micros", "source") if obj else self.fields

    @admin.display(description="one coin", ordering="micros")
    def price_of_a_coin(self, rate: Rate) -> str:
        return price_of(rate)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        now = timezone.now()
        newest = [
            {"asset": asset, "rate": rate, "price": price_of(rate) if rate else "none",
             "fixed": settings.RATES_FIXED.get(asset), "fresh": pricing.rate_fresh(asset, now)}
            for asset in rules.priced_assets()
            for rate in [Rate.objects.filter(asset=asset).first()]
        ]  # fmt: skip
        more = {"newest": newest, "title": "Rates", "age": settings.RATE_MAX_AGE,
                "spread": settings.RATE_SPREAD_BPS}  # fmt: skip
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def save_model(
        self, request: HttpRequest, obj: Rate, form: ModelForm[Rate], change: bool
    ) -> None:
        del change
        row = rules.rate_set(**form.cleaned_data, actor=_actor(request))
        obj.pk = row.pk


def price_of(rate: Rate) -> str:
    """What one coin costs, to a millionth of a minor unit."""
    places = Money(rate.asset, 0).decimals + 6
    digits = str(rate.micros).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}".rstrip("0").rstrip(".") + f" {rate.asset}"


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin[Quote]):
    list_display = ("created_at", "asset", "price", "base", "rate_id", "spread_bps")
    list_filter = ("asset",)
    show_full_result_count = False

    @admin.display(description="price")
    def price(self, quote: Quote) -> str:
        return str(Money(quote.asset, quote.unit_price))

    @admin.display(description="on chain")
    def base(self, quote: Quote) -> str:
        return str(Money(settings.NATIVE_COIN, quote.base_price))


class ListPriceForm(forms.ModelForm[ListPrice]):
    asset = forms.ChoiceField(choices=_assets, label="Currency")
    price = forms.CharField(max_length=40, help_text="Of one edition, in whole units")
    reason = forms.CharField(max_length=300)

    class Meta:
        model = ListPrice
        fields = ("collection", "asset")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.unit_price:
            shown = Money(self.instance.asset, self.instance.unit_price)
            self.initial["price"] = shown.decimal()
            self.fields["asset"].disabled = self.fields["collection"].disabled = True

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        asset = given.get("asset") or self.instance.asset
        if "price" in given and asset:
            try:
                given["unit_price"] = Money.parse(asset, given["price"].strip()).amount
                rules.list_price_check(asset=asset, unit_price=given["unit_price"])
            except ApplicationError as refusal:
                self.add_error("price", refusal.detail)
            except ValueError as error:
                self.add_error("price", str(error))
        return given


@admin.register(ListPrice)
class ListPriceAdmin(admin.ModelAdmin[ListPrice]):
    form = ListPriceForm
    fields = ("collection", "asset", "price", "reason")
    list_display = ("drop", "asset", "price", "changed_at")
    list_select_related = ("collection__release",)
    raw_id_fields = ("collection",)
    actions = None

    @admin.display(description="drop")
    def drop(self, row: ListPrice) -> str:
        return row.collection.release.title

    @admin.display(description="price")
    def price(self, row: ListPrice) -> str:
        return str(Money(row.asset, row.unit_price))

    def has_delete_permission(self, request: HttpRequest, obj: ListPrice | None = None) -> bool:
        del request, obj
        return False

    def save_model(
        self, request: HttpRequest, obj: ListPrice, form: ModelForm[ListPrice], change: bool
    ) -> None:
        del change
        row = rules.list_price_set(
            collection=obj.collection,
            asset=obj.asset,
            unit_price=form.cleaned_data["unit_price"],
            reason=form.cleaned_data["reason"],
            actor=_actor(request),
        )
        obj.pk = row.pk
