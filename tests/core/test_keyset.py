from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.models import User
from core.errors import ApplicationError
from core.keyset import page

pytestmark = pytest.mark.django_db


def request(**query: str) -> Request:
    return Request(APIRequestFactory().get("/", query))


def walk(ordering: tuple[str, ...], limit: int) -> list[str]:
    seen: list[str] = []
    query: dict[str, str] = {"limit": str(limit)}
    while True:
        found = page(User.objects.all(), request(**query), ordering=ordering)
        seen += [user.login for user in found.results]
        if found.next is None:
            return seen
        query["cursor"] = found.next


@pytest.fixture
def people() -> list[User]:
    now = timezone.now()
    return [
        User.objects.create_user(f"u{number}", created_at=now - timedelta(hours=number // 3))
        for number in range(11)
    ]


@pytest.mark.parametrize(
    "ordering", [("-id",), ("id",), ("-created_at", "-id"), ("created_at", "-login")]
)
@pytest.mark.parametrize("limit", [1, 3, 11, 100])
def test_pages_show_every_row_once_in_order(
    people: list[User], ordering: tuple[str, ...], limit: int
) -> None:
    assert len(people) == 11
    expected = list(User.objects.order_by(*ordering).values_list("login", flat=True))
    assert walk(ordering, limit) == expected


def test_rows_that_come_meanwhile_shift_nothing(people: list[User]) -> None:
    first = page(User.objects.all(), request(limit="5"))
    User.objects.create_user("newcomer")
    assert first.next is not None
    second = page(User.objects.all(), request(limit="5", cursor=first.next))
    assert [user.login for user in second.results] == ["u5", "u4", "u3", "u2", "u1"]
    assert len(people) == 11


def test_a_page_is_one_query(people: list[User]) -> None:
    with CaptureQueriesContext(connection) as queries:
        page(User.objects.all(), request(limit="5"))
    assert len(queries) == 1
    assert people


def test_a_cursor_of_another_order_or_of_nobody_is_refused(people: list[User]) -> None:
    cursor = page(User.objects.all(), request(limit="5")).next
    assert cursor is not None
    assert people
    for broken in (cursor[:-1] + ("A" if cursor[-1] != "A" else "B"), "x", "é", "a:b:c"):
        with pytest.raises(ApplicationError, match="cursor_invalid"):
            page(User.objects.all(), request(cursor=broken))
    with pytest.raises(ApplicationError, match="cursor_invalid"):
        page(User.objects.all(), request(cursor=cursor), ordering=("-created_at", "-id"))


@pytest.mark.parametrize("limit", ["0", "-1", "101", "x", "1.5", "١", "9" * 5000])
def test_an_absurd_limit_is_refused(limit: str) -> None:
    with pytest.raises(ApplicationError, match="limit_invalid"):
        page(User.objects.all(), request(limit=limit))
