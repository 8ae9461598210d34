"""Why an order ended without editions: a code for machines, a text for the reader."""

from __future__ import annotations

from typing import Final

UNPAID: Final = "unpaid"

_TEXTS: Final[dict[str, str]] = {
    UNPAID: "No payment arrived in time. Nothing was charged.",
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


def text(code: str) -> str:
    """In the reader's words. An unknown code is told as a plain refusal, never as an error."""
    return _TEXTS.get(code, _TEXTS["refused"])
