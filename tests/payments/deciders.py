"""Orders that wait for a person, and what a decision must not change."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from core.models import AuditRecord
from core.money import Money
from deploy.local.sandbox.stripe import StripeSandbox
from payments import waiting
from payments.models import (
    ClaimRight,
    DropQuota,
    LedgerEntry,
    Order,
    PaymentAttempt,
    Refund,
)
from payments.providers.base import ProviderState, Status
from payments.services import outcomes, refunds
from payments.services.events import Cause
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.test_off_chain import ASKED, placed
from tests.people import person

NOTE = "the fan wrote to us"


@pytest.fixture
def finance(db: None) -> User:
    return person("finance")


def short(shop: Shop, web: APIClient, amount: Money | None = None, **terms: Any) -> Order:
    """An order for which one cent less arrived than was asked for (or another amount)."""
    order, attempt = placed(web, shop, **terms)
    money = amount or Money("USD", ASKED - 1)
    state = ProviderState(Status.PAID, paid=money, external_id=f"pi_{order.pk}")
    outcomes.apply(attempt_id=attempt.pk, state=state, cause=Cause("test"))
    return fresh(order)


def failed(box: StripeSandbox, attempt: PaymentAttempt, amount: int | None = None) -> Refund:
    """A refund that the provider could not deliver."""
    refund = refunds.refund_request(
        attempt=attempt, amount=amount, reason="staff", origin=Refund.Origin.STAFF,
        cause=Cause("staff"), actor=person("finance"),
    )  # fmt: skip
    box.faults.fail_refund = 1
    refunds.refund_submit(refund_id=refund.pk)
    refund.refresh_from_db()
    assert refund.state == Refund.State.FAILED
    return refund


def second(name: str = "second") -> User:
    user = person(name)
    user.groups.set(person("finance").groups.all())
    return User.objects.get(pk=user.pk)


def state_of_everything(order: Order) -> tuple[Any, ...]:
    """What a refused decision must not have moved."""
    return (
        fresh(order).state,
        fresh(order).reason,
        LedgerEntry.objects.count(),
        Refund.objects.count(),
        ClaimRight.objects.count(),
        list(DropQuota.objects.values_list("taken", flat=True)),
        AuditRecord.objects.count(),
    )


def ways(order: Order) -> tuple[str, ...]:
    return waiting.ways(waiting.facts(fresh(order)))
