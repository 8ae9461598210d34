"""A second factor is proved by a code, once; who has lost it is let in by another person."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts import services
from accounts.models import User
from core.errors import ApplicationError
from core.models import AuditRecord
from tests.accounts.staff import (
    CODE,
    ENROL,
    audited,
    code_of,
    enrolled,
    finance,
    group,
    opens,
    password_given,
    rested,
    wrong,
)
from tests.people import desk

pytestmark = pytest.mark.django_db
__all__ = ["finance"]  # fixture


# --- proving it -----------------------------------------------------------------------------------


def test_the_code_opens_the_desk_in_this_session_alone(finance: User) -> None:
    device, _ = enrolled(finance)
    client, other = password_given(finance), password_given(finance)
    before = client.session.session_key
    answer = client.post(CODE, {"code": code_of(device), "next": "/admin/payments/order/"})
    assert answer["Location"] == "/admin/payments/order/"
    assert client.session.session_key != before
    assert opens(client)
    assert not opens(other)
    assert audited()[-1] == "verified"


def test_a_code_counts_once(finance: User) -> None:
    device, _ = enrolled(finance)
    code = code_of(device)
    assert password_given(finance).post(CODE, {"code": code}).status_code == 302
    rested()
    late = password_given(finance)
    assert late.post(CODE, {"code": code}).status_code == 400
    assert not opens(late)


@pytest.mark.parametrize("ahead", [-3, 3])
def test_a_code_of_another_time_does_not_count(finance: User, ahead: int) -> None:
    device, _ = enrolled(finance)
    client = password_given(finance)
    assert client.post(CODE, {"code": code_of(device, ahead)}).status_code == 400
    assert not opens(client)
    assert audited()[-1] == "failed"


@pytest.mark.parametrize("code", ["", "12345", "١٢٣٤٥٦", "a" * 10, "x" * 33, "\0\0\0\0\0\0"])
def test_what_is_no_code_is_refused(finance: User, code: str) -> None:
    enrolled(finance)
    client = password_given(finance)
    assert client.post(CODE, {"code": code}).status_code == 400
    assert not opens(client)


def test_guessing_is_slowed_down_for_the_right_code_too(finance: User) -> None:
    device, _ = enrolled(finance)
    client = password_given(finance)
    client.post(CODE, {"code": wrong(device)})
    client.post(CODE, {"code": wrong(device)})
    TOTPDevice.objects.update(
        throttling_failure_count=6, throttling_failure_timestamp=timezone.now()
    )
    answer = client.post(CODE, {"code": code_of(device)})
    assert "before the next try" in answer.content.decode()
    assert not opens(client)
    rested()
    assert client.post(CODE, {"code": code_of(device)}).status_code == 302


def test_tries_are_limited_whatever_they_are(finance: User, settings: Settings) -> None:
    enrolled(finance)
    client = password_given(finance)
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "auth": (3, 3600)}
    codes = [client.post(CODE, {"code": "1"}).status_code for _ in range(4)]
    assert codes == [400, 400, 400, 429]


def test_a_recovery_code_opens_once_and_says_how_many_are_left(finance: User) -> None:
    _, codes = enrolled(finance)
    client = password_given(finance)
    given = f" {codes[0][:5].upper()}-{codes[0][5:]} "
    page = client.post(CODE, {"code": given}, follow=True)
    assert "9 are left" in page.content.decode()
    assert opens(client)
    again = password_given(finance)
    assert again.post(CODE, {"code": codes[0]}).status_code == 400
    assert not opens(again)


def test_somebody_elses_codes_do_not_count(finance: User) -> None:
    enrolled(finance)
    device, codes = enrolled(User.objects.create_superuser("root"))
    client = password_given(finance)
    for code in (codes[0], code_of(device)):
        assert client.post(CODE, {"code": code}).status_code == 400
        rested()
    assert not opens(client)
    assert StaticToken.objects.count() == 20


@pytest.mark.parametrize("going", ["https://evil.example/", "//evil.example"])
def test_it_leads_nowhere_but_to_us(finance: User, going: str) -> None:
    device, _ = enrolled(finance)
    client = password_given(finance)
    assert "evil" not in client.get(CODE, {"next": going}).content.decode()
    answer = client.post(CODE, {"code": code_of(device), "next": going})
    assert answer["Location"] == "/admin/"


def test_out_again_without_it(finance: User) -> None:
    client = password_given(finance)
    assert client.post("/second-factor/leave")["Location"] == "/admin/login/"
    assert "_auth_user_id" not in client.session


@pytest.mark.django_db(transaction=True)
def test_one_code_at_two_doors_at_once_opens_one() -> None:
    user = User.objects.create_superuser("root")
    device, _ = enrolled(user)
    code, opened = code_of(device), []

    def knock() -> None:
        try:
            opened.append(services.second_factor_verify(user=user, code=code))
        except ApplicationError:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=knock) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(opened) == 1


# --- losing it ------------------------------------------------------------------------------------


def reset(client: Client, user: User) -> str:
    body = {"action": "reset_second_factor", "_selected_action": [str(user.pk)]}
    return client.post("/admin/accounts/user/", body, follow=True).content.decode()


def test_another_superuser_resets_it_and_open_sessions_end(finance: User) -> None:
    device, _ = enrolled(finance)
    client = password_given(finance)
    client.post(CODE, {"code": code_of(device)})
    assert opens(client)
    root = User.objects.create_superuser("root")
    assert "2 devices forgotten" in reset(desk(root), finance)
    assert not opens(client)
    assert client.get(CODE)["Location"].startswith(ENROL)
    record = AuditRecord.objects.get(action="accounts.second_factor_reset")
    assert (record.actor_id, record.target_id) == (str(root.pk), str(finance.pk))


def test_nobody_resets_their_own(finance: User) -> None:
    root = User.objects.create_superuser("root")
    assert "Only another superuser" in reset(desk(root), root)
    assert TOTPDevice.objects.filter(user=root).exists()
    assert "accounts.second_factor_reset" not in AuditRecord.objects.values_list(
        "action", flat=True
    )


def test_the_owners_role_resets_nobodys(finance: User) -> None:
    enrolled(finance)
    owner = User.objects.create_user("owner", is_staff=True)
    owner.groups.set([group("owner")])
    reset(desk(owner), finance)
    with pytest.raises(ApplicationError):
        services.second_factor_reset(user=finance, actor=owner, reason="please")
    assert TOTPDevice.objects.filter(user=finance, confirmed=True).exists()


def test_the_desk_shows_nobodys_key(finance: User) -> None:
    device, _ = enrolled(finance)
    root = desk(User.objects.create_superuser("root"))
    assert root.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert root.get("/admin/otp_static/staticdevice/").status_code == 404
    page = root.get(f"/admin/accounts/user/{finance.pk}/change/").content.decode()
    assert "Set up on" in page
    assert device.key not in page
