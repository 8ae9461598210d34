"""Ways around the desk's locks: another address of one's own, another person's password."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.test import Client

from accounts import roles
from accounts.models import User
from tests.people import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(db: None) -> User:
    return User.objects.create_superuser("root", "right-horse-battery")


def guess(client: Client, password: str, address: str) -> int:
    form = {"username": "root", "password": password}
    return client.post("/admin/login/", form, REMOTE_ADDR=address).status_code


def test_a_household_of_ipv6_addresses_is_locked_out_as_one(client: Client, root: User) -> None:
    del root
    for number in range(settings.AXES_FAILURE_LIMIT + 1):
        guess(client, "wrong", f"2001:db8:1:2::{number + 1:x}")
    assert guess(client, "right-horse-battery", "2001:db8:1:2::ffff") != 302
    assert "_auth_user_id" not in client.session
    assert guess(client, "right-horse-battery", "2001:db8:1:3::1") == 302


def test_the_owners_role_cannot_take_over_a_superuser(root: User) -> None:
    owner = User.objects.create_user("owner", "owner-password-1", is_staff=True)
    owner.groups.add(Group.objects.get(name=roles.OWNER))
    client = desk(owner)
    fresh = {
        "password1": "taken-over-123",
        "password2": "taken-over-123",
        "usable_password": "true",
    }
    before = User.objects.get(pk=root.pk).password
    assert client.post(f"/admin/accounts/user/{root.pk}/password/", fresh).status_code == 403
    client.post(f"/admin/accounts/user/{root.pk}/change/", {"login": "root", "first_name": "X"})
    after = User.objects.get(pk=root.pk)
    assert (after.password, after.is_active, after.first_name) == (before, True, "")
