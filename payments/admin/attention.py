"""One page per order: what happened, and for an order that waits exactly what may be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from accounts.models import User
from core.errors import ApplicationError
from core.ton.addresses import friendly
from payments import reasons, selectors, waiting
from payments.models import Order, Refund
from payments.services import deciding, refunds
from payments.timeline import timeline

NAME: Final = "payments_order_story"
_TEMPLATE: Final = "admin/payments/story.html"


@dataclass(frozen=True, slots=True)
class Way:
    """How a decision reads on the page: its button, what it does, who may take it."""

    label: str
    text: str
    permission: str


WAYS: Final[Mapping[str, Way]] = {
    "accept": Way(
        "Take it as paid",
        "What arrived counts as the price. The editions are taken again if there are any left; if"
        " there are none, this is refused and you can send the money back.",
        deciding.DECIDE,
    ),
    "refund": Way(
        "Send it back",
        "All that is left goes back to where it came from, and the order ends. Above the limit a"
        " second person has to approve it.",
        deciding.ASK,
    ),
    "retry": Way(
        "Try the refund again",
        "The same amount by the same provider, as a new refund. Above the limit a second person has"
        " to approve it.",
        deciding.ASK,
    ),
    "by_hand": Way(
        "Refund by other means",
        "You have sent it (or will) another way. A second person has to approve it; then the books"
        " take it from the bank.",
        refunds.APPROVE,
    ),
    "mint_again": Way(
        "Go on with the mint",
        "The claim joins the next settlement. What is owed for it is earned when it is minted.",
        deciding.DECIDE,
    ),
    "close": Way(
        "Close the order",
        "Nothing more will happen. Say where the money stays in the books.",
        deciding.DECIDE,
    ),
}


class DecisionForm(forms.Form):
    """note: why, for those who read it later. Which other fields there are depends on the way."""

    note = forms.CharField(max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, given: Any, *, way: str, known: waiting.Facts) -> None:
        super().__init__(given, prefix=way)
        if way in ("retry", "by_hand"):
            choices = [(str(one.pk), f"{one.money}: {one.error}") for one in known.failed]
            self.fields["refund"] = forms.ChoiceField(choices=choices)
        if way == "by_hand":
            self.fields["reference"] = forms.CharField(
                max_length=128, help_text="By which the transfer can be found"
            )
        if way == "close":
            self.fields["booking"] = forms.ChoiceField(
                label="Where the money stays",
                choices=waiting.bookings(known),
                widget=forms.RadioSelect,
                initial=waiting.bookings(known)[0][0],
            )
        self.order_fields(["refund", "reference", "booking", "note"])


def story_view(site: AdminSite, request: HttpRequest, order: UUID) -> HttpResponse:
    """GET: the story, and the ways out. POST: take one of them ("act")."""
    if not request.user.has_perm("payments.view_order"):
        raise PermissionDenied
    row = get_object_or_404(
        Order.objects.select_related("user", "collection__release__artist"), pk=order
    )
    known = waiting.facts(row)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    # The form that was sent stands on the page even if its way has closed meanwhile.
    names = [
        *waiting.ways(known),
        *([act] if act in WAYS and act not in waiting.ways(known) else []),
    ]
    made = {
        name: DecisionForm(request.POST if act == name else None, way=name, known=known)
        for name in names
        if request.user.has_perm(WAYS[name].permission)
    }
    if act:
        if act not in made:
            raise PermissionDenied
        if made[act].is_valid() and _done(request, row, act, made[act]):
            return redirect(reverse(f"admin:{NAME}", args=[row.pk]))
    return TemplateResponse(request, _TEMPLATE, _context(site, request, row, known, made))


def _done(request: HttpRequest, row: Order, act: str, form: DecisionForm) -> bool:
    """Take the decision; a refusal is told at its form."""
    actor, given = cast("User", request.user), form.cleaned_data
    decide = _decision(row, act, given)
    try:
        made = decide(actor=actor, note=given["note"])
    except ApplicationError as refusal:
        form.add_error(None, refusal.detail)
        return False
    messages.success(request, _told(act, made))
    return True


def _decision(row: Order, act: str, given: Mapping[str, Any]) -> Callable[..., Any]:
    refund = UUID(given.get("refund") or str(row.pk))  # the forms of refunds always name one
    made: dict[str, Callable[..., Any]] = {
        "accept": partial(deciding.order_accept, order_id=row.pk),
        "refund": partial(deciding.order_refund, order_id=row.pk),
        "mint_again": partial(deciding.order_mint_again, order_id=row.pk),
        "close": partial(deciding.order_close, order_id=row.pk, booking=given.get("booking", "")),
        "retry": partial(deciding.refund_retry, refund_id=refund),
        "by_hand": partial(
            deciding.refund_by_hand, refund_id=refund, reference=given.get("reference", "")
        ),
    }
    return made[act]


def _told(act: str, made: Any) -> str:
    if isinstance(made, Refund):
        ends = "waits for a second person" if made.needs_second else "is on its way back"
        return f"{made.money} {ends}."
    return {
        "accept": "Taken as paid: the editions are owed now, and minted with the next settlement.",
        "mint_again": "The claim joins the next settlement.",
        "close": "Closed.",
    }.get(act, "Done.")


def _context(
    site: AdminSite,
    request: HttpRequest,
    row: Order,
    known: waiting.Facts,
    made: Mapping[str, DecisionForm],
) -> dict[str, Any]:
    waits = row.state == Order.State.NEEDS_ATTENTION
    return {
        **site.each_context(request),
        "title": f"{row.quantity} x {row.collection.release.title}",
        "subtitle": "Order",
        "order": row,
        "waits": waits,
        "why": reasons.for_staff(row.reason) if waits else "",
        "told_buyer": reasons.text(row.reason) if row.reason else "",
        "known": known,
        "money_word": selectors.money_status(row.attempts.prefetch_related("refunds")).replace(
            "_", " "
        ),
        "recipient": friendly(row.recipient, bounceable=False) if row.recipient else "",
        "ways": [{"name": name, "way": WAYS[name], "form": form} for name, form in made.items()],
        "elsewhere": [] if made else _others(known),
        "moments": timeline(row),
        "opts": Order._meta,  # noqa: SLF001  Django's public API
    }


def _others(known: waiting.Facts) -> list[str]:
    """What others of the staff may do about it, for who may only look."""
    return [WAYS[name].label for name in waiting.ways(known)]
