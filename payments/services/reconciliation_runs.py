"""Runs of reconciliation: asked for by a person or the clock, done by the worker step by step."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.locks import lock
from core.outbox.services import put
from payments import errors
from payments.models import ReconciliationRun
from payments.services import reconciliation

State = ReconciliationRun.State
RUN: Final = "payments.change_case"
# A run that says nothing for so long has died with its worker; another may be asked for.
SILENT: Final = timedelta(minutes=10)


@transaction.atomic
def run_request(*, actor: User | None) -> ReconciliationRun | None:
    """Ask for a comparison now; actor none: the clock, which gets None while one is under way.

    Raises ApplicationError not_allowed (403), reconciliation_under_way (409).
    """
    if actor is not None and not actor.has_perm(RUN):
        raise errors.not_allowed()
    lock("payments-reconciliation")
    for known in ReconciliationRun.objects.filter(state__in=(State.WAITING, State.RUNNING)):
        if (known.began_at or known.asked_at) > timezone.now() - SILENT:
            if actor is None:
                return None
            raise errors.reconciliation_under_way()
        _move(known, State.GIVEN_UP, done_at=timezone.now())
    made = ReconciliationRun.objects.create(
        asked_by=actor,
        sides=[{"name": name, "state": "waiting", "found": 0} for name in reconciliation.sides()],
    )
    made.refresh_from_db()
    put("payments.reconciliation_run", {"run_id": made.pk}, key=made.pk.hex)
    audit.record(actor=actor or "clock", action="payments.reconciliation_asked", target=made)
    return made


def run_perform(*, run_id: UUID) -> None:
    """Compare, and write down how far it is. Asks the outside: not inside a transaction.

    A run that a dying worker left is done from its beginning: nothing of it does harm twice.
    """
    with transaction.atomic():
        row = ReconciliationRun.objects.select_for_update().get(pk=run_id)
        if row.state not in (State.WAITING, State.RUNNING):
            return
        _move(row, State.RUNNING, began_at=timezone.now())

    def tell(name: str, state: str, found: int) -> None:
        for side in row.sides:
            if side["name"] == name:
                side.update(state=state, found=found)
        row.save(update_fields=["sides"])

    reconciliation.reconcile(tell=tell)
    _move(row, State.DONE, done_at=timezone.now())


def _move(row: ReconciliationRun, state: ReconciliationRun.State, **changes: object) -> None:
    row.state = state
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=["state", *changes])
