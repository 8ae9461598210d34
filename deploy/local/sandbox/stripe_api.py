"""Stripe Checkout as far as a shop uses it (docs.stripe.com/api, version 2026-10-28.endive)."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from typing import Any, ClassVar, Final

from deploy.local.sandbox import stripe_forms as forms
from deploy.local.sandbox.frame import Call, Delivery, Refuse, Reply, Route, Sandbox

_CREATE_FIELDS: Final = (
    r"mode|ui_mode|client_reference_id|success_url|cancel_url|expires_at|locale|customer_email|"
    r"submit_type|origin_context|adaptive_pricing\[enabled\]|metadata\[\w{1,40}\]|"
    r"payment_intent_data\[metadata\]\[\w{1,40}\]|line_items\[0\]\[quantity\]|"
    r"line_items\[0\]\[price_data\]\[(currency|unit_amount)\]|"
    r"line_items\[0\]\[price_data\]\[product_data\]\[(name|description)\]"
)
_REFUND_FIELDS: Final = r"payment_intent|amount|reason|metadata\[\w{1,40}\]"
_REASONS: Final = ("", "duplicate", "fraudulent", "requested_by_customer")
_LIST: Final = r"limit|starting_after|payment_intent|created\[gte\]"
_EXPAND: Final = r"expand\[\d*\]"
_FEE_BPS, _FEE_FIXED = 290, 30
_KEEP_KEYS: Final = 24 * 3600


class StripeApi(Sandbox):
    """`webhook_url` gets signed events; `key` is the only bearer that is let in."""

    name = "stripe"
    effects = (
        ("POST", "/v1/checkout/sessions"),
        ("POST", "/v1/checkout/sessions/[^/]+/expire"),
        ("POST", "/v1/refunds"),
    )

    def __init__(
        self,
        *,
        key: str = "sk_test_sandbox",
        webhook_secret: str = "whsec_sandbox",  # noqa: S107  of this machine only
        webhook_url: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.key, self.webhook_secret, self.webhook_url = key, webhook_secret, webhook_url
        self.sessions: dict[str, dict[str, Any]] = {}
        self.intents: dict[str, dict[str, Any]] = {}
        self.refunds: dict[str, dict[str, Any]] = {}
        self.disputes: dict[str, dict[str, Any]] = {}
        self.keys: dict[str, tuple[float, str, Reply]] = {}

    def state(self) -> Any:
        return {
            "sessions": self.sessions, "intents": self.intents,
            "refunds": self.refunds, "disputes": self.disputes,
        }  # fmt: skip

    def not_found(self, call: Call) -> Reply:
        return forms.error(404, f"Unrecognized request URL ({call.method}: {call.path}).")

    def malformed(self, why: str) -> Reply:
        return forms.error(400, f"Invalid request: {why}")

    def broken(self, status: int) -> Reply:
        kind = "rate_limit" if status == 429 else "api_error"
        return Reply(status, {"error": {"type": kind, "message": "Sandbox fault."}})

    # --- API ----------------------------------------------------------------------------------
    def _enter(self, call: Call) -> None:
        given = call.headers.get("Authorization", "")
        if not hmac.compare_digest(given, f"Bearer {self.key}"):
            raise Refuse(401, forms.body("Invalid API Key provided.", kind="invalid_request_error"))

    def _once(self, call: Call, make: Any) -> Reply:
        """docs.stripe.com/api/idempotent_requests: the first result again, 500s included."""
        self._enter(call)
        key = call.headers.get("Idempotency-Key", "")
        if len(key) > 255:
            raise Refuse(400, forms.body("Idempotency key too long."))
        print_ = hashlib.sha256(call.path.encode() + b"\0" + call.raw).hexdigest()
        if key and (known := self.keys.get(key)) and known[0] > self.now():
            if known[1] != print_:
                raise Refuse(
                    400,
                    forms.body(
                        "Keys for idempotent requests can only be used with the same parameters"
                        " they were first used with.",
                        kind="idempotency_error",
                    ),
                )
            return known[2]
        if self.faults.take("error_after_effect"):
            make()
            reply = self.broken(500)  # stored under the key, as the real one does
        else:
            reply = make()
        if key:
            self.keys[key] = (self.now() + _KEEP_KEYS, print_, reply)
        return reply

    def session_create(self, call: Call) -> Reply:
        return self._once(call, lambda: Reply(200, self._session(call.form())))

    def _session(self, form: dict[str, str]) -> dict[str, Any]:
        forms.known(form, _CREATE_FIELDS)
        forms.lengths(form)
        if form.get("mode") != "payment":
            raise Refuse(400, forms.body("Missing required param: mode.", param="mode"))
        if form.get("ui_mode", "hosted_page") != "hosted_page":
            raise Refuse(400, forms.body("Invalid ui_mode.", param="ui_mode"))
        if not form.get("success_url", "").startswith("http"):
            raise Refuse(400, forms.body("Not a valid URL", param="success_url"))
        expires = int(form.get("expires_at") or self.now() + 86_400)
        if not self.now() + 1800 <= expires <= self.now() + 86_400:
            raise Refuse(
                400,
                forms.body(
                    "The `expires_at` timestamp must be between 30 minutes and 24 hours from"
                    " Checkout Session creation.",
                    param="expires_at",
                ),
            )
        amount, currency, name = forms.lines(form)
        session = {
            "id": f"cs_test_{secrets.token_hex(24)}", "object": "checkout.session",
            "amount_subtotal": amount, "amount_total": amount, "currency": currency,
            "cancel_url": form.get("cancel_url"), "success_url": form["success_url"],
            "client_reference_id": form.get("client_reference_id"), "created": int(self.now()),
            "expires_at": expires, "livemode": False, "metadata": forms.metadata(form, "metadata"),
            "mode": "payment", "payment_intent": None, "payment_status": "unpaid",
            "status": "open", "ui_mode": "hosted_page",
        }  # fmt: skip
        session["_intent_metadata"] = forms.metadata(form, r"payment_intent_data\[metadata\]")
        session["_name"] = name
        session["url"] = f"{self.url}/c/pay/{session['id']}"
        self.sessions[str(session["id"])] = session
        return forms.public(session)

    def session_get(self, call: Call) -> Reply:
        self._enter(call)
        return Reply(200, forms.public(self._session_of(call)))

    def session_list(self, call: Call) -> Reply:
        self._enter(call)
        forms.asked(call, _LIST)
        rows = self._expired()
        intent = call.query.get("payment_intent", [""])[0]
        since = int(call.query.get("created[gte]", ["0"])[0])
        found = [
            row
            for row in rows
            if row["created"] >= since and (not intent or row["payment_intent"] == intent)
        ]
        return Reply(200, forms.page(call, found))

    def session_expire(self, call: Call) -> Reply:
        def make() -> Reply:
            session = self._session_of(call)
            if session["status"] != "open":
                raise Refuse(
                    400, forms.body(f"Only open sessions expire; this one is {session['status']}.")
                )
            self._expire(session)
            return Reply(200, forms.public(session))

        return self._once(call, make)

    def intent_get(self, call: Call) -> Reply:
        self._enter(call)
        forms.asked(call, _EXPAND)
        intent = self.intents.get(call.match["id"])
        if intent is None:
            return forms.missing("payment_intent", call.match["id"])
        return Reply(200, forms.intent(intent, forms.expanded(call)))

    def refund_create(self, call: Call) -> Reply:
        return self._once(call, lambda: Reply(200, self._refund(call.form())))

    def _refund(self, form: dict[str, str]) -> dict[str, Any]:
        forms.known(form, _REFUND_FIELDS)
        intent = self.intents.get(form.get("payment_intent", ""))
        if intent is None:
            raise Refuse(404, forms.body("No such payment_intent.", code="resource_missing"))
        gone = self._refunded(str(intent["id"]))
        amount = int(form.get("amount") or intent["amount"] - gone)
        if form.get("reason", "") not in _REASONS:
            raise Refuse(400, forms.body("Invalid reason.", param="reason"))
        if any(
            one["payment_intent"] == intent["id"] and one["status"] != "won"
            for one in self.disputes.values()
        ):
            raise Refuse(400, forms.body("Charged back.", code="charge_disputed"))
        if gone == intent["amount"]:
            raise Refuse(400, forms.body("Already refunded.", code="charge_already_refunded"))
        if not 0 < amount <= intent["amount"] - gone:
            raise Refuse(
                400, forms.body("Refund amount is greater than unrefunded amount.", param="amount")
            )
        return self._refund_make(intent, amount, forms.metadata(form, "metadata"))

    def _refund_make(
        self, intent: dict[str, Any], amount: int, metadata: dict[str, str]
    ) -> dict[str, Any]:
        status = "failed" if self.faults.take("fail_refund") else "succeeded"
        refund = {
            "id": f"re_{secrets.token_hex(12)}", "object": "refund", "amount": amount,
            "currency": intent["currency"], "payment_intent": intent["id"],
            "charge": intent["latest_charge"]["id"], "created": int(self.now()),
            "metadata": metadata, "status": status, "reason": None,
        }  # fmt: skip
        if status == "failed":
            refund["failure_reason"] = "declined"
        self.refunds[str(refund["id"])] = refund
        self._event("refund.created", refund)
        if status == "failed":
            self._event("refund.failed", refund)
        else:
            gone = self._refunded(str(intent["id"]))
            self._event("charge.refunded", {**intent["latest_charge"], "amount_refunded": gone})
        return refund

    def refund_get(self, call: Call) -> Reply:
        self._enter(call)
        refund = self.refunds.get(call.match["id"])
        return Reply(200, refund) if refund else forms.missing("refund", call.match["id"])

    def refund_list(self, call: Call) -> Reply:
        self._enter(call)
        forms.asked(call, _LIST)
        return Reply(200, forms.page(call, self._of_intent(self.refunds, call)))

    def dispute_list(self, call: Call) -> Reply:
        self._enter(call)
        forms.asked(call, _LIST)
        return Reply(200, forms.page(call, self._of_intent(self.disputes, call)))

    def _of_intent(self, rows: Mapping[str, dict[str, Any]], call: Call) -> list[dict[str, Any]]:
        intent = call.query.get("payment_intent", [""])[0]
        found = [row for row in rows.values() if not intent or row["payment_intent"] == intent]
        return sorted(found, key=lambda row: -row["created"])

    # --- inside -------------------------------------------------------------------------------
    def _intent(self, session: dict[str, Any], status: str) -> dict[str, Any]:
        """The session's payment, made or moved: succeeded, processing, requires_payment_method."""
        amount, number = session["amount_total"], session["payment_intent"]
        intent = self.intents.get(number) or {
            "id": f"pi_{secrets.token_hex(12)}", "object": "payment_intent", "amount": amount,
            "currency": session["currency"], "created": int(self.now()), "livemode": False,
            "metadata": session["_intent_metadata"], "latest_charge": None,
        }  # fmt: skip
        intent |= {"status": status, "amount_received": amount if status == "succeeded" else 0}
        if status == "succeeded":
            fee = amount * _FEE_BPS // 10_000 + _FEE_FIXED
            intent["latest_charge"] = {
                "id": f"ch_{secrets.token_hex(12)}", "object": "charge", "amount": amount,
                "created": int(self.now()), "payment_intent": intent["id"],
                "currency": session["currency"],
                "balance_transaction": {"object": "balance_transaction", "fee": fee,
                                        "id": f"txn_{secrets.token_hex(12)}",
                                        "currency": session["currency"]},
            }  # fmt: skip
        self.intents[str(intent["id"])] = intent
        return intent

    def _refunded(self, intent: str) -> int:
        return sum(
            row["amount"]
            for row in self.refunds.values()
            if row["payment_intent"] == intent and row["status"] in ("succeeded", "pending")
        )

    def _session_of(self, call: Call) -> dict[str, Any]:
        self._expired()
        session = self.sessions.get(call.match["id"])
        if session is None:
            raise Refuse(
                404,
                forms.body(
                    f"No such checkout.session: {call.match['id']}", code="resource_missing"
                ),
            )
        return session

    def _expired(self) -> list[dict[str, Any]]:
        for session in self.sessions.values():
            if session["status"] == "open" and session["expires_at"] <= self.now():
                self._expire(session)
        return sorted(self.sessions.values(), key=lambda row: -row["created"])

    def _expire(self, session: dict[str, Any]) -> None:
        session.update(status="expired", url=None)
        self._event("checkout.session.expired", session)

    def _event(self, kind: str, thing: dict[str, Any]) -> None:
        event = {
            "id": f"evt_{secrets.token_hex(12)}", "object": "event", "type": kind,
            "created": int(self.now()), "livemode": False, "api_version": "2026-10-28.endive",
            "data": {"object": forms.public(thing)},
        }  # fmt: skip
        self.send(Delivery(self.webhook_url, json.dumps(event).encode(), self._signed))

    def _signed(self, body: bytes) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "Stripe-Signature": forms.signature(self.webhook_secret, body, int(time.time())),
        }

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("POST", "/v1/checkout/sessions"): session_create,
        ("GET", "/v1/checkout/sessions"): session_list,
        ("GET", "/v1/checkout/sessions/(?P<id>[^/]+)"): session_get,
        ("POST", "/v1/checkout/sessions/(?P<id>[^/]+)/expire"): session_expire,
        ("GET", "/v1/payment_intents/(?P<id>[^/]+)"): intent_get,
        ("POST", "/v1/refunds"): refund_create,
        ("GET", "/v1/refunds"): refund_list,
        ("GET", "/v1/refunds/(?P<id>[^/]+)"): refund_get,
        ("GET", "/v1/disputes"): dispute_list,
    }
