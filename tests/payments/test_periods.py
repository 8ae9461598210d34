"""Closed months: two people close one, nothing gets in afterwards, and its books stay as stored."""

from __future__ import annotations

import csv
import threading
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from core.errors import ApplicationError
from core.models import AuditRecord
from core.money import Money
from payments import ledger
from payments.ledger import Line
from payments.models import AccountingPeriod, LedgerAccount, LedgerEntry, Leg, PeriodBalance
from payments.services import exports, periods
from payments.services.exports import Span
from tests.people import person

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
TODAY = datetime.now(UTC).date()
THIS = TODAY.replace(day=1)
LAST = (THIS - timedelta(days=1)).replace(day=1)
BEFORE = (LAST - timedelta(days=1)).replace(day=1)


def move(on: date | None, amount: int = 100, memo: str = "") -> LedgerEntry:
    money = Money("USD", amount)
    key = str(uuid4())
    ledger.post(
        key=key,
        kind=LedgerEntry.Kind.SALE,
        memo=memo,
        on=on,
        legs=[Line(Kind.BANK, "", money), Line(Kind.PLATFORM_REVENUE, "", -money)],
    )
    return LedgerEntry.objects.get(key=key)


def refused(code: str) -> pytest.RaisesExc[ApplicationError]:
    return pytest.RaisesExc(ApplicationError, check=lambda error: error.code == code)


def close(month: date) -> AccountingPeriod:
    asked = periods.period_request(month=month, actor=person("finance"))
    return periods.period_confirm(period_id=asked.pk, actor=person("second"))


def file(span: Span) -> str:
    return "".join(exports.entries_csv(span))


def test_an_entry_counts_for_the_day_it_happened() -> None:
    assert move(LAST).accounting_on == LAST
    assert move(None).accounting_on == TODAY
    assert move(TODAY + timedelta(days=3)).accounting_on == TODAY


def test_two_people_close_a_month_and_its_balances_are_stored() -> None:
    move(BEFORE, 5)
    move(LAST, 100)
    move(LAST, 30)
    move(THIS, 1000)
    close(BEFORE)
    period = close(LAST)
    assert (period.state, period.entries, period.legs) == ("closed", 2, 4)
    bank = PeriodBalance.objects.get(period=period, account__kind=Kind.BANK)
    assert (bank.opening, bank.debits, bank.credits, bank.closing) == (5, 130, 0, 135)
    assert periods.periods_prove() == []
    assert AuditRecord.objects.filter(action="payments.period_closed").count() == 2


def test_nobody_confirms_what_he_asked_for() -> None:
    move(LAST)
    finance = person("finance")
    asked = periods.period_request(month=LAST, actor=finance)
    with refused("own_request"):
        periods.period_confirm(period_id=asked.pk, actor=finance)
    assert not PeriodBalance.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountingPeriod.objects.update(
            state="closed", confirmed_by=finance, closed_at=datetime.now(UTC), digest="x"
        )
    assert AccountingPeriod.objects.get().state == "requested"


def test_months_close_in_order_and_only_when_they_are_over() -> None:
    move(BEFORE)
    finance = person("finance")
    for month in (LAST, THIS, BEFORE + timedelta(days=1), date(2020, 1, 1)):
        with refused("period_not_open"):
            periods.period_request(month=month, actor=finance)
    assert not AccountingPeriod.objects.exists()
    assert periods.months_open() == [BEFORE, LAST]
    close(BEFORE)
    assert periods.months_open() == [LAST]


def test_a_month_is_asked_for_once_and_can_be_withdrawn_before_it_is_closed() -> None:
    move(LAST)
    finance = person("finance")
    asked = periods.period_request(month=LAST, actor=finance)
    with refused("period_not_open"):
        periods.period_request(month=LAST, actor=finance)
    periods.period_withdraw(period_id=asked.pk, actor=finance)
    period = close(LAST)
    with refused("period_not_open"):
        periods.period_withdraw(period_id=period.pk, actor=finance)
    with refused("period_not_open"):
        periods.period_request(month=LAST, actor=finance)


@pytest.mark.parametrize("day", [LAST, BEFORE, LAST + timedelta(days=5), date(2001, 2, 3)])
def test_what_is_heard_of_late_is_posted_today_and_says_so(day: date) -> None:
    move(LAST)
    before = file(Span.month(close(LAST).month))
    late = move(day, memo="a late webhook")
    assert late.accounting_on == TODAY
    assert late.memo == f"a late webhook [of {day.isoformat()}]"
    assert file(Span.month(LAST)) == before
    assert periods.periods_prove() == []


