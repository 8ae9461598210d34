"""The start parameter: packed by us, read as anybody may have written it."""

from __future__ import annotations

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referrals.start_param import LIMIT, StartParam, start_param_format, start_param_parse

DROP = UUID("0190f2c4-1111-7222-8333-444455556666")
CODES = st.from_regex(r"[a-z0-9]{6,16}", fullmatch=True)


def test_the_format_is_fixed_because_links_live_for_ever() -> None:
    packed = start_param_format(code="k7x2m9qa", drop=DROP)
    assert packed == "d0190f2c4111172228333444455556666-rk7x2m9qa"
    assert start_param_parse(packed) == StartParam(code="k7x2m9qa", drop=DROP)


@given(code=st.none() | CODES, drop=st.none() | st.uuids())
def test_what_was_packed_is_read(code: str | None, drop: UUID | None) -> None:
    packed = start_param_format(code=code, drop=drop)
    assert re.fullmatch(r"[A-Za-z0-9_-]{0,64}", packed)
    assert start_param_parse(packed) == StartParam(code=code, drop=drop)


@given(st.text(max_size=2 * LIMIT))
def test_any_text_is_read_without_harm(text: str) -> None:
    found = start_param_parse(text)
    assert found.code is None or re.fullmatch(r"[a-z0-9]{6,16}", found.code)


@pytest.mark.parametrize("text", ["", "r", "rSHOUTING", "rabc", "r" + "a" * 17, "d123", "xr123456"])
def test_what_is_no_part_of_ours_is_not_there(text: str) -> None:
    assert start_param_parse(text) == StartParam()


def test_the_first_of_each_kind_counts() -> None:
    assert start_param_parse("raaaaaa-rbbbbbb").code == "aaaaaa"


def test_a_code_that_cannot_be_is_not_packed() -> None:
    with pytest.raises(ValueError, match="not a referral code"):
        start_param_format(code="a-b")
