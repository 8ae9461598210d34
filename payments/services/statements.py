"""A payee's month, read off the ledger: every leg of what he earned, and his balance along it.

The balance is what the shop owes; what a contract paid on chain is told beside it. An entry counts
to the month in which it was posted, by the database's clock in UTC. One process writes statements
and numbers them, a while after the month's end, when no entry can appear in it any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import User
from core import audit, locks
from core.money import DECIMALS
from payments.models import LedgerAccount, LedgerEntry, Leg, Payout, Statement
from payments.services.earnings import PAYABLE, accounts_of, direct_of, payee_of

Kind = LedgerAccount.Kind
GRACE: Final = timedelta(hours=1)  # longer than any transaction lives
BATCH: Final = 200
_METHODS: Final = {
    "ton": "TON wallet", "stars": "Telegram Stars", "sbp": "SBP", "stripe": "Card",
    "binance": "Binance Pay",
}  # fmt: skip
# The parts of a sale in the order of the waterfall; what is left is the payee's.
_PARTS: Final = (
    ("VAT", (Kind.TAX_VAT,)),
    ("Telegram's share", (Kind.TELEGRAM_SHARE,)),
    ("Provider's fee", (Kind.PSP_FEES,)),
    ("Borne by the shop", (Kind.LOSSES,)),
    ("Platform", (Kind.PLATFORM_REVENUE, Kind.REFERRAL_PAYABLE)),
    ("Other shares", (Kind.ARTIST_PAYABLE, Kind.ARTIST_REVENUE)),
    ("Rounding", (Kind.ROUNDING,)),
)


@dataclass(frozen=True, slots=True)
class Own:
    """Which accounts are the payee's."""

    payable: frozenset[tuple[str, str]]
    direct: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, user: User) -> Own:
        return cls(
            frozenset((str(kind), owner) for kind, owner in accounts_of(user)),
            frozenset((str(Kind.ARTIST_REVENUE), owner) for owner in direct_of(user)),
        )

    def where(self, *, direct: bool = True) -> Q:
        found = Q(pk__isnull=True)
        for kind, owner in self.payable | (self.direct if direct else frozenset()):
            found |= Q(account__kind=kind, account__owner=owner)
        return found


def statements_make(*, now: datetime | None = None, limit: int = BATCH) -> int:
    """Write what is missing of last month's statements; how many were written."""
    now = now or timezone.now()
    month = _month_before(now)
    if now < _end(month) + GRACE:
        return 0
    written = 0
    for payee in _payees(month):
        if written == limit:
            break
        written += statement_make(payee=payee, month=month, now=now) is not None
    return written


@transaction.atomic
def statement_make(*, payee: User, month: date, now: datetime | None = None) -> Statement | None:
    """One payee's month; none when it has been written, or nothing moved and nothing is owed.

    Raises ValueError for a month that is not over for GRACE yet.
    """
    now = now or timezone.now()
    if month.day != 1 or now < _end(month) + GRACE:
        raise ValueError(f"{month} is not the first day of a month that is over")
    locks.lock("statements")
    if Statement.objects.filter(payee=payee, month=month).exists():
        return None
    content = _content(payee, month)
    if content is None:
        return None
    year = now.astimezone(UTC).year
    last = Statement.objects.filter(year=year).order_by("-number").first()
    made = Statement.objects.create(
        year=year,
        number=last.number + 1 if last else 1,
        payee=payee,
        month=month,
        content=content,
        issued_at=now,
    )
    audit.record(actor="statements", action="payments.statement_written", target=made)
    return made


def _payees(month: date) -> Iterable[User]:
    """Everybody who was ever credited anything and has no statement of the month, in order."""
    accounts = LedgerAccount.objects.filter(kind__in=(*PAYABLE, Kind.ARTIST_REVENUE))
    written = set(Statement.objects.filter(month=month).values_list("payee_id", flat=True))
    found: dict[str, User] = {}
    for kind, owner in accounts.values_list("kind", "owner").distinct():
        payee = payee_of(Kind(kind), owner)
        if payee is not None and payee.pk not in written:
            found[str(payee.pk)] = payee
    return [found[key] for key in sorted(found)]


def _content(payee: User, month: date) -> dict[str, Any] | None:
    own = Own.of(payee)
    opening = _sums(own, until=_start(month))
    balance = dict(opening)
    entries = [told for entry in _entries(own, month) for told in _told(entry, own, balance)]
    if not entries and not any(opening.values()):
        return None
    assets = [one for one in DECIMALS if one in {*balance, *(told["asset"] for told in entries)}]
    return {
        "payee": {"id": str(payee.pk), "name": str(payee)},
        "month": f"{month:%Y-%m}",
        "assets": [_summary(asset, opening, balance, entries) for asset in assets],
        "entries": entries,
    }


