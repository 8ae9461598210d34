"""An order as the API and the live channel tell it: the one JSON form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.ton.addresses import friendly
from nft.drops import release_json
from nft.models import Item
from nft.selectors import release_cards
from payments import reasons, selectors
from payments.models import ClaimRight, Order, PaymentAttempt, Receipt, Refund
from payments.services import claims


def orders(rows: Sequence[Order]) -> list[dict[str, Any]]:
    """`rows` of selectors.orders(). Two more queries, however many rows there are."""
    if not rows:
        return []
    items = selectors.items_of(rows)
    cards = release_cards([row.collection_id for row in rows])
    return [order(row, row.attempts.all(), items[row.pk], cards[row.collection_id]) for row in rows]


def placed(row: Order, attempt_: PaymentAttempt) -> dict[str, Any]:
    """An order that was made just now from a quoted drop: nothing has to be read again."""
    release = row.collection.release
    artist, cover = release.artist, release.cover
    if cover is None:  # no release is published without one
        raise ValueError(f"release {release.pk} has no cover")
    card = release_json(
        (
            release.pk, release.title, release.genre, release.colour_deep, release.colour_bright,
            artist.pk, artist.slug, artist.name, artist.verified_at is not None,
            cover.cid, cover.width,
        )
    )  # fmt: skip
    return order(row, [attempt_], [], card, fresh=True)


def order(
    row: Order,
    attempts: Iterable[PaymentAttempt],
    items: Iterable[Item],
    release: Mapping[str, Any],
    *,
    fresh: bool = False,
) -> dict[str, Any]:
    """fresh: made just now, so nothing hangs on it yet that could be asked for."""
    tries = list(attempts)
    return {
        "id": row.pk,
        "state": row.state,
        "money_status": "unpaid" if fresh else selectors.money_status(tries),
        "drop": row.collection_id,
        "quantity": row.quantity,
        "unit_price": row.price,
        "total": row.cost,
        "recipient": _wallet(row.recipient),
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "attempts": [attempt(one, fresh=fresh) for one in tries],
        "claim": None if fresh else claim(row),
        "items": [item(one) for one in items],
        "transaction_hash": next(
            (one.external_id for one in tries if one.state == PaymentAttempt.State.CONFIRMED), None
        ),
        "reason": {"code": row.reason, "text": reasons.text(row.reason)} if row.reason else None,
        "receipts": [] if fresh else [receipt(one) for one in row.receipts.all()],
        "release": release,
    }


def attempt(row: PaymentAttempt, *, fresh: bool = False) -> dict[str, Any]:
    """What to act on is told only while acting still makes sense."""
    open_ = row.handoff if row.state == PaymentAttempt.State.OPEN else {}
    return {
        "id": row.pk,
        "method": row.provider,
        "state": row.state,
        "amount": row.asked,
        "valid_until": row.valid_until,
        "transaction": open_.get("transaction"),
        "handoff": open_ if open_.get("kind") in ("invoice", "redirect") else None,
        "refunds": [] if fresh else [refund(one) for one in row.refunds.all()],
    }


def refund(row: Refund) -> dict[str, Any]:
    return {"id": row.pk, "amount": row.money, "state": row.state}


def receipt(row: Receipt) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "number": row.label,
        "amount": row.money,
        "issued_at": row.issued_at,
    }


def claim(row: Order) -> dict[str, Any] | None:
    """What the order's buyer sees of the claim; the gift's link is his to give."""
    found: ClaimRight | None = getattr(row, "claim", None)
    if found is None:
        return None
    return {
        "state": found.state,
        "hold_until": found.hold_until,
        "frozen": found.frozen,
        "needs_wallet": found.state == ClaimRight.State.OPEN
        and found.holder_id is not None
        and not getattr(row, "holder_ready", False),
        "gift_link": claims.gift_link(row) if found.gift_hash and not found.holder_id else None,
    }


def item(row: Item) -> dict[str, Any]:
    return {
        "index": row.index,
        "edition": row.index + 1,
        "address": friendly(row.address),
        "owner": _wallet(row.owner),
    }


def _wallet(raw: str | None) -> str | None:
    return friendly(raw, bounceable=False) if raw else None
