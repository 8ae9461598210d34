"""Stars: asked before the payment, told after it, twice, by others, taken back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from core.inbox.models import InboxEvent
from deploy.local.sandbox.frame import Delivery
from deploy.local.sandbox.telegram import TelegramSandbox
from payments.models import ClaimRight, Order, PaymentAttempt, Refund
from payments.providers import off_chain
from payments.providers.base import RefundStatus
from payments.services import refunds
from tests.payments.acts import fresh
from tests.payments.conftest import Shop
from tests.payments.off_chain import at_provider, balanced, claim_of, owed, post, rates, refresh

pytestmark = pytest.mark.django_db
PAYER = 777
ASKED = 581  # 2.5 coins at 230 Stars and 1% spread, rounded up
SECRET = "the-webhooks-secret"
HEADER = "X-Telegram-Bot-Api-Secret-Token"


@pytest.fixture
def bot(settings: Settings, shop: Shop) -> Iterator[TelegramSandbox]:
    with TelegramSandbox(token=settings.TELEGRAM_BOT_TOKEN, secret=SECRET) as bot:
        settings.TELEGRAM_API_URL, settings.TELEGRAM_WEBHOOK_SECRET = bot.url, SECRET
        shop.fan.telegram_id = PAYER
        shop.fan.save()
        rates(timezone.now())
        yield bot


@pytest.fixture
def order(shop: Shop, fan_client: APIClient, bot: TelegramSandbox) -> Order:
    answer = post(fan_client, shop.drop(hub_quota=10), "stars")
    assert answer.status_code == 201, answer.content
    (told,) = answer.json()["attempts"]
    assert told["handoff"]["kind"] == "invoice"
    assert told["amount"] == {"asset": "XTR", "amount": str(ASKED)}
    return Order.objects.get(pk=answer.json()["id"])


def tell(client: Any, update: dict[str, Any] | Delivery, secret: str = SECRET) -> Any:
    body = update.body if isinstance(update, Delivery) else json.dumps(update).encode()
    return client.post(
        "/webhooks/telegram", data=body, content_type="application/json", headers={HEADER: secret}
    )


def question(order: Order, number: int = 1, **changes: Any) -> dict[str, Any]:
    query = {
        "id": "42",
        "from": {"id": PAYER, "is_bot": False, "first_name": "Ada"},
        "currency": "XTR",
        "total_amount": ASKED,
        "invoice_payload": str(order.attempts.get().pk),
        **changes,
    }
    return {"update_id": number, "pre_checkout_query": query}


def pay(bot: TelegramSandbox, client: Any, user: int = PAYER) -> str:
    """The sheet without the question: the update that tells of the payment is delivered."""
    (slug,) = bot.invoices
    charge = bot.act_pay(slug=slug, user=user, silent=True)["charge"]
    row = bot.transactions[-1]
    paid = {
        "currency": "XTR",
        "total_amount": row["amount"],
        "invoice_payload": row["source"]["invoice_payload"],
        "telegram_payment_charge_id": charge,
        "provider_payment_charge_id": "",
    }
    message = {"message_id": 1, "date": row["date"], "chat": {"id": user, "type": "private"}}
    message = {**message, "successful_payment": paid}
    update = {"update_id": len(bot.transactions), "message": message}
    assert tell(client, update).status_code == 200
    return str(charge)


def test_yes_is_said_in_the_webhooks_own_answer(client: Any, order: Order) -> None:
    answer = tell(client, question(order))
    assert answer.json() == {
        "method": "answerPreCheckoutQuery",
        "pre_checkout_query_id": "42",
        "ok": True,
    }
    assert InboxEvent.objects.get().state == "applied"


@pytest.mark.parametrize(
    "changes",
    [
        {"from": {"id": 1, "is_bot": False, "first_name": "Other"}},
        {"total_amount": ASKED - 1},
        {"currency": "USD"},
        {"invoice_payload": "nothing"},
        {"invoice_payload": "01a2065a-7d1d-7214-808a-83c327dbfee0"},
    ],
)
def test_no_is_said_with_a_reason(client: Any, order: Order, changes: dict[str, Any]) -> None:
    answer = tell(client, question(order, **changes)).json()
    assert answer["ok"] is False
    assert answer["error_message"]


@pytest.mark.parametrize("ended", ["attempt", "order", "time"])
def test_what_has_ended_cannot_be_paid(client: Any, order: Order, ended: str) -> None:
    if ended == "attempt":
        PaymentAttempt.objects.update(state="cancelled")
    elif ended == "time":
        PaymentAttempt.objects.update(valid_until=timezone.now())
    else:
        order.reservation.__class__.objects.update(state="released")
    assert tell(client, question(order)).json()["ok"] is False


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x"])
def test_without_the_secret_nothing_is_kept(client: Any, order: Order, secret: str) -> None:
    assert tell(client, question(order), secret).status_code == 403
    assert not InboxEvent.objects.exists()


def test_a_payment_is_owed_after_its_hold(client: Any, order: Order, bot: TelegramSandbox) -> None:
    charge = pay(bot, client)
    order = fresh(order)
    assert order.state == Order.State.FULFILLING
    assert order.attempts.get().external_id == charge
    assert claim_of(order).hold_until > timezone.now() + timedelta(days=20)
    assert owed(order, "XTR") == at_provider("stars", "XTR") == ASKED
    assert off_chain("stars").holdings()["stars"].amount == ASKED


def test_the_same_update_twice_is_one_payment(
    client: Any, order: Order, bot: TelegramSandbox
) -> None:
    pay(bot, client)
    event = InboxEvent.objects.get(key__endswith=":1")
    assert tell(client, json.loads(bytes(event.body))).status_code == 200
    assert PaymentAttempt.objects.count() == 1
    assert at_provider("stars", "XTR") == ASKED


def test_the_same_link_paid_twice_is_sent_back_once(
    client: Any, order: Order, bot: TelegramSandbox
) -> None:
    pay(bot, client)
    second = pay(bot, client)
    extra = PaymentAttempt.objects.get(external_id=second)
    assert extra.flags == ["duplicate"]
    (refund,) = Refund.objects.all()
    assert refund.attempt == extra
    refunds.refund_submit(refund_id=refund.pk)
    assert bot.balance == ASKED
    assert at_provider("stars", "XTR") == owed(order, "XTR") == ASKED
    assert claim_of(order).state == ClaimRight.State.OPEN
    assert balanced()


def test_a_payment_whose_update_was_lost_is_found(
    client: Any, order: Order, bot: TelegramSandbox
) -> None:
    (slug,) = bot.invoices
    bot.act_pay(slug=slug, user=PAYER, silent=True)
    refresh(order.attempts.get())
    assert fresh(order).state == Order.State.FULFILLING


def test_a_chargeback_before_the_mint_revokes_the_claim(
    client: Any, order: Order, bot: TelegramSandbox
) -> None:
    charge = pay(bot, client)
    bot.act_chargeback(charge=charge)
    refresh(order.attempts.get())
    order = fresh(order)
    assert (order.state, order.reason) == ("cancelled", "refunded")
    assert claim_of(order).state == ClaimRight.State.REVOKED
    assert at_provider("stars", "XTR") == bot.balance == 0


def test_what_is_taken_back_months_later_is_listed_with_its_payment(
    client: Any, order: Order, bot: TelegramSandbox
) -> None:
    charge = pay(bot, client)
    bot.transactions[-1]["date"] -= 90 * 86_400
    yesterday = timezone.now() - timedelta(days=1)
    assert list(off_chain("stars").list_since(yesterday)) == []
    bot.act_chargeback(charge=charge)
    (found,) = off_chain("stars").list_since(yesterday)
    assert found.reference == charge
    assert [one.status for one in found.state.refunds] == [RefundStatus.DONE]


def test_paysupport_answers_in_the_chat(client: Any, bot: TelegramSandbox) -> None:
    chat = {"id": PAYER, "type": "private"}
    message = {"message_id": 1, "date": 1, "chat": chat, "text": "/paysupport"}
    answer = tell(client, {"update_id": 1, "message": message}).json()
    assert (answer["method"], answer["chat_id"]) == ("sendMessage", PAYER)


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"update_id": "x"}', b"\xff"])
def test_what_is_no_update_is_refused(client: Any, bot: TelegramSandbox, body: bytes) -> None:
    answer = client.post(
        "/webhooks/telegram", data=body, content_type="application/json", headers={HEADER: SECRET}
    )
    assert answer.status_code == 400
    assert not InboxEvent.objects.exists()
