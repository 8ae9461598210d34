"""How far the follower is behind, for metrics and for /health/ready in any process."""

from __future__ import annotations

import math
import time
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.utils import timezone

from core.ton.models import ChainCursor

READY_SILENCE: Final = timedelta(seconds=30)
READY_LAG_SECONDS: Final = 60


def lag_seconds(cursor: ChainCursor) -> float:
    """Chain time not handled yet; infinite before the follower has caught up for the first time."""
    if not cursor.synced_utime:
        return math.inf
    return max(0.0, time.time() - cursor.synced_utime)


def readiness() -> str | None:
    """For core.health: None when well, else what is wrong with the follower of the hub."""
    account = settings.TON_HUB_ADDRESS
    if not account:
        return "TON_HUB_ADDRESS is not set"
    cursor = ChainCursor.objects.filter(pk=account).first()
    if cursor is None or cursor.checked_at is None:
        return "the follower has not run yet"
    if cursor.gap_since is not None:
        return "no source continues the chain where we stopped"
    if cursor.checked_at < timezone.now() - READY_SILENCE:
        return "the follower is silent"
    if not cursor.synced_utime:
        return "the follower has not caught up yet"
    if lag_seconds(cursor) > READY_LAG_SECONDS:
        return f"the follower is {lag_seconds(cursor):.0f} s behind"
    return None
