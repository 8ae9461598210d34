"""How a gateway has done lately, as one value, and what one more answer makes of it.

A circuit opens after FAILURES failures in a row, or when most of the last answers were failures. It
stays open for a pause that doubles with every time; then one request may try (half-open), and its
outcome closes it or opens it for longer. What it asks for itself (Retry-After) is kept to as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Literal, TypeAlias

from core.ipfs.gateways.base import Limits, Outcome

State: TypeAlias = Literal["closed", "open", "half_open"]
Change: TypeAlias = Literal["", "opened", "closed"]

ALPHA: Final = 0.2  # weight of the newest answer in the moving averages
FAILURES: Final = 4  # in a row
RATE_SEEN: Final = 10  # answers before a bad average alone opens it
RATE_LEAST: Final = 0.5
PAUSE: Final = 5.0  # seconds
LONGEST_PAUSE: Final = 600.0
FORGIVEN: Final = 900.0  # seconds in use after which earlier openings are forgotten
KEPT: Final = 64  # first bytes, for p95
ENOUGH: Final = 8  # of them, before p95 says anything
# It lacks something, or was in a hurry for us: that says nothing about how well it works.
_NEUTRAL: Final = frozenset({"missing"})


@dataclass(frozen=True, slots=True)
class Health:
    """first_byte: seconds, moving average, 0 when unknown. success: 0..1. Moments: Unix time."""

    first_byte: float = 0.0
    success: float = 1.0
    seen: int = 0
    failures: int = 0
    opened_at: float = 0.0
    open_until: float = 0.0
    openings: int = 0
    busy_until: float = 0.0
    recent: Sequence[float] = field(default=())

    def state(self, now: float) -> State:
        if not self.openings or not self.open_until:
            return "closed"
        return "open" if now < self.open_until else "half_open"

    def resting(self, now: float) -> float:
        """Seconds that it is not to be asked; 0 when it may be."""
        return max(0.0, self.open_until - now, self.busy_until - now)

    def p95(self) -> float | None:
        if len(self.recent) < ENOUGH:
            return None
        return sorted(self.recent)[len(self.recent) * 95 // 100]

    def hedge_after(self, limits: Limits) -> float:
        """Seconds after which a second gateway is worth asking."""
        usual = self.p95()
        if usual is None:
            return limits.hedge_unknown
        return min(max(usual, limits.hedge_least), limits.hedge_most)

    def weight(self, unknown: float) -> float:
        """How often it is chosen within its tier: fast and dependable ones most.

        unknown: the first byte in seconds that one who was never asked is credited with.
        """
        first = max(self.first_byte or unknown, 0.005)
        return float(max(self.success, 0.05) ** 3 / first)


def observed(
    before: Health,
    outcome: Outcome,
    *,
    now: float,
    first_byte: float | None = None,
    retry_after: float = 0.0,
) -> tuple[Health, Change]:
    """The health after one more answer, and whether its circuit has changed."""
    if outcome in _NEUTRAL:
        return before, ""
    if outcome == "ok":
        return _better(before, now, first_byte)
    if outcome == "busy":
        return replace(before, busy_until=max(before.busy_until, now + retry_after)), ""
    return _worse(before, now)


def _better(before: Health, now: float, first_byte: float | None) -> tuple[Health, Change]:
    recent = before.recent
    average = before.first_byte
    if first_byte is not None:
        recent = (*recent, round(first_byte, 4))[-KEPT:]
        average = _moved(average, first_byte) if average else first_byte
    was_open = before.state(now) != "closed"
    forgiven = not was_open and now - before.opened_at > FORGIVEN
    after = replace(
        before,
        first_byte=average,
        # Back from an opening it starts anew, or the old failures would open it at once.
        success=1.0 if was_open else _moved(before.success, 1.0),
        seen=1 if was_open else before.seen + 1,
        failures=0,
        open_until=0.0,
        openings=0 if forgiven else before.openings,
        recent=recent,
    )
    return after, "closed" if was_open else ""


def _worse(before: Health, now: float) -> tuple[Health, Change]:
    state = before.state(now)
    after = replace(
        before,
        success=_moved(before.success, 0.0),
        seen=before.seen + 1,
        failures=before.failures + 1,
    )
    often = after.seen >= RATE_SEEN and after.success < RATE_LEAST
    if state == "open" or (state == "closed" and after.failures < FAILURES and not often):
        return after, ""
    pause = min(PAUSE * 2.0 ** min(before.openings, 12), LONGEST_PAUSE)
    return (
        replace(after, opened_at=now, open_until=now + pause, openings=before.openings + 1),
        "opened" if state == "closed" else "",
    )


def _moved(average: float, value: float) -> float:
    return average + ALPHA * (value - average)
