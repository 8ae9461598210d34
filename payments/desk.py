"""Payments on the desk's home."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from core.desk.registry import Reading, grant, guard, place, queue, tile
from core.money import Money
from payments import desk_money, ledger, reasons
from payments.models import (
    AccountingPeriod,
    Case,
    Order,
    PayoutBatch,
    ProviderHealth,
    ProviderReport,
    Refund,
    Settlement,
)
from referrals.models import FraudFlag

__all__ = ["desk_money"]  # its tiles register by being imported
_ORDERS = "admin:payments_order_changelist"

grant(
    "finance",
    "payments.view_order",
    "payments.change_order",
    "payments.view_paymentattempt",
    "payments.view_paymentevent",
    "payments.view_ledgeraccount",
    "payments.view_ledgerentry",
    "payments.view_leg",
    "payments.view_receipt",
    "payments.view_providerreport",
    "payments.add_providerreport",
    "payments.change_providerreport",
    "payments.view_starsconversion",
    "payments.add_starsconversion",
    "payments.view_accountingperiod",
    "payments.add_accountingperiod",
    "payments.change_accountingperiod",
    "payments.view_refund",
    "payments.add_refund",
    "payments.change_refund",
    "payments.view_dispute",
    "payments.view_case",
    "payments.view_payoutbatch",
    "payments.add_payoutbatch",
    "payments.change_payoutbatch",
    "payments.view_payout",
    "payments.view_statement",
    "payments.change_case",
    "payments.view_claimright",
    "payments.view_settlement",
    "payments.view_settlementpart",
    "payments.view_paymentmethodpolicy",
    "payments.add_paymentmethodpolicy",
    "payments.change_paymentmethodpolicy",
    "payments.view_methodswitch",
    "payments.add_methodswitch",
    "payments.change_methodswitch",
    "payments.view_sharerule",
    "payments.add_sharerule",
    "payments.view_providerhealth",
    "payments.view_rate",
    "payments.add_rate",
    "payments.view_quote",
    "payments.view_listprice",
    "payments.add_listprice",
    "payments.change_listprice",
    "referrals.view_code",
    "referrals.view_attribution",
    "referrals.view_fraudflag",
    "referrals.change_fraudflag",
    "referrals.view_campaign",
    "referrals.add_campaign",
    "referrals.change_campaign",
    "core.view_auditrecord",
)
# Looks at everything (accounts.roles); asks for refunds below the limit, which finance approves.
grant("support", "payments.add_refund")
# Signs what mints. Who moves money back or out does not mint, and who mints moves no money.
grant(
    "operator",
    "payments.view_order",
    "payments.view_claimright",
    "payments.view_settlement",
    "payments.change_settlement",
    "payments.view_settlementpart",
)
guard("payments.*", "referrals.*")


for label, model, words in (
    ("Orders", "order", "purchases sales buyers"),
    ("Orders that wait for a person", "order?state__exact=needs_attention", "queue attention"),
    ("Payments", "paymentattempt", "attempts money"),
    ("Refunds", "refund", "money back approve"),
    ("Disputes", "dispute", "chargebacks bank"),
    ("Claims", "claimright", "paid not minted gifts"),
    ("Settlements", "settlement", "mint batch sign operator"),
    ("Payout batches", "payoutbatch", "pay artists referrers approve sign"),
    ("Reconciliation", "case", "cases differences compare run"),
    ("Method switches", "methodswitch", "kill switch off on incident"),
    ("Payment policy", "paymentmethodpolicy", "where methods countries amounts"),
    ("Shares and fees", "sharerule", "vat telegram provider rules"),
    ("List prices", "listprice", "artist price currency"),
    ("Rates", "rate", "exchange currency"),
    ("Quotes", "quote", "prices told"),
    ("Ledger entries", "ledgerentry", "books legs"),
    ("Ledger accounts", "ledgeraccount", "books balances"),
    ("Months", "accountingperiod", "books period close"),
    ("Provider reports", "providerreport", "clearing bank settlement csv import"),
    ("Stars that were exchanged", "starsconversion", "fragment withdrawal telegram"),
    ("Receipts", "receipt", "buyers numbers credit notes"),
    ("Statements", "statement", "payees earnings months"),
):
    name, _, query = model.partition("?")
    place(
        label,
        link=f"admin:payments_{name}_changelist" + (f"?{query}" if query else ""),
        permission=f"payments.view_{name}",
        words=f"money {words}",
    )


place(
    "Stars: gross, Telegram's share, net",
    link="admin:payments_starsconversion_report",
    permission="payments.view_starsconversion",
    words="money report day month",
)
place(
    "Books: trial balance and export",
    link="admin:payments_accountingperiod_trial",
    permission="payments.view_accountingperiod",
    words="money accounting csv",
)


@tile("Orders today", link=_ORDERS, permission="payments.view_order", order=10)
def orders_today() -> Reading:
    """Of the last 24 hours; every day is somebody's night."""
    recent = Order.objects.filter(created_at__gt=timezone.now() - timedelta(days=1))
    fulfilled = recent.filter(state=Order.State.FULFILLED).count()
    return Reading(recent.count(), f"{fulfilled} fulfilled")


