"""Our own processes: how each is started and how one sees that it is up."""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import Ports
from deploy.local.process import ROOT, Program
from deploy.local.ready import log_says, page_answers, port_answers

PYTHON = sys.executable


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the programs of one world share."""

    environ: Mapping[str, str]
    ports: Ports
    state: Path
    logs: Path
    web_workers: int = 2

    def local_ton(self, extra: tuple[str, ...] = ()) -> Program:
        port = self.ports.ton_port
        return self._module(
            "ton",
            ("deploy.local.ton", "--port", str(port), "--state", str(self.state / "ton"), *extra),
            ready=lambda: page_answers(port, "/api/v2/getMasterchainInfo"),
            address=f"http://127.0.0.1:{port}/api/v2/",
        )

    def hub(self, api: str, then: Callable[[], None]) -> Program:
        """Deploys our hub contract on the local network once; later starts find it there."""
        return self._module(
            "hub",
            ("deploy.local.ton.bootstrap", "--state", str(self.state / "ton"), "--api", api),
            once=True,
            then=then,
        )

    def ipfs(self) -> Program:
        """Our IPFS node, a pinning service and three gateways."""
        ports, log = self.ports, self.logs / "ipfs.log"
        gateways = (
            ports.ipfs_gateway_port,
            ports.ipfs_gateway_backup_port,
            ports.ipfs_gateway_legacy_port,
        )
        return self._module(
            "ipfs",
            ("deploy.local.ipfs", "--state", str(self.state / "ipfs"),
             "--api", str(ports.ipfs_api_port), "--pinning", str(ports.ipfs_pinning_port),
             "--gateways", *map(str, gateways)),
            ready=lambda: log_says(log, "ipfs_started"),
            address=f"http://127.0.0.1:{ports.ipfs_api_port}",
        )  # fmt: skip

    def migrate(self) -> Program:
        """Runs as the owner of the tables; every other program uses a role that owns nothing."""
        return self._manage("migrate", ("migrate", "--no-input"), {"DATABASE_AS_OWNER": "1"})

    def static(self) -> Program:
        return self._module("static", ("deploy.local.static",), once=True)

    def seed(self) -> Program:
        # The first time it composes, encodes and publishes a whole catalogue.
        return self._module("seed", ("deploy.local.seed",), once=True, start_within=900.0)

    def sandboxes(self) -> Program:
        """The payment providers and the signer that this machine plays itself."""
        log = self.logs / "sandboxes.log"
        return self._module(
            "sandboxes",
            ("deploy.local.sandbox",),
            ready=lambda: log_says(log, "sandboxes_started"),
        )

    def web(self) -> Program:
        port = self.ports.port
        # Several web processes count together; what an earlier run counted is over.
        counters = self.state / "prometheus"
        shutil.rmtree(counters, ignore_errors=True)
        counters.mkdir()
        return self._granian(
            "web", "wsgi", "deploy.wsgi:application", port,
            ("--workers", str(self.web_workers), "--blocking-threads", "4", "--no-ws"),
            environ={**self.environ, "PROMETHEUS_MULTIPROC_DIR": str(counters)},
            ready=lambda: page_answers(port, "/health/live"),
            address=self.environ["PUBLIC_URL"],
        )  # fmt: skip

    def live(self) -> Program:
        port = self.ports.ws_port
        return self._granian(
            "live", "asginl", "deploy.asgi:application", port, ("--workers", "1"),
            ready=lambda: port_answers(port),
            address=self.environ["WS_URL"],
        )  # fmt: skip

    def worker(self) -> Program:
        return self._celery(
            "worker",
            ("worker", "--concurrency", "2", "--without-mingle", "--without-gossip"),
            "ready.",
        )

    def beat(self) -> Program:
        schedule = str(self.state / "beat-schedule")
        return self._celery("beat", ("beat", "--schedule", schedule, "--pidfile="), "is starting")

    def relay(self) -> Program:
        return self._loop("relay", "relay", "relay_started")

    def follower(self) -> Program:
        return self._loop("follower", "follow", "following")

    def _manage(
        self,
        name: str,
        arguments: tuple[str, ...],
        environ: Mapping[str, str] | None = None,
    ) -> Program:
        return Program(
            name=name,
            argv=(PYTHON, str(ROOT / "manage.py"), *arguments),
            environ={**self.environ, **(environ or {})},
            once=True,
        )

    def _loop(self, name: str, command: str, says: str) -> Program:
        log = self.logs / f"{name}.log"
        return Program(
            name=name,
            argv=(PYTHON, str(ROOT / "manage.py"), command),
            environ=self.environ,
            ready=lambda: log_says(log, says),
        )

    def _module(self, name: str, arguments: tuple[str, ...], **more: object) -> Program:
        given = {"environ": self.environ, **more}
        return Program(name=name, argv=(PYTHON, "-m", *arguments), **given)  # type: ignore[arg-type]

    def _celery(self, name: str, arguments: tuple[str, ...], says: str) -> Program:
        log = self.logs / f"{name}.log"
        return self._module(
            name,
            ("celery", "-A", "deploy", *arguments, "--loglevel", "INFO"),
            ready=lambda: log_says(log, says),
        )

    def _granian(
        self, name: str, interface: str, target: str, port: int, extra: tuple[str, ...],
        **more: object,
    ) -> Program:  # fmt: skip
        return self._module(
            name,
            ("granian", "--interface", interface, "--host", "127.0.0.1", "--port", str(port),
             "--no-access-log", *extra, target),
            **more,
        )  # fmt: skip
