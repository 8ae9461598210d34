"""What people are told about money and gifts, and the words for it.

Each is promised in the transaction of its fact.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from core.money import Money
from nft.selectors import supply_now
from notices.kinds import Kind, register
from notices.selectors import wanting
from notices.services import notice_send
from payments.models import ClaimRight, Order, Payout, Refund

GIFT: Final = register(
    Kind(
        "gift",
        text={
            "en": "Your gift was opened: <b>{title}</b> by {artist} is theirs now.",
            "ru": "Ваш подарок открыли: <b>{title}</b>, {artist}.",
        },
        open={"en": "See your gift", "ru": "Посмотреть подарок"},
        lives=timedelta(days=3),
    )
)
SALE: Final = register(
    Kind(
        "sale",
        text={
            "en": "<b>{title}</b> is being collected: {sold} so far.",
            "ru": "<b>{title}</b> собирают. Уже продано: {sold}.",
        },
        open={"en": "See your drop", "ru": "Посмотреть дроп"},
        lives=timedelta(hours=12),
    )
)
PAYOUT: Final = register(
    Kind(
        "payout",
        text={
            "en": "Paid out to you: <b>{amount}</b>.",
            "ru": "Вам выплачено: <b>{amount}</b>.",
        },
        open={"en": "Open Tonality", "ru": "Открыть Tonality"},
        lives=timedelta(days=7),
    )
)
PAYMENT: Final = register(
    Kind(
        "payment",
        text={
            "en": "<b>{amount}</b> is on its way back to you: {title} by {artist}.",
            "ru": "Мы вернули вам <b>{amount}</b>: {title}, {artist}.",
        },
        open={"en": "See the order", "ru": "Посмотреть заказ"},
        lives=timedelta(days=7),
        required=True,
    )
)


def gift_opened_tell(claim: ClaimRight) -> None:
    """To who gave it. The claim comes with its order, that with its release."""
    order = claim.order
    if order.user_id is not None:
        notice_send(
            user_id=order.user_id,
            kind=GIFT.name,
            key=str(claim.pk),
            values=_release(order),
            link=f"orders/{order.pk}",
        )


def sale_tell(order: Order) -> None:
    """To the artist, once an hour for each drop: a good hour is no flood of messages."""
    artist = order.collection.release.artist
    if not wanting(kind=SALE, user_ids=[artist.owner_id]):
        return
    supply = supply_now(order.collection)
    sold = f"{supply.minted} / {supply.total}" if supply.total else str(supply.minted)
    notice_send(
        user_id=artist.owner_id,
        kind=SALE.name,
        key=f"{order.collection_id}:{timezone.now():%Y%m%d%H}",
        values={**_release(order), "sold": sold},
        link=f"drops/{order.collection_id}",
    )


def payout_tell(payout: Payout) -> None:
    if payout.payee_id is not None:
        notice_send(
            user_id=payout.payee_id,
            kind=PAYOUT.name,
            key=str(payout.pk),
            values={"amount": told(payout.paid)},
        )


def refund_tell(refund: Refund, order: Order) -> None:
    """To who paid; that it went back is part of the payment."""
    if order.user_id is not None:
        notice_send(
            user_id=order.user_id,
            kind=PAYMENT.name,
            key=str(refund.pk),
            values={**_release(order), "amount": told(refund.money)},
            link=f"orders/{order.pk}",
        )


def _release(order: Order) -> dict[str, str]:
    release = order.collection.release
    return {"title": release.title, "artist": release.artist.name}


def told(money: Money) -> str:
    """An amount as people write it: "2.5 TON", "100 Stars"."""
    names = {settings.NATIVE_COIN: settings.NATIVE_COIN_LABEL, "XTR": "Stars"}
    return f"{money.decimal()} {names.get(money.asset, money.asset)}"
