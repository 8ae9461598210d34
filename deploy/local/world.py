"""A world: one state folder, its ports, its secrets, and the programs that run in it.

`make run` keeps one world under `.local`; the demo, the browser tests and the benchmark make
throw-away ones, which never touch the databases or networks named in the environment.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import postgres
from deploy.local.ports import Ports
from deploy.local.postgres import Postgres
from deploy.local.process import ROOT, CannotStart, Program
from deploy.local.programs import Setting
from deploy.local.redis import redis_program, redis_url
from deploy.local.state import State
from deploy.local.supervisor import Supervisor

# Each group starts when the one before it is ready.
GROUPS: tuple[tuple[str, ...], ...] = (
    ("postgres", "redis", "ton", "ipfs"),
    ("hub", "migrate", "static"),
    ("seed", "sandboxes"),
    ("web", "live", "worker", "beat", "relay", "follower"),
)
PROGRAMS = tuple(name for group in GROUPS for name in group)
# The ports that a program listens on.
LISTENS = {
    "postgres": ("pg_port",),
    "redis": ("redis_port",),
    "ton": ("ton_port",),
    "ipfs": (
        "ipfs_api_port",
        "ipfs_pinning_port",
        "ipfs_gateway_port",
        "ipfs_gateway_backup_port",
        "ipfs_gateway_legacy_port",
    ),
    "web": ("port",),
    "live": ("ws_port",),
}
# A program gives way to a real one when its variable is set.
GIVES_WAY = {
    "postgres": "DATABASE_URL",
    "redis": "REDIS_URL",
    "ton": "TON_ENDPOINTS",
    "hub": "TON_HUB_ADDRESS",
    "ipfs": "IPFS_API",
}
# What a throw-away world must not inherit from the shell that starts it.
OURS = (
    "DATABASE_", "REDIS_", "TON_", "TELEGRAM_", "SENTRY_", "IPFS_", "PINATA_", "DJANGO_",
    "PROMETHEUS_", "STRIPE_", "YOOKASSA_", "TBANK_", "BINANCE_", "VAULT_", "SETTLEMENT_",
    "STARS_", "SBP_",
    "RATE_", "RATES_", "SANDBOX_",
)  # fmt: skip
# A sandbox plays a provider unless the environment has an account there: its first setting.
SANDBOXES = {
    "telegram": "TELEGRAM_BOT_TOKEN",
    "telegram_id": "TELEGRAM_OIDC_CLIENT_ID",
    "stripe": "STRIPE_SECRET_KEY",
    "yookassa": "YOOKASSA_SHOP_ID",
    "tbank": "TBANK_TERMINAL_KEY",
    "binance": "BINANCE_API_KEY",
    "vault": "VAULT_ADDR",
}
OURS_EXACTLY = frozenset(
    {"SECRET_KEY", "PUBLIC_URL", "WS_URL", "ALLOWED_HOSTS", "STATE_DIR", "MEDIA_ROOT",
     "STATIC_ROOT", "DEBUG", "PORT", "WS_PORT", "PG_PORT", "NATIVE_COIN_LABEL", "PLATFORM_BPS",
     "REFERRAL_BPS", "LOCAL_TON_API", "MEDIA_CACHE_DIR", "MEDIA_CACHE_BYTES", "MEDIA_ORIGIN",
     "MEDIA_ACCEL_PREFIX", "SEED"}
)  # fmt: skip


def _others() -> dict[str, str]:
    """The environment without what belongs to the shop of the shell that starts us."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(OURS) and name not in OURS_EXACTLY
    }