@queue(
    "Orders that need attention",
    link=f"{_ORDERS}?state__exact={Order.State.NEEDS_ATTENTION}",
    permission="payments.view_order",
    order=18,
)
def orders_waiting() -> int:
    return Order.objects.filter(state=Order.State.NEEDS_ATTENTION).count()


@queue(
    "Refunds that wait for a second person",
    link=f"admin:payments_refund_changelist?state__exact={Refund.State.REQUESTED}",
    permission="payments.change_refund",
    order=18,
)
def refunds_waiting() -> int:
    return Refund.objects.filter(state=Refund.State.REQUESTED).count()


@queue(
    "Settlements that wait for a signature",
    link=f"admin:payments_settlement_changelist?state__exact={Settlement.State.BUILT}",
    permission="payments.change_settlement",
    order=18,
)
def settlements_waiting() -> int:
    return Settlement.objects.filter(state=Settlement.State.BUILT).count()


@queue(
    "Differences found by reconciliation",
    link="admin:payments_case_changelist?closed_at__isempty=1",
    permission="payments.view_case",
    order=18,
)
def cases_open() -> int:
    return Case.objects.filter(closed_at__isnull=True).count()


@queue(
    "Payout batches that wait for a second person",
    link=f"admin:payments_payoutbatch_changelist?state__exact={PayoutBatch.State.DRAFT}",
    permission="payments.change_payoutbatch",
    order=18,
)
def payouts_waiting() -> int:
    return PayoutBatch.objects.filter(state=PayoutBatch.State.DRAFT).count()


@queue(
    "Referral rewards that are held",
    link=f"admin:referrals_fraudflag_changelist?state__exact={FraudFlag.State.OPEN}",
    permission="referrals.change_fraudflag",
)
def flags_waiting() -> int:
    return FraudFlag.objects.filter(state=FraudFlag.State.OPEN).count()


@queue(
    "Provider reports to post",
    link=f"admin:payments_providerreport_changelist?state__exact={ProviderReport.State.DRAFT}",
    permission="payments.change_providerreport",
)
def reports_waiting() -> int:
    return ProviderReport.objects.filter(state=ProviderReport.State.DRAFT).count()


@queue(
    "Months that wait for a second person",
    link="admin:payments_accountingperiod_changelist",
    permission="payments.change_accountingperiod",
)
def periods_waiting() -> int:
    return AccountingPeriod.objects.filter(state=AccountingPeriod.State.REQUESTED).count()


@queue(
    "Payout batches that failed on chain",
    link=f"admin:payments_payoutbatch_changelist?state__exact={PayoutBatch.State.FAILED}",
    permission="payments.change_payoutbatch",
)
def payouts_failed() -> int:
    return PayoutBatch.objects.filter(state=PayoutBatch.State.FAILED).count()


@queue(
    "Refunds that failed",
    link=f"{_ORDERS}?reason__exact={reasons.REFUND_FAILED}&state__exact=needs_attention",
    permission="payments.view_refund",
    order=18,
)
def refunds_failed() -> int:
    waiting = Order.objects.filter(state=Order.State.NEEDS_ATTENTION)
    return waiting.filter(reason=reasons.REFUND_FAILED).count()


@tile(
    "Providers that do not answer",
    link="admin:payments_providerhealth_changelist",
    permission="payments.view_providerhealth",
    order=30,
)
def providers_away() -> Reading:
    """New payments go elsewhere meanwhile; it closes by itself when they answer again."""
    rows = ProviderHealth.objects.exclude(state=ProviderHealth.State.CLOSED)
    names = ", ".join(rows.values_list("acquirer", flat=True))
    return Reading(names, "asked again by itself", "bad") if names else Reading(0, "", "good")


@tile(
    "Ledger imbalance",
    link="admin:payments_ledgerentry_changelist",
    permission="payments.view_ledgerentry",
    order=20,
)
def ledger_imbalance() -> Reading:
    """Zero, always. Anything else means that somebody went past the database's own guards."""
    wrong = [str(Money(asset, amount)) for asset, amount in ledger.imbalance().items() if amount]
    if wrong:
        return Reading(", ".join(wrong), "entries do not balance", "bad")
    return Reading(0, "every entry balances", "good")