def _sums(own: Own, until: datetime) -> dict[str, int]:
    """What the shop owed at a moment, by asset."""
    rows = Leg.objects.filter(own.where(direct=False), entry__posted_at__lt=until).order_by()
    return {
        row["asset"]: -int(row["total"])
        for row in rows.values("asset").annotate(total=Sum("amount"))
    }


def _entries(own: Own, month: date) -> Iterator[LedgerEntry]:
    mine = Leg.objects.filter(own.where()).values("entry")
    rows = LedgerEntry.objects.filter(
        pk__in=mine, posted_at__gte=_start(month), posted_at__lt=_end(month)
    )
    rows = rows.select_related("order__collection__release", "attempt")
    yield from rows.prefetch_related("legs__account").order_by("posted_at", "id")


def _told(entry: LedgerEntry, own: Own, balance: dict[str, int]) -> Iterator[dict[str, Any]]:
    """What an entry did to the payee, one part an asset; moves the running balance along."""
    legs = list(entry.legs.all())
    for asset in sorted({leg.asset for leg in legs}):
        there = [leg for leg in legs if leg.asset == asset]
        payable = _credit(leg for leg in there if _name(leg) in own.payable)
        direct = _credit(leg for leg in there if _name(leg) in own.direct)
        if not payable and not direct:
            continue
        balance[asset] = balance.get(asset, 0) + payable
        yield {
            "at": entry.posted_at.astimezone(UTC).isoformat(timespec="seconds"),
            "entry": str(entry.pk),
            "kind": _kind(entry, payable),
            "what": _what(entry),
            "order": str(entry.order_id or ""),
            "method": _METHODS.get(entry.attempt.provider, "") if entry.attempt else "",
            "asset": asset,
            "lines": _lines(there, own, payable + direct),
            "share": payable + direct,
            "on_chain": direct,
            "balance": balance[asset],
        }


def _lines(legs: list[Leg], own: Own, share: int) -> list[list[Any]]:
    """Name and amount of each step from gross to the payee's share; together they make it.

    A referrer is told his reward alone: what a stranger paid is not his to know.
    """
    theirs = [leg for leg in legs if _name(leg) not in own.payable | own.direct]
    of_artist = any(
        leg.account.kind in (Kind.ARTIST_PAYABLE, Kind.ARTIST_REVENUE)
        for leg in legs
        if _name(leg) in own.payable | own.direct
    )
    if not of_artist or any(leg.account.kind == Kind.PAYOUTS_IN_FLIGHT for leg in legs):
        return []
    parts: list[list[Any]] = [
        [name, -_credit(leg for leg in theirs if leg.account.kind in kinds)]
        for name, kinds in _PARTS
    ]
    parts = [part for part in parts if part[1]]
    return [["Gross", share - sum(part[1] for part in parts)], *parts]


def _kind(entry: LedgerEntry, payable: int) -> str:
    """Which sum of the summary it belongs to."""
    if entry.key.startswith("payout:"):
        return "returned" if payable > 0 else "payout"
    return "earned" if entry.kind == LedgerEntry.Kind.SALE else "refund"


def _what(entry: LedgerEntry) -> str:
    if entry.key.startswith("payout:"):
        row = Payout.objects.filter(pk=entry.key.split(":")[1]).first()
        exchanged = f", as {row.paid}" if row is not None and row.coins is not None else ""
        return ("Returned" if entry.key.endswith(":returned") else "Paid out") + exchanged
    order = entry.order
    if order is None:
        return str(entry.get_kind_display())
    title = f"{order.quantity} of {order.collection.release.title}"
    return title if entry.kind == LedgerEntry.Kind.SALE else f"Taken back: {title}"


def _summary(
    asset: str, opening: dict[str, int], closing: dict[str, int], entries: list[dict[str, Any]]
) -> dict[str, Any]:
    there = [one for one in entries if one["asset"] == asset]

    def owed(kind: str) -> int:
        return sum(one["share"] - one["on_chain"] for one in there if one["kind"] == kind)

    return {
        "asset": asset,
        "opening": opening.get(asset, 0),
        "earned": owed("earned"),
        "refund": owed("refund"),
        "payout": owed("payout"),
        "returned": owed("returned"),
        "closing": closing.get(asset, 0),
        "on_chain": sum(one["on_chain"] for one in there),
    }


def _name(leg: Leg) -> tuple[str, str]:
    return (leg.account.kind, leg.account.owner)


def _credit(legs: Iterable[Leg]) -> int:
    return -sum(leg.amount for leg in legs)


def _start(month: date) -> datetime:
    return datetime.combine(month, time.min, UTC)


def _end(month: date) -> datetime:
    return _start((month + timedelta(days=31)).replace(day=1))


def _month_before(now: datetime) -> date:
    first = now.astimezone(UTC).date().replace(day=1)
    return (first - timedelta(days=1)).replace(day=1)
