"""Money that goes back to who paid it: asked for, approved, sent, and proved.

Refunds are rows of their own; one order may have several. The claim of an order that is refunded
before the mint is revoked, so that nothing is both minted and paid back. Sales on chain are final.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from payments import announce, errors, reasons
from payments.models import ClaimRight, Order, PaymentAttempt, Refund
from payments.providers import off_chain, provider
from payments.providers.base import ProviderError, RefundState, RefundStatus
from payments.services import attention, claims, posting, states
from payments.services.events import Cause

log = structlog.get_logger(__name__)
State = Refund.State
_DEAD: Final = (State.FAILED, State.CANCELLED)
_UNDER_WAY: Final = (State.APPROVED, State.SUBMITTING, State.UNKNOWN, State.PENDING)
_POLL: Final = timedelta(seconds=30)
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
    staff's and above the limit of four eyes.

    Raises ApplicationError refund_impossible (409) with a text that says why.
    """
    order = states.order_lock(pk=attempt.order_id)
    attempt = PaymentAttempt.objects.get(pk=attempt.pk)
    if order is None or attempt.state != PaymentAttempt.State.CONFIRMED:
        raise errors.refund_impossible("Only a confirmed payment can be refunded.")
    money = _refundable(attempt, amount)
    minted = _before_or_after_mint(order, attempt, money)
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
        needs_second=origin == Refund.Origin.STAFF and _above_limit(money),
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


def _refundable(attempt: PaymentAttempt, amount: int | None) -> Money:
    able = provider(attempt.provider).capabilities
    if not able.refunds:
        raise errors.refund_impossible("Payments by this method are final.")
    rest = _rest(attempt)
    wanted = rest if amount is None else amount
    if not 0 < wanted <= rest:
        raise errors.refund_impossible(f"{Money(attempt.asset, rest)} is left to be refunded.")
    if wanted != attempt.paid and not able.partial_refunds:
        raise errors.refund_impossible("This method can only refund the whole payment.")
    return Money(attempt.asset, wanted)


def _before_or_after_mint(order: Order, attempt: PaymentAttempt, money: Money) -> bool:
    """Whether editions of this payment are minted. A claim in a settlement has to wait."""
    if PaymentAttempt.Flag.DUPLICATE in attempt.flags:
        return False
    claim = ClaimRight.objects.select_for_update().filter(order=order).first()
    if claim is not None and claim.state == ClaimRight.State.SETTLING:
        raise errors.refund_impossible("The editions are being minted; try again when they are.")
    del money
    return claim is not None and claim.state == ClaimRight.State.SETTLED


def _above_limit(money: Money) -> bool:
    limit: int | None = settings.REFUND_LIMITS.get(money.asset)
    return limit is None or money.amount > limit


@transaction.atomic
def refund_approve(*, refund_id: UUID, actor: User) -> Refund:
    """The second pair of eyes. Raises ApplicationError own_request (403), refund_impossible."""
    order, refund = _locked(refund_id)
    if refund.state != State.REQUESTED:
        raise errors.refund_impossible(f"The refund is {refund.get_state_display().lower()}.")
    if refund.requested_by_id == actor.pk:
        raise errors.own_request()
    _approve(order, refund, actor, Cause("staff"))
    return refund


@transaction.atomic
def refund_cancel(*, refund_id: UUID, actor: User, reason: str) -> Refund:
    """Withdraw what nobody has approved yet. Raises ApplicationError refund_impossible."""
    _, refund = _locked(refund_id)
    if refund.state != State.REQUESTED:
        raise errors.refund_impossible(f"The refund is {refund.get_state_display().lower()}.")
    _move(refund, State.CANCELLED)
    audit.record(actor=actor, action="payments.refund_cancelled", target=refund, reason=reason)
    return refund


def _approve(order: Order, refund: Refund, actor: User | None, cause: Cause) -> None:
    refund.approved_by = actor
    refund.save(update_fields=["approved_by"])
    whole = refund.amount == refund.attempt.paid
    duplicate = PaymentAttempt.Flag.DUPLICATE in refund.attempt.flags
    waiting = order.state == Order.State.NEEDS_ATTENTION
    if whole and not duplicate and (claims.claim_revoke(order=order) or waiting):
        states.order_move(order, Order.State.CANCELLED, cause, reason=reasons.REFUNDED)
    posting.refund_due_post(refund=refund, order=order)
    _move(refund, State.APPROVED, poll_at=timezone.now() + _POLL)
    put("payments.refund_submit", {"refund_id": refund.pk}, key=refund.pk.hex)
    audit.record(actor=actor or cause.text, action="payments.refund_approved", target=refund)
    announce.order_changed(order)


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
            _move(refund, State.SUBMITTING)
    method = off_chain(refund.attempt.provider)
    try:
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
        _tell(order, refund, told, Cause("refund"))


def _not_sent(refund_id: UUID, error: ProviderError) -> None:
    log.warning("refund_not_sent", refund_id=str(refund_id), code=error.code)
    with transaction.atomic():
        order, refund = _locked(refund_id)
        if refund.state not in _UNDER_WAY:
            return
        if error.retry:
            _move(refund, State.UNKNOWN, error=str(error)[:200])
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
            row.poll_at = now + min(_POLL * 2 ** min(row.polls, 10), _POLL_LONGEST)
            row.save(update_fields=["polls", "poll_at"])
    return [row.pk for row in rows]


