from __future__ import annotations

import pytest

from tests.accounts.people import Caller, sign_in


@pytest.fixture
def fan(db: None) -> Caller:
    return sign_in(1001, "Mira")


@pytest.fixture
def collector(db: None) -> Caller:
    return sign_in(1002, "Theo")


@pytest.fixture
def stranger(db: None) -> Caller:
    return Caller()
