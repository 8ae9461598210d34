"""Signing in by Telegram's OpenID Connect; proofs that are wrong, used or another's are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import Session, User
from accounts.people import PEOPLE
from deploy.local.sandbox.frame import Call
from deploy.local.sandbox.telegram_id import TelegramIdSandbox
from tests.accounts.people import sign_in

pytestmark = pytest.mark.django_db
BACK = "/sign-in/telegram/back"
MIRA = PEOPLE["fan"]


@pytest.fixture
def box(settings: Settings) -> Iterator[TelegramIdSandbox]:
    client = {"client_id": "1234567890", "client_secret": "s3cret:of/ours"}
    with TelegramIdSandbox(redirect_uri=f"{settings.PUBLIC_URL}{BACK}", **client) as box:
        settings.TELEGRAM_OIDC_ISSUER = box.url
        settings.TELEGRAM_OIDC_CLIENT_ID = client["client_id"]
        settings.TELEGRAM_OIDC_CLIENT_SECRET = client["client_secret"]
        yield box


@pytest.fixture
def browser() -> Client:
    return Client()


def asked(browser: Client, going: str = "/app/") -> dict[str, str]:
    """What Telegram's page is asked for when the button is pressed."""
    answer = browser.get("/sign-in/telegram", {"next": going})
    assert answer.status_code == 302, answer.content
    return dict(parse_qsl(urlsplit(answer["Location"]).query))


def allowed(box: TelegramIdSandbox, query: dict[str, str], login: str = "fan") -> dict[str, str]:
    """What the browser is sent back with once the person has said yes."""
    location = box.act_person(query=query, login=login)["location"]
    return dict(parse_qsl(urlsplit(location).query))


def back(browser: Client, given: dict[str, str]) -> Any:
    return browser.get(f"{BACK}?{urlencode(given)}")


def whole(browser: Client, box: TelegramIdSandbox) -> Any:
    return back(browser, allowed(box, asked(browser)))


def refused(browser: Client, answer: Any, says: str) -> None:
    """A page that says what to do, and nobody is signed in."""
    page = answer.content.decode()
    assert (answer.status_code in {400, 503}, says in page) == (True, True), page
    assert "Sign in again" in page
    assert "_auth_user_id" not in browser.session
    assert not Session.objects.exists()
    assert not User.objects.exists()


ODD = "Telegram&#x27;s answer was not accepted"
ELSEWHERE = "This sign-in did not begin here"


def test_the_button_is_there_only_with_a_client_of_ours(browser: Client) -> None:
    assert "/sign-in/telegram?" not in browser.get("/sign-in").content.decode()
    assert browser.get("/sign-in/telegram").status_code == 404
    assert browser.get(BACK).status_code == 404


def test_it_is_offered_and_asks_with_pkce_state_and_nonce(
    browser: Client, box: TelegramIdSandbox
) -> None:
    assert "/sign-in/telegram?next=" in browser.get("/sign-in").content.decode()
    first, second = asked(browser), asked(browser)
    assert first["code_challenge_method"] == "S256"
    assert first["response_type"] == "code"
    for secret in ("state", "nonce", "code_challenge"):
        assert first[secret] != second[secret]
        assert len(first[secret]) == 43


def test_a_fan_is_the_same_person_as_in_the_mini_app(
    browser: Client, box: TelegramIdSandbox
) -> None:
    inside = sign_in(MIRA.telegram_id, "Mirabel")
    answer = whole(browser, box)
    assert (answer.status_code, answer["Location"]) == (302, "/app/")
    assert browser.session["_auth_user_id"] == inside.user_id
    user = User.objects.get()
    assert (user.first_name, user.username) == ("Mirabel", MIRA.username)  # the name is kept
    assert Session.objects.latest("id").context == "web"


def test_a_first_visit_makes_the_person(browser: Client, box: TelegramIdSandbox) -> None:
    whole(browser, box)
    user = User.objects.get()
    assert (user.telegram_id, user.first_name) == (MIRA.telegram_id, "Mira")
    assert (user.is_staff, user.has_usable_password()) == (False, False)


def test_the_session_gets_a_new_key(browser: Client, box: TelegramIdSandbox) -> None:
    given = allowed(box, asked(browser))
    before = browser.session.session_key
    back(browser, given)
    assert browser.session.session_key != before


