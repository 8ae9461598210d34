"""What the chain client and the follower count. Labels hold no secrets: source is a host name."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

SOURCE_ERRORS = Counter(
    "ton_source_errors_total", "Refused or failed answers of a chain source", ["source", "kind"]
)
LAG_SECONDS = Gauge(
    "ton_follower_lag_seconds", "Seconds of chain time not handled yet", ["account"]
)
LAG_BLOCKS = Gauge("ton_follower_lag_blocks", "Masterchain blocks not handled yet", ["account"])
WAITING = Gauge("ton_follower_waiting", "Transactions stored and not handled yet", ["account"])
STUCK = Gauge(
    "ton_follower_stuck", "1 when a transaction failed too many times to be handled", ["account"]
)
TRANSACTIONS = Counter(
    "ton_follower_transactions_total", "Transactions by what became of them", ["state"]
)
HANDLER_ERRORS = Counter("ton_follower_handler_errors_total", "Handlers that raised", ["op"])
HANDLING_DELAY = Histogram(
    "ton_follower_delay_seconds",
    "From the transaction's block to its effect",
    buckets=(0.25, 0.5, 1, 2, 3, 5, 10, 30, 60, 300, 3600),
)
