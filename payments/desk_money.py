"""What the desk's home says about money: read from the books, and from the hub itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Exists, OuterRef, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from accounts.models import Wallet
from contracts import hub as contract
from core.desk.registry import Reading, tile
from core.money import Money
from core.ton import sources
from core.ton.addresses import raw
from core.ton.client import ChainError
from payments.models import ClaimRight, Dispute, LedgerAccount, Leg, PaymentAttempt, Refund
from payments.waiting import UNDER_WAY

_KEEP: Final = 30  # seconds: a home that several people have open asks the chain and the books once
_DAYS: Final = 14
_COIN: Final = 10**9
_DAY: Final = timedelta(days=1)
_URGENT: Final = timedelta(days=2)
_LOW: Final = 5 * _COIN  # of the minter's wallet: some batches' fees
_EMPTY: Final = _COIN
# A claim that could be minted and is not for so long: the signer sleeps, or nobody signs.
_SLOW: Final = timedelta(hours=1)


def _kept(key: str, read: Callable[[], Any]) -> Any:
    return cache.get_or_set(f"payments.desk.{key}", read, _KEEP)


def _sums(amounts: Sequence[tuple[str, int]]) -> str:
    return ", ".join(str(Money(asset, amount)) for asset, amount in amounts) or "0"


# --- what came in, and went back ------------------------------------------------------------------


@tile(
    "Gross of a day",
    link="admin:payments_paymentattempt_changelist?state__exact=confirmed",
    permission="payments.view_paymentattempt",
    order=11,
)
def gross_today() -> Reading:
    """Of the last 24 hours per asset; the bars are payments a day."""
    rows: list[tuple[date, str, int, int]] = _kept("gross", _gross)
    since = timezone.now() - _DAY
    paid = PaymentAttempt.objects.filter(
        state=PaymentAttempt.State.CONFIRMED, confirmed_at__gt=since
    )
    today = paid.order_by("asset").values_list("asset").annotate(sum=Sum("paid"))
    days: dict[date, list[tuple[str, int]]] = defaultdict(list)
    counts: dict[date, int] = defaultdict(int)
    for day, asset, amount, number in rows:
        days[day].append((asset, amount))
        counts[day] += number
    last = [timezone.now().date() - _DAY * back for back in reversed(range(_DAYS))]
    return Reading(
        _sums([(asset, int(amount or 0)) for asset, amount in today]),
        "in 24 hours; payments a day for two weeks",
        points=[(f"{day:%d %b}", counts[day]) for day in last],
        heads=("Day (UTC)", "Payments", "Gross"),
        rows=[(f"{day:%d %b}", str(counts[day]), _sums(days[day])) for day in reversed(last)],
    )


def _gross() -> list[tuple[date, str, int, int]]:
    since = timezone.now() - _DAY * _DAYS
    rows = (
        PaymentAttempt.objects.filter(state=PaymentAttempt.State.CONFIRMED, confirmed_at__gte=since)
        .annotate(day=TruncDate("confirmed_at"))
        .order_by("day", "asset")
        .values_list("day", "asset")
        .annotate(sum=Sum("paid"), number=Count("pk"))
    )
    return [(day, asset, int(amount or 0), number) for day, asset, amount, number in rows]


@tile(
    "Refunds of a day",
    link="admin:payments_refund_changelist",
    permission="payments.view_refund",
    order=12,
)
def refunds_today() -> Reading:
    made = Refund.objects.filter(created_at__gt=timezone.now() - _DAY).exclude(
        state__in=Refund.DEAD
    )
    sums = made.order_by("asset").values_list("asset").annotate(sum=Sum("amount"))
    states = dict(Refund.State.choices)
    rows = Refund.objects.filter(state__in=UNDER_WAY).order_by("state", "asset")
    open_ = rows.values_list("state", "asset").annotate(sum=Sum("amount"), number=Count("pk"))
    table = [
        (states[state], str(number), str(Money(asset, int(amount))))
        for state, asset, amount, number in open_
    ]
    number = sum(int(row[1]) for row in table)
    return Reading(
        _sums([(asset, int(amount)) for asset, amount in sums]),
        f"in 24 hours; {number} under way",
        heads=("Under way", "Refunds", "Money"),
        rows=table,
    )


@tile(
    "Open disputes",
    link="admin:payments_dispute_changelist?closed_at__isempty=1",
    permission="payments.view_dispute",
    order=13,
)
def disputes_open() -> Reading:
    """With the day by which each has to be answered, the nearest first."""
    rows = list(Dispute.objects.filter(closed_at__isnull=True).order_by("answer_by", "id")[:20])
    now = timezone.now()
    nearest = next((row.answer_by for row in rows if row.answer_by), None)
    if not rows:
        return Reading(0, "nobody asks for money back", "good")
    urgent = nearest is not None and nearest - now < _URGENT
    return Reading(
        Dispute.objects.filter(closed_at__isnull=True).count(),
        f"answer by {nearest:%d %b %Y}" if nearest else "no day named",
        "bad" if urgent else "warn",
        heads=("Dispute", "Money", "Answer by"),
        rows=[
            (row.external_id, str(Money(row.asset, row.amount)),
             f"{row.answer_by:%d %b, %H:%M}" if row.answer_by else "")
            for row in rows
        ],
    )  # fmt: skip


# --- what is owed ---------------------------------------------------------------------------------


@tile(
    "Editions paid for, not minted",
    link="admin:payments_claimright_changelist?state__exact=open",
    permission="payments.view_claimright",
    order=14,
)
def claims_unsettled() -> Reading:
    """Why each group waits, and since when; late only where nothing is in its way."""
    now = timezone.now()
    proved = Wallet.objects.filter(user=OuterRef("holder"), revoked_at__isnull=True)
    rows = (
        ClaimRight.objects.filter(state__in=(ClaimRight.State.OPEN, ClaimRight.State.SETTLING))
        .annotate(wallet=Exists(proved))
        .values_list("state", "frozen", "hold_until", "wallet", "quantity", "created_at")
    )
    groups: dict[str, list[tuple[int, datetime]]] = defaultdict(list)
    for state, frozen, hold_until, wallet, quantity, created in rows:
        why = _why(state, hold_until, now, frozen=frozen, wallet=wallet)
        groups[why].append((quantity, max(created, hold_until)))
    ready = groups.get(_READY, [])
    oldest = min((since for _, since in ready), default=now)
    late = now - oldest > _SLOW
    total = sum(quantity for group in groups.values() for quantity, _ in group)
    return Reading(
        total,
        f"ready for {_age(now - oldest)}" if ready else "none is ready",
        "bad" if late else "",
        points=[(why, sum(quantity for quantity, _ in groups.get(why, []))) for why in _WHYS],
        heads=("Why they wait", "Editions", "Oldest"),
        rows=[
            (why, str(sum(quantity for quantity, _ in group)),
             _age(now - min(since for _, since in group)))
            for why, group in sorted(groups.items())
        ],
    )  # fmt: skip


_READY: Final = "ready for the next settlement"
_WHYS: Final = (_READY, "in a settlement", "the hold", "no wallet yet", "a dispute")


def _why(state: str, hold_until: datetime, now: datetime, *, frozen: bool, wallet: bool) -> str:
    if state == ClaimRight.State.SETTLING:
        return "in a settlement"
    if frozen:
        return "a dispute"
    if hold_until > now:
        return "the hold"
    return _READY if wallet else "no wallet yet"


def _age(span: timedelta) -> str:
    if span < timedelta(0):
        return "not yet"
    if span.days:
        return f"{span.days} d"
    hours, minutes = span.seconds // 3600, span.seconds % 3600 // 60
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


@tile(
    "At the providers",
    link="admin:payments_ledgeraccount_changelist?kind__exact=psp_clearing",
    permission="payments.view_ledgeraccount",
    order=15,
)
def clearing() -> Reading:
    """By our books; reconciliation compares it with what they say."""
    rows = (
        Leg.objects.filter(account__kind=LedgerAccount.Kind.PSP_CLEARING)
        .order_by("account__owner", "asset")
        .values_list("account__owner", "asset")
        .annotate(sum=Sum("amount"))
    )
    held = [(owner, Money(asset, int(amount))) for owner, asset, amount in rows if amount]
    sums: dict[str, int] = defaultdict(int)
    for _, money in held:
        sums[money.asset] += money.amount
    return Reading(
        _sums(sorted(sums.items())),
        "paid there and not paid out to us",
        heads=("Provider", "Money"),
        rows=[(owner, str(money)) for owner, money in held],
    )


# --- the hub --------------------------------------------------------------------------------------


def _hub() -> dict[str, int] | None:
    """What the hub and its minter have now, in nano and editions; none: nobody answers."""
    hub = settings.TON_HUB_ADDRESS
    chain = sources.client()
    try:
        data = contract.parse_hub_data(chain.run_get(hub, "get_hub_data"))
        limits = contract.parse_limits(chain.run_get(hub, "get_limits"))
        return {
            "balance": chain.account(hub).balance,
            "minter": chain.account(raw(data.minter)).balance,
            "minter_left": limits.minter_left,
            "minter_cap": limits.minter_cap,
            "payer_left": limits.payer_left,
            "payer_cap": limits.payer_cap,
            "paused": int(data.paused),
        }
    except ChainError:
        return None


_AWAY: Final = Reading("?", "the chain does not answer", "warn")


def _coins(nano: int) -> str:
    """To a thousandth of a coin, rounded down: a tile is read at a glance."""
    return str(Money(settings.NATIVE_COIN, nano - nano % (_COIN // 1000)))


@tile(
    "The hub",
    link="admin:payments_settlement_changelist",
    permission="payments.view_settlement",
    order=16,
)
def hub() -> Reading:
    """Its coins, and what minter and payer may still do today."""
    if not settings.TON_HUB_ADDRESS:
        return Reading("none", "TON_HUB_ADDRESS is not set", "warn")
    known = _kept("hub", _hub)
    if known is None:
        return _AWAY
    spent = known["minter_left"] == 0 or bool(known["paused"])
    note = "paused: it mints nothing" if known["paused"] else (
        f"{known['minter_left']} of {known['minter_cap']} editions may be minted today"
    )  # fmt: skip
    return Reading(
        _coins(known["balance"]),
        note,
        "bad" if spent else "",
        heads=("Allowance of today", "Left", "Of"),
        rows=[
            ("Minter, editions", str(known["minter_left"]), str(known["minter_cap"])),
            ("Payer", _coins(known["payer_left"]), _coins(known["payer_cap"])),
        ],
    )


@tile(
    "The minter's float",
    link="admin:payments_settlement_changelist",
    permission="payments.view_settlement",
    order=17,
)
def minter() -> Reading:
    """What the minter's wallet has for fees; most of what a batch attaches comes back."""
    if not settings.TON_HUB_ADDRESS:
        return Reading("none", "TON_HUB_ADDRESS is not set", "warn")
    known = _kept("hub", _hub)
    if known is None:
        return _AWAY
    nano = known["minter"]
    if nano < _LOW:
        return Reading(_coins(nano), "send it some coins", "bad" if nano < _EMPTY else "warn")
    return Reading(_coins(nano), "enough for fees", "good")
