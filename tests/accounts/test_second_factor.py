"""Staff who touch money prove a second factor; nothing of the desk opens before."""

from __future__ import annotations

import base64
import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django_otp.oath import hotp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice
from pytest_django import Settings

from accounts import services
from accounts.development import second_factor_seed
from accounts.models import User
from core.desk.registry import needs_second_factor
from core.errors import ApplicationError
from core.models import AuditRecord
from tests.people import desk, person
from tests.test_access import admin_pages

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"
CODE, ENROL = "/second-factor", "/second-factor/enrol"
STEP = 30


@pytest.fixture
def finance() -> User:
    user = person("finance")
    user.set_password(PASSWORD)
    user.save()
    return user


def password_given(user: User) -> Client:
    client = Client()
    answer = client.post("/admin/login/", {"username": user.login, "password": PASSWORD})
    assert answer.status_code == 302
    return client


def code_of(device: TOTPDevice, ahead: int = 0) -> str:
    now = int(timezone.now().timestamp()) // STEP
    return f"{hotp(device.bin_key, now + ahead):06}"


def wrong(device: TOTPDevice) -> str:
    right = {code_of(device, ahead) for ahead in range(-2, 3)}
    return next(code for number in range(10) if (code := f"{number:06}") not in right)


def enrolled(user: User) -> tuple[TOTPDevice, list[str]]:
    """Set up half a minute ago, so that the code of now has not been used."""
    device = services.second_factor_begin(user=user)
    return services.second_factor_confirm(user=user, device_id=device.pk, code=code_of(device, -1))


def opens(client: Client) -> bool:
    return bool(client.get("/admin/").status_code == 200)


def audited() -> list[str]:
    found = AuditRecord.objects.filter(action__startswith="accounts.second").order_by("id")
    return [
        action.partition("second_factor_")[2] for action in found.values_list("action", flat=True)
    ]


def rested() -> None:
    """The wait after a miss is over."""
    TOTPDevice.objects.update(throttling_failure_timestamp=timezone.now() - timedelta(hours=1))


# --- who is asked ---------------------------------------------------------------------------------


def test_those_are_asked_who_may_touch_money_or_make_staff(finance: User) -> None:
    assert needs_second_factor(finance)
    assert needs_second_factor(User.objects.create_superuser("root"))
    for role, asked in (("moderator", False), ("support", True), ("operator", True)):
        user = User.objects.create_user(role, is_staff=True)
        user.groups.set([_group(role)])
        assert needs_second_factor(user) is asked, role
    owner = User.objects.create_user("owner", is_staff=True)
    owner.groups.set([_group("owner")])
    assert needs_second_factor(owner)


def _group(name: str) -> Group:
    return Group.objects.get(name=name)


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
    owner.groups.set([_group("owner")])
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
