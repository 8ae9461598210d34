"""What is planted in the source of money: each is a mistake that somebody could make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Mutant:
    """`before` becomes `after` in a file; it must be there exactly once.

    tests: which have to notice it; the tests of money when there are none.
    """

    name: str
    path: str
    before: str
    after: str
    tests: tuple[str, ...] = ()


MUTANTS: Final = (
    Mutant(
        "confirm without asking whether the payment is known",
        "payments/services/outcomes.py",
        "    if known is not None:\n        known.order = order",
        "    if known is not None and False:\n        known.order = order",
        tests=(
            "tests/payments/test_off_chain.py::test_a_refund_before_the_mint_revokes_the_claim",
        ),
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
        tests=(
            (
                "tests/payments/settlement/test_batches.py"
                "::test_a_claim_that_must_wait_is_not_in_a_batch"
            ),
        ),
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
        tests=("tests/payments/test_payouts.py::test_nobody_approves_what_he_drafted",),
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
    Mutant(
        "a webhook's signature is not looked at",
        "payments/webhooks.py",
        "    return webhook(event.source).verify(event)",
        "    return bool(webhook(event.source))",
        tests=(
            "tests/payments/test_off_chain.py::test_a_forged_event_is_refused_and_blocks_nothing",
        ),
    ),
    Mutant(
        "Stars are known by the invoice, not by the charge",
        "payments/telegram.py",
        '            external_id=str(told["telegram_payment_charge_id"]),',
        '            external_id=str(told["invoice_payload"]),',
    ),
    Mutant(
        "an order ends without its provider being asked",
        "payments/services/expiry.py",
        "            told.update(_asked(name, acquirer, attempts))",
        "            told.update({one.pk: _NOTHING for one in attempts})",
    ),
    Mutant(
        "the key of a payment is stored after the call",
        "payments/services/submitting.py",
        "            states.attempt_move(attempt, Try.SUBMITTING, _SUBMIT, key=attempt.pk.hex)\n"
        "            attempt.state = Try.CREATED",
        "            attempt.key = attempt.pk.hex\n            attempt.state = Try.CREATED",
    ),
    Mutant(
        "nobody is promised that an attempt will be submitted",
        "payments/services/orders.py",
        '            "payments.attempt_submit",\n            {"attempt_id": attempt.pk},\n'
        "            key=attempt.pk.hex,",
        '            "payments.attempt_cancel",\n            {"attempt_id": attempt.pk},\n'
        "            key=attempt.pk.hex,",
    ),
    Mutant(
        "what was given up is not ended at its provider",
        "payments/services/orders.py",
        "        if attempt is not None and not provider(attempt.provider).capabilities.instant:",
        "        if attempt is None:",
    ),
    Mutant(
        "a second batch is built beside the first",
        "payments/services/settlement/states.py",
        "UNDER_WAY: Final = (State.BUILT, State.SIGNING, State.SENT, State.ACCEPTED)",
        "UNDER_WAY: Final = (State.ACCEPTED,)",
    ),
    Mutant(
        "a claim does not wait while its batch is under way",
        "payments/services/settlement/states.py",
        "    claim.state, claim.part, claim.recipient = ClaimRight.State.SETTLING, part, recipient",
        "    claim.part, claim.recipient = part, recipient",
    ),
    Mutant(
        "more is refunded than was paid",
        "payments/services/refunds.py",
        "    if not 0 < wanted <= rest:",
        "    if not 0 < wanted:",
        tests=("tests/payments/test_refunds.py::test_a_part_leaves_the_claim",),
    ),
    Mutant(
        "what goes back outside is sent back once more",
        "payments/services/refunds_outside.py",
        "    unsent = _make_room(order, attempt, amount, cause)",
        "    unsent = None",
    ),
    Mutant(
        "a refund that waited over the mint is booked as one before it",
        "payments/services/refunds.py",
        "    refund.after_mint = _before_or_after_mint(order, refund.attempt)",
        "    _before_or_after_mint(order, refund.attempt)",
    ),
    Mutant(
        "one person approves his own refund",
        "payments/services/refunds.py",
        "    if refund.requested_by_id == actor.pk:",
        "    if False:",
    ),
    Mutant(
        "a revoked claim keeps its edition",
        "payments/services/claims.py",
        "    reservations.reservation_release(order=order)\n    return True",
        "    return True",
    ),
    Mutant(
        "a lost dispute is the artist's loss",
        "payments/services/posting.py",
        '            Line(Kind.LOSSES, "", money - owing),',
        '            Line(Kind.ARTIST_PAYABLE, "artist", money - owing),',
    ),
    Mutant(
        "a provider's fee comes back with the refund",
        "payments/services/posting.py",
        "_KEPT: Final = (Kind.PSP_FEES,)",
        "_KEPT: Final = ()",
    ),
    Mutant(
        "a refund is one entry, however often it failed",
        "payments/services/posting.py",
        'key__startswith=f"refund:{refund.pk}:{what}:").count()',
        'key__startswith=f"refund:{refund.pk}:{what}:").count() * 0',
    ),
    Mutant(
        "a payment is posted under its order's key",
        "payments/services/posting.py",
        '        key=f"payment:{attempt.pk}",',
        '        key=f"payment:{attempt.order_id}",',
    ),
    Mutant(
        "a sale on chain is known by what its buyer chose",
        "payments/services/sales.py",
        '        return f"sale:{self.hub}:{self.lt}"',
        '        return f"sale:{self.hub}:{self.query_id}"',
    ),
    Mutant(
        "whoever names an order pays it",
        "payments/services/sales.py",
        "    if why := _difference(order, sale):",
        "    if why := _difference(order, sale) and None:",
    ),
    Mutant(
        "a confirmed payment turns back",
        "payments/services/states.py",
        "OPEN_TRIES: Final = (Try.CREATED,",
        "OPEN_TRIES: Final = (Try.CONFIRMED, Try.CREATED,",
    ),
    Mutant(
        "every pre-checkout is answered with yes",
        "payments/telegram.py",
        "    if attempt.state != PaymentAttempt.State.OPEN or attempt.valid_until <= now:",
        "    if attempt.state is None:",
    ),
    Mutant(
        "a late payment is never late",
        "payments/services/outcomes.py",
        "    elif order.state != Order.State.AWAITING_PAYMENT or at > order.expires_at:",
        "    elif False:",
    ),
    Mutant(
        "reconciliation sees no payment that we do not know",
        "payments/services/reconciliation.py",
        "    if attempt_id is None or not exists:",
        "    if attempt_id is None or not exists:\n        return None\n    if False:",
    ),
    Mutant(
        "a taken back Star of last month goes unnoticed",
        "payments/providers/stars/provider.py",
        '            if row["id"] not in moved or "source" not in row:',
        '            if int(row["date"]) < since.timestamp() or "source" not in row:',
    ),
)
