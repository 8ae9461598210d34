"""The local Stripe refuses what the real one refuses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import stripe

from deploy.local.sandbox import stripe_forms as forms
from deploy.local.sandbox.stripe import StripeSandbox
from payments.providers.stripe.webhook import _fits
from tests.sandbox.wire import SESSION, act, buttons, press, send
from tests.sandbox.wire import stripe as post

SESSIONS = "/v1/checkout/sessions"


@pytest.fixture
def box() -> Iterator[StripeSandbox]:
    with StripeSandbox() as box:
        yield box


def made(box: StripeSandbox, **more: str) -> dict[str, Any]:
    answer = post(box, SESSIONS, {**SESSION, **more})
    assert answer.status == 200, answer.raw
    return dict(answer.body)


def paid(box: StripeSandbox) -> dict[str, Any]:
    return dict(act(box, "pay", id=made(box)["id"]).body)


def kinds(box: StripeSandbox) -> list[str]:
    return [str(orjson.loads(one.body)["type"]) for one in box.events]


def test_the_signature_is_that_of_the_vector() -> None:
    """The sandbox signs as Stripe's own SDK does, and our check takes both."""
    body, secret, at = b'{"id":"evt_vec_1","object":"event"}', "whsec_vector", 1_790_000_000
    digest = "3403b807be80ca04750d1b887f3da9b708fe5ed0e564f8292e0f5d15b8ca6708"
    assert forms.signature(secret, body, at) == f"t={at},v1={digest}"
    made = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, at)
    assert digest in made


def test_a_signature_of_any_of_two_secrets_is_enough_and_time_counts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body, at = b"{}", 1_790_000_000
    monkeypatch.setattr("time.time", lambda: float(at))
    old, new = (forms.signature(secret, body, at).partition(",")[2] for secret in ("old", "new"))
    assert _fits(body, f"t={at},{old},{new}", "new")
    assert not _fits(body, f"t={at},{old}", "new")
    assert not _fits(body + b" ", f"t={at},{new}", "new")
    for wrong in (at - 301, at + 301):
        assert not _fits(body, forms.signature("new", body, wrong), "new")


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("surprise", "1", "unknown parameter"),
        ("metadata[a][b]", "1", "unknown parameter"),
        ("line_items[1][quantity]", "1", "unknown parameter"),
        ("mode", "subscription", "mode"),
        ("ui_mode", "hosted", "ui_mode"),
        ("success_url", "shop", "valid URL"),
        ("expires_at", "1", "between 30 minutes and 24 hours"),
        ("client_reference_id", "x" * 201, "200 characters"),
        ("metadata[note]", "x" * 501, "500 characters"),
        ("line_items[0][price_data][currency]", "USD", "currency"),
        ("line_items[0][price_data][unit_amount]", "49", "too small"),
        ("line_items[0][price_data][unit_amount]", "99999999999", "too large"),
        ("line_items[0][price_data][unit_amount]", "7.58", "Missing or invalid"),
        ("line_items[0][price_data][product_data][name]", "x" * 251, "1-250"),
    ],
)
def test_a_session_is_refused(box: StripeSandbox, field: str, value: str, told: str) -> None:
    answer = post(box, SESSIONS, {**SESSION, field: value})
    assert answer.status == 400
    assert told in answer.body["error"]["message"]
    assert not box.sessions


def test_nobody_else_is_let_in(box: StripeSandbox) -> None:
    assert post(box, SESSIONS, SESSION, Authorization="Bearer sk_live_other").status == 401
    assert send(box, "GET", SESSIONS).status == 401
    assert not box.sessions


def test_a_key_gives_the_first_answer_again_and_no_other(box: StripeSandbox) -> None:
    key = {"Idempotency-Key": "k1"}
    first = post(box, SESSIONS, SESSION, **key)
    assert post(box, SESSIONS, SESSION, **key).body == first.body
    other = post(box, SESSIONS, {**SESSION, "locale": "ru"}, **key)
    assert (other.status, other.body["error"]["type"]) == (400, "idempotency_error")
    assert post(box, SESSIONS, SESSION, **{"Idempotency-Key": "k" * 256}).status == 400
    box.offset = 25 * 3600  # forgotten after a day
    assert post(box, SESSIONS, SESSION, **key).body["id"] != first.body["id"]
    assert len(box.sessions) == 2


def test_a_500_is_stored_under_its_key_and_a_refusal_is_not(box: StripeSandbox) -> None:
    key = {"Idempotency-Key": "k1"}
    box.faults.error_after_effect = 1
    assert [post(box, SESSIONS, SESSION, **key).status for _ in range(2)] == [500, 500]
    assert len(box.sessions) == 1
    key = {"Idempotency-Key": "k2"}
    assert post(box, SESSIONS, {**SESSION, "mode": "x"}, **key).status == 400
    assert post(box, SESSIONS, SESSION, **key).status == 200


