"""Payments on the desk's home."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from core.desk.registry import Reading, grant, page, queue, tile
from core.money import Money
from payments import ledger
from payments.models import (
    AccountingPeriod,
    Case,
    Dispute,
    Order,
    PayoutBatch,
    ProviderReport,
    Refund,
    Settlement,
)

_ORDERS = "admin:payments_order_changelist"

grant(
    "finance",
    "payments.view_order",
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
    "payments.change_case",
    "payments.view_claimright",
    "payments.view_settlement",
    "payments.change_settlement",
    "payments.view_settlementpart",
    "payments.view_paymentmethodpolicy",
    "payments.add_paymentmethodpolicy",
    "payments.change_paymentmethodpolicy",
    "payments.view_methodswitch",
    "payments.add_methodswitch",
    "payments.change_methodswitch",
    "payments.view_sharerule",
    "payments.add_sharerule",
    "payments.view_rate",
    "payments.view_quote",
    "payments.view_listprice",
    "payments.add_listprice",
    "payments.change_listprice",
    "referrals.view_code",
    "referrals.view_attribution",
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
)
def orders_waiting() -> int:
    return Order.objects.filter(state=Order.State.NEEDS_ATTENTION).count()


@queue(
    "Refunds that wait for a second person",
    link=f"admin:payments_refund_changelist?state__exact={Refund.State.REQUESTED}",
    permission="payments.change_refund",
)
def refunds_waiting() -> int:
    return Refund.objects.filter(state=Refund.State.REQUESTED).count()


@queue(
    "Settlements that wait for a signature",
    link=f"admin:payments_settlement_changelist?state__exact={Settlement.State.BUILT}",
    permission="payments.change_settlement",
)
def settlements_waiting() -> int:
    return Settlement.objects.filter(state=Settlement.State.BUILT).count()


@queue(
    "Differences found by reconciliation",
    link="admin:payments_case_changelist?closed_at__isnull=True",
    permission="payments.view_case",
)
def cases_open() -> int:
    return Case.objects.filter(closed_at__isnull=True).count()


@queue(
    "Payout batches that wait for a second person",
    link=f"admin:payments_payoutbatch_changelist?state__exact={PayoutBatch.State.DRAFT}",
    permission="payments.change_payoutbatch",
)
def payouts_waiting() -> int:
    return PayoutBatch.objects.filter(state=PayoutBatch.State.DRAFT).count()


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


page(
    "Stars: gross, Telegram's share, net",
    link="admin:payments_starsconversion_report",
    permission="payments.view_starsconversion",
)
page(
    "Books: trial balance and export",
    link="admin:payments_accountingperiod_trial",
    permission="payments.view_accountingperiod",
)


@queue(
    "Disputes to answer",
    link="admin:payments_dispute_changelist",
    permission="payments.view_dispute",
)
def disputes_open() -> int:
    return Dispute.objects.filter(closed_at__isnull=True).count()


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
