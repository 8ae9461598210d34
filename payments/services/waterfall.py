"""From gross to shares: the order of DESIGN's waterfall, each step its own line.

gross -> VAT within the price -> the provider's fee or Telegram's share -> the platform -> the
referrer, out of the platform's part -> artist and collaborators by split. Whole minor units;
every remainder goes to the platform, and the lines always make the gross.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from core.money import BPS, Money
from payments.models import LedgerAccount, ShareRule

Kind = LedgerAccount.Kind


@dataclass(frozen=True, slots=True)
class Rules:
    """What was in force for one method and asset. Basis points; `fee_fixed` in minor units."""

    vat_bps: int = 0
    fee_bps: int = 0
    fee_fixed: int = 0
    telegram_bps: int = 0


@dataclass(frozen=True, slots=True)
class Share:
    """A payee of the artist's part. owner: "artist:<id>" or "user:<id>"; bps make 10 000."""

    owner: str
    bps: int


@dataclass(frozen=True, slots=True)
class Step:
    """One line: who gets what, and the account that says so."""

    kind: LedgerAccount.Kind
    owner: str
    money: Money


# From the first day on; rows of the table take over from their own days.
FIRST: Final = (
    ShareRule(
        method="stars",
        asset="XTR",
        kind=ShareRule.Kind.TELEGRAM_SHARE,
        bps=3000,
        starts_on=date(2026, 1, 1),
        reason="Telegram's share of Stars, until a payout tells the real one.",
    ),
)


def rules_at(*, method: str, asset: str, at: datetime) -> Rules:
    """The rules of the day (UTC) of `at`; what no rule speaks of is zero."""
    newest: dict[str, ShareRule] = {row.kind: row for row in FIRST if _of(row, method, asset)}
    rows = ShareRule.objects.filter(
        method=method, asset=asset, starts_on__lte=at.astimezone(UTC).date()
    )
    for row in rows.order_by("starts_on"):
        newest[row.kind] = row
    vat = newest.get(ShareRule.Kind.VAT)
    fee = newest.get(ShareRule.Kind.PROVIDER_FEE)
    telegram = newest.get(ShareRule.Kind.TELEGRAM_SHARE)
    return Rules(
        vat_bps=vat.bps if vat else 0,
        fee_bps=fee.bps if fee else 0,
        fee_fixed=fee.fixed if fee else 0,
        telegram_bps=telegram.bps if telegram else 0,
    )


def split(
    *,
    gross: Money,
    rules: Rules,
    acquirer: str,
    platform_bps: int,
    referrer: str,
    referral_bps: int,
    shares: Sequence[Share],
    fee: Money | None = None,
) -> list[Step]:
    """The lines of one sale, none below zero, in sum `gross`; lines of zero are left out.

    fee: what the provider truly kept, where it tells; else the rule's. A fee above what is left
    takes all of it, and nothing remains to be shared.
    """
    vat = Money(gross.asset, gross.amount * rules.vat_bps // (BPS + rules.vat_bps))
    rest = gross - vat
    telegram = gross.share(rules.telegram_bps)
    charged = fee if fee is not None else gross.share(rules.fee_bps) + _fixed(gross, rules)
    telegram = min(telegram, rest)
    charged = min(charged, rest - telegram)
    rest = rest - telegram - charged
    artist = rest - rest.share(platform_bps)
    reward = rest.share(platform_bps).share(referral_bps) if referrer else _zero(gross)
    parts = artist.split([one.bps for one in shares])
    steps = [
        Step(Kind.TAX_VAT, "", vat),
        Step(Kind.TELEGRAM_SHARE, "", telegram),
        Step(Kind.PSP_FEES, acquirer, charged),
        Step(Kind.PLATFORM_REVENUE, "", rest - artist - reward),
        Step(Kind.REFERRAL_PAYABLE, referrer, reward),
        *(
            Step(Kind.ARTIST_PAYABLE, one.owner, part)
            for one, part in zip(shares, parts, strict=True)
        ),
    ]
    return [step for step in steps if step.money]


def _of(rule: ShareRule, method: str, asset: str) -> bool:
    return rule.method == method and rule.asset == asset


def _fixed(gross: Money, rules: Rules) -> Money:
    return Money(gross.asset, rules.fee_fixed)


def _zero(gross: Money) -> Money:
    return Money(gross.asset, 0)
