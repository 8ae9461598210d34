"""What became of `buy` messages, read from the collection's own transactions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from pytoniq_core import Transaction

from contracts import opcodes, receipts
from contracts.cells import reader_of
from contracts.errors import MalformedCell
from core.ton import codec
from core.ton.addresses import raw
from core.ton.client import RawTransaction
from payments import reasons
from payments.models import PaymentAttempt
from payments.providers.base import ProviderState, Status

# Exit codes of the collection (contracts/errors.py) and of the TVM, as reasons for the reader.
_REASONS: Final = {
    399: "too_many",
    450: "value_too_small",
    460: "paused",
    461: "not_started",
    462: "ended",
    463: "sold_out",
    464: "price_changed",
    13: "value_too_small",
    -14: "value_too_small",
}


@dataclass(frozen=True, slots=True)
class Purchase:
    """One `buy` that reached a collection. code: None when it sold, else why not.

    quantity, max_unit_price, recipient ("" for the sender): as the message says them, and its
    sender may have changed what we handed out. Addresses raw.
    """

    sender: str
    query_id: int
    quantity: int
    max_unit_price: int
    recipient: str
    code: int | None

    def pays(self, attempt: PaymentAttempt) -> bool:
        """It sold what the attempt's order is for, as we handed it out: its receipt will match."""
        order = attempt.order
        return (
            self.code is None
            and self.quantity == order.quantity
            and self.max_unit_price == order.unit_price
            and (self.recipient or self.sender) == (order.recipient or self.sender)
        )


def purchases(rows: Iterable[RawTransaction]) -> list[Purchase]:
    """The buys among a collection's transactions; what is no buy of ours is passed over."""
    return [found for row in rows if (found := _purchase(row)) is not None]


def _purchase(row: RawTransaction) -> Purchase | None:
    try:
        incoming = codec.incoming(row.boc)
        if incoming is None or incoming.bounced:
            return None
        buy = reader_of(incoming.body, opcodes.BUY)
        if buy is None:
            return None
        return Purchase(
            sender=incoming.source,
            query_id=buy.uint(64),
            quantity=buy.uint(8),
            max_unit_price=buy.coins(),
            recipient=raw(recipient) if (recipient := buy.maybe_address()) else "",
            code=_code(row, incoming),
        )
    except (codec.Malformed, MalformedCell):
        return None


def _code(row: RawTransaction, incoming: codec.Incoming) -> int | None:
    if incoming.success:
        return _refused_by_hand(row)
    if incoming.compute_exit is None:
        return -14  # not even enough to start: no gas
    return incoming.compute_exit or incoming.action_code or 0


def _refused_by_hand(row: RawTransaction) -> int | None:
    """A message with bounce off cannot bounce: the contract sends the value back with the code."""
    with codec.reading():
        transaction = Transaction.deserialize(codec.plain_cell(row.boc).begin_parse())
        for out in transaction.out_msgs:
            if (refused := receipts.parse_refused(out.body)) is not None:
                return refused.code
    return None


def outcome(attempt: PaymentAttempt, seen: Sequence[Purchase]) -> ProviderState:
    """What became of one attempt: paid (its receipt will come), refused, or never sent.

    A sale under the order's number at other terms is a sale past the shop: it pays no order, so
    waiting for it would never end. Should its receipt pay all the same, an ended order takes it.
    """
    mine = [
        one
        for one in seen
        if one.query_id == attempt.order.query_id and one.sender == attempt.wallet
    ]
    if any(one.pays(attempt) for one in mine):
        return ProviderState(Status.PROCESSING)
    refused = [one for one in mine if one.code is not None]
    if refused:
        code = refused[-1].code or 0
        return ProviderState(
            Status.FAILED, reason=_REASONS.get(code, "refused"), raw={"exit_code": code}
        )
    return ProviderState(Status.EXPIRED, reason=reasons.UNPAID)
