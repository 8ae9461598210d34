"""Refusals of payments. Codes are the API's; the text is for the buyer."""

from __future__ import annotations

from core.errors import ApplicationError


def order_not_found() -> ApplicationError:
    return ApplicationError("order_not_found", "Not Found", "No such order of yours.", 404)


def drop_not_found() -> ApplicationError:
    return ApplicationError("drop_not_found", "Not Found", "There is no such drop.", 404)


def not_for_sale(code: str, detail: str) -> ApplicationError:
    """The drop is there, but not to be bought now: paused, not_started, ended, sold_out."""
    return ApplicationError(code, "Not for sale", detail, 409)


def too_many(limit: int) -> ApplicationError:
    text = f"At most {limit} at once."
    return ApplicationError("too_many", "Too many", text, 400, {"quantity": [text]})


def method_unavailable() -> ApplicationError:
    text = "This way to pay is not offered here."
    return ApplicationError("method_unavailable", "Unavailable", text, 400, {"method": [text]})


def wallet_unproved() -> ApplicationError:
    text = "Connect a wallet and prove that it is yours."
    return ApplicationError("wallet_unproved", "Wallet not proved", text, 403, {"wallet": [text]})


def address_invalid(field: str, detail: str) -> ApplicationError:
    return ApplicationError("address_invalid", "Invalid address", detail, 400, {field: [detail]})


def order_closed(state: str) -> ApplicationError:
    return ApplicationError(
        "order_closed", "Order closed", f"The order is {state}; make a new one.", 409
    )


def too_many_attempts() -> ApplicationError:
    return ApplicationError(
        "too_many_attempts", "Too many attempts", "Make a new order instead.", 409
    )


def chain_unavailable() -> ApplicationError:
    return ApplicationError(
        "chain_unavailable",
        "The chain does not answer",
        "The price cannot be confirmed right now. Try again in a moment.",
        503,
        headers={"Retry-After": "2"},
    )


def provider_unavailable() -> ApplicationError:
    return ApplicationError(
        "provider_unavailable",
        "Payment cannot be prepared",
        "This way to pay does not answer right now. Try again in a moment.",
        503,
        headers={"Retry-After": "2"},
    )


def attempt_pending() -> ApplicationError:
    return ApplicationError(
        "attempt_pending",
        "Still being made",
        "The earlier payment is still being made; its outcome is known in a moment.",
        409,
        headers={"Retry-After": "5"},
    )


def email_required() -> ApplicationError:
    text = "Say where the receipt is to be sent."
    return ApplicationError("email_required", "E-mail required", text, 400, {"email": [text]})


def gift_impossible() -> ApplicationError:
    text = "Gifts by link are paid outside the chain; with TON name the friend's wallet instead."
    return ApplicationError("gift_impossible", "No gift by link", text, 400, {"gift": [text]})


def gift_not_found() -> ApplicationError:
    return ApplicationError("gift_not_found", "Not Found", "There is no such gift.", 404)


def gift_refused(code: str, detail: str) -> ApplicationError:
    """The gift is there, but not for this person, or not any more."""
    return ApplicationError(code, "Not possible", detail, 409)


def amount_refused(detail: str) -> ApplicationError:
    """The method cannot take so little or so much."""
    return ApplicationError("amount_refused", "Amount", detail, 409, {"method": [detail]})


def refund_impossible(detail: str) -> ApplicationError:
    return ApplicationError("refund_impossible", "No refund", detail, 409)


def settlement_not_open(detail: str) -> ApplicationError:
    return ApplicationError("settlement_not_open", "Nothing to sign", detail, 409)


def nothing_due() -> ApplicationError:
    return ApplicationError(
        "nothing_due", "Nothing due", "Nobody who can be paid is owed enough in this asset.", 409
    )


def payout_not_open(detail: str) -> ApplicationError:
    return ApplicationError("payout_not_open", "Not possible now", detail, 409)


def period_not_open(detail: str) -> ApplicationError:
    return ApplicationError("period_not_open", "Not possible now", detail, 409)


def not_allowed() -> ApplicationError:
    return ApplicationError("not_allowed", "Not allowed", "Your role may not do this.", 403)


def note_required() -> ApplicationError:
    text = "Say why: others will read it."
    return ApplicationError("note_required", "A note is required", text, 400, {"note": [text]})


def rule_refused(detail: str) -> ApplicationError:
    """Of a policy, share, price or rate that staff may not set like that."""
    return ApplicationError("rule_refused", "Not possible", detail, 400)


def reconciliation_under_way() -> ApplicationError:
    text = "A comparison is under way: its result will be here in a moment."
    return ApplicationError("reconciliation_under_way", "Under way", text, 409)


def not_waiting(detail: str) -> ApplicationError:
    """Of an order or refund that somebody else has dealt with meanwhile."""
    return ApplicationError("not_waiting", "Not possible now", detail, 409)


def rate_stale(asset: str) -> ApplicationError:
    return ApplicationError(
        "rate_stale", "No fresh rate", f"There is no fresh rate of {asset}: try again later.", 409
    )


def rate_moved(detail: str) -> ApplicationError:
    return ApplicationError("rate_moved", "The rate has moved", detail, 409)


def report_refused(detail: str) -> ApplicationError:
    return ApplicationError("report_refused", "Report refused", detail, 400)


def report_not_open(detail: str) -> ApplicationError:
    return ApplicationError("report_not_open", "Not possible now", detail, 409)


def conversion_refused(detail: str) -> ApplicationError:
    return ApplicationError("conversion_refused", "Not booked", detail, 400)


def own_request() -> ApplicationError:
    return ApplicationError(
        "own_request", "Another person is needed", "Nobody approves what he asked for.", 403
    )


def price_unavailable() -> ApplicationError:
    return ApplicationError(
        "price_unavailable",
        "No price right now",
        "There is no fresh exchange rate for this method. Try again, or pay another way.",
        503,
        headers={"Retry-After": "30"},
    )