def test_an_answer_that_another_browser_began_signs_nobody_in(
    browser: Client, box: TelegramIdSandbox
) -> None:
    """Login CSRF: a stranger's answer, put before who began nothing, or something of his own."""
    strangers = allowed(box, asked(Client()), "collector")
    refused(browser, back(browser, strangers), ELSEWHERE)
    asked(browser)
    refused(browser, back(browser, strangers), ELSEWHERE)


def test_an_answer_counts_once(browser: Client, box: TelegramIdSandbox) -> None:
    given = allowed(box, asked(browser))
    assert back(browser, given).status_code == 302
    assert Session.objects.count() == 1
    again = back(browser, given)
    assert (again.status_code, ELSEWHERE in again.content.decode()) == (400, True)
    assert Session.objects.count() == 1


def test_a_wrong_state_spends_the_attempt(browser: Client, box: TelegramIdSandbox) -> None:
    given = allowed(box, asked(browser))
    refused(browser, back(browser, given | {"state": "x" * 43}), ELSEWHERE)
    refused(browser, back(browser, given), ELSEWHERE)


def test_a_code_of_another_attempt_is_refused(browser: Client, box: TelegramIdSandbox) -> None:
    """Its verifier does not fit: what PKCE is for."""
    stolen = allowed(box, asked(Client()), "collector")["code"]
    given = allowed(box, asked(browser))
    refused(browser, back(browser, given | {"code": stolen}), ODD)


def test_a_used_code_is_refused_by_the_issuer(browser: Client, box: TelegramIdSandbox) -> None:
    given = allowed(box, asked(browser))
    box.codes.clear()
    refused(browser, back(browser, given), ODD)


@pytest.mark.parametrize("issuer", ["https://evil.example", None])
def test_an_answer_of_another_issuer_is_refused(
    browser: Client, box: TelegramIdSandbox, issuer: str | None
) -> None:
    given = allowed(box, asked(browser))
    del given["iss"]
    refused(browser, back(browser, given | ({"iss": issuer} if issuer else {})), ODD)
    assert box.codes  # the code was not even shown to anybody


def test_an_attempt_does_not_outlive_its_time(
    browser: Client, box: TelegramIdSandbox, settings: Settings
) -> None:
    settings.OIDC_LIFETIME *= 0
    refused(browser, whole(browser, box), "This sign-in took too long")


def test_no_is_no(browser: Client, box: TelegramIdSandbox) -> None:
    given = allowed(box, asked(browser), "")
    assert given["error"] == "access_denied"
    refused(browser, back(browser, given), "You did not continue in Telegram")


@pytest.mark.parametrize(
    "forged",
    [
        {"alg": "none"},
        {"alg": "HS256"},
        {"stranger": True},
        {"kid": "key-of-nobody"},
        {"kid": "odd"},
        {"claims": {"aud": "999"}},
        {"claims": {"aud": ["1234567890", "999"]}},
        {"claims": {"aud": ["1234567890", "999"], "azp": "999"}},
        {"claims": {"iss": "https://evil.example"}},
        {"claims": {"nonce": "another"}},
        {"claims": {"nonce": None}},
        {"claims": {"exp": None}},
        {"claims": {"iat": None}},
    ],
    ids=str,
)
def test_a_token_that_proves_something_else_is_refused(
    browser: Client, box: TelegramIdSandbox, forged: dict[str, Any]
) -> None:
    query = asked(browser)
    given = allowed(box, query)
    box.act_forge(**forged)
    refused(browser, back(browser, given), ODD)


@pytest.mark.parametrize("shift", [-4000, -700, 700])
def test_a_token_out_of_its_time_is_refused(
    browser: Client, box: TelegramIdSandbox, shift: int
) -> None:
    """Expired; old though it would be valid for long; not made yet."""
    box.offset = shift
    refused(browser, whole(browser, box), "This sign-in took too long")


