"""Paying out what was earned: put together by one person, approved by another, proved.

Approval takes the money out of what is owed; the chain's (or a person's) word takes it out of the
books. What is owed to somebody who owes us (after refunds) is netted by his account's own balance;
a negative balance carries over.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from io import StringIO
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from pytoniq_core import Cell

from accounts.models import User
from accounts.selectors import wallet_addresses
from catalog.models import Artist
from contracts import fees
from contracts import hub as contract
from core import audit
from core.money import Money
from core.ton import codec, connect, sources
from core.ton.addresses import address, raw
from payments import errors, ledger
from payments.ledger import Line
from payments.models import LedgerAccount, LedgerEntry, Leg, Payout, PayoutBatch

Kind = LedgerAccount.Kind
State = PayoutBatch.State
Channel = PayoutBatch.Channel
PAYABLE: Final = (Kind.ARTIST_PAYABLE, Kind.REFERRAL_PAYABLE)
LARGEST: Final = 250
LIFETIME: Final = timedelta(minutes=5)
_MARGIN_BPS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Due:
    """What one account stands at, and who is to get it. address: raw, "" when none is proved."""

    kind: LedgerAccount.Kind
    owner: str
    payee: User
    money: Money
    address: str


def payouts_due(asset: str) -> list[Due]:
    """Accounts of an asset that owe at least settings.PAYOUT_MINIMUM, in a fixed order.

    What an open batch is about to pay is not due again.
    """
    rows = (
        Leg.objects.filter(account__kind__in=PAYABLE, asset=asset)
        .order_by()
        .values("account__kind", "account__owner")
        .annotate(total=Sum("amount"))
    )
    taken = set(
        Payout.objects.filter(batch__state=State.DRAFT, asset=asset).values_list("kind", "owner")
    )
    least: int = settings.PAYOUT_MINIMUM.get(asset, 1)
    due = []
    for row in sorted(rows, key=lambda one: (one["account__kind"], one["account__owner"])):
        kind, owner, amount = Kind(row["account__kind"]), row["account__owner"], -int(row["total"])
        payee = _payee(kind, owner) if amount >= least and (kind, owner) not in taken else None
        if payee is not None:
            wallet = next((one for one in wallet_addresses(payee) if one.startswith("0:")), "")
            due.append(Due(kind, owner, payee, Money(asset, amount), wallet))
    return due


def _payee(kind: LedgerAccount.Kind, owner: str) -> User | None:
    """Who stands behind an account: a referrer's user id, "artist:<id>" or "user:<id>"."""
    what, _, key = owner.rpartition(":")
    if kind == Kind.REFERRAL_PAYABLE or what == "user":
        return User.objects.filter(pk=key).first()
    found = Artist.objects.select_related("owner").filter(pk=key).first()
    return found.owner if found else None


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
    Payout.objects.bulk_create(
        Payout(
            batch=batch,
            kind=one.kind,
            owner=one.owner,
            payee=one.payee,
            asset=asset,
            amount=one.money.amount,
            address=one.address if on_chain else "",
        )
        for one in due
    )
    total = str(sum(one.money.amount for one in due))
    audit.record(
        actor=actor, action="payments.payout_drafted", target=batch, after={"total": total}
    )
    return batch


def batch_approve(*, batch_id: UUID, actor: User) -> PayoutBatch:
    """The second person's yes: owed becomes under way, and the message to sign is fixed.

    With TON reads the hub's next number: not inside a transaction. Raises ApplicationError
    own_request (403), payout_not_open (409), and ChainError.
    """
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
    for row in rows:
        _refuse_spent(row)
        ledger.post(
            key=f"payout:{row.pk}:approved",
            kind=LedgerEntry.Kind.PAYOUT,
            memo=f"batch {batch.pk}",
            legs=[
                Line(Kind(row.kind), row.owner, row.money),
                Line(Kind.PAYOUTS_IN_FLIGHT, str(batch.pk), -row.money),
            ],
        )
    if number is not None:
        batch.number, batch.body = number, codec.to_boc(_body(number, rows))
        batch.value = fees.pay_out_cost(len(rows)) * (10_000 + _MARGIN_BPS) // 10_000
    batch.state, batch.approved_by, batch.approved_at = State.APPROVED, actor, timezone.now()
    batch.save()
    audit.record(actor=actor, action="payments.payout_approved", target=batch)
    return batch


