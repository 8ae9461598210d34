"""Addresses are raw inside; what comes from outside is checked to the last bit."""

from __future__ import annotations

import pytest
from pytoniq_core import Address

from core.ton.addresses import AddressInvalid, address, friendly, parse, raw
from tests.core.ton.scripted import FAN


@pytest.mark.parametrize("bounceable", [True, False])
@pytest.mark.parametrize("testnet", [True, False])
def test_friendly_and_raw_turn_into_each_other(bounceable: bool, testnet: bool) -> None:
    text = friendly(FAN, bounceable=bounceable, testnet=testnet)
    assert text == address(FAN).to_str(is_bounceable=bounceable, is_test_only=testnet)
    assert parse(text, testnet=True) == FAN
    assert parse(text.replace("-", "+").replace("_", "/"), testnet=True) == FAN
    assert raw(Address(text)) == FAN


def test_raw_text_is_made_lower_case() -> None:
    assert parse(FAN.upper()) == FAN
    assert parse("-1:" + "Ab" * 32) == "-1:" + "ab" * 32


def test_every_wrong_letter_is_noticed() -> None:
    text = friendly(FAN, testnet=False)
    for index, letter in enumerate(text):
        wrong = text[:index] + ("A" if letter != "A" else "B") + text[index + 1 :]
        with pytest.raises(AddressInvalid):
            parse(wrong)


@pytest.mark.parametrize(
    "text",
    ["", "0:", "0:" + "1" * 63, "0:" + "g" * 64, " " + FAN, FAN + "\n", "5:" + "1" * 64, "x" * 48],
)
def test_what_is_not_an_address_is_refused(text: str) -> None:
    with pytest.raises(AddressInvalid):
        parse(text)


def test_a_test_only_address_is_refused_on_mainnet() -> None:
    text = friendly(FAN, testnet=True)
    with pytest.raises(AddressInvalid, match="test-only"):
        parse(text, testnet=False)


def test_another_workchain_is_refused_where_asked() -> None:
    assert parse(FAN, workchain=0) == FAN
    with pytest.raises(AddressInvalid, match="workchain"):
        parse("-1:" + "11" * 32, workchain=0)
