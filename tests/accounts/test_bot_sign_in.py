"""Signing in by a yes to the bot: one browser, one person, once, within minutes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from accounts.models import BotSignIn, Session, User
from accounts.people import PEOPLE
from accounts.tasks import bot_question_close, sweep
from core.inbox.models import InboxEvent
from core.models import AuditRecord
from core.outbox.models import OutboxEvent
from core.telegram import api
from tests.accounts.bot import SECRET, Bot
from tests.accounts.people import sign_in

pytestmark = pytest.mark.django_db
MIRA, THEO = PEOPLE["fan"].telegram_id, PEOPLE["collector"].telegram_id
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
CHECK, STATE = "/sign-in/bot/check", "/sign-in/bot/state"


@pytest.fixture
def bot(settings: Settings) -> Iterator[Bot]:
    settings.TELEGRAM_WEBHOOK_SECRET = SECRET
    with Bot(token=settings.TELEGRAM_BOT_TOKEN, secret=SECRET) as bot:
        settings.TELEGRAM_API_URL = bot.url
        yield bot


@pytest.fixture
def browser(bot: Bot) -> Client:
    return Client(headers={"User-Agent": FIREFOX})


def begin(browser: Client, going: str = "/app/") -> tuple[str, str]:
    """Press the button of the page; the token of the link, and the number that is shown."""
    assert browser.post("/sign-in/bot", {"next": going})["Location"] == CHECK
    page = browser.get(CHECK).content.decode()
    token, number = re.search(r"\?start=([\w-]+)", page), re.search(r"data-number>(\d\d)<", page)
    assert token
    assert number
    return token[1], number[1]


def nobody(browser: Client) -> None:
    browser.get(CHECK)
    assert "_auth_user_id" not in browser.session
    assert not Session.objects.exists()


def test_yes_signs_this_browser_in_as_the_person_of_the_mini_app(bot: Bot, browser: Client) -> None:
    inside = sign_in(MIRA, "Mira")
    token, number = begin(browser)
    assert browser.get(STATE).json() == {"state": "waiting"}
    bot.act_start(user=MIRA, parameter=token)
    (question,) = bot.texts(MIRA)
    assert "Firefox on Linux" in question
    assert number in question
    assert timezone.now().strftime("%H:") in question
    assert "The bot has asked" in browser.get(CHECK).content.decode()
    bot.answers(MIRA, f"Yes, {number}")
    assert bot.toasts == [{"user": MIRA, "text": "Done. Go back to the page in your browser."}]
    assert browser.get(STATE).json() == {"state": "allowed"}
    answer = browser.get(CHECK)
    assert (answer.status_code, answer["Location"]) == (302, "/app/")
    assert browser.session["_auth_user_id"] == inside.user_id
    assert Session.objects.latest("id").context == "web"
    assert InboxEvent.objects.filter(state="applied").count() == 2
    assert "accounts.bot_sign_in_allowed" in AuditRecord.objects.values_list("action", flat=True)


def test_a_first_visit_makes_the_person(bot: Bot, browser: Client) -> None:
    token, _ = begin(browser)
    bot.act_start(user=MIRA, parameter=token)
    assert not User.objects.exists()
    bot.answers(MIRA, "Yes")
    browser.get(CHECK)
    user = User.objects.get()
    assert (user.telegram_id, user.first_name, user.username) == (MIRA, "Mira", "mira_listens")


def test_the_question_loses_its_buttons_once_answered(bot: Bot, browser: Client) -> None:
    token, _ = begin(browser)
    bot.act_start(user=MIRA, parameter=token)
    bot.answers(MIRA, "Yes")
    event = OutboxEvent.objects.get(topic="accounts.bot_question_close")
    bot_question_close(event_id=str(event.pk), **event.payload)
    api.message_edit(**event.payload)  # after a crash it comes again
    (message,) = bot.messages
    assert message["text"].startswith("Done.")
    assert "reply_markup" not in message


def test_not_me_signs_nobody_in(bot: Bot, browser: Client) -> None:
    token, _ = begin(browser)
    bot.act_start(user=MIRA, parameter=token)
    bot.answers(MIRA, "Not me")
    page = browser.get(CHECK)
    assert "This sign-in has ended" in page.content.decode()
    assert not User.objects.exists()
    nobody(browser)
    assert BotSignIn.objects.get().state == "denied"


def test_another_browser_cannot_use_the_yes(bot: Bot, browser: Client) -> None:
    """A link that was sent to somebody, or seen by somebody, signs in only where it was made."""
    token, _ = begin(browser)
    thief = Client()
    begin(thief)
    bot.act_start(user=MIRA, parameter=token)
    bot.answers(MIRA, "Yes")
    assert thief.get(STATE).json() == {"state": "waiting"}
    nobody(thief)
    stolen = thief.session
    stolen["telegram_bot"] = {**stolen["telegram_bot"], "id": BotSignIn.objects.last().pk.hex}  # type: ignore[union-attr]
    stolen.save()
    nobody(thief)
    assert BotSignIn.objects.get(state="allowed")


def test_who_opens_the_link_second_is_told_nothing_and_can_answer_nothing(
    bot: Bot, browser: Client
) -> None:
    token, _ = begin(browser)
    bot.act_start(user=MIRA, parameter=token)
    data = bot.button(MIRA, "Yes")
    bot.act_start(user=THEO, parameter=token)
    (told,) = bot.texts(THEO)
    assert "has been used" in told
    bot.press_anyway(user=THEO, data=data)
    assert BotSignIn.objects.get().state == "asked"
    nobody(browser)


def test_a_yes_counts_once(bot: Bot, browser: Client) -> None:
    token, _ = begin(browser)
    bot.act_start(user=MIRA, parameter=token)
    data = bot.button(MIRA, "Yes")
    bot.answers(MIRA, "Yes")
    copy = Client()
    copy.cookies = browser.cookies.copy()  # type: ignore[assignment]
    assert browser.get(CHECK)["Location"] == "/app/"
    bot.press_anyway(user=MIRA, data=data)
    bot.act_start(user=MIRA, parameter=token)
    assert "has been used" in bot.texts(MIRA)[-1]
    assert copy.get(CHECK)["Location"] == "/sign-in"
    assert Session.objects.count() == 1
    assert BotSignIn.objects.get().state == "used"


def test_a_no_cannot_be_taken_back(bot: Bot, browser: Client) -> None:
    token, _ = begin(browser)
    bot.act_start(user=MIRA, parameter=token)
    yes = bot.button(MIRA, "Yes")
    bot.answers(MIRA, "Not me")
    bot.press_anyway(user=MIRA, data=yes)
    assert BotSignIn.objects.get().state == "denied"
    nobody(browser)


@pytest.mark.parametrize("when", ["before the link", "before the answer", "before the page"])
def test_after_five_minutes_nothing_happens(bot: Bot, browser: Client, when: str) -> None:
    token, _ = begin(browser)
    for step in ("before the link", "before the answer", "before the page"):
        if step == when:
            BotSignIn.objects.update(expires_at=timezone.now())
        if step == "before the link":
            bot.act_start(user=MIRA, parameter=token)
        elif step == "before the answer" and when != "before the link":
            bot.answers(MIRA, "Yes")
    stays = {"before the link": "waiting", "before the answer": "asked"}.get(when, "allowed")
    assert BotSignIn.objects.get().state == stays
    assert browser.get(STATE).json() == {"state": "gone"}
    assert "five minutes are over" in browser.get(CHECK).content.decode()
    nobody(browser)


@pytest.mark.parametrize("token", ["x", "A" * 43, "A" * 64])
def test_a_made_up_token_is_nobodys(bot: Bot, browser: Client, token: str) -> None:
    begin(browser)
    bot.act_start(user=MIRA, parameter=token)
    assert "has been used" in bot.texts(MIRA)[0]
    assert BotSignIn.objects.get().state == "waiting"


@pytest.mark.parametrize("data", ["signin:", "signin:zz:yes", "signin:" + "0" * 32 + ":yes"])
def test_a_made_up_button_is_answered_and_does_nothing(
    bot: Bot, browser: Client, data: str
) -> None:
    begin(browser)
    bot.press_anyway(user=MIRA, data=data)
    assert "has been used" in bot.toasts[0]["text"]
    assert BotSignIn.objects.get().state == "waiting"


def test_neither_token_nor_secret_is_stored(bot: Bot, browser: Client) -> None:
    token, _ = begin(browser)
    secret = browser.session["telegram_bot"]["secret"]
    stored = str(BotSignIn.objects.values().get())
    assert token not in stored
    assert secret not in stored
    assert token not in str(dict(browser.session))


def test_start_alone_is_a_greeting(bot: Bot) -> None:
    bot.act_start(user=MIRA)
    assert "Music that you can keep" in bot.texts(MIRA)[0]
    assert bot.buttons(MIRA)[0]["web_app"]["url"].endswith("/app/")


def test_the_button_is_there_only_with_a_bot(bot: Bot, settings: Settings) -> None:
    assert 'action="/sign-in/bot"' in Client().get("/sign-in").content.decode()
    settings.TELEGRAM_WEBHOOK_SECRET = ""
    assert 'action="/sign-in/bot"' not in Client().get("/sign-in").content.decode()
    assert Client().post("/sign-in/bot").status_code == 404
    assert not BotSignIn.objects.exists()


def test_it_is_begun_by_a_form_of_ours_alone(bot: Bot) -> None:
    assert Client(enforce_csrf_checks=True).post("/sign-in/bot").status_code == 403
    assert not BotSignIn.objects.exists()


def test_old_questions_are_forgotten(bot: Bot, browser: Client) -> None:
    begin(browser)
    sweep()
    assert BotSignIn.objects.exists()
    BotSignIn.objects.update(expires_at=timezone.now() - timedelta(days=2))
    sweep()
    assert not BotSignIn.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_pages_of_one_browser_at_once_make_one_session(bot: Bot, browser: Client) -> None:
    token, _ = begin(browser)
    bot.act_start(user=MIRA, parameter=token)
    bot.answers(MIRA, "Yes")
    statuses: list[Any] = []

    def look() -> None:
        page = Client()
        page.cookies = browser.cookies.copy()  # type: ignore[assignment]
        statuses.append(page.get(CHECK).status_code)
        connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Session.objects.count() == 1
    assert len(statuses) == 4
