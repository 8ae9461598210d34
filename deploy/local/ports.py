"""Which port each program listens on, and whether it is free."""

import os
import random
import socket
from dataclasses import dataclass, fields

from deploy.local.process import CannotStart

# Below the range from which Linux takes outgoing ports, so that no connection steals one of ours.
FREE_RANGE = range(20_000, 32_000)


@dataclass(frozen=True, kw_only=True)
class Ports:
    """Loopback ports by the name of the environment variable that sets them (lower case)."""

    port: int = 8000
    ws_port: int = 8002
    ton_port: int = 8081
    pg_port: int = 54320
    redis_port: int = 63790
    ipfs_api_port: int = 5001
    ipfs_pinning_port: int = 5002
    ipfs_gateway_port: int = 8181
    ipfs_gateway_backup_port: int = 8182
    ipfs_gateway_legacy_port: int = 8183
    sandbox_telegram_port: int = 8091
    sandbox_stripe_port: int = 8092
    sandbox_yookassa_port: int = 8093
    sandbox_tbank_port: int = 8094
    sandbox_binance_port: int = 8095
    sandbox_vault_port: int = 8096
    sandbox_telegram_id_port: int = 8097

    @classmethod
    def from_environment(cls) -> "Ports":
        """Defaults, overridden by PORT, WS_PORT, ... SANDBOX_VAULT_PORT."""
        chosen: dict[str, int] = {}
        for one in fields(cls):
            text = os.environ.get(one.name.upper())
            if text is None:
                continue
            if not text.isdecimal() or not 0 < int(text) < 65_536:
                raise CannotStart(f"{one.name.upper()}={text} is not a port (1 to 65535)")
            chosen[one.name] = int(text)
        return cls(**chosen)

    @classmethod
    def free(cls) -> "Ports":
        """Ports that nobody listens on now, different ones at each call."""
        chosen: set[int] = set()
        while len(chosen) < len(fields(cls)):
            port = random.choice(FREE_RANGE)
            if is_free(port):
                chosen.add(port)
        return cls(**dict(zip([one.name for one in fields(cls)], chosen, strict=True)))

    def require_free(self, name: str) -> int:
        """The port of setting `name`, or CannotStart naming the setting when it is taken."""
        port = int(getattr(self, name))
        if not is_free(port):
            setting = name.upper()
            raise CannotStart(
                f"port {port} is taken: stop what listens there, or set {setting}=... to another"
            )
        return port


def is_free(port: int) -> bool:
    """True when a server could listen on loopback at `port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
