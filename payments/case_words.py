"""What a difference that reconciliation found means, and what to do about it, in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from payments.models import Case

Kind = Case.Kind


@dataclass(frozen=True, slots=True)
class Words:
    """ours, theirs: what the two figures of the case are."""

    ours: str
    theirs: str
    means: str
    do: str


_WORDS: Final[Mapping[str, Words]] = {
    Kind.MISSED: Words(
        "Our payment",
        "Theirs",
        "The provider had this payment and we had not heard of it: its message was lost. It is"
        " booked now by the same rules as any other, and the buyer gets what he paid for.",
        "Nothing, once. When it happens again: look at the provider's list of sent webhooks, and"
        " whether our address and secret there are right.",
    ),
    Kind.UNKNOWN_PAYMENT: Words(
        "Our payment",
        "Theirs",
        "The provider has money of a payment that carries none of our order numbers: made by hand"
        " in its dashboard, by another shop on the same account, or by somebody who copied a link.",
        "Find out whose it is in the provider's dashboard. Send it back there, or let the buyer"
        " order again. Then close this with what you did.",
    ),
    Kind.BALANCE: Words(
        "The ledger",
        "The provider",
        "What the provider says it holds for us is not what our ledger says. A payout, a fee or a"
        " correction of theirs is not booked here, or a payment is missing on one side.",
        "Compare the provider's list with the ledger account at the provider from the last day on"
        " which they agreed. Book what is missing. It closes by itself when they agree again.",
    ),
    Kind.CHAIN_TOTALS: Words(
        "Our settlements",
        "The hub",
        "The hub has counted a settlement that is not one of ours (or misses one of ours). Only the"
        " minter's key can make one: unless you know who signed it, take the key for stolen.",
        "Set the minter's allowance to zero with the admin's wallet, look at the batch on chain,"
        " then replace the minter. See also whether a drop has more editions than we know of.",
    ),
    Kind.SUPPLY: Words(
        "Recorded here",
        "On chain",
        "The drop has minted editions for which there is no order of ours, or fewer than we have"
        " recorded. More: somebody else used the minter's key, or our follower has not read far"
        " enough. Fewer cannot happen on a chain that is final.",
        "Look whether the follower is behind (health page). If it is not: treat the minter's key as"
        " stolen, and tell the artist which editions are not ours.",
    ),
    Kind.PAYOUT: Words(
        "Our payouts",
        "The hub",
        "The hub has paid out something that nobody here had approved. Only the payer's key can do"
        " that: unless you know who signed it, take the key for stolen.",
        "Set the payer's allowance to zero with the admin's wallet, look at the message on chain,"
        " then replace the payer. Payouts that waited for this number are drafted again.",
    ),
    Kind.SNAPSHOT: Words(
        "The kept sum",
        "Its entries",
        "A sum that the ledger keeps to be quick is not that of its entries. Somebody has written"
        " past the database's own guards, or a copy of the database was not restored as a whole.",
        "Run `manage.py ledger_prove`. Trust the entries, not the sum, and find out who had the"
        " owner's role since the last proof.",
    ),
    Kind.REPORT: Words(
        "Our books",
        "The report",
        "A line of a provider's report fits no payment or refund of ours, or another one than its"
        " amount says. It is not posted: the rest of the report does not wait for it.",
        "Find the line in the provider's dashboard. A payment that we missed comes in by Run now;"
        " then look at the report again. What is not ours belongs to the provider's support.",
    ),
}


def words(kind: str) -> Words:
    found = _WORDS.get(kind)
    return found or Words("Ours", "Theirs", "The two sides do not agree.", "Find out why.")
