"""Staff who touch money prove a second factor; nothing of the desk opens before."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts.development import second_factor_seed
from accounts.models import User
from core.desk.registry import needs_second_factor
from core.errors import ApplicationError
from tests.accounts.staff import (
    CODE,
    ENROL,
    PASSWORD,
    audited,
    code_of,
    enrolled,
    finance,
    group,
    opens,
    password_given,
    wrong,
)
from tests.people import person
from tests.test_access import admin_pages

pytestmark = pytest.mark.django_db
__all__ = ["finance"]  # fixture


# --- who is asked ---------------------------------------------------------------------------------


def test_those_are_asked_who_may_touch_money_or_make_staff(finance: User) -> None:
    assert needs_second_factor(finance)
    assert needs_second_factor(User.objects.create_superuser("root"))
    for role, asked in (("moderator", False), ("support", True), ("operator", True)):
        user = User.objects.create_user(role, is_staff=True)
        user.groups.set([group(role)])
        assert needs_second_factor(user) is asked, role
    owner = User.objects.create_user("owner", is_staff=True)
    owner.groups.set([group("owner")])
    assert needs_second_factor(owner)


def test_a_moderator_goes_straight_to_the_desk() -> None:
    moderator = person("moderator")
    moderator.set_password(PASSWORD)
    moderator.save()
    client = password_given(moderator)
    assert opens(client)
    assert client.get(CODE)["Location"] == "/admin/"


def test_no_page_of_the_desk_opens_without_it(finance: User) -> None:
    finance.is_superuser = True
    finance.save()
    enrolled(finance)
    client = password_given(finance)
    for name in admin_pages():
        answer = client.get(_address(name))
        assert answer.status_code in {302, 404}, name
        if answer.status_code == 302:
            assert answer["Location"].startswith(("/admin/login/", "/admin/")), name
        assert client.post(_address(name), {}).status_code in {302, 403, 404}, name
    led = client.get("/admin/payments/order/", follow=True)
    assert led.redirect_chain[-1][0] == "/second-factor?next=/admin/payments/order/"


def _address(name: str) -> str:
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        return "/admin/"


@pytest.mark.parametrize("page", [CODE, ENROL])
def test_these_pages_are_for_staff_who_gave_the_password(page: str) -> None:
    fan = Client()
    fan.force_login(person("fan"), "django.contrib.auth.backends.ModelBackend")
    for client in (Client(), fan):
        for answer in (client.get(page), client.post(page, {"code": "123456"})):
            assert (answer.status_code, answer["Location"]) == (302, "/admin/login/")
    assert not TOTPDevice.objects.exists()


# --- setting it up --------------------------------------------------------------------------------


def key_shown(page: Any) -> bytes:
    found = re.search(r"data-key>([A-Z2-7 ]+)<", page.content.decode())
    assert found
    return base64.b32decode(found[1].replace(" ", ""))


def test_the_first_time_it_is_set_up_and_recovery_codes_are_shown_once(finance: User) -> None:
    client = password_given(finance)
    page = client.get("/admin/payments/order/", follow=True)
    assert page.redirect_chain[-1][0].startswith(ENROL)
    assert "<svg" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    device = TOTPDevice.objects.get()
    assert (device.confirmed, device.bin_key) == (False, key_shown(page))
    assert not opens(client)
    done = client.post(ENROL, {"code": code_of(device), "next": "/admin/payments/order/"})
    codes = re.findall(r"<li><code>([a-z2-9]{5}-[a-z2-9]{5})</code>", done.content.decode())
    assert len(set(codes)) == 10
    assert 'href="/admin/payments/order/"' in done.content.decode()
    assert client.get("/admin/payments/order/").status_code == 200
    again = client.get(ENROL)
    assert again["Location"] == "/admin/"
    stored = set(StaticToken.objects.values_list("token", flat=True))
    assert stored.isdisjoint({code.replace("-", "") for code in codes})
    assert audited() == ["verified", "enrolled"]


def test_a_wrong_first_code_sets_nothing_up(finance: User) -> None:
    client = password_given(finance)
    client.get(ENROL)
    device = TOTPDevice.objects.get()
    answer = client.post(ENROL, {"code": wrong(device)})
    assert (answer.status_code, "That code is wrong" in answer.content.decode()) == (400, True)
    assert not TOTPDevice.objects.get().confirmed
    assert not StaticToken.objects.exists()
    assert not opens(client)
    assert audited() == ["failed"]


def test_a_key_that_another_session_has_seen_is_forgotten(finance: User) -> None:
    """Somebody with the password alone looks at the key and waits for its owner to confirm it."""
    thief, owner = password_given(finance), password_given(finance)
    seen = key_shown(thief.get(ENROL))
    page = owner.get(ENROL)
    assert key_shown(page) != seen
    assert key_shown(owner.get(ENROL)) == key_shown(page)  # a reload does not lose the scan
    owner.post(ENROL, {"code": code_of(TOTPDevice.objects.get())})
    assert TOTPDevice.objects.get(confirmed=True).bin_key != seen
    assert thief.post(ENROL, {"code": "000000"})["Location"].startswith(CODE)
    assert not opens(thief)


def test_who_is_set_up_cannot_set_up_another_device(finance: User) -> None:
    device, _ = enrolled(finance)
    client = password_given(finance)
    assert client.get(ENROL)["Location"].startswith(CODE)
    assert TOTPDevice.objects.get() == device


# --- development ----------------------------------------------------------------------------------


def test_in_development_a_demo_login_is_shown_its_code(finance: User) -> None:
    second_factor_seed(user=finance)
    for _ in range(3):  # also at once, one after the other
        client = password_given(finance)
        found = re.search(r"data-demo-code>(\d{6})<", client.get(CODE).content.decode())
        assert found
        assert client.post(CODE, {"code": found[1]}).status_code == 302
        assert opens(client)


def test_outside_development_nothing_is_shown_or_seeded(finance: User, settings: Settings) -> None:
    second_factor_seed(user=finance)
    settings.DEVELOPMENT = False
    page = password_given(finance).get(CODE).content.decode()
    assert "data-demo-code" not in page
    assert TOTPDevice.objects.get().key not in page
    other = User.objects.create_superuser("root")
    with pytest.raises(ApplicationError):
        second_factor_seed(user=other)
    assert not TOTPDevice.objects.filter(user=other).exists()


def test_a_device_of_ones_own_is_not_shown_even_in_development(finance: User) -> None:
    enrolled(finance)
    assert "data-demo-code" not in password_given(finance).get(CODE).content.decode()
