"""Stripe for this machine: the API, the hosted page, and what payers, banks and people in the
dashboard do; each act_<name> is POST /_sandbox/<name>.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from deploy.local.sandbox import stripe_forms as forms
from deploy.local.sandbox.frame import Call, Refuse, Reply, Route
from deploy.local.sandbox.page import payment_page, see_other
from deploy.local.sandbox.stripe_api import StripeApi

_VERDICTS: Final = ("won", "lost", "prevented", "warning_closed")


class StripeSandbox(StripeApi):
    """What tests, the demo and the page steer."""

    # --- the hosted page ----------------------------------------------------------------------
    def page(self, call: Call) -> Reply:
        session = self._session_of(call)
        amount = f"{session['amount_total'] / 100:.2f} {session['currency'].upper()}"
        if session["status"] != "open":
            moving = self._processing(session)
            buttons = [("pay", "Finish the payment"), ("decline", "Let it fail")] if moving else []
            return payment_page(
                provider="Stripe Checkout", title=session["_name"], amount=amount,
                note=f"This session is {session['status']}.",
                buttons=[*buttons, ("leave", "Back to the shop")], action=call.path,
            )  # fmt: skip
        return payment_page(
            provider="Stripe Checkout", title=session["_name"], amount=amount,
            note="No card is asked for here.",
            buttons=[("pay", "Pay"), ("decline", "Decline"), ("leave", "Leave without paying"),
                     ("start", "Pay later"), ("dispute", "Pay and dispute it")],
            action=call.path,
        )  # fmt: skip

    def page_act(self, call: Call) -> Reply:
        session = self._session_of(call)
        act = call.form().get("act", "")
        if act == "start" and session["status"] == "open":
            self.act_start(id=session["id"])
            return see_other(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))
        if act in ("pay", "dispute") and (session["status"] == "open" or self._processing(session)):
            self.act_pay(id=session["id"])
            if act == "dispute":
                self.act_dispute(id=session["id"])
            return see_other(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]))
        if act == "decline" and self._processing(session):
            self.act_fail(id=session["id"])
        elif act == "decline":
            return see_other(call.path)  # a declined card leaves the session open
        return see_other(session["cancel_url"] or session["success_url"])

    # --- acts ---------------------------------------------------------------------------------
    def act_pay(self, *, id: str, silent: bool = False) -> dict[str, Any]:  # noqa: A002
        """The payer pays an open session, or what he has begun is paid. silent: nobody is told."""
        session = self.sessions[id]
        self._expired()
        late = self._processing(session)
        if session["status"] != "open" and not late:
            raise Refuse(409, forms.body(f"The session is {session['status']}."))
        intent = self._intent(session, "succeeded")
        session.update(
            status="complete", payment_status="paid", payment_intent=intent["id"], url=None
        )
        if not silent:
            kind = "async_payment_succeeded" if late else "completed"
            self._event(f"checkout.session.{kind}", session)
        return forms.public(session)

    def act_start(self, *, id: str) -> dict[str, Any]:  # noqa: A002
        """A method that takes its time: the session is complete, the money is on its way."""
        session = self.sessions[id]
        self._expired()
        if session["status"] != "open":
            raise Refuse(409, forms.body(f"The session is {session['status']}."))
        intent = self._intent(session, "processing")
        session.update(status="complete", payment_intent=intent["id"], url=None)
        self._event("checkout.session.completed", session)
        return forms.public(session)

    def act_fail(self, *, id: str) -> dict[str, Any]:  # noqa: A002
        """What was on its way does not come."""
        session = self.sessions[id]
        if not self._processing(session):
            raise Refuse(409, forms.body("Nothing is on its way."))
        self._intent(session, "requires_payment_method")
        self._event("checkout.session.async_payment_failed", session)
        return forms.public(session)

    def _processing(self, session: Mapping[str, Any]) -> bool:
        intent = self.intents.get(str(session["payment_intent"]))
        return intent is not None and intent["status"] == "processing"

    def act_plant(self, *, amount: int, currency: str = "usd") -> dict[str, Any]:
        """A paid session that none of ours has made."""
        form = {
            "mode": "payment", "success_url": "http://127.0.0.1/",
            "line_items[0][quantity]": "1",
            "line_items[0][price_data][currency]": currency,
            "line_items[0][price_data][unit_amount]": str(amount),
            "line_items[0][price_data][product_data][name]": "Planted",
        }  # fmt: skip
        return self.act_pay(id=self._session(form)["id"], silent=True)

    def act_expire(self, *, id: str) -> dict[str, Any]:  # noqa: A002
        self._expire(self.sessions[id])
        return {}

    def act_refund_external(self, *, id: str, amount: int | None = None) -> dict[str, Any]:  # noqa: A002
        """Somebody refunds in the dashboard."""
        intent = self.intents[self.sessions[id]["payment_intent"]]
        left = intent["amount"] - self._refunded(intent["id"])
        if not 0 < (amount or left) <= left:
            raise Refuse(400, forms.body("Nothing is left to be refunded."))
        return self._refund_make(intent, amount or left, {})

    def act_refund_late_fail(self, *, id: str) -> dict[str, Any]:  # noqa: A002
        """A refund that had succeeded comes back from the bank."""
        refund = self.refunds[id]
        refund.update(status="failed", failure_reason="lost_or_stolen_card")
        self._event("refund.failed", refund)
        return refund

    def act_dispute(self, *, id: str, withdraw: bool = True) -> dict[str, Any]:  # noqa: A002
        intent = self.intents[self.sessions[id]["payment_intent"]]
        dispute = {
            "id": f"du_{secrets.token_hex(12)}", "object": "dispute", "amount": intent["amount"],
            "currency": intent["currency"], "payment_intent": intent["id"],
            "charge": intent["latest_charge"]["id"], "created": int(self.now()),
            "reason": "fraudulent", "status": "needs_response",
            "evidence_details": {"due_by": int(self.now()) + 7 * 86_400},
            "balance_transactions": [{"amount": -intent["amount"]}] if withdraw else [],
        }  # fmt: skip
        self.disputes[str(dispute["id"])] = dispute
        self._event("charge.dispute.created", dispute)
        if withdraw:
            self._event("charge.dispute.funds_withdrawn", dispute)
        return dispute

    def act_dispute_close(self, *, id: str, status: str) -> dict[str, Any]:  # noqa: A002
        if status not in _VERDICTS:
            raise ValueError(f"a dispute ends in one of {_VERDICTS}")
        dispute = self.disputes[id]
        dispute["status"] = status
        self._event("charge.dispute.closed", dispute)
        if status == "won" and dispute["balance_transactions"]:
            self._event("charge.dispute.funds_reinstated", dispute)
        return dispute

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        **StripeApi.routes,
        ("GET", "/c/pay/(?P<id>[^/]+)"): page,
        ("POST", "/c/pay/(?P<id>[^/]+)"): page_act,
    }
