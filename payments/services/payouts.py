"""Paying out what was earned: put together by one person, approved by another, proved.

Approval takes the money out of what is owed; the chain's (or a person's) word takes it out of the
books. What is owed to somebody who owes us (after refunds) is netted by his account's own balance;
a negative balance carries over.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import StringIO
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from pytoniq_core import Cell

from accounts.models import User
from contracts import fees
from contracts import hub as contract
from core import audit
from core.money import Money
from core.ton import codec, connect, sources
from core.ton.addresses import address, raw
from payments import errors, ledger, notices
from payments.ledger import Line
from payments.models import Case, LedgerAccount, LedgerEntry, Payout, PayoutBatch
from payments.services import cases, exchange
from payments.services.earnings import Due, payable, payouts_due

Kind = LedgerAccount.Kind
State = PayoutBatch.State
Channel = PayoutBatch.Channel
LARGEST: Final = 250
LIFETIME: Final = timedelta(minutes=5)
_MARGIN_BPS: Final = 2_000


@transaction.atomic
def batch_draft(*, asset: str, actor: User) -> PayoutBatch:
    """Put together what is due. With TON only payees who have proved a wallet.

    Raises ApplicationError nothing_due (409).
    """
    on_chain = asset == settings.NATIVE_COIN
    due = [one for one in payouts_due(asset) if one.address or not on_chain][:LARGEST]
    if not due:
        raise errors.nothing_due()
    batch = PayoutBatch.objects.create(
        channel=Channel.TON if on_chain else Channel.EXPORT,
        asset=asset,
        hub=settings.TON_HUB_ADDRESS if on_chain else "",
        created_by=actor,
    )
    rows = Payout.objects.bulk_create(_row(batch, one) for one in due)
    total = str(sum(one.paid.amount for one in rows))
    audit.record(
        actor=actor, action="payments.payout_drafted", target=batch, after={"total": total}
    )
    return batch


def _row(batch: PayoutBatch, due: Due) -> Payout:
    return Payout(
        batch=batch,
        kind=due.kind,
        owner=due.owner,
        payee=due.payee,
        asset=due.money.asset,
        amount=due.money.amount,
        address=due.address if batch.channel == Channel.TON else "",
        coins=due.coins.amount if due.coins else None,
        rate=due.rate,
        spread_bps=settings.PAYOUT_SPREAD_BPS if due.rate else 0,
    )


def batch_approve(*, batch_id: UUID, actor: User) -> PayoutBatch:
    """The second person's yes: owed becomes under way, and the message to sign is fixed.

    What is exchanged takes the rate of this moment. With TON reads the hub's next number: not
    inside a transaction. Raises ApplicationError own_request (403), payout_not_open, rate_stale,
    rate_moved (409), and ChainError.
    """
    exchange.refuse_moved(batch_id=batch_id, actor=actor)
    batch = PayoutBatch.objects.get(pk=batch_id)
    number: int | None = None
    if batch.channel == Channel.TON:
        found = sources.client().run_get(batch.hub, "get_hub_data")
        number = contract.parse_hub_data(found).next_payout
    return _approve(batch_id, actor, number)


@transaction.atomic
def _approve(batch_id: UUID, actor: User, number: int | None) -> PayoutBatch:
    batch = PayoutBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != State.DRAFT:
        raise errors.payout_not_open(f"The batch is {batch.get_state_display().lower()}.")
    if batch.created_by_id == actor.pk:
        raise errors.own_request()
    if number is not None and _under_way(batch.hub):
        raise errors.payout_not_open("Another batch waits for its signature: one at a time.")
    rows = list(batch.payouts.order_by("id"))
    now = timezone.now()
    for row in rows:
        _refuse_spent(row)
        if row.coins is not None:
            exchange.price(row, now)
        _post(row, "approved", exchange.lines_of(row))
    if number is not None:
        batch.number, batch.body = number, codec.to_boc(_body(number, rows))
        batch.value = fees.pay_out_cost(len(rows)) * (10_000 + _MARGIN_BPS) // 10_000
    batch.state, batch.approved_by, batch.approved_at = State.APPROVED, actor, now
    batch.save()
    audit.record(actor=actor, action="payments.payout_approved", target=batch)
    return batch


def _under_way(hub: str) -> bool:
    return PayoutBatch.objects.filter(hub=hub, state=State.APPROVED).exists()


def _refuse_spent(row: Payout) -> None:
    """Between draft and approval a refund may have taken some of it back, or a dispute holds it."""
    if row.kind == Kind.LOSSES:
        return
    owed = payable(Kind(row.kind), row.owner, row.asset)
    if owed < row.money:
        raise errors.payout_not_open(f"{row.owner} is owed {owed} by now: draft it again.")


def _body(number: int, rows: list[Payout]) -> Cell:
    return contract.pay_out_body(
        payout_no=number,
        entries=[
            contract.PayoutEntry(address(row.address), row.paid.amount, row.chain_id)
            for row in rows
        ],
    )


def _post(row: Payout, what: str, legs: list[Line]) -> None:
    """One event of a line, once; an exchange names its rate."""
    kind, memo = LedgerEntry.Kind.PAYOUT, f"batch {row.batch_id}"
    if row.rate is not None:
        kind, memo = LedgerEntry.Kind.EXCHANGE, f"{memo}, rate {row.rate_id} ({row.rate})"
    ledger.post(key=f"payout:{row.pk}:{what}", kind=kind, memo=memo, legs=legs, order=row.order)


def batch_transaction(*, batch_id: UUID) -> dict[str, object]:
    """What the payer's wallet signs (TON Connect). The hub takes each number once.

    A message that was lost or came too late may be signed again, as often as it takes. Reads the
    chain. Raises ApplicationError payout_not_open (409), ChainError.
    """
    batch = PayoutBatch.objects.get(pk=batch_id)
    if batch.state != State.APPROVED or batch.channel != Channel.TON:
        raise errors.payout_not_open("There is nothing to sign.")
    data = contract.parse_hub_data(sources.client().run_get(batch.hub, "get_hub_data"))
    if data.next_payout != batch.number:
        raise errors.payout_not_open("The chain has taken this number already.")
    until = timezone.now() + LIFETIME
    PayoutBatch.objects.filter(pk=batch_id, state=State.APPROVED).update(handed_until=until)
    return connect.transaction(
        valid_until=int(until.timestamp()),
        messages=[
            connect.Message(batch.hub, batch.value, payload=codec.plain_cell(bytes(batch.body)))
        ],
        sender=raw(data.payer),
    )


@transaction.atomic
def batch_on_chain(*, hub: str, number: int, body_hash: str, hash_: str, at: datetime) -> bool:
    """The hub has paid batch `number`; False when it is none of ours, which opens a case.

    Another message under our number means that ours can never be taken: the batch has failed, and
    a person has to see who was paid before he releases it.
    """
    batch = (
        PayoutBatch.objects.select_for_update()
        .filter(hub=hub, number=number, state__in=(State.APPROVED, State.CONFIRMED))
        .first()
    )
    ours = codec.plain_cell(bytes(batch.body)).hash.hex() if batch else ""
    if batch is None or ours != body_hash:
        cases.case_open(
            kind=Case.Kind.PAYOUT,
            source="hub",
            key=f"{hub}:{number}",
            ours=ours,
            theirs=body_hash,
            details={"transaction": hash_, "batch": str(batch.pk) if batch else ""},
        )
        if batch is not None and batch.state == State.APPROVED:
            _fail(batch, hash_)
        return False
    if batch.state == State.APPROVED:
        _confirm(batch, Kind.TON_HOT, hash_, at, "follower")
    return True


def _fail(batch: PayoutBatch, hash_: str) -> None:
    batch.state, batch.reference = State.FAILED, hash_
    batch.save(update_fields=["state", "reference"])
    audit.record(
        actor="follower", action="payments.payout_failed", target=batch, reason="another message"
    )


@transaction.atomic
def batch_paid(*, batch_id: UUID, reference: str, actor: User) -> PayoutBatch:
    """A person says that the bank or provider has paid an exported batch.

    Raises ApplicationError payout_not_open (409).
    """
    batch = PayoutBatch.objects.select_for_update().get(pk=batch_id)
    if batch.state != State.APPROVED or batch.channel != Channel.EXPORT:
        raise errors.payout_not_open("Only an approved, exported batch can be marked as paid.")
    _confirm(batch, Kind.BANK, reference, timezone.now(), actor)
    return batch


def _confirm(
    batch: PayoutBatch, kind: LedgerAccount.Kind, reference: str, at: datetime, actor: audit.Actor
) -> None:
    rows = batch.payouts.filter(returned_at__isnull=True)
    total = Money(batch.asset, sum(row.paid.amount for row in rows))
    ledger.post(
        key=f"payout:{batch.pk}:paid",
        kind=LedgerEntry.Kind.PAYOUT,
        memo=reference,
        legs=[
            Line(Kind.PAYOUTS_IN_FLIGHT, str(batch.pk), total),
            Line(kind, "", -total),
        ],
    )
    batch.state, batch.reference, batch.confirmed_at = State.CONFIRMED, reference[:128], at
    batch.save(update_fields=["state", "reference", "confirmed_at"])
    audit.record(actor=actor, action="payments.payout_confirmed", target=batch, reason=reference)
    for row in rows:
        notices.payout_tell(row)


@transaction.atomic
def batch_cancel(*, batch_id: UUID, actor: User, reason: str) -> PayoutBatch:
    """Withdraw a draft, an exported batch that came back, or one that failed on chain.

    Raises payout_not_open (409). A batch for the hub cannot be withdrawn once approved: its signed
    message may still arrive, as long as its number is free.
    """
    batch = PayoutBatch.objects.select_for_update().get(pk=batch_id)
    came_back = batch.state == State.APPROVED and batch.channel == Channel.EXPORT
    came_back = came_back or batch.state == State.FAILED
    if batch.state != State.DRAFT and not came_back:
        raise errors.payout_not_open(f"The batch is {batch.get_state_display().lower()}.")
    if came_back:
        for row in batch.payouts.filter(returned_at__isnull=True):
            _post(row, "returned", _turned(exchange.lines_of(row)))
    batch.state = State.CANCELLED
    batch.save(update_fields=["state"])
    audit.record(actor=actor, action="payments.payout_cancelled", target=batch, reason=reason)
    return batch


@transaction.atomic
def line_return(*, payout_id: UUID, actor: User, reason: str) -> Payout:
    """The bank sent one line of an exported batch back: that payee is owed it again.

    Before or after the batch was marked as paid. Raises ApplicationError payout_not_open (409).
    """
    found = Payout.objects.get(pk=payout_id)
    batch = PayoutBatch.objects.select_for_update().get(pk=found.batch_id)
    row = Payout.objects.select_for_update(of=("self",)).get(pk=payout_id)
    if batch.channel != Channel.EXPORT or batch.state not in (State.APPROVED, State.CONFIRMED):
        raise errors.payout_not_open("Only a line that went to the bank can come back from it.")
    if row.returned_at is not None:
        raise errors.payout_not_open("This line came back already.")
    lines = _turned(exchange.lines_of(row))
    if batch.state == State.CONFIRMED:  # it had left the bank, and is there again
        lines[-1] = Line(Kind.BANK, "", row.paid)
    _post(row, "returned", lines)
    row.returned_at, row.returned_reason = timezone.now(), reason[:200]
    row.save(update_fields=["returned_at", "returned_reason"])
    audit.record(actor=actor, action="payments.payout_returned", target=row, reason=reason)
    return row


def _turned(lines: list[Line]) -> list[Line]:
    return [Line(line.kind, line.owner, -line.money) for line in lines]


def export_lines(batch: PayoutBatch) -> Iterator[list[str]]:
    """Head and rows of the file for the bank: the same bytes for the same batch, always."""
    yield ["payout", "payee", "account", "asset", "amount", "address"]
    for row in batch.payouts.order_by("id"):
        yield [
            str(row.pk), str(row.payee_id), row.owner, row.asset, row.money.decimal(), row.address,
        ]  # fmt: skip


def export_csv(batch: PayoutBatch) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(export_lines(batch))
    return out.getvalue()
