"""Chores of payments: each takes nothing or an id and calls one service."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import shared_task
from django.conf import settings

from core.celery_app import Schedule
from core.outbox.services import consumer
from core.ton.client import ChainError
from payments.providers.base import ProviderError
from payments.providers.ton import prices
from payments.services import (
    expiry,
    fraud,
    gifts,
    health,
    rates,
    receipts,
    reconciliation_runs,
    refreshing,
    refunds,
    rewards,
    snapshots,
    statements,
    submitting,
)
from payments.services.events import Cause
from payments.services.settlement import signing

log = structlog.get_logger(__name__)


@consumer("payments.attempt_submit", atomic=False)
def attempt_submit(attempt_id: str) -> None:
    submitting.attempt_submit(attempt_id=UUID(attempt_id))


@consumer("payments.attempt_cancel", atomic=False)
def attempt_cancel(attempt_id: str) -> None:
    submitting.attempt_cancel(attempt_id=UUID(attempt_id))


@consumer("payments.attempt_refresh", atomic=False)
def attempt_refresh(attempt_id: str, cause_id: str) -> None:
    cause = Cause("webhook", {"event": cause_id})
    refreshing.attempt_refresh(attempt_id=UUID(attempt_id), cause=cause)


@consumer("payments.refund_submit", atomic=False)
def refund_submit(refund_id: str) -> None:
    refunds.refund_submit(refund_id=UUID(refund_id))


@shared_task(name="payments.orders_expire")
def orders_expire() -> int:
    return expiry.orders_expire()


@shared_task(name="payments.gifts_expire")
def gifts_expire() -> int:
    return gifts.gifts_expire()


@shared_task(name="payments.attempts_poll")
def attempts_poll() -> int:
    return refreshing.attempts_poll()


@shared_task(name="payments.refunds_poll")
def refunds_poll() -> int:
    """Refunds that nobody has heard of; a cancelled one has no webhook at some providers."""
    due = refunds.refunds_due()
    for refund_id in due:
        try:
            refunds.refund_submit(refund_id=refund_id)
        except ProviderError as error:
            log.warning("refund_not_asked", refund_id=str(refund_id), code=error.code)
    return len(due)


@shared_task(name="payments.rates_fetch")
def rates_fetch() -> int:
    return len(rates.rates_fetch())


@shared_task(name="payments.acquirers_probe")
def acquirers_probe() -> int:
    return health.acquirers_probe()


@shared_task(name="payments.reconcile")
def reconcile() -> bool:
    """The clock asks like a person does: one run at a time, to be seen on the desk."""
    return reconciliation_runs.run_request(actor=None) is not None


@consumer("payments.reconciliation_run", atomic=False)
def reconciliation_run(run_id: str) -> None:
    reconciliation_runs.run_perform(run_id=UUID(run_id))


@shared_task(name="payments.receipts_issue")
def receipts_issue() -> int:
    return receipts.receipts_issue()


@shared_task(name="payments.snapshots_seal")
def snapshots_seal() -> int:
    return snapshots.snapshots_seal()


@shared_task(name="payments.settlements_advance")
def settlements_advance() -> str:
    return signing.settlements_advance()


@shared_task(name="payments.statements")
def statements_make() -> int:
    return statements.statements_make()


@shared_task(name="payments.fees_check")
def fees_check() -> int | None:
    """See payments.providers.ton.prices; None when the chain does not answer."""
    try:
        return prices.fees_check()
    except ChainError as error:
        log.warning("fees_unread", error=str(error))
        return None


@shared_task(name="payments.referrals_watch")
def referrals_watch() -> int:
    """Look for rewards that are not honest; take back what was found to be fraud."""
    return fraud.flags_find() + rewards.rewards_watch()


BEAT: Schedule = {
    "payments-referrals-watch": {"task": "payments.referrals_watch", "schedule": 120.0},
    "payments-orders-expire": {"task": "payments.orders_expire", "schedule": 15.0},
    "payments-gifts-expire": {"task": "payments.gifts_expire", "schedule": 60.0},
    "payments-attempts-poll": {"task": "payments.attempts_poll", "schedule": 5.0},
    "payments-refunds-poll": {"task": "payments.refunds_poll", "schedule": 15.0},
    "payments-rates-fetch": {"task": "payments.rates_fetch", "schedule": 60.0},
    "payments-acquirers-probe": {"task": "payments.acquirers_probe", "schedule": 10.0},
    "payments-reconcile": {"task": "payments.reconcile", "schedule": 86_400.0},
    "payments-receipts-issue": {"task": "payments.receipts_issue", "schedule": 10.0},
    "payments-snapshots-seal": {"task": "payments.snapshots_seal", "schedule": 300.0},
    "payments-settlements-advance": {
        "task": "payments.settlements_advance",
        "schedule": float(settings.SETTLEMENT_EVERY),
    },
    "payments-statements": {"task": "payments.statements", "schedule": 3_600.0},
    "payments-fees-check": {"task": "payments.fees_check", "schedule": 300.0},
}
