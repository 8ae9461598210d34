"""Opening a case: a difference that somebody has to look at, once however often it is seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from django.utils import timezone

from payments.models import Case

log = structlog.get_logger(__name__)


def case_open(
    *,
    kind: Case.Kind,
    source: str,
    key: str,
    ours: str,
    theirs: str,
    details: Mapping[str, Any] | None = None,
) -> Case:
    """The open case of this difference; made when there is none."""
    values = {
        "ours": ours[:80],
        "theirs": theirs[:80],
        "details": dict(details or {}),
        "seen_at": timezone.now(),
    }
    case, new = Case.objects.update_or_create(
        kind=kind, source=source, key=key, closed_at=None, defaults=values
    )
    if new:
        log.warning("case_opened", kind=kind, source=source, key=key)
    return case
