from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from pytest_django import Settings

from accounts.models import Session, User, Wallet
from accounts.roles import ROLES, UnknownGrant, roles_sync
from core.desk import registry
from core.models import AuditRecord
from deploy.local.ton.wallet import DevWallet
from tests.accounts.people import Caller, proof_body
from tests.people import desk, verified

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery staple"


@pytest.fixture
def owner() -> User:
    return User.objects.create_superuser("owner", PASSWORD)


@pytest.fixture
def moderator() -> User:
    user = User.objects.create_user("moderator", PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name="moderator"))
    return user


def sign_in(client: Client, password: str, login: str = "owner") -> int:
    return client.post("/admin/login/", {"username": login, "password": password}).status_code


def test_staff_sign_in_with_login_and_password(owner: User) -> None:
    client = Client()
    assert sign_in(client, PASSWORD) == 302
    assert verified(client, owner).get("/admin/").status_code == 200


def test_a_fan_cannot_enter_the_desk(fan: Caller) -> None:
    client = desk(fan.user)
    assert client.get("/admin/").status_code == 302
    assert client.get("/admin/accounts/user/").status_code == 302


def test_guessing_passwords_is_stopped_even_for_the_right_one(owner: User) -> None:
    client = Client()
    codes = [sign_in(client, f"wrong {number}") for number in range(6)]
    assert codes[:4] == [200] * 4
    assert codes[-1] == 429
    assert sign_in(client, PASSWORD) == 429
    assert owner.last_login is None


def test_another_address_is_not_locked_out(owner: User) -> None:
    for number in range(6):
        sign_in(Client(REMOTE_ADDR="8.8.8.8"), f"wrong {number}")
    assert sign_in(Client(REMOTE_ADDR="9.9.9.9"), PASSWORD) == 302
    assert owner


def test_the_home_shows_tiles(owner: User, fan: Caller) -> None:
    page = desk(owner).get("/admin/").content.decode()
    assert "Fans" in page
    assert fan


def test_a_broken_tile_does_not_close_the_desk(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_entries", [])
    registry.tile("Broken")(lambda: 1 // 0)
    registry.queue("Waiting", link="admin:nowhere")(lambda: 3)
    registry.tile("Hidden", permission="x.y")(lambda: 1)
    (broken, waiting) = sorted(registry.tiles_for(User(is_active=True)), key=lambda t: t.label)
    assert (broken.value, broken.tone) == ("?", "bad")
    assert (waiting.value, waiting.tone, waiting.url) == ("3", "warn", "")
    assert desk(owner).get("/admin/").status_code == 200


@pytest.mark.parametrize("model", ["user", "session", "wallet"])
def test_every_page_opens_and_searches(owner: User, fan: Caller, model: str) -> None:
    fan.post("wallets", proof_body(fan, DevWallet(b"\x01" * 32)))
    client = desk(owner)
    assert client.get(f"/admin/accounts/{model}/?q=mira").status_code == 200
    row = {"user": fan.user, "session": Session.objects.get(), "wallet": Wallet.objects.get()}[
        model
    ]
    page = client.get(f"/admin/accounts/{model}/{row.pk}/change/")
    assert page.status_code == 200
    assert Session.objects.get().refresh_hash not in page.content.decode()


@pytest.mark.parametrize(
    "path",
    [
        "core/auditrecord",
        "core/auditseal",
        "core/idempotencykey",
        "inbox/inboxevent",
        "outbox/outboxevent",
    ],
)
def test_the_grounds_tables_are_shown_and_never_edited(owner: User, path: str) -> None:
    client = desk(owner)
    assert client.get(f"/admin/{path}/").status_code == 200
    assert client.get(f"/admin/{path}/add/").status_code == 403


def test_staff_are_added_with_a_password_and_audited(owner: User) -> None:
    client = desk(owner)
    body = {"login": "finance", "password1": PASSWORD, "password2": PASSWORD}
    answer = client.post("/admin/accounts/user/add/", body)
    assert answer.status_code == 302, answer.content
    made = User.objects.get(login="finance")
    assert (made.is_staff, made.is_superuser) == (True, False)
    record = AuditRecord.objects.get()
    assert (record.action, record.actor_id) == ("accounts.staff_added", str(owner.pk))
    assert PASSWORD not in str(record.after)


def test_sessions_and_wallets_are_ended_by_staff_with_a_record(owner: User, fan: Caller) -> None:
    fan.post("wallets", proof_body(fan, DevWallet(b"\x01" * 32)))
    client = desk(owner)
    wallet, session = Wallet.objects.get(), Session.objects.get()
    client.post("/admin/accounts/wallet/", {"action": "unlink", "_selected_action": [wallet.pk]})
    client.post("/admin/accounts/session/", {"action": "revoke", "_selected_action": [session.pk]})
    assert fan.get("me").status_code == 401
    wallet.refresh_from_db()
    assert wallet.revoked_reason == "staff"
    assert AuditRecord.objects.filter(actor_id=str(owner.pk)).count() == 2


def test_the_roles_are_made_of_nothing() -> None:
    Group.objects.all().delete()
    counts = roles_sync()
    assert set(Group.objects.values_list("name", flat=True)) == counts.keys() == set(ROLES)
    assert all(group.permissions.count() == counts[group.name] for group in Group.objects.all())


def test_a_role_holds_what_rooms_grant(moderator: User) -> None:
    assert moderator.has_perm("accounts.view_user")
    assert not moderator.has_perm("accounts.change_wallet")
    assert not moderator.has_perm("auth.change_group")


def test_a_moderator_sees_fans_and_changes_nobody(moderator: User, fan: Caller) -> None:
    client = desk(moderator)
    assert client.get("/admin/accounts/user/").status_code == 200
    assert client.post(f"/admin/accounts/user/{fan.user_id}/change/", {}).status_code == 403
    assert client.get("/admin/accounts/wallet/").status_code == 403


def test_a_grant_of_nothing_known_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    for wrong in ({"king": {"accounts.view_user"}}, {"support": {"accounts.fly"}}):
        monkeypatch.setattr(registry, "_grants", wrong)
        with pytest.raises(UnknownGrant):
            roles_sync()


def test_pages_obey_the_strict_policy(owner: User, settings: Settings) -> None:
    page = desk(owner).get("/admin/")
    assert "unsafe" not in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert settings.DEBUG is False
