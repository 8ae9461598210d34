"""Placeholder until the real check lands: refuses every proof. (Chain engineer: overwrite me.)"""

from __future__ import annotations

from typing import Any, NamedTuple


class ProofInvalid(Exception):
    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class ProvenWallet(NamedTuple):
    address: str
    public_key: str


def verify_proof(
    account: dict[str, Any],
    proof: dict[str, Any],
    *,
    domains: Any,
    network: Any,
    now: int,
    max_age: int = 900,
) -> ProvenWallet:
    raise ProofInvalid("unavailable")