class World:
    """Use as a context manager, or call `start` and `stop`. `environ` is what children see."""

    def __init__(
        self,
        folder: Path,
        *,
        ports: Ports,
        inherited: Mapping[str, str],
        throwaway: bool = False,
        say: Callable[[str], None] = lambda _line: None,
        ton_options: tuple[str, ...] = (),
    ) -> None:
        self.state = State(folder)
        self.state.open()
        self.ports = ports
        self.throwaway = throwaway
        self.ton_options = ton_options
        self.supervisor = Supervisor(self.state.logs, say)
        self.inherited = dict(inherited)
        secrets = self.state.generated()
        self.postgres = Postgres(
            self.state.folder / "postgres", ports.pg_port, secrets, throwaway=throwaway
        )
        self.environ = self._environment(secrets)
        Path(self.environ["STATIC_ROOT"]).mkdir(parents=True, exist_ok=True)
        self._adopt_hub()

    @classmethod
    def temporary(
        cls,
        *,
        say: Callable[[str], None] = lambda _line: None,
        ton_options: tuple[str, ...] = (),
        **settings: str,
    ) -> "World":
        """A fresh world on free ports; `settings` are extra environment variables for it."""
        folder = Path(tempfile.mkdtemp(prefix="tonality-"))
        folder.chmod(0o711)  # nobody, who runs PostgreSQL for root, may pass through
        return cls(
            folder,
            ports=Ports.free(),
            inherited=_others() | settings,
            throwaway=True,
            say=say,
            ton_options=ton_options,
        )

    @classmethod
    def aside(cls, folder: Path, *, say: Callable[[str], None], **settings: str) -> "World":
        """A world that stays in `folder`, on free ports; it inherits no address either."""
        return cls(folder, ports=Ports.free(), inherited=_others() | settings, say=say)

    def _environment(self, secrets: Mapping[str, str]) -> dict[str, str]:
        ports, redis_password = self.ports, secrets["REDIS_PASSWORD"]
        defaults = {
            "DJANGO_SETTINGS_MODULE": "core.settings.dev",
            "SECRET_KEY": secrets["SECRET_KEY"],
            "MEDIA_MASTER_KEYS": secrets["MEDIA_MASTER_KEYS"],
            "TELEGRAM_BOT_TOKEN": secrets["TELEGRAM_BOT_TOKEN"],
            "TELEGRAM_BOT_USERNAME": "tonality_dev_bot",
            "REDIS_URL": redis_url(ports.redis_port, redis_password),
            "PUBLIC_URL": f"http://127.0.0.1:{ports.port}",
            "WS_URL": f"ws://127.0.0.1:{ports.ws_port}/ws/",
            "TON_NETWORK": "local",
            "TON_ENDPOINTS": f"http://127.0.0.1:{ports.ton_port}/api/v2/",
            "LOCAL_TON_API": f"http://127.0.0.1:{ports.ton_port}/api/v2/",
            "TON_QUORUM": "1",
            "RATES_FIXED": "USD:3.00,RUB:270,USDT:3,XTR:230",
            "STATE_DIR": str(self.state.folder),
            "MEDIA_ROOT": str(self.state.folder / "media"),
            # Everything pinned comes over the gateways here, though our own storage is nearer.
            "MEDIA_ORIGIN": "gateways",
            "STATIC_ROOT": str(ROOT / "build" / "local" / "static"),  # the same for every world
            "PYTHONUNBUFFERED": "1",
        }
        if "DATABASE_URL" in self.inherited:
            defaults["DATABASE_OWNER_URL"] = self.inherited["DATABASE_URL"]
        else:
            defaults["DATABASE_URL"] = self.postgres.url(postgres.APP)
            defaults["DATABASE_OWNER_URL"] = self.postgres.url(postgres.OWNER)
        if not self._gives_way("ipfs"):
            defaults |= self._ipfs(secrets["IPFS_PINNING_TOKEN"])
        return self._sandboxed(defaults | self.inherited, secrets)

    def _ipfs(self, token: str) -> dict[str, str]:
        """Our node, one pinning service, and three gateways before them."""
        ports, address = self.ports, "http://127.0.0.1:{}".format
        gateways = {
            "own": ports.ipfs_gateway_port,
            "backup": ports.ipfs_gateway_backup_port,
            "legacy:files": ports.ipfs_gateway_legacy_port,  # no single blocks
        }
        return {
            "IPFS_API": address(ports.ipfs_api_port),
            "IPFS_GATEWAYS": ",".join(f"{name}={address(port)}" for name, port in gateways.items()),
            "IPFS_PINNING": f"backup={address(ports.ipfs_pinning_port)}",
            "IPFS_PINNING_TOKENS": f"backup={token}",
        }

    def _sandboxed(self, environ: dict[str, str], secrets: Mapping[str, str]) -> dict[str, str]:
        """Settings of every provider that this machine plays itself."""
        bot = environ["TELEGRAM_BOT_TOKEN"].partition(":")[0]
        played = self._telegrams(bot, secrets) | self._providers(secrets)
        for name, first in SANDBOXES.items():
            if first in self.inherited:
                continue
            port = f"sandbox_{name}_port"
            chosen = {key: one for key, one in played[name].items() if key not in self.inherited}
            environ |= chosen | {port.upper(): str(getattr(self.ports, port))}
        return environ

    def _telegrams(self, bot: str, secrets: Mapping[str, str]) -> dict[str, dict[str, str]]:
        address = "http://127.0.0.1:{}".format
        return {
            "telegram": {
                "TELEGRAM_API_URL": address(self.ports.sandbox_telegram_port),
                "TELEGRAM_WEBHOOK_SECRET": secrets["TELEGRAM_WEBHOOK_SECRET"],
                "TELEGRAM_BOT_URL": address(self.ports.sandbox_telegram_port) + "/chat",
            },
            "telegram_id": {
                "TELEGRAM_OIDC_ISSUER": address(self.ports.sandbox_telegram_id_port),
                "TELEGRAM_OIDC_CLIENT_ID": bot,
                "TELEGRAM_OIDC_CLIENT_SECRET": secrets["TELEGRAM_OIDC_CLIENT_SECRET"],
            },
        }

    def _providers(self, secrets: Mapping[str, str]) -> dict[str, dict[str, str]]:
        address = "http://127.0.0.1:{}".format
        return {
            "stripe": {
                "STRIPE_API_URL": address(self.ports.sandbox_stripe_port),
                "STRIPE_SECRET_KEY": secrets["STRIPE_SECRET_KEY"],
                "STRIPE_WEBHOOK_SECRETS": secrets["STRIPE_WEBHOOK_SECRETS"],
            },
            "yookassa": {
                "YOOKASSA_API_URL": address(self.ports.sandbox_yookassa_port) + "/v3",
                "YOOKASSA_SHOP_ID": "100500",
                "YOOKASSA_SECRET_KEY": secrets["YOOKASSA_SECRET_KEY"],
                "YOOKASSA_WEBHOOK_NETWORKS": "127.0.0.1/32",
            },
            "tbank": {
                "TBANK_API_URL": address(self.ports.sandbox_tbank_port) + "/v2",
                "TBANK_TERMINAL_KEY": "1700000000000DEMO",
                "TBANK_PASSWORD": secrets["TBANK_PASSWORD"],
            },
            "binance": {
                "BINANCE_API_URL": address(self.ports.sandbox_binance_port),
                "BINANCE_API_KEY": secrets["BINANCE_API_KEY"],
                "BINANCE_API_SECRET": secrets["BINANCE_API_SECRET"],
            },
            "vault": {
                "VAULT_ADDR": address(self.ports.sandbox_vault_port),
                "VAULT_TOKEN": secrets["VAULT_TOKEN"],
                "SETTLEMENT_SIGNER": "vault",
                "SETTLEMENT_EVERY": "2",
            },
        }

    def _gives_way(self, name: str) -> bool:
        if name == "hub" and "TON_ENDPOINTS" in self.inherited:
            return True
        return GIVES_WAY.get(name, "") in self.inherited

    def _adopt_hub(self) -> None:
        """The address that the bootstrap wrote becomes a setting of everything started later."""
        found = self.state.folder / "ton" / "hub.json"
        if found.exists() and not self._gives_way("hub"):
            self.environ["TON_HUB_ADDRESS"] = json.loads(found.read_text())["address"]

    def start(self, names: Iterable[str] = PROGRAMS) -> None:
        """Starts the named programs, group after group. Raises CannotStart or Interrupted."""
        wanted = set(names) - set(self.supervisor.children)
        if unknown := wanted - set(PROGRAMS):
            raise CannotStart(f"no such program: {', '.join(sorted(unknown))}")
        ours = [name for name in PROGRAMS if name in wanted and not self._gives_way(name)]
        for name in ours:
            for port in LISTENS.get(name, ()):
                self.ports.require_free(port)
        for group in GROUPS:
            self.supervisor.start([self._program(name) for name in group if name in ours])

    def _program(self, name: str) -> Program:
        if name == "postgres":
            return self.postgres.program()
        if name == "redis":
            return self._redis()
        setting = Setting(
            environ=self.environ,
            ports=self.ports,
            state=self.state.folder,
            logs=self.state.logs,
        )
        if name == "ton":
            return setting.local_ton(self.ton_options)
        if name == "hub":
            return setting.hub(self.environ["TON_ENDPOINTS"].split(",")[0], self._adopt_hub)
        program: Program = getattr(setting, name)()
        return program

    def _redis(self) -> Program:
        password = self.state.generated()["REDIS_PASSWORD"]
        folder = self.state.folder / "redis"
        return redis_program(folder, self.ports.redis_port, password, throwaway=self.throwaway)

    def reader_url(self) -> str:
        """A connection URL that can read every table and write none."""
        if self._gives_way("postgres"):
            return self.environ["DATABASE_URL"]
        return self.postgres.url(postgres.READER)

    def restart(self, name: str) -> None:
        """Stops one program if it runs, and starts it again."""
        if name in self.supervisor.children:
            self.supervisor.stop_all([name])
        self.start([name])

    def kill(self, name: str) -> None:
        """`kill -9` for one program and its own children; `start` brings it back."""
        self.supervisor.kill(name)

    def stop(self) -> None:
        """Stops everything; a throw-away world also removes its folder."""
        self.supervisor.stop()
        self.state.close()
        if self.throwaway:
            postgres.remove(self.state.folder / "postgres")
            shutil.rmtree(self.state.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def kept(say: Callable[[str], None]) -> World:
    """The world of `make run`, under STATE_DIR (default: `.local`)."""
    folder = Path(os.environ.get("STATE_DIR") or ROOT / ".local")
    return World(folder, ports=Ports.from_environment(), inherited=os.environ, say=say)
