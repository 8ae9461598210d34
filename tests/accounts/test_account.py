"""What a person chooses, where he is signed in, what he takes along, and that he can leave."""

from __future__ import annotations

import orjson
import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.links import export_token
from accounts.models import Preferences, Session, User, Wallet
from accounts.selectors import language_of, public_name
from accounts.services import account_erase, user_remember
from core import privacy, redact
from core.errors import ApplicationError
from core.ids import uuid7
from core.models import AuditRecord
from core.privacy import Obstacle
from tests import people

pytestmark = pytest.mark.django_db


def test_nothing_chosen_is_the_defaults_and_costs_no_row() -> None:
    fan = people.person("fan")
    said = people.api(fan).get(reverse("me")).json()["preferences"]
    assert said == {"language": "", "currency": "USD", "theme": "system", "shown": True}
    assert not Preferences.objects.exists()


def test_what_is_chosen_stays_and_the_rest_is_left_alone() -> None:
    client = people.api(people.person("fan"))
    client.patch(reverse("me"), {"language": "ru", "currency": "RUB"})
    said = client.patch(reverse("me"), {"theme": "dark"}).json()["preferences"]
    assert said == {"language": "ru", "currency": "RUB", "theme": "dark", "shown": True}
    assert language_of(User.objects.get(login="fan")) == "ru"


@pytest.mark.parametrize(
    ("name", "value"), [("language", "de"), ("currency", "XTR"), ("theme", "pink"), ("shown", "?")]
)
def test_what_is_no_choice_is_refused(name: str, value: str) -> None:
    answer = people.api(people.person("fan")).patch(reverse("me"), {name: value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])
    assert not Preferences.objects.exists()


def test_who_does_not_want_to_be_shown_has_no_public_name() -> None:
    fan = people.person("fan")
    assert public_name(fan) == "Fan"
    Preferences.objects.create(user=fan, shown=False)
    assert public_name(User.objects.get(pk=fan.pk)) == ""


# --- sessions -----------------------------------------------------------------------------------


def test_one_sees_where_one_is_signed_in_and_ends_one_of_them() -> None:
    fan = people.person("fan")
    there, here = people.api(fan), people.api(fan)
    rows = here.get(reverse("session-list")).json()["results"]
    assert [row["here"] for row in rows] == [True, False]
    assert here.delete(reverse("session", args=[rows[1]["id"]])).status_code == 204
    assert there.get(reverse("me")).status_code == 401
    assert here.get(reverse("me")).status_code == 200


def test_all_others_end_at_once_and_the_browser_is_out_as_well() -> None:
    fan = people.person("fan")
    page, other, here = people.pages(fan), people.api(fan), people.api(fan)
    assert page.get(reverse("portal")).status_code == 200
    assert here.delete(reverse("session-list")).status_code == 204
    assert page.get(reverse("portal")).status_code == 302
    assert other.get(reverse("me")).status_code == 401
    assert here.get(reverse("me")).status_code == 200


def test_somebody_elses_session_is_as_good_as_none() -> None:
    fan, stranger = people.person("fan"), people.person("stranger")
    client = people.api(fan)
    session = Session.objects.get(user=fan)
    assert people.api(stranger).delete(reverse("session", args=[session.pk])).status_code == 404
    assert client.get(reverse("me")).status_code == 200


# --- one's own data -----------------------------------------------------------------------------


def test_the_export_is_a_file_with_every_rooms_part_and_of_oneself_alone() -> None:
    fan = people.person("fan")
    people.wallet_of(fan)
    people.wallet_of(people.person("stranger"))
    made = people.api(fan).post(reverse("me-export")).json()
    answer = Client().get(made["url"].removeprefix("http://testserver").split("8000")[-1])
    data = orjson.loads(answer.content)
    assert "attachment" in answer["Content-Disposition"]
    assert {"accounts", "catalog", "nft", "referrals", "payments"} <= data.keys()
    assert data["accounts"]["profile"]["first_name"] == "Fan"
    addresses = [one["address"] for one in data["accounts"]["wallets"]]
    assert addresses == [people.address_of("fan")]


def test_a_link_to_the_export_ends_with_its_session_and_with_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fan = people.person("fan")
    people.api(fan)
    session = Session.objects.get(user=fan)
    address = reverse("account-export", args=[export_token(session.pk)])
    assert Client().get(address).status_code == 200
    with monkeypatch.context() as later:
        late = timezone.now().timestamp() + 601
        later.setattr("time.time", lambda: late)
        assert Client().get(address).status_code == 404
    Session.objects.update(revoked_at=timezone.now())
    assert Client().get(address).status_code == 404


def test_a_link_to_the_export_is_never_written_down() -> None:
    address = reverse("account-export", args=[export_token(uuid7())])
    assert redact.text(f"GET {address} 200") == "GET [Filtered] 200"


def test_every_table_with_a_key_to_a_person_is_spoken_for() -> None:
    silent = [
        model._meta.label
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and not field.many_to_many
        if field.related_model is User and model not in privacy.holdings()
    ]
    assert silent == []


# --- leaving ------------------------------------------------------------------------------------


def test_who_leaves_is_nobody_and_comes_back_as_somebody_else() -> None:
    fan = user_remember(
        telegram_id=77, facts={"first_name": "Mira", "username": "mira", "photo_url": "https://x/y"}
    )
    client = people.api(fan)
    people.wallet_of(fan)
    client.patch(reverse("me"), {"theme": "dark"})
    answer = client.post(reverse("me-erasure"), {"confirm": "erase"})
    assert answer.status_code == 204
    fan.refresh_from_db()
    assert (fan.telegram_id, fan.first_name, fan.username, fan.photo_url) == (None, "", "", "")
    assert not fan.is_active
    assert not Session.objects.filter(user=fan).exists()
    assert not Wallet.objects.filter(user=fan).exists()
    assert client.get(reverse("me")).status_code == 401
    assert "Mira" not in str(AuditRecord.objects.filter(target_id=str(fan.pk)).values())
    again = user_remember(telegram_id=77, facts={"first_name": "Mira"})
    assert again.pk != fan.pk
    account_erase(user_id=fan.pk)  # once more changes nothing
    assert again.is_active


def test_nobody_leaves_without_saying_so() -> None:
    fan = people.person("fan")
    assert people.api(fan).post(reverse("me-erasure"), {}).status_code == 400
    assert User.objects.get(pk=fan.pk).is_active


def test_what_is_open_stands_against_it_and_nothing_is_erased(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def owing(_user: object) -> list[Obstacle]:
        return [Obstacle("open_order", "Pay for your order.", 2, "/app/orders")]

    monkeypatch.setitem(privacy._refusers, "payments", owing)
    fan = people.person("fan")
    client = people.api(fan)
    told = client.get(reverse("me-erasure")).json()
    assert [one["code"] for one in told["obstacles"]] == ["open_order"]
    assert any("books" in one["why"] for one in told["kept"])
    answer = client.post(reverse("me-erasure"), {"confirm": "erase"})
    assert (answer.status_code, answer.json()["code"]) == (409, "account_open")
    assert answer.json()["fields"] == {"open_order": ["Pay for your order."]}
    assert User.objects.get(pk=fan.pk).first_name == "Fan"


def test_staff_do_not_erase_themselves() -> None:
    moderator = people.person("moderator")
    with pytest.raises(ApplicationError, match="account_open"):
        account_erase(user_id=moderator.pk)
    assert User.objects.get(pk=moderator.pk).is_active
