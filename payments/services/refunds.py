"""Money that goes back to who paid it: asked for, approved, sent, and proved.

Refunds are rows of their own; one order may have several. The claim of an order that is refunded
before the mint is revoked, so that nothing is both minted and paid back. Sales on chain are final.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core import audit
from core.money import Money
from core.outbox.services import put
from payments import announce, errors, notices, reasons
from payments.models import ClaimRight, Order, PaymentAttempt, Refund
from payments.providers import off_chain, provider
from payments.providers.base import ProviderError, RefundState, RefundStatus
from payments.services import attention, claims, health, posting, reservations, states
from payments.services.events import Cause

log = structlog.get_logger(__name__)
State = Refund.State
_UNDER_WAY: Final = (State.APPROVED, State.SUBMITTING, State.UNKNOWN, State.PENDING)
APPROVE: Final = "payments.change_refund"
POLL: Final = timedelta(seconds=30)
_POLL_LONGEST: Final = timedelta(hours=6)


@transaction.atomic
def refund_request(
    *,
    attempt: PaymentAttempt,
    amount: int | None,
    reason: str,
    origin: Refund.Origin,
    cause: Cause,
    actor: User | None = None,
    note: str = "",
) -> Refund:
    """Ask for `amount` minor units back (none: all that is left). Approved at once unless it is
    staff's and above the limit of four eyes, or asked for by somebody who may not approve any.

    Raises ApplicationError refund_impossible (409) with a text that says why.
    """
    order = states.order_lock(pk=attempt.order_id)
    attempt = PaymentAttempt.objects.get(pk=attempt.pk)
    if order is None or attempt.state != PaymentAttempt.State.CONFIRMED:
        raise errors.refund_impossible("Only a confirmed payment can be refunded.")
    money = _refundable(attempt, amount)
    minted = _before_or_after_mint(order, attempt)
    refund = Refund(
        attempt=attempt,
        asset=money.asset,
        amount=money.amount,
        origin=origin,
        reason=reason,
        note=note[:300],
        after_mint=minted,
        acquirer=attempt.acquirer,
        requested_by=actor,
        needs_second=origin == Refund.Origin.STAFF and _needs_second(money, actor),
    )
    refund.save(force_insert=True)
    audit.record(
        actor=actor or cause.text,
        action="payments.refund_requested",
        target=refund,
        after={"amount": money.to_json(), "order": str(order.pk), "after_mint": minted},
        reason=reason,
    )
    if not refund.needs_second:
        _approve(order, refund, actor, cause)
    return refund


@transaction.atomic
def refund_by_hand_request(*, failed: Refund, reference: str, actor: User, note: str) -> Refund:
    """What could not be sent by the provider, to be sent by a person: always by four eyes.

    The caller holds the order's lock and has looked whether it is still to be sent.
    """
    refund = Refund(
        attempt=failed.attempt,
        asset=failed.asset,
        amount=failed.amount,
        origin=Refund.Origin.STAFF,
        reason=failed.reason,
        note=note[:300],
        after_mint=failed.after_mint,
        acquirer=posting.BY_HAND,
        external_id=reference,
        requested_by=actor,
        needs_second=True,
    )
    refund.save(force_insert=True)
    audit.record(
        actor=actor,
        action="payments.refund_requested",
        target=refund,
        after={"amount": failed.money.to_json(), "by_hand": reference},
        reason=note[:300],
    )
    return refund


def _refundable(attempt: PaymentAttempt, amount: int | None) -> Money:
    able = provider(attempt.provider).capabilities
    if not able.refunds:
        raise errors.refund_impossible("Payments by this method are final.")
    rest = left(attempt)
    wanted = rest if amount is None else amount
    if not 0 < wanted <= rest:
        raise errors.refund_impossible(f"{Money(attempt.asset, rest)} is left to be refunded.")
    if wanted != attempt.paid and not able.partial_refunds:
        raise errors.refund_impossible("This method can only refund the whole payment.")
    return Money(attempt.asset, wanted)


def _before_or_after_mint(order: Order, attempt: PaymentAttempt) -> bool:
    """Whether editions of this payment are minted. A claim in a settlement has to wait."""
    if PaymentAttempt.Flag.DUPLICATE in attempt.flags:
        return False
    claim = ClaimRight.objects.select_for_update().filter(order=order).first()
    if claim is not None and claim.state == ClaimRight.State.SETTLING:
        raise errors.refund_impossible("The editions are being minted; try again when they are.")
    return claim is not None and claim.state == ClaimRight.State.SETTLED


def _needs_second(money: Money, actor: User | None) -> bool:
    """Above the limit always. Who may only ask (support) asks below it, and always finance."""
    limit: int | None = settings.REFUND_LIMITS.get(money.asset)
    above = limit is None or money.amount > limit
    only_asks = actor is not None and not actor.has_perm(APPROVE)
    if above and only_asks:
        shown = Money(money.asset, limit or 0)
        raise errors.refund_impossible(f"Above {shown} finance has to ask.")
    return above or only_asks


@transaction.atomic
def refund_approve(*, refund_id: UUID, actor: User) -> Refund:
    """The second pair of eyes. Raises ApplicationError own_request (403), refund_impossible."""
    order, refund = _locked(refund_id)
    if refund.state != State.REQUESTED:
        raise errors.refund_impossible(f"The refund is {refund.get_state_display().lower()}.")
    if refund.requested_by_id == actor.pk:
        raise errors.own_request()
    refund.after_mint = _before_or_after_mint(order, refund.attempt)  # it may have been minted
    refund.save(update_fields=["after_mint"])
    _approve(order, refund, actor, Cause("staff"))
    return refund


@transaction.atomic
def refund_cancel(*, refund_id: UUID, actor: User, reason: str) -> Refund:
    """Withdraw what nobody has approved yet. Raises ApplicationError refund_impossible."""
    _, refund = _locked(refund_id)
    if refund.state != State.REQUESTED:
        raise errors.refund_impossible(f"The refund is {refund.get_state_display().lower()}.")
    move(refund, State.CANCELLED)
    audit.record(actor=actor, action="payments.refund_cancelled", target=refund, reason=reason)
    return refund


def _approve(order: Order, refund: Refund, actor: User | None, cause: Cause) -> None:
    refund.approved_by = actor
    refund.save(update_fields=["approved_by"])
    whole = refund.amount == refund.attempt.paid
    duplicate = PaymentAttempt.Flag.DUPLICATE in refund.attempt.flags
    waiting = order.state == Order.State.NEEDS_ATTENTION and not refund.after_mint
    if whole and not duplicate and (claims.claim_revoke(order=order) or waiting):
        reservations.reservation_release(order=order)  # held for money that came short, or late
        attention.order_end(order=order, reason=reasons.of_refund(refund.reason), cause=cause)
    elif order.reason == reasons.REFUND_FAILED and _makes_good(order, refund):
        attention.order_back(order=order, cause=cause)
    posting.refund_due_post(refund=refund, order=order)
    by_hand = refund.acquirer == posting.BY_HAND
    move(refund, State.APPROVED, poll_at=None if by_hand else timezone.now() + POLL)
    audit.record(actor=actor or cause.text, action="payments.refund_approved", target=refund)
    if by_hand:
        _done(order, refund, actor)
    else:
        put("payments.refund_submit", {"refund_id": refund.pk}, key=refund.pk.hex)
    announce.order_changed(order)


def _makes_good(order: Order, refund: Refund) -> bool:
    """Whether this one sends again what could not be sent; a part of it leaves the rest waiting."""
    failed = Refund.objects.filter(attempt__order=order, state=State.FAILED).order_by("-id").first()
    if failed is None or failed.attempt_id != refund.attempt_id:
        return failed is None
    claim = ClaimRight.objects.filter(order=order).exclude(state=ClaimRight.State.REVOKED)
    return left(refund.attempt) <= 0 or (refund.amount >= failed.amount and claim.exists())


def refund_submit(*, refund_id: UUID) -> None:
    """Send it to the provider, or learn what became of an earlier call.

    Calls the provider: not inside a transaction. Raises ProviderError while nothing can be said.
    """
    with transaction.atomic():
        _, refund = _locked(refund_id)
        if refund.state not in _UNDER_WAY:
            return
        asked_before = refund.state != State.APPROVED
        if not asked_before:
            move(refund, State.SUBMITTING)
    method = off_chain(refund.attempt.provider)
    try:
        with health.watched(refund.acquirer):
            told = method.fetch_refund(refund) if asked_before else method.refund(refund)
            if told.status is RefundStatus.ABSENT:
                told = method.refund(refund)
    except ProviderError as error:
        _not_sent(refund_id, error)
        if error.retry:
            raise
        return
    with transaction.atomic():
        order, refund = _locked(refund_id)
        tell(order, refund, told, Cause("refund"))


def _not_sent(refund_id: UUID, error: ProviderError) -> None:
    log.warning("refund_not_sent", refund_id=str(refund_id), code=error.code)
    with transaction.atomic():
        order, refund = _locked(refund_id)
        if refund.state not in _UNDER_WAY:
            return
        if error.retry:
            move(refund, State.UNKNOWN, error=str(error)[:200])
        else:
            _fail(order, refund, str(error), Cause("refund"))


def refunds_due(limit: int = 100) -> list[UUID]:
    """Those that nobody has heard of for a while; each is planned again, ever more seldom."""
    now = timezone.now()
    with transaction.atomic():
        rows = list(
            Refund.objects.select_for_update(skip_locked=True)
            .filter(state__in=_UNDER_WAY, poll_at__lte=now)
            .order_by("poll_at")[:limit]
        )
        for row in rows:
            row.polls += 1
            row.poll_at = now + min(POLL * 2 ** min(row.polls, 10), _POLL_LONGEST)
            row.save(update_fields=["polls", "poll_at"])
    return [row.pk for row in rows]


def left(attempt: PaymentAttempt) -> int:
    """Minor units of a payment that neither went back nor are to."""
    taken = attempt.refunds.exclude(state__in=Refund.DEAD).values_list("amount", flat=True)
    return (attempt.paid or 0) - sum(taken)


def tell(order: Order, refund: Refund, told: RefundState, cause: Cause) -> None:
    if told.external_id and not refund.external_id:
        refund.external_id = told.external_id
        refund.save(update_fields=["external_id"])
    if told.status is RefundStatus.DONE:
        _done(order, refund)
    elif told.status is RefundStatus.FAILED:
        _fail(order, refund, told.reason or "refused by the provider", cause)
    elif told.status is RefundStatus.PENDING and refund.state in (
        State.APPROVED, State.SUBMITTING, State.UNKNOWN,
    ):  # fmt: skip
        move(refund, State.PENDING)


def _done(order: Order, refund: Refund, actor: User | None = None) -> None:
    if refund.state == State.DONE or refund.state == State.CANCELLED:
        return
    revived = refund.state == State.FAILED  # it had failed, and went through after all
    if revived:
        posting.refund_due_post(refund=refund, order=order)
    move(refund, State.DONE, done_at=timezone.now(), error="")
    posting.refund_done_post(refund=refund, order=order)
    audit.record(actor=actor or "provider", action="payments.refund_done", target=refund)
    notices.refund_tell(refund, order)
    if revived and left(refund.attempt) < 0:  # and had been sent another way meanwhile
        attention.order_attention(
            order=order, reason=reasons.REFUNDED_OUTSIDE, cause=Cause("refund")
        )
    announce.order_changed(order)


def _fail(order: Order, refund: Refund, why: str, cause: Cause) -> None:
    """Also after `done`: the money came back to us, and the books turn with it."""
    if refund.state in Refund.DEAD:
        return
    if refund.state == State.DONE:
        posting.refund_done_reverse(refund=refund, order=order)
    move(refund, State.FAILED, error=why[:200])
    posting.refund_due_reverse(refund=refund, order=order)
    audit.record(actor=cause.text, action="payments.refund_failed", target=refund, reason=why[:200])
    attention.order_attention(order=order, reason=reasons.REFUND_FAILED, cause=cause)


def move(refund: Refund, state: Refund.State, **changes: object) -> None:
    refund.state = state
    for name, value in changes.items():
        setattr(refund, name, value)
    refund.save(update_fields=["state", *changes])


def _locked(refund_id: UUID) -> tuple[Order, Refund]:
    """The order first, as everywhere. Raises Refund.DoesNotExist."""
    order = states.order_lock(attempts__refunds__pk=refund_id)
    if order is None:
        raise Refund.DoesNotExist(str(refund_id))
    refund = (
        Refund.objects.select_for_update(of=("self",)).select_related("attempt").get(pk=refund_id)
    )
    refund.attempt.order = order
    return order, refund
