"""From a stored transaction to its effect: one database transaction each, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog
from django.db import transaction
from django.utils import timezone
from pytoniq_core.boc.slice import SliceError
from pytoniq_core.boc.tvm_bitarray import TvmBitarrayException

from core.ton import codec, metrics
from core.ton.client import SourceFault
from core.ton.door import Inbound, Verdict, handler_of, ignored, parked
from core.ton.models import ChainCursor, ChainTransaction

logger = structlog.get_logger(__name__)
_OP_BITS: Final = 32
_BOUNCED: Final = 0xFFFFFFFF
_REASON_LENGTH: Final = 500
State = ChainTransaction.State


def nothing(point: str) -> None:
    """The default `step`: called with a name at every boundary that a crash may hit."""


class HandlerFailed(Exception):
    """A handler raised; nothing was changed and the transaction stays `received`."""

    def __init__(self, row: ChainTransaction, cause: Exception) -> None:
        self.row = row
        super().__init__(f"lt {row.lt}: {type(cause).__name__}: {cause}")


def inbound(row: ChainTransaction) -> Inbound | Verdict:
    """The message to hand out, or why there is none."""
    try:
        message = codec.incoming(bytes(row.boc))
    except codec.Malformed as error:
        # Our parser may be older than the network: keep it for a later version.
        return parked(f"undecodable: {error}")
    if message is None:
        return ignored("no internal message")
    if not message.success:
        return ignored(f"failed: exit {message.compute_exit}, action {message.action_code}")
    body = message.body
    if message.bounced and body.remaining_bits >= _OP_BITS and body.load_uint(_OP_BITS) != _BOUNCED:
        return ignored("malformed: a bounced body without its prefix")
    if body.remaining_bits < _OP_BITS:
        return ignored("no op code")
    return Inbound(
        transaction=row,
        account=row.account,
        source=message.source,
        value=message.value,
        fees=message.fees,
        op=body.load_uint(_OP_BITS),
        body=body,
        bounced=message.bounced,
        lt=row.lt,
        utime=row.utime,
        hash=row.hash,
        compute_exit=message.compute_exit,
        success=message.success,
    )


def judge(row: ChainTransaction) -> Verdict:
    """Run the handler of the row's message. Raises HandlerFailed; then nothing was changed."""
    message = inbound(row)
    if isinstance(message, Verdict):
        return message
    handler = handler_of(message.op, bounced=message.bounced)
    if handler is None:
        return ignored(f"unknown op {message.op:#010x}{' bounced' if message.bounced else ''}")
    try:
        with transaction.atomic():
            return handler(message)
    except (codec.Malformed, SliceError, TvmBitarrayException) as error:
        return ignored(f"malformed: {error}"[:_REASON_LENGTH])
    except Exception as error:
        metrics.HANDLER_ERRORS.labels(f"{message.op:#010x}").inc()
        logger.exception("chain handler raised", lt=row.lt, op=hex(message.op))
        raise HandlerFailed(row, error) from error


def move(row: ChainTransaction, verdict: Verdict) -> None:
    """The only way a stored transaction changes state."""
    if row.state not in {State.RECEIVED, State.PARKED}:
        raise ValueError(f"{row} is settled")
    row.state = verdict.state
    row.reason = verdict.reason
    row.handled_at = None if verdict.state == State.PARKED else timezone.now()
    row.save(update_fields=["state", "reason", "handled_at"])


def handle_next(account: str, step: Callable[[str], None] = nothing) -> ChainTransaction | None:
    """Handle the transaction after the cursor and move the cursor with it; None when none waits.

    Raises HandlerFailed, or SourceFault `link` when what is stored does not join the cursor.
    """
    try:
        with transaction.atomic():
            cursor = ChainCursor.objects.select_for_update().get(pk=account)
            row = (
                ChainTransaction.objects.filter(account=account, lt__gt=cursor.lt)
                .order_by("lt")
                .first()
            )
            if row is None:
                return None
            if (row.prev_lt, row.prev_hash) != (cursor.lt, cursor.hash):
                raise SourceFault("link", f"stored lt {row.lt} does not follow {cursor.lt}")
            step("loaded")
            verdict = judge(row)
            step("effect")
            move(row, verdict)
            cursor.lt, cursor.hash = row.lt, row.hash
            cursor.save(update_fields=["lt", "hash", "updated_at"])
            step("moved")
    except HandlerFailed as failure:
        _count_attempt(failure)
        raise
    step("committed")
    metrics.TRANSACTIONS.labels(row.state).inc()
    metrics.HANDLING_DELAY.observe(max(0.0, timezone.now().timestamp() - row.utime))
    logger.info("chain transaction", lt=row.lt, state=row.state, reason=row.reason)
    return row


def _count_attempt(failure: HandlerFailed) -> None:
    row = failure.row
    row.attempts += 1
    row.reason = str(failure)[:_REASON_LENGTH]
    row.save(update_fields=["attempts", "reason"])


def replay_parked(account: str | None = None) -> int:
    """Show every parked message to its handler again, oldest first; how many moved on.

    Safe to call from anywhere and twice at once: each row is locked, a locked one is skipped.
    """
    rows = ChainTransaction.objects.filter(state=State.PARKED)
    if account is not None:
        rows = rows.filter(account=account)
    moved = 0
    for pk in list(rows.order_by("account", "lt").values_list("pk", flat=True)):
        moved += replay(pk)
    return moved


def replay(pk: int, *, states: tuple[str, ...] = (State.PARKED,)) -> bool:
    """Judge one stored row again; true when it left its state."""
    with transaction.atomic():
        row = (
            ChainTransaction.objects.select_for_update(skip_locked=True)
            .filter(pk=pk, state__in=states)
            .first()
        )
        if row is None:
            return False
        before, row.state = row.state, State.PARKED
        try:
            verdict = judge(row)
        except HandlerFailed as failure:
            _count_attempt(failure)
            return False
        if (verdict.state, verdict.reason) != (before, row.reason):
            move(row, verdict)
        if verdict.state == before:
            return False
    metrics.TRANSACTIONS.labels(row.state).inc()
    return True
