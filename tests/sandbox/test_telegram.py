"""The local Bot API refuses what the real one refuses; its payment sheet asks the bot first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from deploy.local.sandbox.telegram import TelegramSandbox
from tests.sandbox.test_yookassa import changed
from tests.sandbox.wire import INVOICE, Listener, act, buttons, press, send, telegram

PAYER = "7"


@pytest.fixture
def bot() -> Iterator[Listener]:
    """A shop that says yes to every question and takes every update."""
    with Listener() as bot:
        bot.answer = lambda _: (200, orjson.dumps(_yes(orjson.loads(bot.got[-1]))))
        yield bot


@pytest.fixture
def box(bot: Listener) -> Iterator[TelegramSandbox]:
    with TelegramSandbox(token="1:T", secret="s", webhook_url=bot.url) as box:
        yield box


def _yes(update: dict[str, Any]) -> dict[str, Any]:
    question = update.get("pre_checkout_query")
    if question is None:
        return {}
    return {
        "method": "answerPreCheckoutQuery", "pre_checkout_query_id": question["id"], "ok": True,
    }  # fmt: skip


def link(box: TelegramSandbox) -> str:
    answer = telegram(box, "createInvoiceLink", **INVOICE)
    assert answer.body["ok"] is True, answer.raw
    return str(answer.body["result"])


def pay(box: TelegramSandbox) -> str:
    """The charge id of a payment by the only invoice."""
    (slug,) = box.invoices
    return str(act(box, "pay", slug=slug, user=int(PAYER)).body["charge"])


def refund(box: TelegramSandbox, charge: str, user: int = int(PAYER)) -> Any:
    return telegram(box, "refundStarPayment", user_id=user, telegram_payment_charge_id=charge).body


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("surprise", 1),
        ("title", ""),
        ("title", "x" * 33),
        ("description", "x" * 256),
        ("payload", ""),
        ("payload", "ä" * 65),
        ("provider_token", "123:TEST"),
        ("currency", "USD"),
        ("prices", []),
        ("prices", [{"label": "a", "amount": 1}, {"label": "b", "amount": 1}]),
        ("prices.0.amount", 0),
        ("prices.0.amount", 100_001),
        ("prices.0.amount", 5.5),
        ("prices.0.amount", True),
        ("prices.0.label", ""),
        ("prices.0.surprise", 1),
    ],
)
def test_an_invoice_is_refused(box: TelegramSandbox, path: str, value: Any) -> None:
    answer = telegram(box, "createInvoiceLink", **changed(path, value, INVOICE))
    assert (answer.status, answer.body["ok"], answer.body["error_code"]) == (400, False, 400)
    assert not box.invoices


def test_a_form_is_as_good_as_json(box: TelegramSandbox) -> None:
    form = {**INVOICE, "prices": orjson.dumps(INVOICE["prices"]).decode()}
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    raw = urlencode(form).encode()
    assert send(box, "POST", f"/bot{box.token}/createInvoiceLink", raw, kind).status == 200


def test_no_other_bot_and_no_invented_method(box: TelegramSandbox) -> None:
    assert send(box, "POST", "/bot2:T/getMe", b"{}").status == 401
    assert telegram(box, "invent").status == 404


def test_the_sheet_asks_then_tells(box: TelegramSandbox, bot: Listener) -> None:
    page = link(box)
    assert buttons(box, page) == {"pay", "leave"}
    press(box, page, "leave", user=PAYER)
    press(box, page, "pay", user=PAYER)
    asked, told = (orjson.loads(raw) for raw in bot.wait(2))
    assert asked["pre_checkout_query"]["total_amount"] == 581
    paid = told["message"]["successful_payment"]
    assert paid["telegram_payment_charge_id"] == box.transactions[0]["id"]
    assert told["update_id"] == asked["update_id"] + 1
    assert telegram(box, "getMyStarBalance").body["result"]["amount"] == 581


def test_the_same_link_is_paid_again_by_anybody(box: TelegramSandbox) -> None:
    page = link(box)
    for user in (PAYER, PAYER, "8"):
        press(box, page, "pay", user=user)
    charges = {row["id"] for row in box.transactions}
    assert (len(charges), box.balance) == (3, 3 * 581)


@pytest.mark.parametrize(
    "answer",
    [
        (200, b'{"method":"answerPreCheckoutQuery","ok":false,"error_message":"gone"}'),
        (500, b""),
        (200, b""),
    ],
)
def test_without_a_yes_nothing_is_paid(
    box: TelegramSandbox, bot: Listener, answer: tuple[int, bytes]
) -> None:
    bot.answer = lambda _: answer
    assert press(box, link(box), "pay", user=PAYER).status == 409
    assert (box.balance, box.transactions) == (0, [])


def test_a_question_that_is_lost_is_no_yes(box: TelegramSandbox, bot: Listener) -> None:
    act(box, "faults", drop=1)
    assert press(box, link(box), "pay", user=PAYER).status == 409
    assert (bot.got, box.balance) == ([], 0)


def test_a_question_may_be_answered_by_a_call_but_only_while_it_is_open(
    box: TelegramSandbox, bot: Listener
) -> None:
    page, done = link(box), threading.Event()

    def later(_: int) -> tuple[int, bytes]:
        update = orjson.loads(bot.got[-1])
        if (question := update.get("pre_checkout_query")) and not done.is_set():
            done.set()
            answer = telegram(
                box, "answerPreCheckoutQuery", pre_checkout_query_id=question["id"], ok=True
            )
            assert answer.body["ok"] is True
        return 200, b""

    bot.answer = later
    press(box, page, "pay", user=PAYER)
    assert box.balance == 581
    late = telegram(box, "answerPreCheckoutQuery", pre_checkout_query_id="1", ok=True)
    assert (late.status, late.body["ok"]) == (400, False)
    silent = telegram(box, "answerPreCheckoutQuery", pre_checkout_query_id="1", ok=False)
    assert "ERROR_TEXT_EMPTY" in silent.body["description"]


def test_a_refund_is_whole_once_and_to_its_payer(box: TelegramSandbox) -> None:
    link(box)
    charge = pay(box)
    assert "CHARGE_NOT_FOUND" in refund(box, charge, 8)["description"]
    assert "CHARGE_NOT_FOUND" in refund(box, "stx0")["description"]
    assert refund(box, charge)["result"] is True
    assert "CHARGE_ALREADY_REFUNDED" in refund(box, charge)["description"]
    rows = telegram(box, "getStarTransactions", offset=0, limit=100).body["result"]["transactions"]
    assert [(row["id"], "receiver" in row) for row in rows] == [(charge, False), (charge, True)]
    assert box.balance == 0


def test_a_chargeback_lowers_the_balance_and_may_leave_nothing_to_refund(
    box: TelegramSandbox,
) -> None:
    link(box)
    first, second = pay(box), pay(box)
    sent = len(box.events)
    act(box, "chargeback", charge=first)
    assert (box.balance, len(box.events)) == (581, sent)  # nobody was told
    box.balance = 0
    assert "BALANCE_TOO_LOW" in refund(box, second)["description"]


@pytest.mark.parametrize("given", [{"limit": 101}, {"limit": 0}, {"offset": -1}])
def test_pages_of_transactions_have_limits(box: TelegramSandbox, given: dict[str, int]) -> None:
    assert telegram(box, "getStarTransactions", **given).status == 400


@pytest.mark.parametrize(
    "given",
    [
        {"secret_token": "with space"},
        {"secret_token": "x" * 257},
        {"allowed_updates": ["message"]},
    ],
)
def test_a_webhook_that_would_not_sell_is_refused(
    box: TelegramSandbox, given: dict[str, Any]
) -> None:
    right = {
        "url": "http://127.0.0.1/new", "secret_token": "s2",
        "allowed_updates": ["message", "pre_checkout_query"],
    }  # fmt: skip
    before = box.webhook_url
    assert telegram(box, "setWebhook", **{**right, **given}).status == 400
    assert (box.webhook_url, box.secret) == (before, "s")
    assert telegram(box, "setWebhook", **right).status == 200
    assert (box.webhook_url, box.secret) == (right["url"], "s2")


def test_429_says_how_long(box: TelegramSandbox) -> None:
    act(box, "faults", too_many=1)
    answer = telegram(box, "createInvoiceLink", **INVOICE)
    assert (answer.status, answer.body["parameters"]["retry_after"]) == (429, 1)


# --- messages, inline mode, settings ------------------------------------------------------------

AUDIO = {
    "type": "audio", "id": "t1", "audio_url": "https://shop.example/a.mp3", "title": "Night",
    "performer": "Mira", "caption": "<b>Night</b>", "parse_mode": "HTML",
    "reply_markup": {"inline_keyboard": [[{"text": "Open", "url": "https://t.me/shop/app"}]]},
}  # fmt: skip
ARTICLE = {
    "type": "article", "id": "d1", "title": "Night", "description": "Mira",
    "thumbnail_url": "https://shop.example/c.jpeg",
    "input_message_content": {"message_text": "<b>Night</b>", "parse_mode": "HTML"},
}  # fmt: skip
WORDS = {"chat_id": 7, "text": "Hello"}


@pytest.mark.parametrize(
    "given",
    [
        {"surprise": 1},
        {"text": ""},
        {"text": "x" * 4097},
        {"parse_mode": "HTML", "text": "<b>open"},
        {"parse_mode": "HTML", "text": "<script>x</script>"},
        {"parse_mode": "Markdown"},
        {"reply_markup": {"inline_keyboard": [[{"text": "x"}]]}},
        {"reply_markup": {"inline_keyboard": [[{"text": "x", "callback_data": "y" * 65}]]}},
        {"reply_markup": {"inline_keyboard": [[{"text": "x", "web_app": {"url": "http://a.b"}}]]}},
    ],
)
def test_a_message_is_refused(box: TelegramSandbox, given: dict[str, Any]) -> None:
    assert telegram(box, "sendMessage", **WORDS | given).status == 400
    assert box.messages == []


def test_whom_the_bot_may_write_to_and_how_often(box: TelegramSandbox) -> None:
    act(box, "block", user=7)
    blocked = telegram(box, "sendMessage", **WORDS)
    assert (blocked.status, "blocked" in blocked.body["description"]) == (403, True)
    act(box, "unblock", user=7)
    act(box, "stranger", user=8)
    assert telegram(box, "sendMessage", **WORDS | {"chat_id": 8}).status == 403
    act(box, "limits", on=True)
    assert telegram(box, "sendMessage", **WORDS).status == 200
    often = telegram(box, "sendMessage", **WORDS)
    assert (often.status, often.body["parameters"]["retry_after"]) == (429, 1)
    for chat in range(100, 100 + 29):
        assert telegram(box, "sendMessage", **WORDS | {"chat_id": chat}).status in (200, 429)
    assert len(box.messages) <= 30


def inline(box: TelegramSandbox, bot: Listener, results: Any, **more: Any) -> Any:
    """What the sandbox says to an answer with these results."""

    def answer(_: int) -> tuple[int, bytes]:
        question = orjson.loads(bot.got[-1])["inline_query"]["id"]
        given = {"inline_query_id": question, "results": results, **more}
        told.append(telegram(box, "answerInlineQuery", **given))
        return 200, b""

    told: list[Any] = []
    bot.answer = answer
    act(box, "inline", user=7, query="night")
    return told[0]


def test_an_inline_answer_is_taken_once(box: TelegramSandbox, bot: Listener) -> None:
    button = {"text": "Open", "web_app": {"url": "https://shop.example/app/"}}
    taken = inline(box, bot, [AUDIO, ARTICLE], cache_time=0, is_personal=True, button=button)
    assert taken.body["result"] is True
    act(box, "choose", user=7, result="t1")
    assert box.shared[0]["result"] == AUDIO
    (question,) = box.inline_answers
    late = telegram(box, "answerInlineQuery", inline_query_id=question, results=[])
    assert (late.status, late.body["ok"]) == (400, False)


@pytest.mark.parametrize(
    ("results", "more"),
    [
        ([AUDIO | {"id": str(number)} for number in range(51)], {}),
        ([AUDIO, AUDIO], {}),
        ([AUDIO | {"id": ""}], {}),
        ([AUDIO | {"id": "x" * 65}], {}),
        ([AUDIO | {"surprise": 1}], {}),
        ([AUDIO | {"audio_url": "https://shop.example/a.m4a"}], {}),
        ([AUDIO | {"caption": "x" * 1025}], {}),
        ([AUDIO | {"caption": "<i>"}], {}),
        ([ARTICLE | {"input_message_content": {}}], {}),
        ([ARTICLE | {"thumbnail_url": "http://shop.example/c.jpeg"}], {}),
        ([{"type": "sticker", "id": "1"}], {}),
        ([AUDIO | {"reply_markup": {"inline_keyboard": [[{
            "text": "x", "web_app": {"url": "https://shop.example"}}]]}}], {}),
        ([], {"next_offset": "x" * 65}),
        ([], {"cache_time": -1}),
        ([], {"button": {"text": "x", "start_parameter": "a b"}}),
        ([], {"switch_pm_text": "x"}),
    ],
)  # fmt: skip
def test_an_inline_answer_is_refused(
    box: TelegramSandbox, bot: Listener, results: Any, more: dict[str, Any]
) -> None:
    refused = inline(box, bot, results, **more)
    assert (refused.status, refused.body["ok"]) == (400, False)
    assert box.inline_answers == {}


def test_a_prepared_message_is_its_users_for_minutes(box: TelegramSandbox) -> None:
    given = {"user_id": 7, "result": AUDIO, "allow_user_chats": True}
    made = telegram(box, "savePreparedInlineMessage", **given).body["result"]
    assert set(made) == {"id", "expiration_date"}
    assert act(box, "share", user=8, message=made["id"]).status == 400
    assert act(box, "share", user=7, message=made["id"]).status == 200
    act(box, "clock", offset=3600)
    assert act(box, "share", user=7, message=made["id"]).status == 400
    for wrong in ({"allow_user_chats": False}, {"result": {"type": "audio"}}, {"surprise": 1}):
        assert telegram(box, "savePreparedInlineMessage", **given | wrong).status == 400
    assert len(box.shared) == len(box.prepared) == 1


def test_commands_are_kept_by_language_and_the_menu_button_opens_an_app(
    box: TelegramSandbox,
) -> None:
    start = {"command": "start", "description": "Open"}
    assert telegram(box, "setMyCommands", commands=[start]).status == 200
    assert telegram(box, "setMyCommands", commands=[start], language_code="ru").status == 200
    assert set(box.commands) == {"", "ru"}
    refused: list[dict[str, Any]] = [
        {"commands": []},
        {"commands": [start], "language_code": "russian"},
        {"commands": [start | {"command": "Start!"}]},
    ]
    for wrong in refused:
        assert telegram(box, "setMyCommands", **wrong).status == 400
    button = {"type": "web_app", "text": "Shop", "web_app": {"url": "https://shop.example/app/"}}
    assert telegram(box, "setChatMenuButton", menu_button=button).status == 200
    outside = button | {"web_app": {"url": "ftp://x"}}
    assert telegram(box, "setChatMenuButton", menu_button=outside).status == 400
    assert box.menu_button == button


def test_inline_mode_can_be_tried_in_a_browser(box: TelegramSandbox, bot: Listener) -> None:
    def answer(_: int) -> tuple[int, bytes]:
        update = orjson.loads(bot.got[-1])
        if "inline_query" not in update:
            return 200, b""
        given = {"inline_query_id": update["inline_query"]["id"], "results": [AUDIO]}
        return 200, orjson.dumps({"method": "answerInlineQuery", **given})

    bot.answer = answer
    page = f"{box.url}/inline?user=7&q=night"
    assert buttons(box, page) == {"t1"}
    assert press(box, page, "t1").status == 303
    assert box.shared[0]["result"] == AUDIO
    assert "chosen_inline_result" in orjson.loads(bot.wait(3)[1])
