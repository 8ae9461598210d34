"""Public sources of rates, in the two forms that we read; a test says what they say."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from deploy.local.sandbox.frame import Call, Refuse, Reply, Route, Sandbox


class RatesSandbox(Sandbox):
    """`prices`: of one coin, by lower-case currency. `age`: seconds since they were made."""

    name = "rates"
    effects = (("GET", "/api/v3/simple/price"), ("GET", "/v2/rates"))

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.prices: dict[str, Any] = {"usd": 3.0, "rub": 270.0}
        self.age = 0

    def act_set(self, **prices: Any) -> dict[str, Any]:
        self.prices |= prices
        return {}

    def coingecko(self, call: Call) -> Reply:
        wanted = _asked(call, {"ids", "vs_currencies", "include_last_updated_at"})
        if wanted["ids"] != "the-open-network":
            return Reply(200, {})  # unknown coins are left out
        found = self._of(wanted["vs_currencies"])
        if wanted.get("include_last_updated_at") == "true":
            found["last_updated_at"] = int(self.now()) - self.age
        return Reply(200, {"the-open-network": found})

    def tonapi(self, call: Call) -> Reply:
        wanted = _asked(call, {"tokens", "currencies"})
        if wanted["tokens"] != "ton":
            raise Refuse(400, {"error": "unknown token"})
        found = {name.upper(): price for name, price in self._of(wanted["currencies"]).items()}
        return Reply(200, {"rates": {"TON": {"prices": found}}})

    def _of(self, currencies: str) -> dict[str, Any]:
        names = currencies.split(",")
        return {name: self.prices[name] for name in names if name in self.prices}

    routes: ClassVar[Mapping[tuple[str, str], Route]] = {
        ("GET", "/api/v3/simple/price"): coingecko,
        ("GET", "/v2/rates"): tonapi,
    }


def _asked(call: Call, names: set[str]) -> dict[str, str]:
    if unknown := set(call.query) - names:
        raise Refuse(400, {"error": f"unknown parameters {sorted(unknown)}"})
    return {name: values[0] for name, values in call.query.items()}
