from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.utils.translation import gettext_lazy

from core.money import Money
from core.wire import dumps, plain


def test_values_take_their_documented_form() -> None:
    value = {
        "money": Money("TON", 2**60),
        "at": datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
        "id": UUID(int=1),
        "label": gettext_lazy("Order"),
    }
    assert plain(value) == {
        "money": {"asset": "TON", "amount": str(2**60)},
        "at": "2026-11-22T12:00:00Z",
        "id": "00000000-0000-0000-0000-000000000001",
        "label": "Order",
    }


def test_an_unknown_type_is_refused() -> None:
    with pytest.raises(TypeError):
        dumps(object())
