from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from core.errors import ApplicationError
from core.locks import LockMisuse, lock


@pytest.mark.django_db(transaction=True)
def test_a_lock_outside_a_transaction_is_refused() -> None:
    with pytest.raises(LockMisuse):
        lock("a")


@pytest.mark.django_db
def test_a_lock_of_nothing_is_refused() -> None:
    with pytest.raises(LockMisuse):
        lock()


@pytest.mark.django_db
def test_the_time_limit_of_the_transaction_is_put_back() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '7s'")
        lock("a", "b")
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("7s",)


@pytest.mark.django_db(transaction=True)
def test_a_taken_key_is_refused_after_the_limit_and_free_after_commit() -> None:
    held, release = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock("b", "a")
            held.set()
            release.wait(10)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(10)
    with pytest.raises(ApplicationError) as refused, transaction.atomic():
        lock("a", limit_ms=50)
    assert (refused.value.code, refused.value.status) == ("busy", 503)
    release.set()
    holder.join()
    with transaction.atomic():
        lock("a", limit_ms=50)


@pytest.mark.django_db(transaction=True)
def test_opposite_orders_of_keys_do_not_deadlock() -> None:
    failures: list[Exception] = []

    def work(keys: tuple[str, ...]) -> None:
        try:
            for _ in range(25):
                with transaction.atomic():
                    lock(*keys)
        except Exception as error:  # noqa: BLE001
            failures.append(error)
        connection.close()

    threads = [threading.Thread(target=work, args=(k,)) for k in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
