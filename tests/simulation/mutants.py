"""Faults planted in the source, one at a time: each must be noticed.

`make mutants` copies the source, plants a mutant, and runs the tests of money over it. A mutant
that survives means that nothing looks where it was planted.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ("catalog", "contracts", "deploy", "nft", "payments", "platform", "referrals",
                  "templates", "tests", "static")  # fmt: skip
FILES: Final = ("manage.py", "pyproject.toml")
TESTS: Final = (
    "tests/payments/test_off_chain.py", "tests/payments/test_stars.py",
    "tests/payments/settlement", "tests/payments/test_payouts.py",
    "tests/payments/test_binance.py", "tests/simulation/test_simulation.py",
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """`before` becomes `after` in a file; it must be there exactly once."""

    name: str
    path: str
    before: str
    after: str


MUTANTS: Final = (
    Mutant(
        "confirm without asking whether the payment is known",
        "payments/services/outcomes.py",
        "    if known is not None:\n        known.order = order",
        "    if known is not None and False:\n        known.order = order",
    ),
    Mutant(
        "a second payment of a link taken for the first",
        "payments/services/outcomes.py",
        "    if attempt.state == Try.CONFIRMED:\n        attempt = _second(order, attempt, cause)",
        "    if attempt.state == Try.CONFIRMED:\n        return attempt",
    ),
    Mutant(
        "a duplicate is not sent back",
        "payments/services/outcomes.py",
        "        _send_back(order, attempt, reasons.DUPLICATE, cause)",
        "        pass",
    ),
    Mutant(
        "a late payment is always taken",
        "payments/services/outcomes.py",
        "    except ApplicationError:\n        return False\n    return True",
        "    except ApplicationError:\n        return True\n    return True",
    ),
    Mutant(
        "a wrong amount is as good as the right one",
        "payments/services/outcomes.py",
        "    elif {Flag.SHORT, Flag.OVER, Flag.FOREIGN_CURRENCY} & set(flags):",
        "    elif False:",
    ),
    Mutant(
        "Telegram's share is forgotten",
        "payments/services/waterfall.py",
        "    telegram = gross.share(rules.telegram_bps)",
        "    telegram = gross.share(0)",
    ),
    Mutant(
        "the provider's fee is forgotten",
        "payments/services/waterfall.py",
        "    charged = fee if fee is not None else",
        "    charged = _zero(gross) if fee is not None else",
    ),
    Mutant(
        "a reservation is not given back",
        "payments/services/reservations.py",
        "    if kept.update(state=State.RELEASED) != 1:\n        return False",
        "    if kept.update(state=State.RELEASED) != 1 or True:\n        return False",
    ),
    Mutant(
        "a reservation is given back twice",
        "payments/services/reservations.py",
        "    if kept.update(state=State.RELEASED) != 1:\n        return False",
        "    kept.update(state=State.RELEASED)",
    ),
    Mutant(
        "more is reserved than the quota holds",
        "payments/services/reservations.py",
        '" WHERE collection_id = %s AND taken + %s <= %s",',
        '" WHERE collection_id = %s AND taken + %s <= %s + 1000",',
    ),
    Mutant(
        "the hold is not waited for",
        "payments/services/settlement/building.py",
        "            hold_until__lte=now,\n",
        "",
    ),
    Mutant(
        "a frozen claim is minted",
        "payments/services/settlement/building.py",
        "            frozen=False,\n",
        "",
    ),
    Mutant(
        "a foreign batch is taken for ours",
        "payments/services/settlement/accepting.py",
        "    if row is None or row.orders_sha256 != orders_sha256:",
        "    if row is None:",
    ),
    Mutant(
        "a returned part is forgotten",
        "payments/services/settlement/accepting.py",
        "            claims.claim_returned(claim=line.claim, cause=cause)",
        "            pass",
    ),
    Mutant(
        "a refund leaves the claim",
        "payments/services/refunds.py",
        "    if whole and not duplicate and (claims.claim_revoke(order=order) or waiting):",
        "    if whole and not duplicate and waiting:",
    ),
    Mutant(
        "a refund is booked before it is done",
        "payments/services/refunds.py",
        "    if told.status is RefundStatus.DONE:\n        _done(order, refund)",
        "    if told.status is not RefundStatus.ABSENT:\n        _done(order, refund)",
    ),
    Mutant(
        "a refund that failed late stays booked",
        "payments/services/refunds.py",
        "        posting.refund_done_reverse(refund=refund, order=order)",
        "        pass",
    ),
    Mutant(
        "a dispute does not freeze",
        "payments/services/disputes.py",
        "    claims.claim_freeze(order=order, frozen=True)",
        "    claims.claim_freeze(order=order, frozen=False)",
    ),
    Mutant(
        "anybody may pay anybody's invoice",
        "payments/telegram.py",
        "    if order.user is None or order.user.telegram_id != query.get",
        "    if order.user is None or False and order.user.telegram_id != query.get",
    ),
    Mutant(
        "one person approves his own payout",
        "payments/services/payouts.py",
        "    if batch.created_by_id == actor.pk:",
        "    if False:",
    ),
    Mutant(
        "what was taken back is paid out",
        "payments/services/payouts.py",
        "    if owed < row.money:",
        "    if False:",
    ),
    Mutant(
        "Binance Pay is offered inside Telegram",
        "payments/services/policy.py",
        '    ("telegram", "nft", "binance"): Decision(allowed=False, reason=_NEVER),',
        '    ("telegram", "nft", "binance"): Decision(allowed=True, reason=_NEVER),',
    ),
)


def planted(mutant: Mutant, folder: Path) -> None:
    """Plant it in a copy. Raises ValueError when its place is not there exactly once."""
    path = folder / mutant.path
    text = path.read_text()
    if text.count(mutant.before) != 1:
        raise ValueError(f"{mutant.name}: {text.count(mutant.before)} places in {mutant.path}")
    path.write_text(text.replace(mutant.before, mutant.after))


def copied(folder: Path) -> None:
    for name in SOURCES:
        ignore = shutil.ignore_patterns("__pycache__", "node_modules")
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)


def killed(mutant: Mutant) -> bool:
    """Whether the tests notice it."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        copied(folder)
        planted(mutant, folder)
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *TESTS, "-x", "-q", "-p", "no:cacheprovider"],
            cwd=folder,
            env={**os.environ, "SEEDS": "2", "STEPS": "150"},
            capture_output=True,
            text=True,
            check=False,
        )
        # 1: tests failed. Anything else but 0 is no verdict.
        if done.returncode not in (0, 1):
            raise RuntimeError(f"{mutant.name}: {done.stdout[-800:]}{done.stderr[-800:]}")
        return done.returncode == 1


def main() -> int:
    survivors = []
    for mutant in MUTANTS:
        dead = killed(mutant)
        print(f"{'killed  ' if dead else 'SURVIVED'}  {mutant.name}", flush=True)
        if not dead:
            survivors.append(mutant.name)
    print(f"{len(MUTANTS) - len(survivors)} of {len(MUTANTS)} mutants killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