def refunds_apply(
    *, order: Order, attempt: PaymentAttempt, told: Iterable[RefundState], cause: Cause
) -> None:
    """What the provider knows of an attempt's refunds. The caller holds the order's lock."""
    for one in told:
        if one.status is RefundStatus.ABSENT:
            continue
        refund = _match(attempt, one)
        if refund is None:
            refund = _external(order, attempt, one, cause)
        if refund is not None:
            _tell(order, refund, one, cause)


def _match(attempt: PaymentAttempt, told: RefundState) -> Refund | None:
    ours = attempt.refunds.select_for_update()
    if told.refund_id is not None and (found := ours.filter(pk=told.refund_id).first()):
        return found
    if found := ours.filter(external_id=told.external_id).first():
        return found
    # A provider that does not hand our key back: the oldest of this amount that was sent.
    sent = ours.filter(
        external_id__isnull=True,
        state__in=(State.SUBMITTING, State.UNKNOWN, State.PENDING),
    )
    if told.amount is not None:
        sent = sent.filter(amount=told.amount.amount)
    return sent.order_by("id").first()


def _external(
    order: Order, attempt: PaymentAttempt, told: RefundState, cause: Cause
) -> Refund | None:
    """Made outside: in the provider's dashboard, or by a bank. Booked, and shown to a person."""
    if told.status is RefundStatus.FAILED:
        return None
    amount = told.amount.amount if told.amount else _rest(attempt)
    unsent = _make_room(order, attempt, amount, cause)
    if amount <= 0:
        return None
    claim = ClaimRight.objects.filter(order=order).first()
    refund = Refund.objects.create(
        attempt=attempt,
        asset=attempt.asset,
        amount=amount,
        state=State.PENDING,
        origin=Refund.Origin.EXTERNAL,
        reason=reasons.REFUNDED_OUTSIDE,
        after_mint=claim is not None and claim.state == ClaimRight.State.SETTLED,
        acquirer=attempt.acquirer,
        external_id=told.external_id,
        poll_at=timezone.now() + _POLL,
    )
    posting.refund_due_post(refund=refund, order=order)
    audit.record(actor=cause.text, action="payments.refund_found", target=refund)
    if amount == attempt.paid and claims.claim_revoke(order=order):
        states.order_move(order, Order.State.CANCELLED, cause, reason=reasons.REFUNDED)
    elif PaymentAttempt.Flag.DUPLICATE not in attempt.flags:
        attention.order_attention(order=order, reason=reasons.REFUNDED_OUTSIDE, cause=cause)
    if unsent is not None and _rest(attempt) > 0:
        refund_request(
            attempt=attempt, amount=None, reason=unsent.reason, origin=Refund.Origin(unsent.origin),
            cause=cause, actor=unsent.requested_by, note=unsent.note,
        )  # fmt: skip
    return refund


def _rest(attempt: PaymentAttempt) -> int:
    """Minor units of a payment that neither went back nor are to."""
    taken = attempt.refunds.exclude(state__in=_DEAD).values_list("amount", flat=True)
    return (attempt.paid or 0) - sum(taken)


def _make_room(order: Order, attempt: PaymentAttempt, amount: int, cause: Cause) -> Refund | None:
    """What went back outside cannot go back once more: refunds that were not sent yet give way.

    The one that had been approved, if there was one: what it still can send back is asked anew.
    """
    approved = None
    waiting = attempt.refunds.select_for_update().filter(
        state__in=(State.REQUESTED, State.APPROVED)
    )
    for refund in waiting.order_by("-id"):
        if _rest(attempt) >= amount:
            break
        if refund.state == State.APPROVED:
            posting.refund_due_reverse(refund=refund, order=order)
            approved = refund
        _move(refund, State.CANCELLED)
        audit.record(
            actor=cause.text,
            action="payments.refund_cancelled",
            target=refund,
            reason="it went back outside",
        )
    return approved


def _tell(order: Order, refund: Refund, told: RefundState, cause: Cause) -> None:
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
        _move(refund, State.PENDING)


def _done(order: Order, refund: Refund) -> None:
    if refund.state == State.DONE or refund.state == State.CANCELLED:
        return
    if refund.state == State.FAILED:  # it had failed, and went through after all
        posting.refund_due_post(refund=refund, order=order)
    _move(refund, State.DONE, done_at=timezone.now(), error="")
    posting.refund_done_post(refund=refund, order=order)
    audit.record(actor="provider", action="payments.refund_done", target=refund)
    announce.order_changed(order)


def _fail(order: Order, refund: Refund, why: str, cause: Cause) -> None:
    """Also after `done`: the money came back to us, and the books turn with it."""
    if refund.state in _DEAD:
        return
    if refund.state == State.DONE:
        posting.refund_done_reverse(refund=refund, order=order)
    _move(refund, State.FAILED, error=why[:200])
    posting.refund_due_reverse(refund=refund, order=order)
    audit.record(actor=cause.text, action="payments.refund_failed", target=refund, reason=why[:200])
    attention.order_attention(order=order, reason=reasons.REFUND_FAILED, cause=cause)


def _move(refund: Refund, state: Refund.State, **changes: object) -> None:
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
