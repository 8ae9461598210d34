from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.test import Client, override_settings

from core.ratelimit import Bucket, take

LIMITS = {"user": (100, 60), "address": (5, 60), "auth": (2, 60), "orders": (3, 60)}


def test_a_bucket_gives_its_tokens_then_refuses_with_the_wait() -> None:
    bucket = Bucket("orders", "fan", tokens=3, seconds=60)
    assert [take([bucket]) for _ in range(3)] == [None] * 3
    refusal = take([bucket])
    assert refusal is not None
    assert refusal.scope == "orders"
    assert 15 < refusal.wait <= 20


def test_owners_do_not_share() -> None:
    assert take([Bucket("orders", "fan", 1, 60)]) is None
    assert take([Bucket("orders", "collector", 1, 60)]) is None
    assert take([Bucket("orders", "fan", 1, 60)]) is not None


def test_a_refused_request_takes_from_no_bucket() -> None:
    roomy, empty = Bucket("user", "fan", 2, 60), Bucket("orders", "fan", 1, 60)
    assert take([roomy, empty]) is None
    assert take([roomy, empty]) is not None
    assert take([roomy]) is None


def test_tokens_come_back_with_time() -> None:
    bucket = Bucket("orders", "fan", tokens=5, seconds=1)
    for _ in range(5):
        take([bucket])
    refusal = take([bucket])
    assert refusal is not None
    time.sleep(refusal.wait + 0.005)
    assert take([bucket]) is None


def test_many_at_once_never_get_more_than_there_is() -> None:
    bucket = Bucket("orders", "fan", tokens=10, seconds=600)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: take([bucket]), range(60)))
    assert answers.count(None) == 10


def test_without_redis_requests_pass() -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:1/0"):
        assert take([Bucket("orders", "fan", 0, 60)]) is None


@pytest.mark.django_db
@pytest.mark.urls("tests.core.views")
@override_settings(RATE_LIMITS=LIMITS)
def test_the_api_answers_429_with_a_problem_and_the_wait(client: Client) -> None:
    for _ in range(3):
        assert client.get("/api/v1/limited").status_code == 200
    answer = client.get("/api/v1/limited")
    assert answer.status_code == 429
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "throttled"
    assert 15 <= int(answer["Retry-After"]) <= 20


@pytest.mark.django_db
@pytest.mark.urls("tests.core.views")
@override_settings(RATE_LIMITS=LIMITS)
def test_a_forged_forwarding_header_buys_no_fresh_bucket(client: Client) -> None:
    codes = [
        client.get("/api/v1/limited", HTTP_X_FORWARDED_FOR=f"9.9.9.{n}").status_code
        for n in range(4)
    ]
    assert codes == [200, 200, 200, 429]
