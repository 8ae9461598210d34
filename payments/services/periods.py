"""Closing a month: one person asks, a second one confirms, and what was in it stays so.

From then on the database takes no entry with a day in that month, and no leg of such an entry.
An event that we hear of late is posted today, with its own day in the memo. There is no way to
open a month again: what was wrong is corrected by an entry of an open one.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from psycopg2 import errorcodes

from accounts.models import User
from core import audit
from payments import errors
from payments.models import AccountingPeriod, LedgerAccount, LedgerEntry, Leg, PeriodBalance
from payments.services import exports
from payments.services.exports import Span, Trial

State = AccountingPeriod.State
# The first of two numbers of an advisory lock; the second is the month. See the migration.
_LOCK: Final = 7281
_PATIENCE: Final = "15s"


def months_open() -> list[date]:
    """First days of the past months that can be closed, in the order in which they have to be.

    They begin behind the last closed one, or with the oldest entry; quiet months are among them.
    """
    this = datetime.now(UTC).date().replace(day=1)
    newest = AccountingPeriod.objects.filter(state=State.CLOSED).order_by("-month").first()
    if newest is not None:
        month = _next(newest.month)
    else:
        oldest = LedgerEntry.objects.order_by("accounting_on", "id").first()
        month = oldest.accounting_on.replace(day=1) if oldest else this
    found = []
    while month < this:
        found.append(month)
        month = _next(month)
    return found


def _next(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


@transaction.atomic
def period_request(*, month: date, actor: User) -> AccountingPeriod:
    """Ask for a month to be closed. Raises ApplicationError period_not_open (409)."""
    _refuse(month)
    if AccountingPeriod.objects.filter(month=month).exclude(state=State.WITHDRAWN).exists():
        raise errors.period_not_open(f"{month:%Y-%m} is closed or waits for a second person.")
    period = AccountingPeriod.objects.create(month=month, requested_by=actor)
    audit.record(actor=actor, action="payments.period_requested", target=period)
    return period


def _refuse(month: date) -> None:
    """Only a past month, and only the next one in order."""
    if month.day != 1 or month >= datetime.now(UTC).date().replace(day=1):
        raise errors.period_not_open("Only a month that is over can be closed.")
    if month not in (due := months_open()):
        raise errors.period_not_open(f"There is nothing to close in {month:%Y-%m}.")
    if month != due[0]:
        raise errors.period_not_open(f"{due[0]:%Y-%m} comes first: months close in order.")


@transaction.atomic
def period_withdraw(*, period_id: UUID, actor: User) -> AccountingPeriod:
    """Take back what nobody has confirmed. Raises ApplicationError period_not_open (409)."""
    period = _waiting(period_id)
    period.state = State.WITHDRAWN
    period.save(update_fields=["state"])
    audit.record(actor=actor, action="payments.period_withdrawn", target=period)
    return period


@transaction.atomic
def period_confirm(*, period_id: UUID, actor: User) -> AccountingPeriod:
    """The second person's yes: balances are stored, and the month is closed for ever.

    Waits for postings into that month that are under way. Raises ApplicationError own_request
    (403), period_not_open (409; also when such a posting does not end, or the books are crooked).
    """
    period = _waiting(period_id)
    if period.requested_by_id == actor.pk:
        raise errors.own_request()
    _refuse(period.month)
    _hold(period.month)
    span = Span.month(period.month)
    rows = _balances(period, span)
    PeriodBalance.objects.bulk_create(rows, batch_size=1000)
    legs = Leg.objects.filter(entry__accounting_on__range=(span.first, span.last))
    period.entries = LedgerEntry.objects.filter(
        accounting_on__range=(span.first, span.last)
    ).count()
    period.legs, period.digest = legs.count(), exports.entries_digest(span)
    period.state, period.confirmed_by, period.closed_at = State.CLOSED, actor, timezone.now()
    period.save()
    audit.record(
        actor=actor,
        action="payments.period_closed",
        target=period,
        after={"entries": period.entries, "legs": period.legs, "digest": period.digest},
    )
    return period


def _waiting(period_id: UUID) -> AccountingPeriod:
    period = AccountingPeriod.objects.select_for_update().get(pk=period_id)
    if period.state != State.REQUESTED:
        raise errors.period_not_open(f"The month is {period.get_state_display().lower()}.")
    return period


def _hold(month: date) -> None:
    """Every posting holds its month's lock, shared with others, until it commits.

    Two years back are held as well: what counts for a month before the first one is closed too.
    """
    last = month.year * 12 + month.month
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lock_timeout', %s, true)", [_PATIENCE])
        try:
            for number in range(last - 24, last + 1):
                cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, number])
        except OperationalError as error:
            if getattr(error.__cause__, "pgcode", "") != errorcodes.LOCK_NOT_AVAILABLE:
                raise
            raise errors.period_not_open(
                "Something is still being posted into this month; try again in a moment."
            ) from error


def _balances(period: AccountingPeriod, span: Span) -> list[PeriodBalance]:
    trial = exports.trial_summed(span)
    crooked = {one.asset for one in trial if sum(_of(trial, one.asset, "closing"))}
    if crooked:
        raise errors.period_not_open(f"The books do not balance in {', '.join(sorted(crooked))}.")
    accounts = {
        (row.kind, row.owner, row.asset): row
        for row in LedgerAccount.objects.filter(_any_of(trial)).iterator()
    }
    return [
        PeriodBalance(
            period=period,
            account=accounts[one.kind, one.owner, one.asset],
            opening=one.opening,
            debits=one.debits,
            credits=one.credits,
            closing=one.closing,
        )
        for one in trial
    ]


def _any_of(trial: list[Trial]) -> Q:
    return Q(kind__in={one.kind for one in trial}, asset__in={one.asset for one in trial})


def _of(trial: list[Trial], asset: str, name: str) -> list[int]:
    return [getattr(one, name) for one in trial if one.asset == asset]


def periods_prove(*, newest: int | None = None) -> list[str]:
    """Closed months whose stored balances or export differ from the legs; none, or an alarm.

    newest: only that many, the last ones.
    """
    wrong = []
    closed = AccountingPeriod.objects.filter(state=State.CLOSED).order_by("-month")
    for period in closed[:newest]:
        span = Span.month(period.month)
        if exports.trial_kept(period) != exports.trial_summed(span):
            wrong.append(f"{period.month:%Y-%m}: balances")
        if exports.entries_digest(span) != period.digest:
            wrong.append(f"{period.month:%Y-%m}: export")
    return wrong
