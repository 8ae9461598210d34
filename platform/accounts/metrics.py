"""What accounts counts."""

from __future__ import annotations

from typing import Final

from prometheus_client import Counter

INIT_DATA_REFUSED: Final = Counter("init_data_refused", "Launches refused by reason", ["reason"])
REFRESH_REUSED: Final = Counter("refresh_reused", "Refresh tokens seen a second time")
WALLETS_LINKED: Final = Counter("wallets_linked", "Wallets proved and linked")
