"""Everything that followed from one external message, read back from the network."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

from deploy.local.ton.client import NetworkClient


@dataclass(frozen=True)
class Trace:
    """The transactions of a trace, in v3's form, breadth first."""

    transactions: list[dict[str, Any]]

    def of(self, address: str) -> list[dict[str, Any]]:
        """Return the transactions of one account (raw address)."""
        return [item for item in self.transactions if item["account"].lower() == address]

    def received(self, address: str) -> int:
        """Return the nano that messages of the trace brought to an account."""
        return sum(int(item["in_msg"]["value"] or 0) for item in self.of(address))

    def kept(self, address: str) -> int:
        """Return the nano by which an account that sent nothing grew: received less its fees."""
        return sum(
            int(item["in_msg"]["value"] or 0) - int(item["total_fees"]) for item in self.of(address)
        )

    def gas(self, address: str) -> int:
        """Return the gas that an account's code used."""
        return sum(
            int(item["description"]["compute_ph"].get("gas_used", 0)) for item in self.of(address)
        )

    @property
    def burned(self) -> int:
        """Return all fees in nano: each transaction's, and what travelled in its messages."""
        return sum(
            int(item["total_fees"]) + sum(int(out["fwd_fee"] or 0) for out in item["out_msgs"])
            for item in self.transactions
        )


def trace_of(network: NetworkClient, message: bytes, timeout: float = 30) -> Trace:
    """Wait for the whole trace of an external message, given by its (normalised) hash."""
    found: list[dict[str, Any]] = []
    waiting = [message]
    while waiting:
        made = network.wait_for_message(waiting.pop(0), timeout)
        found.append(made)
        waiting += [base64.b64decode(out["hash"]) for out in made["out_msgs"] if out["destination"]]
    return Trace(found)
