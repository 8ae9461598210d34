"""Gifts by link: opened once, called back, sent back; and what each looker sees."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import Session, User
from accounts.services import account_erase
from core.errors import ApplicationError
from core.models import AuditRecord
from core.ton.addresses import raw
from deploy.local.sandbox.stripe import StripeSandbox
from notices.models import Notice
from notices.services import choices_set
from payments import privacy
from payments.models import ClaimRight, DropQuota, Order, PaymentAttempt, Refund
from payments.services import claims, gifts, refunds
from payments.services.events import Cause
from payments.services.settlement import building
from tests.payments.acts import fresh
from tests.payments.conftest import STRANGER, Shop, person, signed_in
from tests.payments.off_chain import at_provider, balanced, claim_of, owed, post, refresh
from tests.payments.races import together
from tests.payments.test_off_chain import ASKED, box, pay, web
from tests.people import pages

pytestmark = pytest.mark.django_db
__all__ = ["box", "web"]  # fixtures


@pytest.fixture
def order(shop: Shop, web: APIClient, box: StripeSandbox) -> Order:
    """The fan has paid a gift."""
    answer = post(web, shop.drop(hub_quota=10), "stripe", gift=True)
    assert answer.status_code == 201, answer.content
    order = Order.objects.get(pk=answer.json()["id"])
    pay(box, order.attempts.get())
    refresh(order.attempts.get())
    return fresh(order)


@pytest.fixture
def secret(order: Order) -> str:
    return claims.gift_secret(order)


def seen(client: APIClient, secret: str) -> Any:
    answer = client.get(f"/api/v1/gifts/{secret}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def accept(client: APIClient, secret: str) -> Any:
    return client.post(f"/api/v1/gifts/{secret}")


def page(client: Client, secret: str) -> str:
    answer = client.get(f"/gift/{secret}")
    assert answer.status_code == 200
    return answer.content.decode()


def time_is_over() -> None:
    ClaimRight.objects.update(gift_expires_at=timezone.now() - timedelta(seconds=1))


def test_a_gift_waits_for_whoever_has_the_link(shop: Shop, web: APIClient, order: Order) -> None:
    told = web.get(f"/api/v1/orders/{order.pk}").json()
    assert told["gift"] is True
    assert told["claim"]["gift_link"].endswith(f"/gift/{claims.gift_secret(order)}")
    assert told["claim"]["needs_wallet"] is False
    claim = claim_of(order)
    assert (claim.holder, claim.state) == (None, "open")
    assert claims.gift_secret(order) not in str(claim.gift_hash)


def test_guests_see_what_it_is_and_never_its_price(shop: Shop, secret: str, order: Order) -> None:
    User.objects.filter(pk=shop.fan.pk).update(telegram_id=777)
    gifts.gift_note_set(order_id=order.pk, user=shop.fan, note="  Happy <birthday>!  ")
    told = seen(APIClient(), secret)
    assert (told["standing"], told["giver"], told["note"]) == (
        "waiting",
        "Fan",
        "Happy <birthday>!",
    )
    shown = page(Client(), secret)
    assert "A gift from Fan" in shown
    assert "Happy &lt;birthday&gt;!" in shown
    assert 'content="noindex"' in shown
    for price in ("7.58", "2.5 TON", "USD"):
        assert price not in shown
        assert price not in str(told)


def test_who_opens_it_first_has_it(shop: Shop, secret: str, order: Order) -> None:
    friend, late = signed_in(shop.stranger), signed_in(person("late"))
    assert accept(friend, secret).json()["standing"] == "yours"
    assert accept(friend, secret).status_code == 200  # again: the same answer
    refused = accept(late, secret)
    assert (refused.status_code, refused.json()["code"]) == (409, "gift_taken")
    assert claim_of(order).holder == shop.stranger
    assert AuditRecord.objects.filter(action="payments.gift_accepted").count() == 1
    assert seen(late, secret)["standing"] == "taken"
    assert seen(late, secret)["giver"] == ""
    assert owed(order, "USD") == ASKED


@pytest.mark.django_db(transaction=True)
def test_of_many_who_open_it_at_once_one_has_it(shop: Shop, secret: str, order: Order) -> None:
    people = [person(f"friend{number}") for number in range(4)]

    calls = [partial(gifts.gift_accept, secret=secret, user=one) for one in people]
    results = together(*calls)
    refused = [one.code for one in results if isinstance(one, ApplicationError)]
    assert refused == ["gift_taken"] * 3
    assert claim_of(order).holder in people
    assert AuditRecord.objects.filter(action="payments.gift_accepted").count() == 1


def test_nobody_accepts_unsigned(secret: str, order: Order) -> None:
    assert accept(APIClient(), secret).status_code == 401
    answer = Client().post(f"/gift/{secret}")
    assert answer["Location"] == f"/sign-in?next=/gift/{secret}"
    assert claim_of(order).holder is None


def test_the_web_page_lets_in_and_asks_for_a_wallet(shop: Shop, secret: str, order: Order) -> None:
    shop.stranger.wallets.all().delete()
    friend = pages(shop.stranger)
    assert "Accept the gift" in page(friend, secret)
    assert friend.post(f"/gift/{secret}")["Location"] == f"/gift/{secret}"
    shown = page(friend, secret)
    assert 'data-gift="yours"' in shown
    assert "data-connect-wallet" in shown
    assert "Your gift has been opened" in page_of_order(shop, order)


def page_of_order(shop: Shop, order: Order) -> str:
    return pages(shop.fan).get(f"/orders/{order.pk}").content.decode()


def test_the_page_sends_what_the_forms_guard_asks_for(secret: str) -> None:
    """With no referrer at all a browser posts from nowhere, and is refused."""
    answer = Client().get(f"/gift/{secret}")
    assert "no-referrer" not in answer.content.decode()
    # Other places learn of our origin at most, never of the link.
    assert answer["Referrer-Policy"] == "strict-origin-when-cross-origin"


def test_an_opened_gift_joins_the_next_batch_for_its_holders_wallet(
    shop: Shop, secret: str, order: Order
) -> None:
    now = timezone.now()
    assert not building._due(shop.hub, now).exists()
    gifts.gift_accept(secret=secret, user=shop.stranger)
    [due] = building._due(shop.hub, now)
    wallet = getattr(due, "wallet", "")  # annotated
    assert wallet == shop.stranger.wallets.get().address == raw(STRANGER)


def test_the_giver_cannot_open_his_own_gift(web: APIClient, secret: str, order: Order) -> None:
    refused = accept(web, secret)
    assert (refused.status_code, refused.json()["code"]) == (409, "gift_own")
    assert claim_of(order).holder is None
    assert seen(web, secret)["standing"] == "own"


def test_the_giver_calls_it_back_and_has_the_payment_again(
    shop: Shop, web: APIClient, secret: str, order: Order
) -> None:
    assert web.delete(f"/api/v1/orders/{order.pk}/gift").json()["state"] == "cancelled"
    order = fresh(order)
    assert (order.state, order.reason) == ("cancelled", "gift_cancelled")
    [refund] = Refund.objects.all()
    assert (refund.reason, refund.amount, refund.state) == ("gift_cancelled", ASKED, "approved")
    assert DropQuota.objects.get().taken == 0
    assert seen(APIClient(), secret)["standing"] == "called_back"
    assert accept(signed_in(shop.stranger), secret).json()["code"] == "gift_called_back"
    refunds.refund_submit(refund_id=refund.pk)
    assert owed(order, "USD") == at_provider("stripe", "USD") == 0
    assert balanced()
    assert "Sent back" in page_of_order(shop, order)
    assert web.delete(f"/api/v1/orders/{order.pk}/gift").status_code == 409
    assert Refund.objects.count() == 1


def test_an_opened_gift_cannot_be_called_back(
    shop: Shop, web: APIClient, secret: str, order: Order
) -> None:
    gifts.gift_accept(secret=secret, user=shop.stranger)
    assert web.delete(f"/api/v1/orders/{order.pk}/gift").json()["code"] == "gift_closed"
    assert web.post(f"/api/v1/orders/{order.pk}/gift", {"note": "x"}).status_code == 409
    assert not Refund.objects.exists()
    assert claim_of(order).holder == shop.stranger


def test_unopened_in_time_the_payment_goes_back_by_itself(
    shop: Shop, secret: str, order: Order
) -> None:
    assert gifts.gifts_expire() == 0
    time_is_over()
    assert accept(signed_in(shop.stranger), secret).json()["code"] == "gift_expired"
    assert gifts.gifts_expire() == 1
    assert gifts.gifts_expire() == 0
    order = fresh(order)
    assert (order.state, order.reason) == ("cancelled", "gift_unclaimed")
    [refund] = Refund.objects.all()
    assert (refund.reason, refund.amount) == ("gift_unclaimed", ASKED)
    assert claim_of(order).state == ClaimRight.State.REVOKED
    assert "time is over" in page(Client(), secret)
    assert "Nobody opened the gift in time" in page_of_order(shop, order)
    assert balanced()


def test_an_opened_gift_does_not_expire(shop: Shop, secret: str, order: Order) -> None:
    gifts.gift_accept(secret=secret, user=shop.stranger)
    time_is_over()
    assert gifts.gifts_expire() == 0
    assert fresh(order).state == Order.State.FULFILLING
    assert seen(signed_in(shop.stranger), secret)["standing"] == "yours"


def test_a_gift_in_a_dispute_waits_for_its_end(
    shop: Shop, web: APIClient, box: StripeSandbox, order: Order
) -> None:
    dispute = box.act_dispute(id=str(order.attempts.get().reference))
    refresh(order.attempts.get())
    time_is_over()
    assert gifts.gifts_expire() == 0
    assert web.delete(f"/api/v1/orders/{order.pk}/gift").status_code == 409
    assert not Refund.objects.exists()
    box.act_dispute_close(id=dispute["id"], status="won")
    refresh(order.attempts.get())
    assert gifts.gifts_expire() == 1


def test_what_is_left_after_a_refund_in_part_goes_back_too(
    shop: Shop, box: StripeSandbox, order: Order
) -> None:
    refunds.refund_request(
        attempt=order.attempts.get(), amount=100, reason="refunded",
        origin=Refund.Origin.SHOP, cause=Cause("test"),
    )  # fmt: skip
    time_is_over()
    assert gifts.gifts_expire() == 1
    assert sorted(Refund.objects.values_list("amount", flat=True)) == [100, ASKED - 100]
    assert claim_of(order).state == ClaimRight.State.REVOKED
    assert fresh(order).state == Order.State.CANCELLED


def test_what_cannot_go_back_waits_for_a_person(shop: Shop, order: Order) -> None:
    refunds.refund_request(
        attempt=order.attempts.get(), amount=ASKED - 1, reason="refunded",
        origin=Refund.Origin.SHOP, cause=Cause("test"),
    )  # fmt: skip
    refunds.refund_request(
        attempt=order.attempts.get(), amount=1, reason="refunded",
        origin=Refund.Origin.SHOP, cause=Cause("test"),
    )  # fmt: skip
    time_is_over()
    assert gifts.gifts_expire() == 1
    assert gifts.gifts_expire() == 0
    assert fresh(order).state == Order.State.NEEDS_ATTENTION
    assert Refund.objects.count() == 2


def test_a_refund_from_outside_ends_the_gift(
    shop: Shop, box: StripeSandbox, secret: str, order: Order
) -> None:
    box.act_refund_external(id=str(order.attempts.get().reference))
    refresh(order.attempts.get())
    assert seen(APIClient(), secret)["standing"] == "returned"
    assert accept(signed_in(shop.stranger), secret).json()["code"] == "gift_returned"


@pytest.mark.parametrize("guess", ["0" * 40, "x", "a" * 39, "A" * 40, "%00", "é" * 40])
def test_a_guess_finds_nothing(shop: Shop, order: Order, guess: str) -> None:
    assert APIClient().get(f"/api/v1/gifts/{guess}").status_code in {400, 404}
    assert accept(signed_in(shop.stranger), guess).status_code in {400, 404}
    assert Client().get(f"/gift/{guess}").status_code in {400, 404}
    assert claim_of(order).holder is None


def test_guessing_is_slowed_down(settings: Settings, order: Order) -> None:
    settings.RATE_LIMITS = {**settings.RATE_LIMITS, "gifts": (3, 60)}
    answers = [APIClient().get(f"/api/v1/gifts/{'0' * 40}").status_code for _ in range(4)]
    assert answers == [404, 404, 404, 429]
    assert Client().get(f"/gift/{'0' * 40}").status_code == 429


@pytest.mark.parametrize("act", ["post", "delete"])
def test_strangers_do_nothing_to_it(shop: Shop, order: Order, act: str) -> None:
    other = signed_in(shop.stranger)
    answer = getattr(other, act)(f"/api/v1/orders/{order.pk}/gift", {"note": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (404, "order_not_found")
    assert (
        pages(shop.stranger).post(f"/orders/{order.pk}/gift", {"act": "cancel"}).status_code == 404
    )
    assert claim_of(order).gift_note == ""
    assert not Refund.objects.exists()


def test_the_giver_writes_a_note_on_his_orders_page(shop: Shop, order: Order, secret: str) -> None:
    giver = pages(shop.fan)
    assert 'value="http' in page_of_order(shop, order)
    giver.post(f"/orders/{order.pk}/gift", {"note": "For you"})
    assert claim_of(order).gift_note == "For you"
    giver.post(f"/orders/{order.pk}/gift", {"note": "x" * 201})
    assert claim_of(order).gift_note == "For you"
    assert "For you" in page(Client(), secret)


def test_a_gift_is_bought_at_the_checkout_but_not_with_coins(
    shop: Shop, box: StripeSandbox
) -> None:
    drop, giver = shop.drop(hub_quota=10), pages(shop.fan)
    form = {"quantity": 1, "gift": "on", "key": str(uuid4())}
    refused = giver.post(f"/checkout/{drop.pk}", {**form, "method": "ton"})
    assert "A gift is paid another way" in refused.content.decode()
    assert not Order.objects.exists()
    giver.post(f"/checkout/{drop.pk}", {**form, "method": "stripe"})
    assert Order.objects.get().gift is True
    assert PaymentAttempt.objects.get().provider == "stripe"


def test_claims_list_what_is_kept_for_me_gifts_too(
    shop: Shop, web: APIClient, secret: str, order: Order
) -> None:
    friend = signed_in(shop.stranger)
    assert friend.get("/api/v1/claims").json()["results"] == []
    accept(friend, secret)
    [row] = friend.get("/api/v1/claims").json()["results"]
    assert (row["order"], row["needs_wallet"], row["quantity"]) == (None, False, 1)
    assert web.get("/api/v1/claims").json()["results"] == []


def test_the_secret_is_not_kept_with_the_session(shop: Shop, secret: str) -> None:
    """Telegram's signed start parameter is stored; what would open a gift is not."""
    launch = {"telegram_id": 4242, "first_name": "Lou", "start_param": f"g{secret}-rk7x2m9qa"}
    signed = APIClient().post("/api/v1/dev/init-data", launch, format="json").json()
    opened = APIClient().post("/api/v1/auth/telegram", signed, format="json").json()
    assert opened["start_param"] == f"g{secret}-rk7x2m9qa"
    assert Session.objects.get(user__telegram_id=4242).start_param == "-rk7x2m9qa"


