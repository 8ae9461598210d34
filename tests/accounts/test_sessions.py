from __future__ import annotations

import base64
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts import tokens
from accounts.models import Session
from accounts.tasks import sweep
from core.ids import uuid7
from core.models import AuditRecord
from tests.accounts.people import Caller, sign_in

pytestmark = pytest.mark.django_db


def refused(answer: Any, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (401, code)


def test_the_access_token_opens_what_is_closed(fan: Caller) -> None:
    answer = fan.get("me")
    assert answer.status_code == 200
    assert answer.json()["id"] == fan.user_id
    assert answer.json()["wallets"] == []


def test_authenticating_is_one_query(fan: Caller) -> None:
    with CaptureQueriesContext(connection) as queries:
        fan.get("me")
    assert len(queries) == 3  # the session with its user; the wallets; what was chosen


@pytest.mark.parametrize(
    ("token", "code"),
    [
        ("", "token_malformed"),
        ("x", "token_malformed"),
        ("é", "token_malformed"),
        ("A" * 48, "token_forged"),
        ("A" * 4000, "token_malformed"),
    ],
)
def test_a_token_that_is_none_is_refused_with_a_challenge(
    stranger: Caller, token: str, code: str
) -> None:
    header = f"Bearer {token}".encode().decode("latin-1")
    answer = stranger.client.get("/api/v1/me", headers={"Authorization": header})
    refused(answer, code)
    assert answer["WWW-Authenticate"] == 'Bearer realm="tonality"'
    assert answer["Content-Type"] == "application/problem+json"


def test_no_single_bit_of_a_token_can_change(fan: Caller) -> None:
    raw = bytearray(base64.urlsafe_b64decode(fan.access + "=" * (-len(fan.access) % 4)))
    for place in range(len(raw)):
        forged = bytes(raw[:place]) + bytes([raw[place] ^ 1]) + bytes(raw[place + 1 :])
        with pytest.raises(tokens.TokenInvalid, match="forged"):
            tokens.access_read(
                base64.urlsafe_b64encode(forged).rstrip(b"=").decode(), now=timezone.now()
            )


def test_tokens_do_not_pass_for_each_other(fan: Caller) -> None:
    access = fan.access
    fan.access = fan.refresh
    refused(fan.get("me"), "token_malformed")
    refused(fan.post("auth/refresh", {"refresh": access}), "refresh_invalid")
    assert Session.objects.get().revoked_at is None


def test_a_token_of_another_secret_is_refused(fan: Caller, settings: Settings) -> None:
    settings.SECRET_KEY = "another-secret-of-more-than-fifty-characters-0000000000000000"
    refused(fan.get("me"), "token_forged")


def test_an_access_token_ends_with_its_time(fan: Caller) -> None:
    session = Session.objects.get()
    fan.access = tokens.access_make(session.pk, timezone.now() - timedelta(seconds=1))
    refused(fan.get("me"), "token_expired")


def test_a_token_for_a_session_that_never_was_is_refused(stranger: Caller) -> None:
    stranger.access = tokens.access_make(uuid7(), timezone.now() + timedelta(minutes=5))
    refused(stranger.get("me"), "session_ended")


def test_a_refresh_gives_a_new_pair_that_works(fan: Caller) -> None:
    answer = fan.post("auth/refresh", {"refresh": fan.refresh})
    assert answer.status_code == 200
    pair = answer.json()
    assert pair.keys() == {"access", "refresh", "expires_in"}
    assert pair["refresh"] != fan.refresh
    fan.access = pair["access"]
    assert fan.get("me").status_code == 200
    assert fan.post("auth/refresh", {"refresh": pair["refresh"]}).status_code == 200


def test_a_refresh_token_used_twice_ends_the_session_for_both(fan: Caller) -> None:
    fresh = fan.post("auth/refresh", {"refresh": fan.refresh}).json()
    refused(fan.post("auth/refresh", {"refresh": fan.refresh}), "refresh_invalid")
    session = Session.objects.get()
    assert (session.revoked_reason, session.generation) == ("refresh_reused", 2)
    refused(fan.post("auth/refresh", {"refresh": fresh["refresh"]}), "refresh_invalid")
    fan.access = fresh["access"]
    refused(fan.get("me"), "session_ended")
    assert AuditRecord.objects.get().action == "accounts.session_revoked"


def test_other_sessions_of_the_person_live_on(fan: Caller) -> None:
    elsewhere = sign_in(1001, "Mira")
    fan.post("auth/refresh", {"refresh": fan.refresh})
    fan.post("auth/refresh", {"refresh": fan.refresh})
    assert elsewhere.get("me").status_code == 200


def test_a_forged_refresh_token_ends_nothing(fan: Caller) -> None:
    forged = fan.refresh[:-2] + ("AA" if fan.refresh[-2:] != "AA" else "BB")
    refused(fan.post("auth/refresh", {"refresh": forged}), "refresh_invalid")
    assert fan.get("me").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_refresh_token_used_at_once_in_two_places_works_in_one() -> None:
    fan = sign_in(1001, "Mira")
    codes: list[int] = []

    def turn() -> None:
        codes.append(Caller().post("auth/refresh", {"refresh": fan.refresh}).status_code)
        connection.close()

    threads = [threading.Thread(target=turn) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == [200, 401, 401, 401]
    assert Session.objects.get().revoked_reason == "refresh_reused"


def test_signing_out_ends_both_tokens_at_once(fan: Caller) -> None:
    assert fan.post("auth/logout").status_code == 204
    refused(fan.get("me"), "session_ended")
    refused(fan.post("auth/refresh", {"refresh": fan.refresh}), "refresh_invalid")


def test_a_session_ends_with_its_time(fan: Caller) -> None:
    Session.objects.update(expires_at=timezone.now())
    refused(fan.get("me"), "session_ended")
    refused(fan.post("auth/refresh", {"refresh": fan.refresh}), "refresh_invalid")


def test_only_hashes_of_refresh_tokens_are_stored(fan: Caller) -> None:
    assert Session.objects.get().refresh_hash == tokens.digest(fan.refresh)


def test_ended_sessions_are_forgotten_in_time(fan: Caller) -> None:
    assert fan.post("wallets/nonce").status_code == 200
    assert sweep() == 0
    Session.objects.update(expires_at=timezone.now() - timedelta(days=91))
    assert sweep() == 2
    assert not Session.objects.exists()
