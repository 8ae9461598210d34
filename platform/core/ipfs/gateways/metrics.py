"""Numbers of gateways for Prometheus; the only label is the gateway's name, and how it went."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter, Histogram

REQUESTS: Final = Counter(
    "ipfs_gateway_requests", "Requests to gateways by outcome", ["gateway", "outcome"]
)
FIRST_BYTE: Final = Histogram(
    "ipfs_gateway_first_byte_seconds",
    "From the request to the head of the answer",
    ["gateway"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4),
)
BYTES: Final = Counter("ipfs_gateway_bytes", "Verified bytes taken from gateways", ["gateway"])
HEDGES: Final = Counter("ipfs_hedges", "Second requests sent because the first one took long")
JOINED: Final = Counter("ipfs_flights_joined", "Blocks that somebody was already fetching")
