"""A world: its services, its folder, and what happens to it when things go wrong."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from redis import Redis

from deploy.local import postgres
from deploy.local.ports import Ports
from deploy.local.process import ROOT, CannotStart
from deploy.local.world import World
from tests.house.test_supervisor import wait_until_gone

SERVICES = ("postgres", "redis")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A state folder that user `nobody` can reach, as `.local` usually is."""
    path = Path(tempfile.mkdtemp(prefix="tonality-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def world_in(folder: Path, **settings: str) -> World:
    return World(folder, ports=Ports.free(), inherited=settings)


def test_the_application_role_reads_and_writes_but_owns_nothing() -> None:
    with World.temporary() as world:
        world.start(["postgres"])
        with psycopg2.connect(world.postgres.url(postgres.OWNER)) as owner:
            owner.cursor().execute("CREATE TABLE leg (id bigserial PRIMARY KEY, amount bigint)")
        with psycopg2.connect(world.postgres.url(postgres.APP)) as app, app.cursor() as cursor:
            cursor.execute("INSERT INTO leg (amount) VALUES (1) RETURNING amount")
            assert cursor.fetchone() == (1,)
            app.commit()
            for forbidden in ("TRUNCATE leg", "DROP TABLE leg", "CREATE TABLE mine ()"):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    cursor.execute(forbidden)
                app.rollback()
        with psycopg2.connect(world.reader_url()) as reader, reader.cursor() as cursor:
            cursor.execute("SELECT amount FROM leg")
            assert cursor.fetchall() == [(1,)]
            with pytest.raises(psycopg2.errors.ReadOnlySqlTransaction):
                cursor.execute("DELETE FROM leg")


def test_cyrillic_has_trigrams() -> None:
    with World.temporary() as world:
        world.start(["postgres"])
        with psycopg2.connect(world.postgres.url(postgres.OWNER)) as owner:
            cursor = owner.cursor()
            cursor.execute("CREATE EXTENSION pg_trgm")
            cursor.execute("SELECT similarity('ночной рейс', 'Ночной')")
            assert cursor.fetchone()[0] > 0.4  # type: ignore[index]


def test_a_second_start_finds_the_old_state(folder: Path) -> None:
    with world_in(folder) as world:
        world.start(SERVICES)
        with psycopg2.connect(world.postgres.url(postgres.OWNER)) as owner:
            owner.cursor().execute("CREATE TABLE kept AS SELECT 42 AS answer")
    with world_in(folder) as world:
        world.start(SERVICES)
        with psycopg2.connect(world.postgres.url(postgres.APP)) as app, app.cursor() as cursor:
            cursor.execute("SELECT answer FROM kept")
            assert cursor.fetchone() == (42,)


def test_a_database_folder_left_half_made_is_made_anew(folder: Path) -> None:
    for leftover in ("data", "data.new"):
        (folder / "postgres" / leftover).mkdir(parents=True)
        (folder / "postgres" / leftover / "postgresql.conf").write_text("half")
    with world_in(folder) as world:
        world.start(["postgres"])
        psycopg2.connect(world.postgres.url(postgres.APP)).close()


def test_a_killed_database_comes_back_with_its_data_and_its_stale_pid_file(folder: Path) -> None:
    with world_in(folder) as world:
        world.start(["postgres"])
        with psycopg2.connect(world.postgres.url(postgres.OWNER)) as owner:
            owner.cursor().execute("CREATE TABLE kept AS SELECT 42 AS answer")
        world.kill("postgres")
        pid_file = world.postgres.data / "postmaster.pid"
        _first, *rest = pid_file.read_text().splitlines()
        pid_file.write_text("\n".join([str(os.getpid()), *rest]))  # a living stranger's number
        world.start(["postgres"])
        with psycopg2.connect(world.postgres.url(postgres.APP)) as app, app.cursor() as cursor:
            cursor.execute("SELECT answer FROM kept")
            assert cursor.fetchone() == (42,)


def test_children_die_with_a_supervisor_that_was_killed(folder: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from deploy.local.world import World; from deploy.local.ports import Ports\n"
        "world = World(Path(sys.argv[1]), ports=Ports.free(), inherited={})\n"
        "world.start(['postgres', 'redis'])\n"
        "print(*(child.process.pid for child in world.supervisor.children.values()), flush=True)\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    assert len(pids) == len(SERVICES)
    assert all(wait_until_gone(pid) for pid in pids)
    with world_in(folder) as world:
        world.start(SERVICES)


def test_a_taken_port_is_told_with_the_setting_that_moves_it(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = Ports(pg_port=port)
        world = World(folder, ports=ports, inherited={})
        with world, pytest.raises(CannotStart, match=rf"port {port} is taken.*PG_PORT=") as problem:
            world.start(["postgres"])
    assert "\n" not in str(problem.value)


def test_a_state_folder_that_cannot_be_written_is_one_clear_line(folder: Path) -> None:
    (folder / "file").touch()
    with pytest.raises(CannotStart, match=r"cannot be written.*STATE_DIR="):
        world_in(folder / "file" / "state")


def test_two_runs_never_share_a_state_folder(folder: Path) -> None:
    with world_in(folder), pytest.raises(CannotStart, match="another run uses the state folder"):
        world_in(folder)


def test_generated_secrets_are_kept_and_readable_by_their_owner_alone(folder: Path) -> None:
    with world_in(folder) as first:
        secret = first.environ["SECRET_KEY"]
    with world_in(folder) as second:
        assert second.environ["SECRET_KEY"] == secret
    assert stat.S_IMODE((folder / "env").stat().st_mode) == 0o600


def test_a_part_gives_way_to_a_real_one_named_in_the_environment(folder: Path) -> None:
    with World.temporary() as real:
        real.start(["redis"])
        url = real.environ["REDIS_URL"]
        with world_in(folder, REDIS_URL=url) as world:
            world.start(["redis"])
            assert "redis" not in world.supervisor.children
            assert world.environ["REDIS_URL"] == url
            with Redis.from_url(url) as client:
                assert client.ping()


def test_a_throwaway_world_ignores_the_shell_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://real.example/money")
    monkeypatch.setenv("TON_NETWORK", "mainnet")
    with World.temporary() as world:
        assert "real.example" not in " ".join(world.environ.values())
        assert world.environ["TON_NETWORK"] == "local"
        world.start(["redis"])
        left = world.state.folder
    assert not left.exists()


def test_bad_port_settings_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WS_PORT", "eighty")
    with pytest.raises(CannotStart, match="WS_PORT=eighty is not a port"):
        Ports.from_environment()
