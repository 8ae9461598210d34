"""The folder that holds everything a world keeps: data, logs, keys, generated secrets."""

import base64
import fcntl
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from deploy.local.process import CannotStart

SECRETS: dict[str, Callable[[], str]] = {
    "SECRET_KEY": lambda: secrets.token_urlsafe(50),
    "PG_ADMIN_PASSWORD": lambda: secrets.token_hex(16),
    "PG_OWNER_PASSWORD": lambda: secrets.token_hex(16),
    "PG_APP_PASSWORD": lambda: secrets.token_hex(16),
    "PG_READER_PASSWORD": lambda: secrets.token_hex(16),
    "REDIS_PASSWORD": lambda: secrets.token_hex(16),
    "TELEGRAM_WEBHOOK_SECRET": lambda: secrets.token_urlsafe(32),
    "STRIPE_SECRET_KEY": lambda: f"sk_test_{secrets.token_hex(24)}",
    "STRIPE_WEBHOOK_SECRETS": lambda: f"whsec_{secrets.token_hex(24)}",
    "YOOKASSA_SECRET_KEY": lambda: f"test_{secrets.token_hex(24)}",
    "TBANK_PASSWORD": lambda: secrets.token_hex(10),
    "BINANCE_API_KEY": lambda: secrets.token_hex(24),
    "BINANCE_API_SECRET": lambda: secrets.token_hex(32),
    "TELEGRAM_OIDC_CLIENT_SECRET": lambda: secrets.token_urlsafe(32),
    "MEDIA_MASTER_KEYS": lambda: f"first:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    "IPFS_PINNING_TOKEN": lambda: secrets.token_urlsafe(24),
    "VAULT_TOKEN": lambda: f"hvs.{secrets.token_hex(24)}",
    # The form of a real bot token, so that every check of its shape holds for it too.
    "TELEGRAM_BOT_TOKEN": lambda: f"70{secrets.randbelow(10**8):08}:AA{secrets.token_hex(16)}x",
}


class State:
    """A state folder in use by one supervisor at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "log"
        self._lock: TextIO | None = None

    def open(self) -> None:
        """Makes the folder and takes it for us. Raises CannotStart when that is impossible."""
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
            (self.folder / "media").mkdir(exist_ok=True)
            lock = (self.folder / "lock").open("a+")
        except OSError as error:
            raise CannotStart(
                f"the state folder {self.folder} cannot be written ({error.strerror}): "
                "mend its owner, or choose another with STATE_DIR=..."
            ) from None
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(
                f"another run uses the state folder {self.folder}: stop it, or set STATE_DIR=..."
            ) from None
        self._lock = lock

    def close(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def generated(self) -> dict[str, str]:
        """Secrets of this folder, made once and kept in `env`, readable by their owner alone."""
        path = self.folder / "env"
        known = dict(_lines(path))
        missing = {name: make() for name, make in SECRETS.items() if name not in known}
        if missing:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "w") as file:
                file.writelines(f"{name}={value}\n" for name, value in missing.items())
        return known | missing


def _lines(path: Path) -> list[tuple[str, str]]:
    if not path.exists():
        return []
    pairs = (line.partition("=") for line in path.read_text().splitlines())
    return [(name, value) for name, separator, value in pairs if separator]
