"""All sandboxes in one process, each on its port: python -m deploy.local.sandbox.

Ports and secrets come from the same environment that the shop gets, so that both sides know them.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from deploy.local.sandbox.binance import BinanceSandbox
from deploy.local.sandbox.frame import Sandbox
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.sandbox.tbank import TBankSandbox
from deploy.local.sandbox.telegram import TelegramSandbox
from deploy.local.sandbox.telegram_id import TelegramIdSandbox
from deploy.local.sandbox.vault import VaultSandbox
from deploy.local.sandbox.yookassa import YooKassaSandbox

SELDOM: Final = 3_600.0  # s; nothing but the process ends them


def sandboxes(environ: Mapping[str, str]) -> list[Sandbox]:
    """Those whose SANDBOX_<NAME>_PORT is set. Raises KeyError for a secret that is missing."""
    ports = {name: environ.get(f"SANDBOX_{name.upper()}_PORT") for name in MAKE}
    return [MAKE[name](environ, int(port)) for name, port in ports.items() if port]


def _telegram(environ: Mapping[str, str], port: int) -> Sandbox:
    return TelegramSandbox(
        token=environ["TELEGRAM_BOT_TOKEN"],
        secret=environ["TELEGRAM_WEBHOOK_SECRET"],
        webhook_url=f"{environ['PUBLIC_URL']}/webhooks/telegram",
        port=port,
    )


def _telegram_id(environ: Mapping[str, str], port: int) -> Sandbox:
    return TelegramIdSandbox(
        client_id=environ["TELEGRAM_OIDC_CLIENT_ID"],
        client_secret=environ["TELEGRAM_OIDC_CLIENT_SECRET"],
        redirect_uri=f"{environ['PUBLIC_URL']}/sign-in/telegram/back",
        port=port,
    )


def _stripe(environ: Mapping[str, str], port: int) -> Sandbox:
    return StripeSandbox(
        key=environ["STRIPE_SECRET_KEY"],
        webhook_secret=environ["STRIPE_WEBHOOK_SECRETS"].split(",")[0],
        webhook_url=f"{environ['PUBLIC_URL']}/webhooks/stripe",
        port=port,
    )


def _yookassa(environ: Mapping[str, str], port: int) -> Sandbox:
    return YooKassaSandbox(
        shop_id=environ["YOOKASSA_SHOP_ID"],
        key=environ["YOOKASSA_SECRET_KEY"],
        webhook_url=f"{environ['PUBLIC_URL']}/webhooks/yookassa",
        port=port,
    )


def _tbank(environ: Mapping[str, str], port: int) -> Sandbox:
    return TBankSandbox(
        terminal=environ["TBANK_TERMINAL_KEY"], password=environ["TBANK_PASSWORD"], port=port
    )


def _binance(environ: Mapping[str, str], port: int) -> Sandbox:
    key, secret = environ["BINANCE_API_KEY"], environ["BINANCE_API_SECRET"]
    return BinanceSandbox(key=key, secret=secret, port=port)


def _vault(environ: Mapping[str, str], port: int) -> Sandbox:
    return VaultSandbox(seed=minter_seed(environ), token=environ["VAULT_TOKEN"], port=port)


MAKE: Final[Mapping[str, Callable[[Mapping[str, str], int], Sandbox]]] = {
    "telegram": _telegram,
    "telegram_id": _telegram_id,
    "stripe": _stripe,
    "yookassa": _yookassa,
    "tbank": _tbank,
    "binance": _binance,
    "vault": _vault,
}


def minter_seed(environ: Mapping[str, str]) -> bytes:
    """Of the local hub's minter, which the bootstrap has made (deploy/local/ton/bootstrap.py)."""
    keys = Path(environ["STATE_DIR"]) / "ton" / "keys.json"
    return bytes.fromhex(json.loads(keys.read_text())["minter"])


def main() -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    for one in sandboxes(os.environ):
        one.start(look_every=SELDOM)
    print("sandboxes_started", flush=True)
    stop.wait()
    return 0  # their threads end with the process


if __name__ == "__main__":
    raise SystemExit(main())
