"""Stars that Fragment paid out: what they really were worth, against what we had assumed.

Telegram names no share. What it keeps shows when Stars are exchanged: a buyer paid the face value
of each, we get less. Every sale has put aside a provisional share (a dated rule, 30% at first);
the difference to the real one is an entry of its own, and the platform's, never an artist's.

correction   telegram_share - difference   rule_difference + difference         (in Stars)
exchange     clearing - stars   telegram_share + real share   fx + the rest     (in Stars)
             fx - received      bank + received                                 (in what came)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from django.db import transaction

from accounts.models import User
from core import audit, locks
from core.money import BPS, Money
from payments import errors, ledger
from payments.ledger import Line
from payments.models import LedgerAccount, LedgerEntry, StarsConversion
from payments.services import waterfall

Kind = LedgerAccount.Kind
STARS: Final = "stars"
# What Fragment pays in, and where it then lies: the treasury's wallet, or the bank.
ASSETS: Final = {"TON": "treasury", "USD": ""}
MICROS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Shares:
    """Of the Stars of one withdrawal, in Stars. difference: what Telegram took beyond the rule."""

    rule_bps: int
    provisional: int
    real: int

    @property
    def difference(self) -> int:
        return self.real - self.provisional


def shares(*, stars: int, received: Money, face_micros: int, on: date) -> Shares:
    """What the rule of the day says Telegram keeps, and what it has kept.

    face_micros: what a buyer pays for one Star, in millionths of received's minor unit. What
    arrived is worth received / face Stars, rounded to the nearest; Telegram kept the others.
    """
    at = datetime.combine(on, time(12), UTC)
    rule = waterfall.rules_at(method=STARS, asset="XTR", at=at).telegram_bps
    worth = (received.amount * MICROS + face_micros // 2) // face_micros
    return Shares(rule, stars * rule // BPS, stars - worth)


@transaction.atomic
def conversion_post(
    *,
    stars: int,
    received: Money,
    face_micros: int,
    on: date,
    reference: str,
    note: str,
    actor: User,
) -> StarsConversion:
    """Book a withdrawal. Raises ApplicationError conversion_refused (400): more Stars than we have,
    a reference that is known, a day to come, or amounts that cannot be.
    """
    locks.lock("stars_conversion")
    _refuse(stars, received, face_micros, on, reference)
    found = shares(stars=stars, received=received, face_micros=face_micros, on=on)
    row = StarsConversion.objects.create(
        stars=stars,
        asset=received.asset,
        received=received.amount,
        face_micros=face_micros,
        rule_bps=found.rule_bps,
        provisional=found.provisional,
        share=found.real,
        happened_on=on,
        reference=reference,
        note=note[:300],
        posted_by=actor,
    )
    _post(row, found, received)
    audit.record(
        actor=actor,
        action="payments.stars_converted",
        target=row,
        after={
            "stars": stars,
            "received": received.to_json(),
            "share": found.real,
            "provisional": found.provisional,
        },
        reason=note,
    )
    return row


def _refuse(stars: int, received: Money, face_micros: int, on: date, reference: str) -> None:
    held = ledger.balance(Kind.PSP_CLEARING, STARS, "XTR")
    if received.asset not in ASSETS:
        raise errors.conversion_refused("Fragment pays in TON; dollars are what an exchange gave.")
    if stars <= 0 or received.amount <= 0 or face_micros <= 0:
        raise errors.conversion_refused("Stars, amount and face value are above zero.")
    if stars > held.amount:
        raise errors.conversion_refused(f"By our books the bot holds {held}.")
    if received.amount * MICROS > 2 * stars * face_micros:
        raise errors.conversion_refused(
            "That is more than twice the face value: check amount and face value."
        )
    if on > datetime.now(UTC).date():
        raise errors.conversion_refused("That day is still to come.")
    if not reference:
        raise errors.conversion_refused("Name Fragment's reference.")
    if StarsConversion.objects.filter(reference=reference).exists():
        raise errors.conversion_refused("This withdrawal is in the books already.")


def _post(row: StarsConversion, found: Shares, received: Money) -> None:
    def xtr(amount: int) -> Money:
        return Money("XTR", amount)

    memo = f"{row.stars} Stars through Fragment, {row.reference}"
    ledger.post(
        key=f"stars:{row.pk}:correction",
        kind=LedgerEntry.Kind.CORRECTION,
        memo=memo,
        on=row.happened_on,
        legs=[
            Line(Kind.TELEGRAM_SHARE, "", xtr(-found.difference)),
            Line(Kind.RULE_DIFFERENCE, STARS, xtr(found.difference)),
        ],
    )
    ledger.post(
        key=f"stars:{row.pk}:exchange",
        kind=LedgerEntry.Kind.EXCHANGE,
        memo=memo,
        on=row.happened_on,
        legs=[
            Line(Kind.PSP_CLEARING, STARS, xtr(-row.stars)),
            Line(Kind.TELEGRAM_SHARE, "", xtr(found.real)),
            Line(Kind.FX, "", xtr(row.stars - found.real)),
            Line(Kind.FX, "", -received),
            Line(Kind.BANK, ASSETS[received.asset], received),
        ],
    )
