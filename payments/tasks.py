"""Chores of payments: each takes nothing or an id and calls one service."""

from __future__ import annotations

from celery import shared_task

from core.celery_app import Schedule
from payments.services import expiry


@shared_task(name="payments.orders_expire")
def orders_expire() -> int:
    return expiry.orders_expire()


BEAT: Schedule = {
    "payments-orders-expire": {"task": "payments.orders_expire", "schedule": 15.0},
}