@pytest.mark.django_db(transaction=True)
def test_opened_and_called_back_at_once_it_is_one_of_both(
    shop: Shop, secret: str, order: Order
) -> None:
    together(
        partial(gifts.gift_accept, secret=secret, user=shop.stranger),
        partial(gifts.gift_cancel, order_id=order.pk, user=shop.fan),
    )
    claim = claim_of(order)
    opened = (claim.holder, claim.state) == (shop.stranger, "open")
    called_back = (claim.holder, claim.state) == (None, "revoked")
    assert opened != called_back
    assert Refund.objects.count() == (1 if called_back else 0)
    assert balanced()


def test_the_giver_and_the_artist_hear_of_it_when_they_asked(
    order: Order, secret: str, shop: Shop
) -> None:
    giver = order.user
    assert giver is not None
    User.objects.filter(pk=giver.pk).update(telegram_id=901, bot_access="allowed")
    assert not Notice.objects.exists()  # nobody had asked
    choices_set(user=giver, on={"gift": True})
    gifts.gift_accept(secret=secret, user=shop.stranger)
    gifts.gift_accept(secret=secret, user=shop.stranger)
    told = Notice.objects.get()
    assert (told.kind, told.user_id, told.link) == ("gift", giver.pk, f"orders/{order.pk}")


def test_who_gave_it_may_leave_once_it_was_opened(order: Order, secret: str, shop: Shop) -> None:
    assert {one.code for one in privacy.open_money(shop.fan.pk)} == {"open_claim"}
    gifts.gift_accept(secret=secret, user=shop.stranger)
    assert privacy.open_money(shop.fan.pk) == []
    assert {one.code for one in privacy.open_money(shop.stranger.pk)} == {"open_claim"}
    account_erase(user_id=shop.fan.pk)
    assert claim_of(order).holder == shop.stranger
    assert claim_of(order).state == "open"
