"""Orders, attempts and the ledger on the desk: to find and to read. Only services write them."""

from __future__ import annotations

import re
from functools import partial
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from core.desk.options import ReadOnlyAdmin
from core.money import Money
from core.ton.addresses import AddressInvalid, parse
from payments import ledger, reasons, selectors
from payments.admin import attention
from payments.models import (
    LedgerAccount,
    LedgerEntry,
    Leg,
    Order,
    PaymentAttempt,
    PaymentEvent,
)

_HASH: Final = re.compile(r"[0-9a-fA-F]{64}")


class ReadOnlyInline(admin.TabularInline[Any, Any]):
    extra = 0
    can_delete = False
    show_change_link = True

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        del request, obj
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        del request, obj
        return False


def order_search(text: str) -> Q | None:
    """What staff paste: an order's or attempt's id, a query id, an address, a transaction."""
    term = text.strip()
    if term.isascii() and term.isdigit() and int(term) < 2**63:
        return Q(query_id=int(term))
    if _HASH.fullmatch(term):
        return Q(attempts__external_id=term.lower())
    try:
        return Q(pk=UUID(term)) | Q(attempts__pk=UUID(term))
    except ValueError:
        pass
    try:
        raw = parse(term)
    except AddressInvalid:
        return None
    return Q(buyer=raw) | Q(recipient=raw) | Q(attempts__wallet=raw) | Q(collection__address=raw)


class AttemptInline(ReadOnlyInline):
    model = PaymentAttempt
    fields = readonly_fields = (
        "id", "provider", "state", "asset", "amount", "paid", "wallet", "flags", "valid_until",
        "external_id",
    )  # fmt: skip


class EventInline(ReadOnlyInline):
    model = PaymentEvent
    fields = readonly_fields = ("at", "attempt_id", "from_state", "to_state", "cause", "details")
    show_change_link = False


class EntryInline(ReadOnlyInline):
    model = LedgerEntry
    fields = readonly_fields = ("key", "kind", "memo", "posted_at")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin[Order]):
    list_display = (
        "story", "id", "state", "reason", "user", "quantity", "price_all", "money", "origin",
        "created_at",
    )  # fmt: skip
    list_display_links = ("id",)
    list_filter = ("state", "reason", "origin", "created_at")
    list_select_related = ("user",)
    search_fields = ("user__login", "user__username")
    search_help_text = "Order id, query id, address, transaction hash, or a user's name"
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = (AttemptInline, EventInline, EntryInline)
    readonly_fields = ("query_id", "money", "reason_text", "goodwill")
    raw_id_fields = ("user", "referrer", "collection")
    change_form_template = "admin/payments/order.html"

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(partial(attention.story_view, self.admin_site))
        ours = path("<uuid:order>/story/", view, name=attention.NAME)
        return [ours, *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return super().get_queryset(request).prefetch_related("attempts__refunds")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        exact = order_search(search_term)
        if exact is not None:
            return queryset.filter(exact), True
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="total")
    def price_all(self, order: Order) -> str:
        return str(order.cost)

    @admin.display(description="story")
    def story(self, order: Order) -> str:
        word = "Decide" if order.state == Order.State.NEEDS_ATTENTION else "Read"
        address = reverse(f"admin:{attention.NAME}", args=[order.pk])
        return format_html('<a href="{}">{}</a>', address, word)

    @admin.display(description="money")
    def money(self, order: Order) -> str:
        return selectors.money_status(order.attempts.all())

    @admin.display(description="reason in words")
    def reason_text(self, order: Order) -> str:
        return reasons.text(order.reason) if order.reason else ""

    @admin.display(description="goodwill")
    def goodwill(self, order: Order) -> str:
        """A sale on chain is final; what is given for it is a payout."""
        if order.state != Order.State.FULFILLED or order.asset != settings.NATIVE_COIN:
            return "-"
        address = reverse("admin:payments_payoutbatch_goodwill", args=[order.pk])
        return format_html('<a href="{}">Ask for a payout to the buyer</a>', address)


@admin.register(PaymentEvent)
class PaymentEventAdmin(ReadOnlyAdmin[PaymentEvent]):
    list_display = ("at", "order_id", "attempt_id", "from_state", "to_state", "cause")
    list_filter = ("to_state", "at")
    search_fields = ("=order__query_id", "=attempt__external_id", "cause")
    show_full_result_count = False


class LegInline(ReadOnlyInline):
    model = Leg
    fields = readonly_fields = ("account", "asset", "amount")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Leg]:
        return super().get_queryset(request).select_related("account")


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin[LedgerEntry]):
    list_display = ("posted_at", "kind", "key", "order_id", "memo")
    list_filter = ("kind", "posted_at")
    search_fields = ("=key", "=order__query_id", "=attempt__external_id", "memo")
    date_hierarchy = "posted_at"
    show_full_result_count = False
    inlines = (LegInline,)


class BalancesList(ChangeList):
    """One page of accounts with their balances, which take one query together."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        rows = list(self.result_list)
        found = ledger.balances([row.pk for row in rows])
        for row in rows:
            row._balance = found[row.pk]  # noqa: SLF001  of our own page
        self.result_list = rows


@admin.register(LedgerAccount)
class LedgerAccountAdmin(ReadOnlyAdmin[LedgerAccount]):
    list_display = ("kind", "owner", "asset", "balance")
    list_filter = ("kind", "asset")
    search_fields = ("owner",)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[BalancesList]:
        del request, kwargs
        return BalancesList

    @admin.display(description="balance")
    def balance(self, account: LedgerAccount) -> str:
        found = getattr(account, "_balance", None)
        amount = ledger.balances([account.pk])[account.pk] if found is None else found
        return str(Money(account.asset, amount))
