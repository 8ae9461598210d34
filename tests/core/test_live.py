"""Live updates over a real websocket served by the real server, through the real Redis."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from accounts import tokens
from accounts.models import Session, User
from core.ids import uuid7
from core.live import publish
from core.live.topics import group_of, may_hear, topic

ORIGIN = "http://127.0.0.1:8000"
SERVER = """
import sys
sys.path[:0] = ["."]
import deploy, django
django.setup()
from core.live import topic
topic("hall")(lambda user, key: True)
topic("box")(lambda user, key: user is not None and user.login == key)
from core.live.socket import application
from granian.server.embed import Server
import asyncio
server = Server(application, address="127.0.0.1", port=int(sys.argv[1]), interface="asgi")
asyncio.run(server.serve())
"""


@pytest.fixture(scope="module")
def port(django_db_setup: None) -> Iterator[int]:
    """The server process, over this run's database and Redis."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number: int = free.getsockname()[1]
    database = settings.DATABASES["default"]
    url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    environment = {**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": url}
    process = subprocess.Popen([sys.executable, "-c", SERVER, str(number)], env=environment)
    try:
        _wait(number)
        yield number
    finally:
        process.terminate()
        process.wait(10)


def _wait(number: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)) == 0:
                return
        time.sleep(0.1)
    raise TimeoutError("the live server did not start")


@pytest.fixture
def fan(transactional_db: None) -> User:
    return User.objects.create_user("fan")


def token(user: User, seconds: int = 600) -> str:
    now = timezone.now()
    session = Session.objects.create(
        user=user,
        kind="miniapp",
        context="telegram",
        refresh_hash="x",
        expires_at=now + timedelta(days=1),
    )
    return tokens.access_make(session.pk, now + timedelta(seconds=seconds))


def dial(port: int, origin: str | None = ORIGIN, path: str = "/ws/") -> ClientConnection:
    return connect(f"ws://127.0.0.1:{port}{path}", origin=origin, proxy=None)  # type: ignore[arg-type]


def say(line: ClientConnection, **message: Any) -> dict[str, Any]:
    line.send(json.dumps(message))
    answer: dict[str, Any] = json.loads(line.recv(timeout=5))
    return answer


@pytest.mark.django_db(transaction=True)
def test_a_visitor_hears_a_public_topic(port: int) -> None:
    with dial(port) as line:
        assert say(line, type="subscribe", topic="hall:7") == {
            "type": "subscribed",
            "topic": "hall:7",
        }
        publish("hall:7", "hall.changed", {"left": 3})
        assert json.loads(line.recv(timeout=5)) == {
            "type": "event",
            "topic": "hall:7",
            "name": "hall.changed",
            "data": {"left": 3},
        }


@pytest.mark.django_db(transaction=True)
def test_nothing_is_heard_of_what_was_rolled_back(port: int) -> None:
    with dial(port) as line:
        say(line, type="subscribe", topic="hall:7")
        with transaction.atomic():
            publish("hall:7", "hall.changed", {"left": 1})
            transaction.set_rollback(True)
        with transaction.atomic():
            publish("hall:7", "hall.changed", {"left": 2})
        assert json.loads(line.recv(timeout=5))["data"] == {"left": 2}


def test_a_private_topic_is_for_its_owner(port: int, fan: User) -> None:
    refused = {"type": "refused", "topic": "box:fan", "code": "forbidden"}
    with dial(port) as line:
        assert say(line, type="subscribe", topic="box:fan") == refused
        assert say(line, type="auth", token=token(fan)) == {"type": "ready"}
        assert say(line, type="subscribe", topic="box:fan")["type"] == "subscribed"
        other = {"type": "refused", "topic": "box:collector", "code": "forbidden"}
        assert say(line, type="subscribe", topic="box:collector") == other
        publish("box:collector", "box.changed", {"state": "paid"})
        publish("box:fan", "box.changed", {"state": "fulfilled"})
        assert json.loads(line.recv(timeout=5))["data"] == {"state": "fulfilled"}