def _under_way(hub: str) -> bool:
    return PayoutBatch.objects.filter(hub=hub, state=State.APPROVED).exists()


def _refuse_spent(row: Payout) -> None:
    """Between draft and approval a refund may have taken some of it back."""
    owed = ledger.owed(Kind(row.kind), row.owner, row.asset)
    if owed < row.money:
        raise errors.payout_not_open(f"{row.owner} is owed {owed} by now: draft it again.")


def _body(number: int, rows: list[Payout]) -> Cell:
    return contract.pay_out_body(
        payout_no=number,
        entries=[
            contract.PayoutEntry(address(row.address), row.amount, row.chain_id) for row in rows
        ],
    )


def batch_transaction(*, batch_id: UUID) -> dict[str, object]:
    """What the payer's wallet signs (TON Connect). The hub takes each number once.

    Reads the chain. Raises ApplicationError payout_not_open (409), ChainError.
    """
    batch = PayoutBatch.objects.get(pk=batch_id)
    if batch.state != State.APPROVED or batch.channel != Channel.TON:
        raise errors.payout_not_open("There is nothing to sign.")
    data = contract.parse_hub_data(sources.client().run_get(batch.hub, "get_hub_data"))
    if data.next_payout != batch.number:
        raise errors.payout_not_open("The chain has taken this number already.")
    return connect.transaction(
        valid_until=int((timezone.now() + LIFETIME).timestamp()),
        messages=[
            connect.Message(batch.hub, batch.value, payload=codec.plain_cell(bytes(batch.body)))
        ],
        sender=raw(data.payer),
    )


@transaction.atomic
def batch_on_chain(*, hub: str, number: int, body_hash: str, hash_: str, at: datetime) -> bool:
    """The hub has paid batch `number`; False when it is none of ours."""
    batch = (
        PayoutBatch.objects.select_for_update()
        .filter(hub=hub, number=number, state__in=(State.APPROVED, State.CONFIRMED))
        .first()
    )
    if batch is None or codec.plain_cell(bytes(batch.body)).hash.hex() != body_hash:
        return False
    if batch.state == State.APPROVED:
        _confirm(batch, Kind.TON_HOT, hash_, at, "follower")
    return True


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
    total = Money(batch.asset, sum(batch.payouts.values_list("amount", flat=True)))
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


@transaction.atomic
def batch_cancel(*, batch_id: UUID, actor: User, reason: str) -> PayoutBatch:
    """Withdraw a draft, or an exported batch that came back. Raises payout_not_open (409).

    A batch for the hub cannot be withdrawn once approved: its signed message may still arrive.
    """
    batch = PayoutBatch.objects.select_for_update().get(pk=batch_id)
    returned = batch.state == State.APPROVED and batch.channel == Channel.EXPORT
    if batch.state != State.DRAFT and not returned:
        raise errors.payout_not_open(f"The batch is {batch.get_state_display().lower()}.")
    if returned:
        for row in batch.payouts.all():
            ledger.post(
                key=f"payout:{row.pk}:returned",
                kind=LedgerEntry.Kind.REVERSAL,
                legs=[
                    Line(Kind.PAYOUTS_IN_FLIGHT, str(batch.pk), row.money),
                    Line(Kind(row.kind), row.owner, -row.money),
                ],
            )
    batch.state = State.CANCELLED
    batch.save(update_fields=["state"])
    audit.record(actor=actor, action="payments.payout_cancelled", target=batch, reason=reason)
    return batch


def export_lines(batch: PayoutBatch) -> Iterator[list[str]]:
    """Head and rows of the file for the bank: the same bytes for the same batch, always."""
    yield ["payout", "payee", "account", "asset", "amount", "address"]
    for row in batch.payouts.select_related("payee").order_by("id"):
        yield [
            str(row.pk), str(row.payee_id), row.owner, row.asset, row.money.decimal(), row.address,
        ]  # fmt: skip


def export_csv(batch: PayoutBatch) -> str:
    out = StringIO()
    csv.writer(out, lineterminator="\n").writerows(export_lines(batch))
    return out.getvalue()