def test_a_list_takes_only_what_it_knows(box: StripeSandbox) -> None:
    auth = {"Authorization": f"Bearer {box.key}"}
    for query in ("?limit=101", "?limit=0", "?metadata=x", "?limit=many"):
        assert send(box, "GET", SESSIONS + query, b"", auth).status == 400
    assert send(box, "GET", "/v1/invented", b"", auth).status == 404


def test_a_charge_is_an_id_until_it_is_asked_for(box: StripeSandbox) -> None:
    intent = paid(box)["payment_intent"]
    auth, path = {"Authorization": f"Bearer {box.key}"}, f"/v1/payment_intents/{intent}"
    assert send(box, "GET", path, b"", auth).body["latest_charge"].startswith("ch_")
    inner = f"{path}?expand[0]=latest_charge.balance_transaction"
    assert send(box, "GET", inner, b"", auth).body["latest_charge"]["balance_transaction"]["fee"]


@pytest.mark.parametrize(
    ("form", "told"),
    [
        ({"amount": "759"}, "greater than"),
        ({"amount": "0"}, "greater than"),
        ({"reason": "bored"}, "reason"),
        ({"charge": "ch_1"}, "unknown parameter"),
        ({"payment_intent": "pi_none"}, "No such"),
    ],
)
def test_a_refund_is_refused(box: StripeSandbox, form: dict[str, str], told: str) -> None:
    intent = paid(box)["payment_intent"]
    answer = post(box, "/v1/refunds", {"payment_intent": intent, **form})
    assert answer.status in (400, 404)
    assert told in answer.body["error"]["message"]
    assert not box.refunds


def test_what_is_refunded_or_disputed_is_not_refunded_again(box: StripeSandbox) -> None:
    first, second = paid(box), paid(box)
    assert post(box, "/v1/refunds", {"payment_intent": first["payment_intent"]}).status == 200
    again = post(box, "/v1/refunds", {"payment_intent": first["payment_intent"]})
    assert again.body["error"]["code"] == "charge_already_refunded"
    act(box, "dispute", id=second["id"])
    disputed = post(box, "/v1/refunds", {"payment_intent": second["payment_intent"]})
    assert disputed.body["error"]["code"] == "charge_disputed"
    assert len(box.refunds) == 1


def test_the_page_pays_declines_leaves_and_disputes(box: StripeSandbox) -> None:
    page = made(box)["url"]
    assert buttons(box, page) == {"pay", "decline", "leave", "start", "dispute"}
    assert press(box, page, "decline").headers["Location"] == page.removeprefix(box.url)
    assert press(box, page, "leave").headers["Location"] == SESSION["cancel_url"]
    assert kinds(box) == []
    assert press(box, page, "dispute").headers["Location"] == SESSION["success_url"]
    assert kinds(box) == [
        "checkout.session.completed", "charge.dispute.created", "charge.dispute.funds_withdrawn",
    ]  # fmt: skip
    assert buttons(box, page) == {"leave"}  # nobody pays a session twice
    assert act(box, "pay", id=next(iter(box.sessions))).status == 409


def test_what_was_begun_in_time_is_paid_late(box: StripeSandbox) -> None:
    page = made(box)["url"]
    press(box, page, "start")
    box.offset = 2 * 86_400
    assert buttons(box, page) == {"pay", "decline", "leave"}
    press(box, page, "pay")
    assert kinds(box) == ["checkout.session.completed", "checkout.session.async_payment_succeeded"]


def test_an_expired_session_cannot_be_paid(box: StripeSandbox) -> None:
    session = made(box)
    box.offset = 2 * 86_400
    assert act(box, "pay", id=session["id"]).status == 409
    assert kinds(box) == ["checkout.session.expired"]
    assert post(box, f"{SESSIONS}/{session['id']}/expire", {}).status == 400


@pytest.mark.parametrize("verdict", ["won", "lost", "prevented"])
def test_a_dispute_ends_once_in_one_of_its_ways(box: StripeSandbox, verdict: str) -> None:
    dispute = act(box, "dispute", id=paid(box)["id"]).body
    assert act(box, "dispute_close", id=dispute["id"], status="bored").status == 400
    assert act(box, "dispute_close", id=dispute["id"], status=verdict).status == 200
    back = ["charge.dispute.funds_reinstated"] if verdict == "won" else []
    assert kinds(box)[3:] == ["charge.dispute.closed", *back]
