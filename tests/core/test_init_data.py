from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import assume, given
from hypothesis import strategies as st

from core.telegram.init_data import InitData, InitDataInvalid, sign, signed_message, verify

TOKEN = "1234567890:TEST-TOKEN-FOR-VECTORS"
PUBLIC = "8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"
PRODUCTION = "e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d"
RAW = (
    "auth_date=1790000000&chat_instance=-100200300&chat_type=sender&query_id=AAVEC1"
    "&start_param=trk_42&user=%7B%22id%22%3A777%2C%22first_name%22%3A%22Ada%22%2C"
    "%22language_code%22%3A%22en%22%7D&signature=CqYtxc0_4XYx1KYTWOdC9NvvtiFsHP3E0P1ThWZh8aQn8t9"
    "MM2s2c8OYdtbfJjPTAuy882TF3_BL--WJmbehDw"
    "&hash=862e60d6eebdb72549d5ed7d3fa37c1b9e892fbbcf0443d6cc700dc8e0937fde"
)
OPENED = datetime.fromtimestamp(1_790_000_000, UTC)
KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)


def check(raw: str, *, now: datetime = OPENED, token: str = TOKEN, key: str = PUBLIC) -> InitData:
    return verify(raw, token=token, public_keys=[key], now=now, max_age=timedelta(hours=1))


def refused(raw: str, *, now: datetime = OPENED, token: str = TOKEN, key: str = PUBLIC) -> str:
    with pytest.raises(InitDataInvalid) as error:
        check(raw, now=now, token=token, key=key)
    return error.value.code


def signed(fields: dict[str, str]) -> str:
    return urlencode({**fields, "hash": sign(fields, TOKEN)})


def test_the_golden_vector_is_accepted_and_read() -> None:
    launch = check(RAW)
    assert (launch.user.id, launch.user.first_name, launch.user.language) == (777, "Ada", "en")
    assert launch.auth_date == OPENED
    assert launch.start_param == "trk_42"


def test_a_client_without_the_ed25519_signature_is_accepted() -> None:
    fields = {k: v for k, v in parse_qsl(RAW) if k not in {"hash", "signature"}}
    assert check(signed(fields)).user.id == 777


def test_a_hash_made_without_the_signature_field_is_refused() -> None:
    fields = {k: v for k, v in parse_qsl(RAW) if k not in {"hash", "signature"}}
    theirs = dict(parse_qsl(RAW))["signature"]
    raw = urlencode({**fields, "signature": theirs, "hash": sign(fields, TOKEN)})
    assert refused(raw) == "hash"


@pytest.mark.parametrize("forged", ['&user={"id":666}', "&user=%7B%22id%22%3A666%7D"])
def test_a_second_user_is_refused_on_either_side(forged: str) -> None:
    assert refused(RAW + forged) == "duplicate"
    assert refused(forged.removeprefix("&") + "&" + RAW) == "duplicate"


def test_a_blank_value_belongs_to_the_signed_text() -> None:
    fields = {"auth_date": "1790000000", "user": '{"id":777}', "start_param": "", "extra": ""}
    assert check(signed(fields)).fields["extra"] == ""
    assert refused(signed(fields).replace("&extra=", "")) == "hash"


def test_an_unknown_new_field_is_kept_in_the_signed_text() -> None:
    fields = {"auth_date": "1790000000", "user": '{"id":777}', "chat_join_request_query_id": "q"}
    assert check(signed(fields)).user.id == 777


@pytest.mark.parametrize(
    ("shift", "code"),
    [
        (timedelta(hours=1, seconds=1), "expired"),
        (timedelta(hours=25), "expired"),
        (timedelta(seconds=-61), "future"),
        (timedelta(hours=-25), "future"),
    ],
)
def test_old_and_future_dates_are_refused(shift: timedelta, code: str) -> None:
    assert refused(RAW, now=OPENED + shift) == code


def test_a_small_clock_difference_is_forgiven() -> None:
    assert check(RAW, now=OPENED - timedelta(seconds=60)).user.id == 777


def test_a_date_moved_by_a_day_is_refused() -> None:
    later = OPENED + timedelta(days=1)
    assert refused(RAW.replace("1790000000", "1790086400"), now=later) == "hash"


def test_another_bots_token_is_refused() -> None:
    assert refused(RAW, token="1234567891:TEST-TOKEN-FOR-VECTORS") == "hash"
    assert refused(RAW, token="") == "hash"


def test_another_telegram_key_is_refused() -> None:
    assert refused(RAW, key=PRODUCTION) == "signature"


def test_a_signature_for_another_bot_is_refused() -> None:
    fields = {k: v for k, v in parse_qsl(RAW) if k not in {"hash", "signature"}}
    wrong = KEY.sign(signed_message(fields, "1234567891"))
    fields["signature"] = base64.urlsafe_b64encode(wrong).rstrip(b"=").decode()
    assert refused(signed(fields)) == "signature"
    right = KEY.sign(signed_message(fields, "1234567890"))
    fields["signature"] = base64.urlsafe_b64encode(right).rstrip(b"=").decode()
    assert check(signed(fields)).user.id == 777


@pytest.mark.parametrize("broken", ["", "!!!", "AA", "é"])
def test_a_signature_that_is_none_is_refused(broken: str) -> None:
    fields = {k: v for k, v in parse_qsl(RAW) if k not in {"hash", "signature"}}
    assert refused(signed({**fields, "signature": broken})) == "signature"


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("user", "", "user"),
        ("user", "[]", "user"),
        ("user", '{"id":"777"}', "user"),
        ("user", '{"id":true}', "user"),
        ("user", '{"id":-1}', "user"),
        ("user", '{"id":4503599627370496}', "user"),
        ("auth_date", "soon", "auth_date"),
        ("auth_date", "", "auth_date"),
        ("auth_date", "-1", "auth_date"),
        ("auth_date", "१७९", "auth_date"),
        ("start_param", "a b", "start_param"),
        ("start_param", "x" * 513, "start_param"),
    ],
)
def test_signed_nonsense_is_refused(field: str, value: str, code: str) -> None:
    fields = {"auth_date": "1790000000", "user": '{"id":777}'}
    assert refused(signed({**fields, field: value})) == code


@pytest.mark.parametrize("raw", ["", "=", "hash", "a=%ff&hash=1", "x" * 9000, "a&b", "\x00"])
def test_garbage_is_refused(raw: str) -> None:
    assert refused(raw) in {"malformed", "hash"}


@given(st.integers(0, len(RAW) - 1), st.characters(min_codepoint=33, max_codepoint=126))
def test_no_single_character_can_change(place: int, character: str) -> None:
    forged = RAW[:place] + character + RAW[place + 1 :]
    assume(parse_qsl(forged, keep_blank_values=True) != parse_qsl(RAW, keep_blank_values=True))
    # The hash is compared as text, so even its other spelling is a change.
    assert refused(forged)


@given(st.text(max_size=300))
def test_arbitrary_text_is_refused_and_never_crashes(raw: str) -> None:
    assert refused(raw)


@given(
    st.dictionaries(
        st.text(st.characters(codec="utf-8"), min_size=1, max_size=12).filter(
            lambda name: name not in {"hash", "signature", "user", "auth_date", "start_param"}
        ),
        st.text(st.characters(codec="utf-8"), max_size=40),
        max_size=6,
    )
)
def test_whatever_telegram_adds_and_signs_is_accepted(extra: dict[str, str]) -> None:
    fields = {**extra, "auth_date": "1790000000", "user": '{"id":777}'}
    assert check(signed(fields)).user.id == 777
