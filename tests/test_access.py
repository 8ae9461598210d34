"""Every address answers each role as the access matrix says."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.http import HttpResponse
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from redis import Redis

from accounts.models import User
from tests import people
from tests.access_matrix import MATRIX, Row
from tests.cast import Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(settings: LazySettings, tmp_path: Any) -> Cast:
    settings.MEDIA_ROOT = str(tmp_path)
    return Cast()


def ask(row: Row, user: User | None, address: str) -> HttpResponse:
    if row.door == "pages":
        answer = getattr(people.pages(user), row.method.lower())(address)
    else:
        client = people.api(user)
        headers = {"Idempotency-Key": f"matrix-{user}"} if row.method == "POST" else {}
        answer = getattr(client, row.method.lower())(address, row.body, headers=headers)
    return answer  # type: ignore[no-any-return]


ROOMS = {row.name.partition("-")[0]: None for row in MATRIX}


@pytest.mark.parametrize("room", ROOMS)
def test_each_role_gets_its_answer(room: str, cast: Cast, redis_server: Redis) -> None:
    """Addresses whose names begin alike speak of the same objects; each answer is undone."""
    rows = [row for row in MATRIX if row.name.partition("-")[0] == room]
    got = {}
    for row in rows:
        redis_server.flushdb()
        address = reverse(row.name, kwargs=cast.words(row.name))
        for role in row.statuses:
            user = None if role == "nobody" else people.person(role)
            with transaction.atomic():
                status = ask(row, user, address).status_code
                transaction.set_rollback(True)
            got[row.method, row.name, role] = status
    expected = {
        (row.method, row.name, role): status
        for row in rows
        for role, status in row.statuses.items()
    }
    assert got == expected


def test_every_address_has_its_row() -> None:
    assert set(names()) - {row.name for row in MATRIX} == set()


def names() -> Iterator[str]:
    """The names of all addresses but the admin's, which has one rule for all of its pages."""
    for pattern in get_resolver().url_patterns:
        if isinstance(pattern, URLResolver) and pattern.app_name == "admin":
            continue
        yield from _names(pattern)


def _names(pattern: URLPattern | URLResolver) -> Iterator[str]:
    if isinstance(pattern, URLPattern):
        assert pattern.name, f"{pattern.pattern} has no name"
        yield pattern.name
        return
    for inner in pattern.url_patterns:
        yield from _names(inner)


def admin_pages() -> list[str]:
    """Every page of the admin that names no object."""
    found = []
    for resolver in get_resolver().url_patterns:
        if isinstance(resolver, URLResolver) and resolver.app_name == "admin":
            patterns = [*resolver.url_patterns]
            while patterns:
                one = patterns.pop()
                if isinstance(one, URLResolver):
                    patterns.extend(one.url_patterns)
                elif one.name and not one.pattern.converters:
                    found.append(one.name)
    return sorted({name for name in found if name not in {"login", "logout"}})


def test_the_admin_is_for_staff_alone() -> None:
    browsers = {"nobody": people.pages(), "fan": people.pages(people.person("fan"))}
    for name in admin_pages():
        try:
            address = reverse(f"admin:{name}")
        except NoReverseMatch:  # belongs to an object
            continue
        for role, browser in browsers.items():
            answer = browser.get(address)
            assert answer.status_code in {302, 403, 404}, (name, role, answer.status_code)
            if answer.status_code == 302:
                assert "/admin/login/" in answer["Location"], name
