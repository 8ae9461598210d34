from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts.models import User
from core.locks import lock
from core.models import IdempotencyKey

pytestmark = [pytest.mark.urls("tests.core.views")]


def post(login: str, key: str | None = "k1") -> Any:
    headers: dict[str, Any] = {} if key is None else {"Idempotency-Key": key}
    client = Client(raise_request_exception=False)
    return client.post(
        "/api/v1/once", {"login": login}, content_type="application/json", headers=headers
    )


@pytest.mark.django_db
@pytest.mark.parametrize("key", [None, "", "white space", "é", "x" * 256])
def test_a_missing_or_malformed_key_is_refused(key: str | None) -> None:
    answer = post("fan", key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")
    assert not User.objects.exists()


@pytest.mark.django_db
def test_the_same_request_has_one_effect_and_the_same_answer() -> None:
    first, second = post("fan"), post("fan")
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert second["Idempotent-Replayed"] == "true"
    assert User.objects.count() == 1


@pytest.mark.django_db
def test_the_same_key_with_another_body_is_refused_and_changes_nothing() -> None:
    post("fan")
    answer = post("collector")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert list(User.objects.values_list("login", flat=True)) == ["fan"]


@pytest.mark.django_db
def test_another_key_is_another_request() -> None:
    post("fan", "k1")
    post("collector", "k2")
    assert User.objects.count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("login", ["refused", "answered"])
def test_a_refusal_leaves_neither_effect_nor_answer(login: str) -> None:
    assert post(login).status_code in {400, 409}
    assert not User.objects.exists()
    assert not IdempotencyKey.objects.exists()
    assert post("fan").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_requests_at_the_same_moment_have_one_effect() -> None:
    answers: list[Any] = []

    def call() -> None:
        answers.append(post("fan"))
        connection.close()

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_request_that_is_still_running_is_told_apart() -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock("idempotency:anonymous POST /api/v1/once:k1")
            held.set()
            release.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    answer = post("fan")
    release.set()
    holder.join()
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_key_busy")
    assert answer["Retry-After"] == "1"
    assert not User.objects.exists()