def test_the_database_lets_no_leg_into_a_closed_month() -> None:
    entry = move(LAST)
    close(LAST)
    bank = LedgerAccount.objects.get(kind=Kind.BANK)
    with pytest.raises(IntegrityError, match="closed month"), transaction.atomic():
        Leg.objects.create(entry=entry, account=bank, asset="USD", amount=1)
    assert Leg.objects.count() == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payments_accountingperiod SET state = 'requested'",
        "UPDATE payments_accountingperiod SET digest = 'x'",
        "DELETE FROM payments_accountingperiod",
        "TRUNCATE payments_accountingperiod CASCADE",
        "UPDATE payments_periodbalance SET closing = closing",
        "DELETE FROM payments_periodbalance",
    ],
)
def test_a_closed_month_is_never_opened_again(change: str) -> None:
    move(LAST)
    close(LAST)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)
    assert AccountingPeriod.objects.get().state == "closed"
    assert PeriodBalance.objects.count() == 2


def test_the_running_month_cannot_be_closed_past_the_service() -> None:
    with pytest.raises(IntegrityError, match="not over"), transaction.atomic():
        AccountingPeriod.objects.create(
            month=THIS, state="closed", requested_by=person("finance"),
            confirmed_by=person("second"), closed_at=datetime.now(UTC), digest="x",
        )  # fmt: skip
    assert move(None).accounting_on == TODAY


def test_a_stored_balance_that_is_wrong_is_found() -> None:
    move(LAST)
    period = close(LAST)
    account = LedgerAccount.objects.create(kind=Kind.LOSSES, owner="", asset="USD")
    PeriodBalance.objects.create(
        period=period, account=account, opening=0, debits=1, credits=0, closing=1
    )
    assert periods.periods_prove() == [f"{LAST:%Y-%m}: balances"]
    with pytest.raises(SystemExit):
        call_command("ledger_prove")


@pytest.mark.django_db(transaction=True)
def test_closing_waits_for_a_posting_that_is_under_way() -> None:
    """Else it would appear in the closed month after its balances were taken."""
    move(LAST, 1)
    asked = periods.period_request(month=LAST, actor=person("finance"))
    written, go_on = threading.Event(), threading.Event()
    closed: list[Any] = []

    def post() -> None:
        with transaction.atomic():
            move(LAST, 10)
            written.set()
            go_on.wait(20)
        connection.close()

    def confirm() -> None:
        closed.append(periods.period_confirm(period_id=asked.pk, actor=person("second")))
        connection.close()

    poster, closer = threading.Thread(target=post), threading.Thread(target=confirm)
    poster.start()
    assert written.wait(20)
    person("second")
    closer.start()
    closer.join(0.7)
    assert closer.is_alive()
    assert move(None, 1000).accounting_on == TODAY  # this month's sales go on meanwhile
    go_on.set()
    poster.join()
    closer.join()
    assert closed[0].entries == 2
    assert PeriodBalance.objects.get(account__kind=Kind.BANK).closing == 11
    assert periods.periods_prove() == []


def test_the_export_is_in_one_order_and_the_same_bytes_each_time() -> None:
    for day in (LAST + timedelta(days=2), LAST, LAST + timedelta(days=1)):
        move(day, memo='with "quotes", commas\nand lines')
    move(THIS)
    span = Span.month(LAST)
    rows = list(csv.DictReader(StringIO(file(span))))
    assert [row["accounting_on"] for row in rows] == sorted(row["accounting_on"] for row in rows)
    assert len(rows) == 6
    assert {row["amount"] for row in rows} == {"1", "-1"}
    assert sum(int(row["minor_units"]) for row in rows) == 0
    assert rows[0]["memo"] == 'with "quotes", commas\nand lines'
    first = file(span)
    close(LAST)
    move(LAST)
    assert file(span) == first
    assert "".join(exports.trial_csv(span)) == "".join(exports.trial_csv(span))


def test_the_trial_balance_of_a_closed_month_is_that_of_its_legs() -> None:
    move(LAST, 7)
    move(THIS, 9)
    span = Span.month(LAST)
    summed = exports.trial_balance(span)
    close(LAST)
    assert exports.trial_balance(span) == summed
    assert sum(one.closing for one in summed) == 0
    assert exports.trial_balance(Span.month(THIS))[0].opening == 7


def test_a_command_writes_the_files(tmp_path: Any) -> None:
    move(LAST)
    call_command("ledger_export", f"{LAST:%Y-%m}", out=str(tmp_path))
    assert (tmp_path / f"entries-{LAST:%Y-%m}.csv").read_text() == file(Span.month(LAST))
    assert (tmp_path / f"trial-{LAST:%Y-%m}.csv").read_text().startswith("account,owner,asset")
