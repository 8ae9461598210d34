"""Taking a report: the file as it is, its lines as rows. Nothing is posted yet."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction

from accounts.models import User
from core import audit
from payments import errors
from payments.models import ProviderReport, ProviderReportLine
from payments.providers.binance.report import LAYOUT as BINANCE
from payments.providers.report import Layout, Line, ReportRefused, read
from payments.providers.sbp.report import TBANK, YOOKASSA
from payments.providers.stripe.report import LAYOUT as STRIPE

# By acquirer. Stars have no report: their withdrawals are typed in (services.conversions).
LAYOUTS: Final[Mapping[str, Layout]] = {
    "stripe": STRIPE,
    "yookassa": YOOKASSA,
    "tbank": TBANK,
    "binance": BINANCE,
}


@transaction.atomic
def report_take(*, source: str, name: str, body: bytes, actor: User) -> ProviderReport:
    """Read a report and keep it as a draft.

    Raises ApplicationError report_refused (400) with the line and the reason, when the file is
    known already too; nothing of it is kept then.
    """
    layout = LAYOUTS.get(source)
    if layout is None:
        raise errors.report_refused("There is no report of this provider.")
    sha256 = hashlib.sha256(body).hexdigest()
    known = ProviderReport.objects.filter(sha256=sha256).exclude(
        state=ProviderReport.State.DISCARDED
    )
    if same := known.first():
        raise errors.report_refused(f"This file was taken before: {same}.")
    try:
        lines = read(layout, body)
        _refuse_known(source, lines)
    except ReportRefused as refusal:
        raise errors.report_refused(str(refusal).capitalize() + ".") from refusal
    report = ProviderReport.objects.create(
        source=source, name=name[:160], sha256=sha256, body=body, uploaded_by=actor
    )
    ProviderReportLine.objects.bulk_create([_row(report, line) for line in lines], batch_size=1000)
    audit.record(
        actor=actor,
        action="payments.report_taken",
        target=report,
        after={"source": source, "sha256": sha256, "lines": len(lines)},
    )
    return report


def _refuse_known(source: str, lines: list[Line]) -> None:
    """A line that stands in another report that is not thrown away is not counted twice."""
    taken = dict(
        ProviderReportLine.objects.filter(source=source, key__in=[line.key for line in lines])
        .exclude(report__state=ProviderReport.State.DISCARDED)
        .values_list("key", "report__name")
    )
    for line in lines:
        if line.key in taken:
            raise ReportRefused(line.number, f"{line.key} stands in {taken[line.key]} already")


def _row(report: ProviderReport, line: Line) -> ProviderReportLine:
    return ProviderReportLine(
        report=report,
        source=report.source,
        number=line.number,
        kind=line.kind.value,
        key=line.key[:160],
        reference=line.reference[:128],
        other=line.other[:128],
        asset=line.net.asset,
        gross=line.gross.amount,
        fee=line.fee.amount,
        net=line.net.amount,
        day=line.day,
    )


@transaction.atomic
def report_discard(*, report_id: UUID, actor: User) -> ProviderReport:
    """Throw a draft away; the same file may then be taken again.

    Raises ApplicationError report_not_open (409).
    """
    report = ProviderReport.objects.select_for_update().get(pk=report_id)
    if report.state != ProviderReport.State.DRAFT:
        raise errors.report_not_open("Only what is not posted can be thrown away.")
    report.state = ProviderReport.State.DISCARDED
    report.save(update_fields=["state"])
    audit.record(actor=actor, action="payments.report_discarded", target=report)
    return report
