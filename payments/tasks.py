"""Chores of payments: each takes nothing or an id and calls one service."""

from __future__ import annotations

import structlog
from celery import shared_task

from core.celery_app import Schedule
from core.ton.client import ChainError
from payments.providers.ton import prices
from payments.services import expiry

log = structlog.get_logger(__name__)


@shared_task(name="payments.orders_expire")
def orders_expire() -> int:
    return expiry.orders_expire()


@shared_task(name="payments.fees_check")
def fees_check() -> int | None:
    """See payments.providers.ton.prices; None when the chain does not answer."""
    try:
        return prices.fees_check()
    except ChainError as error:
        log.warning("fees_unread", error=str(error))
        return None


BEAT: Schedule = {
    "payments-orders-expire": {"task": "payments.orders_expire", "schedule": 15.0},
    "payments-fees-check": {"task": "payments.fees_check", "schedule": 300.0},
}
