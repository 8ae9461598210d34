"""All sandboxes in one process, each on its port: python -m deploy.local.sandbox.

Ports and secrets come from the same environment that the shop gets, so that both sides know them.
"""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.local.sandbox.binance import BinanceSandbox
from deploy.local.sandbox.frame import Sandbox
from deploy.local.sandbox.stripe import StripeSandbox
from deploy.local.sandbox.tbank import TBankSandbox
from deploy.local.sandbox.telegram import TelegramSandbox
from deploy.local.sandbox.telegram_id import TelegramIdSandbox
from deploy.local.sandbox.vault import VaultSandbox
from deploy.local.sandbox.yookassa import YooKassaSandbox


def sandboxes(environ: Mapping[str, str]) -> list[Sandbox]:
    """Those whose SANDBOX_<NAME>_PORT is set. Raises KeyError for a secret that is missing."""
    shop = environ["PUBLIC_URL"]
    made = telegrams(environ)
    if port := environ.get("SANDBOX_STRIPE_PORT"):
        made.append(
            StripeSandbox(
                key=environ["STRIPE_SECRET_KEY"],
                webhook_secret=environ["STRIPE_WEBHOOK_SECRETS"].split(",")[0],
                webhook_url=f"{shop}/webhooks/stripe",
                port=int(port),
            )
        )
    if port := environ.get("SANDBOX_YOOKASSA_PORT"):
        made.append(
            YooKassaSandbox(
                shop_id=environ["YOOKASSA_SHOP_ID"],
                key=environ["YOOKASSA_SECRET_KEY"],
                webhook_url=f"{shop}/webhooks/yookassa",
                port=int(port),
            )
        )
    if port := environ.get("SANDBOX_TBANK_PORT"):
        made.append(
            TBankSandbox(
                terminal=environ["TBANK_TERMINAL_KEY"],
                password=environ["TBANK_PASSWORD"],
                port=int(port),
            )
        )
    if port := environ.get("SANDBOX_BINANCE_PORT"):
        made.append(
            BinanceSandbox(
                key=environ["BINANCE_API_KEY"],
                secret=environ["BINANCE_API_SECRET"],
                port=int(port),
            )
        )
    if port := environ.get("SANDBOX_VAULT_PORT"):
        made.append(
            VaultSandbox(seed=minter_seed(environ), token=environ["VAULT_TOKEN"], port=int(port))
        )
    return made


def telegrams(environ: Mapping[str, str]) -> list[Sandbox]:
    """The bot's side of Telegram, and who signs people in with it."""
    shop = environ["PUBLIC_URL"]
    made: list[Sandbox] = []
    if port := environ.get("SANDBOX_TELEGRAM_PORT"):
        made.append(
            TelegramSandbox(
                token=environ["TELEGRAM_BOT_TOKEN"],
                secret=environ["TELEGRAM_WEBHOOK_SECRET"],
                webhook_url=f"{shop}/webhooks/telegram",
                port=int(port),
            )
        )
    if port := environ.get("SANDBOX_TELEGRAM_ID_PORT"):
        made.append(
            TelegramIdSandbox(
                client_id=environ["TELEGRAM_OIDC_CLIENT_ID"],
                client_secret=environ["TELEGRAM_OIDC_CLIENT_SECRET"],
                redirect_uri=f"{shop}/sign-in/telegram/back",
                port=int(port),
            )
        )
    return made


def minter_seed(environ: Mapping[str, str]) -> bytes:
    """Of the local hub's minter, which the bootstrap has made (deploy/local/ton/bootstrap.py)."""
    keys = Path(environ["STATE_DIR"]) / "ton" / "keys.json"
    return bytes.fromhex(json.loads(keys.read_text())["minter"])


def main() -> int:
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    running = [one.start() for one in sandboxes(os.environ)]
    print("sandboxes_started", flush=True)
    while not stop.is_set():
        time.sleep(0.2)
    for one in running:
        one.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
