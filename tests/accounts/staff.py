"""Staff with a password and, or without, a second factor."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django_otp.oath import hotp
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.models import User
from core.models import AuditRecord
from tests.people import person

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


def group(name: str) -> Group:
    return Group.objects.get(name=name)
