"""First touch, thirty days, never oneself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import Session, User
from referrals.models import Attribution, Code
from referrals.selectors import code_of, link, referred_count
from referrals.services import WINDOW, attribution_ensure, code_ensure

People: TypeAlias = dict[str, User]
Opens: TypeAlias = Callable[[User, str], Session]


def code(user: User) -> str:
    return code_ensure(user_id=user.pk).code


def test_a_code_is_made_once(people: People) -> None:
    fan = people["fan"]
    assert code_of(fan.pk) is None
    assert code(fan) == code(fan) == code_of(fan.pk)
    assert Code.objects.count() == 1


def test_a_link_opens_the_mini_app_with_the_code(people: People) -> None:
    text = code(people["fan"])
    assert link(text) == f"https://t.me/tonality_test_bot/app?startapp=r{text}"


def test_who_opened_the_link_was_brought(people: People, opens: Opens) -> None:
    fan, collector = people["fan"], people["collector"]
    session = opens(fan, f"r{code(collector)}")
    assert attribution_ensure(user_id=fan.pk) == collector.pk
    row = Attribution.objects.get()
    assert (row.user, row.start_param) == (fan, session.start_param)
    assert row.expires_at == session.created_at + WINDOW
    assert referred_count(collector.pk) == 1


def test_the_first_touch_stays(people: People, opens: Opens) -> None:
    fan = people["fan"]
    opens(fan, "")
    opens(fan, f"r{code(people['collector'])}")
    opens(fan, f"r{code(people['stranger'])}")
    assert attribution_ensure(user_id=fan.pk) == people["collector"].pk
    opens(fan, f"r{code(people['stranger'])}")
    assert attribution_ensure(user_id=fan.pk) == people["collector"].pk
    assert Attribution.objects.count() == 1


def test_nobody_brings_himself(people: People, opens: Opens) -> None:
    fan = people["fan"]
    opens(fan, f"r{code(fan)}")
    assert attribution_ensure(user_id=fan.pk) is None
    assert not Attribution.objects.exists()
    opens(fan, f"r{code(people['collector'])}")
    assert attribution_ensure(user_id=fan.pk) == people["collector"].pk


def test_the_database_refuses_it_too(people: People) -> None:
    fan = people["fan"]
    with pytest.raises(IntegrityError, match="attribution_not_self"), transaction.atomic():
        Attribution.objects.create(
            user=fan, referrer=fan, start_param="", expires_at=timezone.now()
        )


@pytest.mark.parametrize("start_param", ["", "rnobody22", "d" + "0" * 32, "r" * 512])
def test_other_links_bring_nobody(people: People, opens: Opens, start_param: str) -> None:
    opens(people["fan"], start_param)
    assert attribution_ensure(user_id=people["fan"].pk) is None
    assert not Attribution.objects.exists()


def test_the_window_runs_from_the_touch(people: People, opens: Opens) -> None:
    fan = people["fan"]
    touched = opens(fan, f"r{code(people['collector'])}").created_at
    last = touched + WINDOW - timedelta(seconds=1)
    assert attribution_ensure(user_id=fan.pk, now=last) == people["collector"].pk
    assert attribution_ensure(user_id=fan.pk, now=touched + WINDOW) is None


def test_a_touch_that_is_older_than_the_window_earns_nothing(people: People, opens: Opens) -> None:
    fan = people["fan"]
    touched = opens(fan, f"r{code(people['collector'])}").created_at
    assert attribution_ensure(user_id=fan.pk, now=touched + WINDOW) is None


def test_asking_costs_one_query(
    people: People, opens: Opens, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    fan = people["fan"]
    with django_assert_num_queries(1):
        attribution_ensure(user_id=fan.pk)
    opens(fan, f"r{code(people['collector'])}")
    attribution_ensure(user_id=fan.pk)
    with django_assert_num_queries(1):
        attribution_ensure(user_id=fan.pk)