@pytest.mark.parametrize("given_id", [None, "0", "-5", "1.5", True, "٣", "9" * 30], ids=str)
def test_a_token_without_a_telegram_id_is_refused_and_sub_is_not_taken_for_it(
    browser: Client, box: TelegramIdSandbox, given_id: object
) -> None:
    given = allowed(box, asked(browser))
    box.act_forge(claims={"id": given_id})
    refused(browser, back(browser, given), "Telegram did not say who you are")


@pytest.mark.parametrize("claims", [{"aud": 1234567890}, {"aud": ["1234567890"]}, {"id": 700001}])
def test_numbers_and_digits_are_the_same(
    browser: Client, box: TelegramIdSandbox, claims: dict[str, Any]
) -> None:
    given = allowed(box, asked(browser))
    box.act_forge(claims=claims)
    assert back(browser, given).status_code == 302
    assert User.objects.get().telegram_id == MIRA.telegram_id


def test_other_names_of_claims_are_a_setting(
    browser: Client, box: TelegramIdSandbox, settings: Settings
) -> None:
    settings.TELEGRAM_OIDC_CLAIMS = {"id": "tg", "name": "given_name"}
    given = allowed(box, asked(browser))
    box.act_forge(claims={"tg": "42", "given_name": "Noor"})
    back(browser, given)
    user = User.objects.get()
    assert (user.telegram_id, user.first_name, user.username) == (42, "Noor", "")


def test_a_disabled_account_stays_out(browser: Client, box: TelegramIdSandbox) -> None:
    whole(browser, box)
    User.objects.update(is_active=False)
    again = Client()
    answer = whole(again, box)
    assert "This account is disabled" in answer.content.decode()
    assert "_auth_user_id" not in again.session
    assert Session.objects.count() == 1


def test_documents_are_kept_and_a_new_key_makes_us_look_again_once(
    browser: Client, box: TelegramIdSandbox
) -> None:
    for _ in range(3):
        assert whole(Client(), box).status_code == 302
    assert len(box.fetched) == 2  # discovery, keys
    box.act_rotate(alg="ES256")
    assert whole(browser, box).status_code == 302
    assert box.fetched[2:] == ["/.well-known/jwks.json"]
    for _ in range(3):
        given = allowed(box, asked(browser))
        box.act_forge(kid="key-of-nobody")
        assert ODD in back(browser, given).content.decode()
    assert len(box.fetched) == 3  # a flood of made-up keys is not passed on


@pytest.mark.parametrize(
    "going", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_it_leads_nowhere_but_to_us(browser: Client, box: TelegramIdSandbox, going: str) -> None:
    answer = back(browser, allowed(box, asked(browser, going)))
    assert (answer.status_code, answer["Location"]) == (302, "/portal/")


def test_an_issuer_that_is_away_is_said(
    browser: Client, box: TelegramIdSandbox, settings: Settings
) -> None:
    settings.TELEGRAM_OIDC_ISSUER = "http://127.0.0.1:9"
    answer = browser.get("/sign-in/telegram")
    assert answer.status_code == 503
    refused(browser, answer, "Telegram cannot be reached")


def test_a_document_of_another_issuer_is_refused(
    browser: Client, box: TelegramIdSandbox, settings: Settings
) -> None:
    settings.TELEGRAM_OIDC_ISSUER = box.url.replace("127.0.0.1", "localhost")
    refused(browser, browser.get("/sign-in/telegram"), ODD)


@pytest.mark.parametrize("change", ["redirect_uri", "client_id"])
def test_the_local_issuer_sends_nobody_anywhere_else(
    browser: Client, box: TelegramIdSandbox, change: str
) -> None:
    query = asked(browser) | {change: "https://evil.example"}
    answer = box.answer(_call("GET", "/auth", query))
    assert (answer.status, answer.headers.get("Location")) == (400, None)


def test_the_local_issuer_wants_pkce(browser: Client, box: TelegramIdSandbox) -> None:
    query = asked(browser)
    answer = box.answer(_call("GET", "/auth", query | {"code_challenge_method": "plain"}))
    assert "error=invalid_request" in answer.headers["Location"]
    page = box.answer(_call("GET", "/auth", query))
    assert "SANDBOX" in str(page.body)
    assert "Mira" in str(page.body)


def _call(method: str, path: str, query: dict[str, str]) -> Any:
    return Call(method, path, parse_qs(urlencode(query)), {}, b"")
