"""An order as the API and the live channel tell it: the one JSON form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.ton.addresses import friendly
from nft.drops import release_json
from nft.models import Item
from nft.selectors import release_cards
from payments import reasons, selectors
from payments.models import Order, PaymentAttempt


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
    return order(row, [attempt_], [], card)


def order(
    row: Order,
    attempts: Iterable[PaymentAttempt],
    items: Iterable[Item],
    release: Mapping[str, Any],
) -> dict[str, Any]:
    tries = list(attempts)
    return {
        "id": row.pk,
        "state": row.state,
        "money_status": selectors.money_status(row, tries),
        "drop": row.collection_id,
        "quantity": row.quantity,
        "unit_price": row.price,
        "total": row.cost,
        "recipient": _wallet(row.recipient),
        "created_at": row.created_at,
        "expires_at": row.expires_at,
        "attempts": [attempt(one) for one in tries],
        "items": [item(one) for one in items],
        "transaction_hash": next(
            (one.external_id for one in tries if one.state == PaymentAttempt.State.CONFIRMED), None
        ),
        "reason": {"code": row.reason, "text": reasons.text(row.reason)} if row.reason else None,
        "release": release,
    }


def attempt(row: PaymentAttempt) -> dict[str, Any]:
    """The transaction is told only while signing it still makes sense."""
    is_open = row.state == PaymentAttempt.State.OPEN
    return {
        "id": row.pk,
        "method": row.provider,
        "state": row.state,
        "valid_until": row.valid_until,
        "transaction": row.handoff.get("transaction") if is_open else None,
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
