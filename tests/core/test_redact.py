from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import redact

BOC_HEX = "b5ee9c720101010100" + "0a" * 20
BOC_64 = "te6cckEBAQEAAgAAAEysuc0="
HASH = "862e60d6eebdb72549d5ed7d3fa37c1b9e892fbbcf0443d6cc700dc8e0937fde"
MNEMONIC = "abandon ability able about above absent absorb abstract absurd abuse access accident"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"Authorization: Bearer {'a1-_' * 12}", "a1-_a1"),
        (f"tma auth_date=1&user=x&hash={HASH}", HASH),
        (f"GET /app/#tgWebAppData=user%3D%257B%2522id%2522&x=1 {HASH}", "user%3D"),
        (f'{{"init_data": "auth_date=1&hash={HASH}"}}', "auth_date=1"),
        ("initData='query_id=AAV&auth_date=17'", "query_id=AAV"),
        (f"?start=1&hash={HASH}&b=2", HASH),
        ("signature=CqYtxc0_4XYx1KYTWOdC9Nvvti", "CqYtxc0"),
        ('"signature": "CqYtxc0_4XYx1KYTWOdC9Nvvti"', "CqYtxc0"),
        ("token 1234567890:AAF-secret_part_of_bot_token", "AAF-secret"),
        (f"sent {BOC_HEX} to the network", "b5ee9c72"),
        (f"sent {BOC_64} to the network", "te6cck"),
        ("x" + "QUJD" * 40, "QUJDQUJD"),
        ("postgres://app:hunter2@db/prod", "hunter2"),
        ("redis://:hunter2@cache:6379/0", "hunter2"),
        (f"words: {MNEMONIC}", "absurd"),
        ("mnemonic=abandon ability", "abandon"),
        ("seed: 0x1234567890", "1234567890"),
        ("refresh=abcdef123", "abcdef123"),
    ],
)
def test_what_looks_like_a_secret_is_filtered(text: str, secret: str) -> None:
    assert secret not in redact.text(text)
    assert redact.FILTERED in redact.text(text)


@pytest.mark.parametrize(
    "text",
    [
        "order 01a2057d-f5d3-77b6-8c8c-b26168ee09c4 was paid",
        "GET /api/v1/orders 201",
        "the collection refused: sold out",
        "The follower is 3 blocks behind and the database is well again after a minute",
    ],
)
def test_plain_text_stays_readable(text: str) -> None:
    assert redact.text(text) == text


@pytest.mark.parametrize(
    "name",
    ["password", "Authorization", "HTTP_AUTHORIZATION", "init-data", "initData", "tgWebAppData",
     "ton_proof", "walletStateInit", "X-Telegram-Bot-Api-Secret-Token", "csrftoken", "seed"],
)  # fmt: skip
def test_fields_are_known_by_name(name: str) -> None:
    assert redact.tree({name: "short"}) == {name: redact.FILTERED}


@given(
    st.recursive(
        st.text(max_size=5) | st.integers() | st.none(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
        max_leaves=8,
    )
)
def test_a_secret_is_found_at_any_depth(tree: object) -> None:
    nested = {"outer": [tree, {"deep": {"boc": BOC_64, "note": f"hash={HASH}"}}], "raw": b"x"}
    clean = str(redact.tree(nested))
    assert BOC_64 not in clean
    assert HASH not in clean
