from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import Session, Wallet, WalletNonce
from accounts.selectors import wallet_addresses, wallet_by_address
from core.ids import uuid7
from core.models import AuditRecord
from deploy.local.ton.wallet import DevWallet
from tests.accounts.people import DOMAIN, Caller, proof_body, sign_in

pytestmark = pytest.mark.django_db
ONE, OTHER = DevWallet(b"\x01" * 32), DevWallet(b"\x02" * 32)


def refused(answer: Any, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Wallet.objects.exists()


def test_a_proved_wallet_is_linked(fan: Caller) -> None:
    answer = fan.post("wallets", proof_body(fan, ONE))
    assert answer.status_code == 201, answer.content
    linked = answer.json()
    assert linked.keys() == {"id", "address", "proved_at"}
    assert linked["address"] == ONE.friendly()
    assert wallet_addresses(fan.user) == [ONE.address]
    assert fan.get("me").json()["wallets"] == [linked]
    assert AuditRecord.objects.get().action == "accounts.wallet_linked"


def test_a_stranger_gets_no_nonce_and_links_nothing(stranger: Caller, fan: Caller) -> None:
    body = proof_body(fan, ONE)
    assert stranger.post("wallets/nonce").status_code == 401
    assert stranger.post("wallets", body).status_code == 401
    assert not Wallet.objects.exists()


def test_a_nonce_is_good_once(fan: Caller) -> None:
    body = proof_body(fan, ONE)
    assert fan.post("wallets", body).status_code == 201
    Wallet.objects.all().delete()
    refused(fan.post("wallets", body), "proof_payload")


def test_a_nonce_is_spent_by_a_failed_try(fan: Caller) -> None:
    body = proof_body(fan, ONE)
    good = body["proof"]["signature"]
    body["proof"]["signature"] = OTHER.prove("x.y", "z", 1)["proof"]["signature"]
    refused(fan.post("wallets", body), "proof_signature")
    body["proof"]["signature"] = good
    refused(fan.post("wallets", body), "proof_payload")


def test_a_nonce_of_another_session_is_refused(fan: Caller, collector: Caller) -> None:
    body = proof_body(fan, ONE)
    refused(collector.post("wallets", body), "proof_payload")
    elsewhere = sign_in(1001, "Mira")
    refused(elsewhere.post("wallets", body), "proof_payload")
    assert fan.post("wallets", body).status_code == 201


def test_a_nonce_ends_with_its_time(fan: Caller) -> None:
    body = proof_body(fan, ONE)
    WalletNonce.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    refused(fan.post("wallets", body), "proof_payload")


def test_a_made_up_nonce_is_refused(fan: Caller) -> None:
    refused(fan.post("wallets", proof_body(fan, ONE, payload="ab" * 32)), "proof_payload")


def test_a_proof_for_another_site_is_refused(fan: Caller) -> None:
    refused(fan.post("wallets", proof_body(fan, ONE, domain="evil.example")), "proof_domain")


def test_a_strangers_key_for_somebodys_address_is_refused(fan: Caller) -> None:
    """The forged-key attack: the victim's address and state with the attacker's key."""
    body = proof_body(fan, OTHER)
    body["account"] = {**proof_body(fan, ONE)["account"], "publicKey": body["account"]["publicKey"]}
    refused(fan.post("wallets", body), "proof_public_key")


def test_somebodys_address_with_the_attackers_state_is_refused(fan: Caller) -> None:
    body = proof_body(fan, OTHER)
    body["account"]["address"] = ONE.address
    refused(fan.post("wallets", body), "proof_state_init")


def test_another_network_is_refused(fan: Caller) -> None:
    body = proof_body(fan, ONE)
    body["account"]["chain"] = "-239"
    refused(fan.post("wallets", body), "proof_network")


@pytest.mark.parametrize(
    "body", [{}, {"account": {}, "proof": {}}, {"account": 1, "proof": []}, {"account": None}]
)
def test_a_malformed_proof_is_invalid_input(fan: Caller, body: dict[str, Any]) -> None:
    answer = fan.post("wallets", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert not Wallet.objects.exists()


def test_proving_again_renews_the_link(fan: Caller) -> None:
    first = fan.post("wallets", proof_body(fan, ONE)).json()
    second = fan.post("wallets", proof_body(fan, ONE)).json()
    assert first["id"] == second["id"]
    assert first["proved_at"] < second["proved_at"]


def test_a_fresh_proof_moves_the_wallet_to_whoever_holds_the_key(
    fan: Caller, collector: Caller
) -> None:
    fan.post("wallets", proof_body(fan, ONE))
    assert collector.post("wallets", proof_body(collector, ONE)).status_code == 201
    holder = wallet_by_address(ONE.address)
    assert holder is not None
    assert holder.user == collector.user
    assert fan.get("me").json()["wallets"] == []
    former = Wallet.objects.get(user=fan.user)
    assert (former.revoked_reason, former.revoked_at is None) == ("moved", False)
    actions = list(AuditRecord.objects.order_by("id").values_list("action", flat=True))
    assert actions == [
        "accounts.wallet_linked",
        "accounts.wallet_unlinked",
        "accounts.wallet_linked",
    ]


def test_unlinking_is_for_the_owner_alone(fan: Caller, collector: Caller) -> None:
    wallet = fan.post("wallets", proof_body(fan, ONE)).json()["id"]
    answer = collector.delete(f"wallets/{wallet}")
    assert (answer.status_code, answer.json()["code"]) == (404, "wallet_not_found")
    assert fan.get("me").json()["wallets"] != []
    assert fan.delete(f"wallets/{wallet}").status_code == 204
    assert fan.get("me").json()["wallets"] == []
    assert fan.delete(f"wallets/{wallet}").status_code == 404
    assert fan.delete(f"wallets/{uuid7()}").status_code == 404


def test_the_database_keeps_one_active_link_for_an_address(fan: Caller, collector: Caller) -> None:
    facts = {"address": ONE.address, "public_key": "00" * 32, "proved_at": timezone.now()}
    Wallet.objects.create(user=fan.user, **facts)
    with pytest.raises(IntegrityError, match="wallet_address_active_once"), transaction.atomic():
        Wallet.objects.create(user=collector.user, **facts)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_prove_at_once_leave_one_holder() -> None:
    callers = [sign_in(2000 + number, f"P{number}") for number in range(4)]
    bodies = [proof_body(caller, ONE) for caller in callers]
    codes: list[int] = []

    def link(place: int) -> None:
        codes.append(callers[place].post("wallets", bodies[place]).status_code)
        connection.close()

    threads = [threading.Thread(target=link, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert codes == [201] * 4
    assert Wallet.objects.filter(revoked_at__isnull=True).count() == 1


def web_body(caller: Caller, wallet: DevWallet) -> dict[str, Any]:
    payload = caller.post("auth/wallet/nonce").json()["payload"]
    return wallet.prove(DOMAIN, payload, int(timezone.now().timestamp()))


def test_a_wallet_signs_in_on_the_web_as_its_holder(fan: Caller, stranger: Caller) -> None:
    assert fan.post("wallets", proof_body(fan, ONE)).status_code == 201
    answer = stranger.post("auth/wallet", web_body(stranger, ONE))
    assert answer.status_code == 200, answer.content
    assert answer.json()["user"]["id"] == str(fan.user.pk)
    assert Session.objects.latest("id").context == Session.Context.WEB


def test_a_new_wallet_is_a_new_person_and_the_same_one_next_time(stranger: Caller) -> None:
    first, second = (
        stranger.post("auth/wallet", web_body(stranger, OTHER)).json()["user"] for _ in range(2)
    )
    assert first == second
    assert wallet_by_address(OTHER.address) is not None


def test_a_web_nonce_is_good_once_and_links_no_wallet(fan: Caller, stranger: Caller) -> None:
    body = web_body(stranger, ONE)
    refused(fan.post("wallets", body), "proof_payload")
    assert stranger.post("auth/wallet", body).status_code == 200
    again = stranger.post("auth/wallet", body)
    assert (again.status_code, again.json()["code"]) == (400, "proof_payload")
