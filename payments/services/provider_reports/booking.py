"""Looking at a report and posting it: all its lines in one transaction, each entry once.

A line that cannot be placed opens a case and stays out; posting again takes what fits by then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.money import Money
from payments import errors, ledger
from payments.models import Case, LedgerAccount, LedgerEntry, ProviderReport, ProviderReportLine
from payments.providers.report import LineKind
from payments.services.provider_reports.placing import Placed, place

Kind = LedgerAccount.Kind
State = ProviderReport.State
_CASES: Final = "report"


@dataclass(slots=True)
class Sum:
    """What the lines of one asset make. Minor units.

    gross: what leaves the clearing account; net: what comes to the bank; difference: what they
    kept beyond our rules.
    """

    asset: str
    lines: int = 0
    gross: int = 0
    net: int = 0
    difference: int = 0
    unplaced: int = 0
    unplaced_net: int = 0

    def money(self) -> dict[str, Money]:
        """Every amount by its name. fee: all that they kept; ours: the part by our rules."""
        fee = self.gross - self.net
        amounts = {
            "gross": self.gross, "fee": fee, "net": self.net, "ours": fee - self.difference,
            "unplaced_net": self.unplaced_net, "difference": self.difference,
        }  # fmt: skip
        return {name: Money(self.asset, amount) for name, amount in amounts.items()}


@dataclass(frozen=True, slots=True)
class Preview:
    """What posting would do now."""

    sums: list[Sum]
    rows: list[tuple[ProviderReportLine, Placed]] = field(default_factory=list)

    @property
    def unplaced(self) -> list[tuple[ProviderReportLine, Placed]]:
        return [(line, placed) for line, placed in self.rows if placed.why]


def report_preview(report: ProviderReport) -> Preview:
    """Every line with where it belongs, and what they make. Writes nothing."""
    rows = [(line, place(line)) for line in _open(report)]
    return Preview(_sums(rows), rows)


def _open(report: ProviderReport) -> Iterable[ProviderReportLine]:
    lines: Iterable[ProviderReportLine] = report.lines.exclude(
        state=ProviderReportLine.State.POSTED
    ).order_by("number")
    return lines


def _sums(rows: list[tuple[ProviderReportLine, Placed]]) -> list[Sum]:
    found: dict[str, Sum] = {}
    for line, placed in rows:
        one = found.setdefault(line.asset, Sum(line.asset))
        one.lines += 1
        if placed.why:
            one.unplaced += 1
            one.unplaced_net += line.net
            continue
        for leg in placed.legs:
            if leg.kind == Kind.PSP_CLEARING:
                one.gross -= leg.money.amount
            elif leg.kind == Kind.BANK:
                one.net += leg.money.amount
            elif leg.kind == Kind.RULE_DIFFERENCE:
                one.difference += leg.money.amount
    return sorted(found.values(), key=lambda one: one.asset)


@transaction.atomic
def report_post(*, report_id: UUID, actor: User) -> ProviderReport:
    """Post what can be placed; open a case for each other line, close those that have gone.

    Raises ApplicationError report_not_open (409).
    """
    report = ProviderReport.objects.select_for_update().get(pk=report_id)
    waiting = list(_open(report))
    if report.state == State.DISCARDED or not waiting:
        raise errors.report_not_open("There is nothing left to post.")
    posted = 0
    for line in waiting:
        placed = place(line)
        if placed.why:
            _leave(line, placed)
        else:
            _book(line, placed)
            posted += 1
    if report.state == State.DRAFT:
        report.state, report.posted_by = State.POSTED, actor
        report.posted_at = timezone.now()
        report.save(update_fields=["state", "posted_by", "posted_at"])
    audit.record(
        actor=actor,
        action="payments.report_posted",
        target=report,
        after={"posted": posted, "unplaced": len(waiting) - posted},
    )
    return report


def _book(line: ProviderReportLine, placed: Placed) -> None:
    fee = line.kind == LineKind.FEE.value
    ledger.post(
        key=f"report:{line.source}:{line.key}",
        kind=LedgerEntry.Kind.FEE if fee else LedgerEntry.Kind.CLEARING,
        order=placed.attempt.order if placed.attempt else None,
        attempt=placed.attempt,
        memo=f"{line.report.name}, line {line.number}",
        on=line.day,
        legs=placed.legs,
    )
    line.state, line.why = ProviderReportLine.State.POSTED, ""
    line.attempt, line.refund, line.dispute = placed.attempt, placed.refund, placed.dispute
    line.save(update_fields=["state", "why", "attempt", "refund", "dispute"])
    Case.objects.filter(
        kind=Case.Kind.REPORT, source=_CASES, key=_case(line), closed_at__isnull=True
    ).update(closed_at=timezone.now(), note="posted with its report")


def _leave(line: ProviderReportLine, placed: Placed) -> None:
    line.state, line.why = ProviderReportLine.State.UNPLACED, placed.why[:160]
    line.save(update_fields=["state", "why"])
    Case.objects.update_or_create(
        kind=Case.Kind.REPORT,
        source=_CASES,
        key=_case(line),
        closed_at=None,
        defaults={
            "ours": placed.why[:80],
            "theirs": f"{line.kind} {line.money('gross')}, net {line.money('net')}"[:80],
            "details": {"report": str(line.report_id), "line": line.number},
            "seen_at": timezone.now(),
        },
    )


def _case(line: ProviderReportLine) -> str:
    return f"{line.source} {line.key}"[:160]
