"""Exit codes of our contracts, in words. Mirror of ``func/errors.fc``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class ContractError:
    """One exit code: its name in the sources and a plain sentence."""

    code: int
    name: str
    sentence: str


class MalformedCell(ValueError):
    """A cell does not have the layout that was expected; the text says where."""


_ALL: Final = (
    ContractError(333, "wrong_workchain", "an address is not a standard basechain address"),
    ContractError(399, "too_many", "more than allowed in one message"),
    ContractError(401, "not_owner", "the sender has no right to do this"),
    ContractError(402, "value_too_small", "too little value attached"),
    ContractError(
        403,
        "list_length",
        "the list does not hold exactly the number of entries that was announced",
    ),
    ContractError(405, "not_collection", "only the item's collection can initialise it"),
    ContractError(
        450,
        "price_not_covered",
        "the value does not cover price and fees: attach what get_mint_cost returns",
    ),
    ContractError(460, "paused", "paused"),
    ContractError(461, "not_started", "the sale has not started"),
    ContractError(462, "ended", "the sale has ended"),
    ContractError(463, "sold_out", "fewer editions are left than asked for"),
    ContractError(464, "price_above_max", "the price is above the buyer's limit"),
    ContractError(465, "over_quota", "above the hub's quota, or the quota would not fit"),
    ContractError(466, "content_locked", "the content can no longer change"),
    ContractError(467, "payout_fixed", "the payout address is fixed"),
    ContractError(468, "bad_parameters", "a parameter is out of range"),
    ContractError(469, "not_deployed", "the collection is not deployed yet"),
    ContractError(470, "already_deployed", "the collection is already deployed"),
    ContractError(471, "role_expired", "the role's date has passed: the admin has to renew it"),
    ContractError(
        472,
        "wrong_number",
        "not the next number: this batch was accepted before, or one is missing",
    ),
    ContractError(473, "over_allowance", "above what the daily allowance leaves"),
    ContractError(474, "unknown_method", "the admin has set no share for this method"),
    ContractError(475, "too_early", "the notice of seven days is not over"),
    ContractError(476, "nothing_proposed", "nothing was proposed"),
    ContractError(477, "nothing_to_send", "nothing can be sent without touching the reserve"),
    ContractError(478, "list_too_deep", "the list is nested too deeply"),
    ContractError(708, "no_payload_bit", "the bit before the forward payload is missing"),
    ContractError(65535, "unknown_op", "unknown operation"),
)

ERRORS: Final[dict[int, ContractError]] = {error.code: error for error in _ALL}

# Codes of the TVM itself that a wrong message can meet.
_TVM: Final[dict[int, str]] = {
    9: "the message body is shorter than its operation needs, or longer",
    13: "out of gas: too little value attached",
    34: "an outgoing message was invalid; everything was returned",
    37: "not enough coins for what would have been sent; everything was returned",
}


def explain(code: int) -> str:
    """Return a plain sentence for an exit or result code."""
    known = ERRORS.get(code)
    if known is not None:
        return known.sentence
    return _TVM.get(code, f"unknown code {code}")


def code_of(name: str) -> int:
    """Return the code of an error by its name in the sources. Raises KeyError."""
    for error in _ALL:
        if error.name == name:
            return error.code
    raise KeyError(name)
