"""Taking a report: the file as it is, its lines as rows. Nothing is posted yet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core import audit
from payments import errors
from payments.models import Statement, StatementLine
from payments.providers.binance.statement import LAYOUT as BINANCE
from payments.providers.sbp.statement import TBANK, YOOKASSA
from payments.providers.statement import Layout, Line, StatementRefused, read
from payments.providers.stripe.statement import LAYOUT as STRIPE

# By acquirer. Stars have no report: their withdrawals are typed in (services.conversions).
LAYOUTS: Final[Mapping[str, Layout]] = {
    "stripe": STRIPE,
    "yookassa": YOOKASSA,
    "tbank": TBANK,
    "binance": BINANCE,
}


@transaction.atomic
def statement_take(*, source: str, name: str, body: bytes, actor: User) -> Statement:
    """Read a report and keep it as a draft.

    Raises ApplicationError statement_refused (400) with the line and the reason, when the file is
    known already too; nothing of it is kept then.
    """
    layout = LAYOUTS.get(source)
    if layout is None:
        raise errors.statement_refused("There is no report of this provider.")
    sha256 = hashlib.sha256(body).hexdigest()
    known = Statement.objects.filter(sha256=sha256).exclude(state=Statement.State.DISCARDED)
    if same := known.first():
        raise errors.statement_refused(f"This file was taken before: {same}.")
    try:
        lines = read(layout, body)
        _refuse_known(source, lines)
    except StatementRefused as refusal:
        raise errors.statement_refused(str(refusal).capitalize() + ".") from refusal
    statement = Statement.objects.create(
        source=source, name=name[:160], sha256=sha256, body=body, uploaded_by=actor
    )
    StatementLine.objects.bulk_create([_row(statement, line) for line in lines], batch_size=1000)
    audit.record(
        actor=actor,
        action="payments.statement_taken",
        target=statement,
        after={"source": source, "sha256": sha256, "lines": len(lines)},
    )
    return statement


def _refuse_known(source: str, lines: list[Line]) -> None:
    """A line that stands in another report that is not thrown away is not counted twice."""
    taken = dict(
        StatementLine.objects.filter(source=source, key__in=[line.key for line in lines])
        .exclude(statement__state=Statement.State.DISCARDED)
        .values_list("key", "statement__name")
    )
    for line in lines:
        if line.key in taken:
            raise StatementRefused(line.number, f"{line.key} stands in {taken[line.key]} already")


def _row(statement: Statement, line: Line) -> StatementLine:
    return StatementLine(
        statement=statement,
        source=statement.source,
        number=line.number,
        kind=line.kind.value,
        key=line.key[:160],
        reference=line.reference[:128],
        other=line.other[:128],
        asset=line.net.asset,
        gross=line.gross.amount,
        fee=line.fee.amount,
        net=line.net.amount,
        day=line.day,
    )


@transaction.atomic
def statement_discard(*, statement_id: UUID, actor: User) -> Statement:
    """Throw a draft away; the same file may then be taken again.

    Raises ApplicationError statement_not_open (409).
    """
    statement = Statement.objects.select_for_update().get(pk=statement_id)
    if statement.state != Statement.State.DRAFT:
        raise errors.statement_not_open("Only what is not posted can be thrown away.")
    statement.state = Statement.State.DISCARDED
    statement.save(update_fields=["state"])
    audit.record(actor=actor, action="payments.statement_discarded", target=statement)
    return statement
