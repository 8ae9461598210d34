from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from core import logs
from tests.accounts.people import Caller, sign_in

HASH = "862e60d6eebdb72549d5ed7d3fa37c1b9e892fbbcf0443d6cc700dc8e0937fde"


class Lines(io.StringIO):
    def read_all(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Production's logs, kept."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    logs.configure(pretty=False)
    kept = Lines()
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(kept)
    yield kept
    root.handlers[:] = before
    root.setLevel(level)


def requests(lines: Lines) -> list[dict[str, Any]]:
    return [line for line in lines.read_all() if line["event"] == "request"]


@pytest.mark.django_db
def test_a_request_is_one_json_line_with_who_and_how_long(lines: Lines) -> None:
    fan: Caller = sign_in(1001, "Mira")
    answer = fan.get("me?secret=1")
    line = requests(lines)[-1]
    assert line["request_id"] == answer["X-Request-ID"]
    assert (line["method"], line["path"], line["status"]) == ("GET", "/api/v1/me", 200)
    assert line["user_id"] == fan.user_id
    assert line["ms"] > 0
    assert line["timestamp"].endswith("Z")


@pytest.mark.django_db
def test_no_token_or_launch_is_ever_written(lines: Lines) -> None:
    fan = sign_in(1001, "Mira")
    fan.post("auth/refresh", {"refresh": fan.refresh})
    fan.post("auth/telegram", {"init_data": f"user=x&hash={HASH}"})
    written = lines.getvalue()
    for secret in (fan.access, fan.refresh, HASH):
        assert secret not in written


@pytest.mark.parametrize("given", ["short", "x" * 65, "a b c d e f g", "<script>alert(1)"])
def test_a_strange_request_id_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/health/live", headers={"X-Request-ID": given})
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


def test_a_proxys_request_id_is_kept(client: Client) -> None:
    answer = client.get("/health/live", headers={"X-Request-ID": "abcd-1234-efgh"})
    assert answer["X-Request-ID"] == "abcd-1234-efgh"


def test_probes_are_not_written(client: Client, lines: Lines) -> None:
    client.get("/health/live")
    assert requests(lines) == []


def test_secrets_are_scrubbed_from_any_record(lines: Lines) -> None:
    structlog.get_logger("x").warning("failed", init_data="user=1", nested={"boc": "te6cck1234"})
    logging.getLogger("library").error("Bearer %s refused", "abcdef0123456789")
    try:
        raise ValueError(f"hash={HASH}")
    except ValueError:
        logging.getLogger("library").exception("broken")
    written = lines.getvalue()
    for secret in ("user=1", "te6cck1234", "abcdef0123456789", HASH):
        assert secret not in written
    assert "ValueError" in written
