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
CLOSED: Final = "closed"
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
    CLOSED: "Our support has settled this order with you.",
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
    DUPLICATE: ("refund", "close"),
    REFUND_FAILED: ("retry", "by_hand", "mint_again", "close"),
    REFUNDED_OUTSIDE: ("mint_again", "refund", "close"),
    DISPUTE_LOST: ("close",),
    MINT_REFUSED: ("mint_again", "refund"),
    GIFT_UNCLAIMED: ("refund", "close"),
}
# The same for staff: what happened, and what to weigh.
_FOR_STAFF: Final[dict[str, str]] = {
    WRONG_AMOUNT: (
        "Another amount, or another currency, arrived than was asked for. Send it back, or take it"
        " as the price. The editions are held until you decide."
    ),
    PAID_LATE: (
        "The money came after the order had ended, and it cannot go back by itself. Take it if"
        " there are editions left, or send it back."
    ),
    DUPLICATE: "The order had been paid already, and the second payment could not go back.",
    REFUND_FAILED: (
        "A refund was on its way and the provider could not deliver it. The money is with us and"
        " owed to the buyer: try again, or send it another way and say how."
    ),
    REFUNDED_OUTSIDE: (
        "Somebody sent money back outside the shop: in the provider's dashboard, or a bank did."
        " It is booked. Decide what becomes of the editions and of what is left."
    ),
    DISPUTE_LOST: (
        "The payer's bank took the money back after the editions were given. The loss is booked:"
        " there is nothing to send. Close it, and think about the buyer."
    ),
    MINT_REFUSED: (
        "The drop returned the mint several times. Look at the drop (paused, quota, balance), then"
        " put the claim into the next settlement, or send the money back."
    ),
}


def text(code: str) -> str:
    """In the reader's words. An unknown code is told as a plain refusal, never as an error."""
    return _TEXTS.get(code, _TEXTS["refused"])


def for_staff(code: str) -> str:
    """What happened and what to weigh, for who decides."""
    return _FOR_STAFF.get(code, text(code))


def text_of_return(code: str) -> str:
    """Why a payment is on its way back, by its refund's code; staff's own codes are not told."""
    return _RETURNS.get(code) or _TEXTS.get(code) or _RETURNS[REFUNDED]


def of_refund(code: str) -> str:
    """What an order that a refund ends is said to have ended by."""
    return code if code in (GIFT_UNCLAIMED, GIFT_CANCELLED) else REFUNDED


def ways_out(code: str) -> tuple[str, ...]:
    """The actions that fit, the best one first."""
    return _WAYS_OUT.get(code, ("refund", "close"))
