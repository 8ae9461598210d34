"""Why an order ended without editions, or waits for a person: a code, a text, and the ways out."""

from __future__ import annotations

from typing import Final

UNPAID: Final = "unpaid"
DECLINED: Final = "declined"
REFUNDED: Final = "refunded"
REFUNDED_OUTSIDE: Final = "refunded_outside"
REFUND_FAILED: Final = "refund_failed"
DUPLICATE: Final = "duplicate"
PAID_LATE: Final = "paid_late"
WRONG_AMOUNT: Final = "wrong_amount"
DISPUTE_LOST: Final = "dispute_lost"
MINT_REFUSED: Final = "mint_refused"
GIFT_UNCLAIMED: Final = "gift_unclaimed"
GIFT_CANCELLED: Final = "gift_cancelled"

_TEXTS: Final[dict[str, str]] = {
    UNPAID: "No payment arrived in time. Nothing was charged.",
    DECLINED: "The payment was declined. Nothing was charged.",
    REFUNDED: "Your payment was sent back to where it came from.",
    REFUNDED_OUTSIDE: "Your payment was returned by the payment provider.",
    REFUND_FAILED: "Your payment could not be sent back yet; we are looking into it.",
    DUPLICATE: "This order had been paid already; the second payment is sent back.",
    PAID_LATE: "The payment came after the order had ended; we are sorting it out.",
    WRONG_AMOUNT: "Another amount arrived than was asked for; we are sorting it out.",
    DISPUTE_LOST: "The payment was taken back by your bank.",
    MINT_REFUSED: "Your editions could not be issued yet; we are looking into it.",
    GIFT_UNCLAIMED: "Nobody opened the gift in time; the payment is sent back.",
    GIFT_CANCELLED: "You called the gift back; the payment is sent back.",
    "sold_out": ("Sold out between your order and your payment; the contract returned your coins."),
    "price_changed": (
        "The price rose between your order and your payment; the contract returned your coins."
    ),
    "paused": "The artist paused the sale before you paid; the contract returned your coins.",
    "not_started": "The sale had not started yet; the contract returned your coins.",
    "ended": "The sale ended before you paid; the contract returned your coins.",
    "too_many": "More editions than one purchase may take; the contract returned your coins.",
    "value_too_small": (
        "Too few coins were attached to cover price and fees; the contract returned them."
    ),
    "refused": "The contract refused the purchase and returned your coins.",
}
CODES: Final = frozenset(_TEXTS)
# The same where the money went back by itself, and nobody has to decide any more.
_RETURNS: Final[dict[str, str]] = {
    REFUNDED: "Your payment goes back to where it came from.",
    PAID_LATE: (
        "The payment came after the order had ended, and nothing was left for it. "
        "It goes back to where it came from."
    ),
}

# What staff may do with an order that waits; the names are those of the desk's actions.
_WAYS_OUT: Final[dict[str, tuple[str, ...]]] = {
    WRONG_AMOUNT: ("refund", "accept"),
    PAID_LATE: ("refund", "accept"),
    DUPLICATE: ("refund",),
    REFUND_FAILED: ("refund", "close"),
    REFUNDED_OUTSIDE: ("close",),
    DISPUTE_LOST: ("close",),
    MINT_REFUSED: ("mint_again", "refund"),
    GIFT_UNCLAIMED: ("refund", "close"),
}


def text(code: str) -> str:
    """In the reader's words. An unknown code is told as a plain refusal, never as an error."""
    return _TEXTS.get(code, _TEXTS["refused"])


def text_of_return(code: str) -> str:
    """Why a payment is on its way back, by its refund's code; staff's own codes are not told."""
    return _RETURNS.get(code) or _TEXTS.get(code) or _RETURNS[REFUNDED]


def of_refund(code: str) -> str:
    """What an order that a refund ends is said to have ended by."""
    return code if code in (GIFT_UNCLAIMED, GIFT_CANCELLED) else REFUNDED


def ways_out(code: str) -> tuple[str, ...]:
    """The actions that fit, the best one first."""
    return _WAYS_OUT.get(code, ("refund", "close"))
