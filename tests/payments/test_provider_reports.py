"""Settlement reports: taken whole or not at all, each line once, and clearing ends at zero."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from core.errors import ApplicationError
from core.models import AuditRecord
from core.money import Money
from deploy.local.sandbox.stripe import StripeSandbox
from payments import ledger
from payments.models import (
    Case,
    LedgerAccount,
    LedgerEntry,
    PaymentAttempt,
    ProviderReport,
    ProviderReportLine,
    Refund,
)
from payments.providers.binance.report import LAYOUT as BINANCE
from payments.providers.report import ReportRefused, read
from payments.providers.sbp.report import TBANK, YOOKASSA
from payments.services import posting, refunds
from payments.services.events import Cause
from payments.services.provider_reports.booking import report_post, report_preview
from payments.services.provider_reports.taking import report_discard, report_take
from tests.payments.conftest import Shop
from tests.payments.off_chain import at_provider, balanced, refresh
from tests.payments.test_off_chain import ASKED, box, pay, placed, web
from tests.people import person

pytestmark = pytest.mark.django_db
__all__ = ["box", "web"]  # fixtures
Kind = LedgerAccount.Kind
FEE = ASKED * 290 // 10_000 + 30
HEAD = (
    "balance_transaction_id,currency,gross,fee,net,reporting_category,payment_intent_id,source_id,"
    "automatic_payout_effective_at_utc"
)


def cents(amount: int) -> str:
    return Money("USD", amount).decimal()


def stripe(*rows: tuple[Any, ...]) -> bytes:
    """(id, category, gross, fee, payment intent, source) in cents."""
    lines = [
        f"{key},usd,{cents(gross)},{cents(fee)},{cents(gross - fee)},{kind},{intent},{other},"
        "2026-10-05 00:00:00"
        for key, kind, gross, fee, intent, other in rows
    ]
    return "\n".join([HEAD, *lines, ""]).encode()


@pytest.fixture
def paid(shop: Shop, web: Any, box: StripeSandbox) -> PaymentAttempt:
    order, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    return order.attempts.get()


def charge(attempt: PaymentAttempt, fee: int = FEE, gross: int = ASKED) -> tuple[Any, ...]:
    return ("txn_1", "charge", gross, fee, attempt.external_id, "ch_1")


def take(body: bytes, name: str = "october.csv") -> ProviderReport:
    return report_take(source="stripe", name=name, body=body, actor=person("finance"))


def post(body: bytes) -> ProviderReport:
    return report_post(report_id=take(body).pk, actor=person("finance"))


def refused(text: str) -> pytest.RaisesExc[ApplicationError]:
    return pytest.RaisesExc(ApplicationError, check=lambda error: text in error.detail)


def sums() -> dict[str, int]:
    """Balances in cents of what a report touches."""
    at = {
        "bank": (Kind.BANK, ""),
        "clearing": (Kind.PSP_CLEARING, "stripe"),
        "fees": (Kind.PSP_FEES, "stripe"),
        "difference": (Kind.RULE_DIFFERENCE, "stripe"),
        "losses": (Kind.LOSSES, ""),
    }
    found = {name: ledger.balance(kind, owner, "USD").amount for name, (kind, owner) in at.items()}
    return {name: amount for name, amount in found.items() if amount}


def sold(attempt: PaymentAttempt) -> None:
    posting.sale_post(order=attempt.order, at=attempt.confirmed_at)  # type: ignore[arg-type]


def test_a_payout_brings_clearing_to_the_bank_and_clears_the_fee(paid: PaymentAttempt) -> None:
    sold(paid)
    post(stripe(charge(paid)))
    assert sums() == {"bank": ASKED - FEE}
    entry = LedgerEntry.objects.get(kind="clearing")
    assert (entry.attempt, entry.order) == (paid, paid.order)
    assert entry.accounting_on == date(2026, 10, 5)
    assert balanced()


@pytest.mark.parametrize("more", [17, -12])
def test_a_fee_that_is_not_ours_is_a_leg_of_its_own(paid: PaymentAttempt, more: int) -> None:
    sold(paid)
    post(stripe(charge(paid, FEE + more)))
    assert sums() == {"bank": ASKED - FEE - more, "difference": more}
    assert balanced()


def test_settled_before_it_is_minted_comes_to_the_same(paid: PaymentAttempt) -> None:
    post(stripe(charge(paid, FEE + 5)))
    assert sums() == {"bank": ASKED - FEE - 5, "fees": FEE, "difference": 5}
    sold(paid)
    assert sums() == {"bank": ASKED - FEE - 5, "difference": 5}


def send_back(attempt: PaymentAttempt) -> Refund:
    refund = refunds.refund_request(
        attempt=attempt, amount=None, reason="refunded", origin=Refund.Origin.SHOP,
        cause=Cause("test"),
    )  # fmt: skip
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == "done"
    return refund


def test_a_refund_before_the_mint_leaves_only_the_fee_as_a_loss(paid: PaymentAttempt) -> None:
    refund = send_back(paid)
    post(stripe(charge(paid), ("txn_2", "refund", -ASKED, 0, paid.external_id, refund.external_id)))
    assert sums() == {"bank": -FEE, "losses": FEE}
    assert balanced()


def test_a_refund_that_comes_in_a_later_report_ends_the_same(paid: PaymentAttempt) -> None:
    post(stripe(charge(paid)))
    refund = send_back(paid)
    post(stripe(("txn_2", "refund", -ASKED, 0, paid.external_id, refund.external_id)))
    assert sums() == {"bank": -FEE, "losses": FEE}
    assert balanced()


def test_fees_of_the_account_itself_are_a_difference_to_our_rules(paid: PaymentAttempt) -> None:
    post(stripe(charge(paid), ("txn_9", "fee", -200, 0, "", "")))
    assert sums()["difference"] == 200
    assert sums()["bank"] == ASKED - FEE - 200
    assert LedgerEntry.objects.filter(kind="fee").count() == 1


def test_a_preview_posts_nothing_and_says_what_would_be(paid: PaymentAttempt) -> None:
    report = take(stripe(charge(paid, FEE + 3), ("txn_2", "charge", 500, 0, "pi_x", "ch_x")))
    preview = report_preview(report)
    (one,) = preview.sums
    assert {name: money.amount for name, money in one.money().items()} == {
        "gross": ASKED, "fee": FEE + 3, "net": ASKED - FEE - 3, "ours": FEE, "difference": 3,
        "unplaced_net": 500,
    }  # fmt: skip
    assert [placed.why for _, placed in preview.unplaced] == ["We know of no such payment."]
    assert not LedgerEntry.objects.filter(kind="clearing").exists()
    assert at_provider("stripe", "USD") == ASKED


def test_a_line_that_cannot_be_placed_opens_a_case_and_is_posted_once_it_can(
    paid: PaymentAttempt,
) -> None:
    report = post(stripe(("txn_2", "refund", -ASKED, 0, paid.external_id, "re_unknown")))
    case = Case.objects.get()
    assert (case.kind, case.source, case.key) == ("report", "report", "stripe txn_2")
    assert not LedgerEntry.objects.filter(kind="clearing").exists()
    refund = send_back(paid)
    Refund.objects.filter(pk=refund.pk).update(external_id="re_unknown")
    report_post(report_id=report.pk, actor=person("finance"))
    case.refresh_from_db()
    assert case.closed_at is not None
    assert at_provider("stripe", "USD") == ASKED
    with refused("nothing left"):
        report_post(report_id=report.pk, actor=person("finance"))


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("txn_1", "charge", ASKED + 1, 0, None, ""), "We know of 7.58 USD."),
        (("txn_1", "dispute", -ASKED, 1500, None, "dp_1"), "no such dispute"),
        (("txn_1", "refund", -1, 0, None, "re_1"), "no such refund"),
    ],
)
def test_what_differs_is_left_out_and_said(
    paid: PaymentAttempt, row: tuple[Any, ...], why: str
) -> None:
    key, kind, gross, fee, _, other = row
    post(stripe((key, kind, gross, fee, paid.external_id, other)))
    assert why in ProviderReportLine.objects.get().why
    assert at_provider("stripe", "USD") == ASKED
    assert Case.objects.filter(kind="report").count() == 1


def test_the_same_file_and_the_same_line_are_taken_once(paid: PaymentAttempt) -> None:
    body = stripe(charge(paid))
    post(body)
    with refused("taken before"):
        take(body, "copy.csv")
    with refused("txn_1 stands in october.csv already"):
        take(body + b"\n", "copy.csv")
    assert ProviderReport.objects.count() == 1
    assert sums()["bank"] == ASKED - FEE


def test_a_draft_can_be_thrown_away_and_taken_again(paid: PaymentAttempt) -> None:
    body = stripe(charge(paid))
    first = report_discard(report_id=take(body).pk, actor=person("finance"))
    with refused("nothing left"):
        report_post(report_id=first.pk, actor=person("finance"))
    posted = post(body)
    with refused("not posted"):
        report_discard(report_id=posted.pk, actor=person("finance"))
    assert list(AuditRecord.objects.filter(action__startswith="payments.report_").values_list(
        "action", flat=True
    ).order_by("id")) == [
        "payments.report_taken", "payments.report_discarded", "payments.report_taken",
        "payments.report_posted",
    ]  # fmt: skip


GOOD = stripe(("txn_1", "charge", 100, 3, "pi_1", "ch_1")).decode()


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (GOOD.replace("charge", "gift"), "Line 2: unknown reporting_category 'gift'"),
        (GOOD.replace("0.97", "0.96"), "Line 2: net 0.96 usd is not gross 1 usd less fee 0.03"),
        (GOOD.replace("0.97", "0.971"), "Line 2: '0.971' is no amount of usd"),
        (GOOD.replace("0.97", "1e2"), "Line 2: '1e2' is no amount"),
        (GOOD.replace("usd", "eur"), "Line 2: unknown currency 'eur'"),
        (GOOD.replace("2026-10-05", "05.10.2026"), "Line 2: '05.10.2026 00:00:00' is no date"),
        (GOOD.replace("pi_1", "").replace("ch_1", ""), "Line 2: a payment without"),
        (GOOD.replace("payment_intent_id", "intent"), "Line 1: columns are missing"),
        (GOOD + GOOD.splitlines()[1], "Line 3: txn_1 stands in line 2 already"),
        (GOOD + "txn_2,usd,1", "Line 3: 3 columns, the head has 9"),
        (GOOD + 'txn_2,"usd', "this is no csv"),
        (HEAD, "The file has no lines"),
        ("", "Line 1: columns are missing"),
    ],
)
def test_a_crooked_file_is_refused_whole_with_its_line(body: str, why: str) -> None:
    with pytest.raises(ApplicationError) as refusal:
        take(body.encode())
    assert why.lower() in refusal.value.detail.lower()
    assert not ProviderReport.objects.exists()
    assert not ProviderReportLine.objects.exists()


@pytest.mark.parametrize("body", [b"\xff\xfe\x00", b"a\x00b", b"x" * (8 * 1024 * 1024 + 1)])
def test_what_is_no_text_or_too_large_is_refused(body: bytes) -> None:
    with pytest.raises(ApplicationError):
        take(body)
    assert not ProviderReport.objects.exists()


def test_a_payout_line_checks_all_the_others(paid: PaymentAttempt) -> None:
    row, net = charge(paid), ASKED - FEE
    with refused("the payout says"):
        take(stripe(row, ("po_1", "payout", -net - 1, 0, "", "po_1")))
    post(stripe(row, ("po_1", "payout", -net, 0, "", "po_1")))
    assert sums()["bank"] == net
    assert ProviderReportLine.objects.count() == 1


YOOKASSA_FILE = """\
Дата зачисления;Идентификатор платежа;Идентификатор возврата;Тип операции;Сумма операции;\
Комиссия;Сумма к зачислению;Валюта
05.10.2026;2d0f;;Платеж;1 990,00;13,93;1976,07;RUB
06.10.2026;2d0f;2d10;Возврат;500,00;0;500,00;RUB
"""
TBANK_FILE = """\
Номер операции;PaymentId;Тип операции;Сумма операции;Сумма комиссии;Сумма к перечислению;\
Дата перечисления
1;777;Покупка;1990,00;7,96;1982,04;05.10.2026
2;777;Возврат;500,00;0,00;500,00;05.10.2026 10:00:00
"""
BINANCE_FILE = """\
Settlement Time,Transaction Type,Transaction ID,Refund ID,Currency,Order Amount,Commission,\
Settlement Amount
2026-10-05 00:00:00,Payment,M_1,,USDT,25.17,0.2517,24.9183
2026-10-05 00:00:00,Refund,M_1,R_1,USDT,25.17,0,25.17
"""


@pytest.mark.parametrize(
    ("layout", "file", "gross", "fee"),
    [
        (YOOKASSA, YOOKASSA_FILE, [199_000, -50_000], [1_393, 0]),
        (TBANK, TBANK_FILE, [199_000, -50_000], [796, 0]),
        (BINANCE, BINANCE_FILE, [25_170_000, -25_170_000], [251_700, 0]),
    ],
    ids=["yookassa", "tbank", "binance"],
)
def test_every_providers_file_is_read(
    layout: Any, file: str, gross: list[int], fee: list[int]
) -> None:
    lines = read(layout, ("\ufeff" + file).encode())
    assert [line.kind.value for line in lines] == ["payment", "refund"]
    assert [line.gross.amount for line in lines] == gross
    assert [line.fee.amount for line in lines] == fee
    assert lines[0].day == date(2026, 10, 5)
    with pytest.raises(ReportRefused, match="line 3"):
        read(layout, file.replace("500,00;", "501,00;", 1).replace("25.17,0,", "25.18,0,").encode())


def test_the_database_keeps_a_report_as_it_came(paid: PaymentAttempt) -> None:
    post(stripe(charge(paid)))
    for rows, change in (
        (ProviderReport.objects.all(), {"body": b"x"}),
        (ProviderReport.objects.all(), {"state": "draft"}),
        (ProviderReportLine.objects.all(), {"fee": 0, "net": ASKED}),
        (ProviderReportLine.objects.all(), {"state": "waiting"}),
    ):
        with pytest.raises(IntegrityError, match="as it came"), transaction.atomic():
            rows.update(**change)
    for rows in (ProviderReportLine.objects.all(), ProviderReport.objects.all()):
        with pytest.raises(IntegrityError, match="as it came"), transaction.atomic():
            rows._raw_delete(rows.db)
    assert ProviderReportLine.objects.get().state == "posted"
