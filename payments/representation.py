"""An order as the API and the live channel tell it: the one JSON form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from core.ton.addresses import friendly
from nft.drops import release_json
from nft.models import Item
from nft.selectors import release_cards
from payments import reasons, selectors
from payments.models import ClaimRight, Order, PaymentAttempt, Receipt, Refund
from payments.services import claims
from payments.services.offers import Offer


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
        "gift": row.gift,
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
    unopened = bool(found.gift_hash) and found.holder_id is None
    waiting = unopened and found.state == ClaimRight.State.OPEN
    return {
        "state": found.state,
        "hold_until": found.hold_until,
        "frozen": found.frozen,
        "needs_wallet": found.state == ClaimRight.State.OPEN
        and found.holder_id == row.user_id
        and not getattr(row, "holder_ready", False),
        "gift_link": claims.gift_link(row) if waiting else None,
        "gift_until": found.gift_expires_at if waiting else None,
        "gift_note": found.gift_note if found.gift_hash else "",
        "gift_opened": bool(found.gift_hash) and not unopened,
    }


def giver(row: ClaimRight) -> str:
    """Whose gift it is: his first name in Telegram. Who signed in by a wallet alone has none."""
    user = row.order.user
    return user.first_name if user is not None and user.telegram_id is not None else ""


def gift(row: ClaimRight, stands: str, order: Order, release: Mapping[str, Any]) -> dict[str, Any]:
    """A gift as who has its link sees it: never its price. What is private only while it waits,
    or to who has it.
    """
    mine = stands == "yours"
    told = mine or stands in ("waiting", "own")
    return {
        "standing": stands,
        "quantity": row.quantity,
        "giver": giver(row) if told else "",
        "note": row.gift_note if told else "",
        "until": row.gift_expires_at if stands in ("waiting", "own") else None,
        "claim": kept(row, ready=getattr(order, "holder_ready", False)) if mine else None,
        "items": [item(one) for one in selectors.items_of([order])[order.pk]] if mine else [],
        "drop": row.collection_id,
        "release": release,
    }


def kept(row: ClaimRight, *, ready: bool) -> dict[str, Any]:
    """What is kept for its holder. ready: he has proved a wallet."""
    open_ = row.state == ClaimRight.State.OPEN
    return {
        "state": row.state,
        "hold_until": row.hold_until,
        "frozen": row.frozen,
        "needs_wallet": open_ and not ready,
    }


def claim_rows(rows: Sequence[ClaimRight], user_id: UUID) -> list[dict[str, Any]]:
    """`rows` of selectors.claims_of(). One more query, however many there are.

    order: to be opened by who made it; a gift has none for its holder.
    """
    cards = release_cards([row.collection_id for row in rows]) if rows else {}
    return [
        {
            "id": row.pk,
            "quantity": row.quantity,
            "order": row.order_id if row.order.user_id == user_id else None,
            "drop": row.collection_id,
            "release": cards[row.collection_id],
            **kept(row, ready=getattr(row, "holder_ready", False)),
        }
        for row in rows
    ]


def gifts_received(rows: Sequence[ClaimRight]) -> list[dict[str, Any]]:
    """`rows` of selectors.gifts_received(). One more query, however many there are."""
    cards = release_cards([row.collection_id for row in rows]) if rows else {}
    return [
        {
            "id": row.pk,
            "state": row.state,
            "quantity": row.quantity,
            "giver": giver(row),
            "note": row.gift_note,
            "created_at": row.created_at,
            "drop": row.collection_id,
            "release": cards[row.collection_id],
        }
        for row in rows
    ]


def offer(row: Offer, now: datetime) -> dict[str, Any]:
    return {
        "method": row.method,
        "amount": row.amount,
        "needs_email": row.needs_email,
        "minted_after": now + row.hold if row.hold else None,
        "can_give": row.reserves,
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