def test_a_bad_token_is_refused_and_leaves_a_visitor(port: int, fan: User) -> None:
    with dial(port) as line:
        for bad in ("", "x", token(fan, -1), tokens.access_make(uuid7(), timezone.now())):
            assert say(line, type="auth", token=bad)["code"] == "token_invalid"
        assert say(line, type="subscribe", topic="box:fan")["code"] == "forbidden"


def test_a_connection_never_changes_hands(port: int, fan: User) -> None:
    collector = User.objects.create_user("collector")
    with dial(port) as line:
        assert say(line, type="auth", token=token(fan))["type"] == "ready"
        assert say(line, type="auth", token=token(fan))["type"] == "ready"
        assert say(line, type="auth", token=token(collector))["code"] == "token_invalid"


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", '{"type":"fly"}', '{"type":[]}', "x" * 5000, '{"type":null}']
)
@pytest.mark.django_db(transaction=True)
def test_nonsense_is_refused_and_the_line_stays(port: int, text: str) -> None:
    with dial(port) as line:
        line.send(text)
        assert json.loads(line.recv(timeout=5))["code"] == "malformed"
        assert say(line, type="ping") == {"type": "pong"}


@pytest.mark.parametrize("name", ["", "hall", "hall:", "king:1", "hall:a b", "hall:" + "x" * 99])
@pytest.mark.django_db(transaction=True)
def test_an_unknown_topic_is_refused(port: int, name: str) -> None:
    with dial(port) as line:
        assert say(line, type="subscribe", topic=name)["code"] == "unknown_topic"


@pytest.mark.django_db(transaction=True)
def test_who_unsubscribes_hears_no_more(port: int) -> None:
    with dial(port) as line:
        say(line, type="subscribe", topic="hall:7")
        assert say(line, type="unsubscribe", topic="hall:7")["type"] == "unsubscribed"
        publish("hall:7", "hall.changed", {})
        assert say(line, type="ping") == {"type": "pong"}


@pytest.mark.django_db(transaction=True)
def test_topics_and_messages_have_a_limit(port: int) -> None:
    with dial(port) as line:
        for number in range(50):
            assert say(line, type="subscribe", topic=f"hall:{number}")["type"] == "subscribed"
        assert say(line, type="subscribe", topic="hall:51")["code"] == "too_many_topics"
        with pytest.raises(ConnectionClosed) as closed:
            list(map(lambda _: say(line, type="ping"), range(100)))  # noqa: C417  one statement
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4008


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:8001"])
@pytest.mark.django_db(transaction=True)
def test_a_foreign_page_is_refused(port: int, origin: str) -> None:
    with pytest.raises(InvalidStatus):
        dial(port, origin)


@pytest.mark.django_db(transaction=True)
def test_another_path_is_refused_and_a_program_without_origin_is_not(port: int) -> None:
    with pytest.raises(InvalidStatus):
        dial(port, path="/elsewhere")
    with dial(port, None) as line:
        assert say(line, type="ping") == {"type": "pong"}


def test_a_kind_is_registered_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.live.topics._topics", {})
    topic("hall")(lambda _user, key: key == "1")
    with pytest.raises(ValueError, match="twice"):
        topic("hall")(lambda _user, _key: True)
    assert may_hear(None, "hall:1") == ""
    assert may_hear(None, "hall:2") == "forbidden"
    assert len(group_of("hall:" + "x" * 80)) < 100


@pytest.mark.django_db(transaction=True)
def test_a_missing_redis_never_fails_the_writer(monkeypatch: pytest.MonkeyPatch) -> None:
    class Away:
        async def group_send(self, group: str, message: dict[str, Any]) -> None:
            raise ConnectionError(group, len(message))

    monkeypatch.setattr("core.live.topics.get_channel_layer", Away)
    with transaction.atomic():
        publish("hall:7", "hall.changed", {})
        User.objects.create_user("fan")
    assert User.objects.count() == 1
    assert connection.in_atomic_block is False
