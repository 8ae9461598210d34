"""Staff read and search the follower's state; nobody edits it there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.ton.models import ChainCursor, ChainTransaction
from tests.core.ton.scripted import HUB, Chain
from tests.people import desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(chain: Chain) -> ChainTransaction:
    sale = chain.sale(1)
    ChainCursor.objects.create(pk=HUB)
    return ChainTransaction.objects.create(
        account=HUB,
        lt=sale.lt,
        hash=sale.hash.hex(),
        prev_lt=0,
        prev_hash="0" * 64,
        utime=sale.utime,
        boc=sale.boc,
    )


@pytest.fixture
def staff(db: None) -> Client:
    return desk(User.objects.create_superuser("finance", "a-long-passphrase"))


def test_transactions_are_listed_found_and_shown_with_their_bytes(
    staff: Client, row: ChainTransaction
) -> None:
    listing = reverse("admin:ton_chaintransaction_changelist")
    assert str(row.lt) in staff.get(listing).content.decode()
    assert "1 chain transaction" in staff.get(listing, {"q": row.hash}).content.decode()
    assert "0 chain transactions" in staff.get(listing, {"q": "none"}).content.decode()
    page = staff.get(reverse("admin:ton_chaintransaction_change", args=[row.pk]))
    assert bytes(row.boc).hex() in page.content.decode()
    assert HUB in staff.get(reverse("admin:ton_chaincursor_changelist")).content.decode()


def test_nobody_writes_there(staff: Client, row: ChainTransaction) -> None:
    change = reverse("admin:ton_chaintransaction_change", args=[row.pk])
    delete = reverse("admin:ton_chaintransaction_delete", args=[row.pk])
    assert staff.post(change, {"state": "handled"}).status_code == 403
    assert staff.post(delete, {"post": "yes"}).status_code == 403
    assert staff.get(reverse("admin:ton_chaintransaction_add")).status_code == 403
    row.refresh_from_db()
    assert row.state == "received"
