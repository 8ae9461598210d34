"""Payouts: two people, one signature, one number; what was refunded meanwhile is not paid."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from core.errors import ApplicationError
from core.models import AuditRecord
from core.money import Money
from core.ton.addresses import raw
from payments import ledger
from payments.ledger import Line
from payments.models import LedgerAccount, LedgerEntry, PayoutBatch
from payments.services import payouts
from tests.payments.chain import COIN, PAYER
from tests.payments.conftest import REFERRER, STRANGER, Shop, person
from tests.payments.off_chain import balanced

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
State = PayoutBatch.State


def earn(owner: str, kind: LedgerAccount.Kind, money: Money, key: str = "earned") -> None:
    ledger.post(
        key=f"{key}:{owner}:{money}",
        kind=LedgerEntry.Kind.SALE,
        legs=[Line(kind, owner, -money), Line(Kind.ROUNDING, "", money)],
    )


def refused(code: str) -> pytest.RaisesExc[ApplicationError]:
    return pytest.RaisesExc(ApplicationError, check=lambda error: error.code == code)


@pytest.fixture
def referrer(shop: Shop) -> str:
    """Somebody to whom the shop owes two coins, which stand at the hub."""
    found = str(person("referrer", REFERRER).pk)
    earn(found, Kind.REFERRAL_PAYABLE, Money("TON", 2 * COIN))
    shop.world.send(STRANGER, shop.world.hub, 5 * COIN)
    return found


def approved(shop: Shop) -> PayoutBatch:
    draft = payouts.batch_draft(asset="TON", actor=person("finance"))
    return payouts.batch_approve(batch_id=draft.pk, actor=person("owner"))


def test_a_referrer_is_paid_by_the_hub_once(shop: Shop, referrer: str) -> None:
    batch = approved(shop)
    assert ledger.owed(Kind.REFERRAL_PAYABLE, referrer) == Money("TON", 0)
    assert ledger.owed(Kind.PAYOUTS_IN_FLIGHT, str(batch.pk)) == Money("TON", 2 * COIN)
    before = shop.world.sandbox.account(REFERRER).balance
    transaction_ = payouts.batch_transaction(batch_id=batch.pk)
    assert transaction_["from"] == raw(PAYER)
    for _ in range(2):  # the second one finds its number taken
        shop.world.connect(transaction_, PAYER)
    shop.follow()
    batch.refresh_from_db()
    assert batch.state == State.CONFIRMED
    assert shop.world.sandbox.account(REFERRER).balance == before + 2 * COIN
    assert ledger.owed(Kind.PAYOUTS_IN_FLIGHT, str(batch.pk)) == Money("TON", 0)
    assert ledger.balance(Kind.TON_HOT) == Money("TON", -2 * COIN)
    assert balanced()
    assert set(AuditRecord.objects.values_list("action", flat=True)) >= {
        "payments.payout_drafted",
        "payments.payout_approved",
        "payments.payout_confirmed",
    }


def test_nobody_approves_what_he_drafted(shop: Shop, referrer: str) -> None:
    finance = person("finance")
    draft = payouts.batch_draft(asset="TON", actor=finance)
    with refused("own_request"):
        payouts.batch_approve(batch_id=draft.pk, actor=finance)
    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    assert ledger.owed(Kind.REFERRAL_PAYABLE, referrer) == Money("TON", 2 * COIN)
    with pytest.raises(IntegrityError), transaction.atomic():
        PayoutBatch.objects.update(state=State.APPROVED, approved_by=finance)


def test_what_was_taken_back_meanwhile_is_not_paid(shop: Shop, referrer: str) -> None:
    draft = payouts.batch_draft(asset="TON", actor=person("finance"))
    earn(referrer, Kind.REFERRAL_PAYABLE, Money("TON", -COIN), "reversed")
    with refused("payout_not_open"):
        payouts.batch_approve(batch_id=draft.pk, actor=person("owner"))
    assert ledger.owed(Kind.REFERRAL_PAYABLE, referrer) == Money("TON", COIN)


def test_one_batch_of_the_hub_at_a_time(shop: Shop, referrer: str) -> None:
    approved(shop)
    earn(referrer, Kind.REFERRAL_PAYABLE, Money("TON", COIN))
    second = payouts.batch_draft(asset="TON", actor=shop.fan)
    with refused("payout_not_open"):
        payouts.batch_approve(batch_id=second.pk, actor=shop.stranger)


def test_another_message_under_our_number_confirms_nothing(shop: Shop, referrer: str) -> None:
    batch = approved(shop)
    assert not payouts.batch_on_chain(
        hub=batch.hub, number=0, body_hash="00" * 32, hash_="ab", at=batch.created_at
    )
    batch.refresh_from_db()
    assert batch.state == State.APPROVED


def test_dollars_go_out_by_file_and_may_come_back(shop: Shop) -> None:
    owner = f"artist:{shop.artist.pk}"
    earn(owner, Kind.ARTIST_PAYABLE, Money("USD", 12_345))
    draft = payouts.batch_draft(asset="USD", actor=person("finance"))
    batch = payouts.batch_approve(batch_id=draft.pk, actor=person("owner"))
    assert payouts.export_csv(batch) == payouts.export_csv(batch)
    assert payouts.export_csv(batch).splitlines()[1].endswith(f"{owner},USD,123.45,")
    payouts.batch_cancel(batch_id=batch.pk, actor=shop.fan, reason="the bank returned it")
    assert ledger.owed(Kind.ARTIST_PAYABLE, owner, "USD") == Money("USD", 12_345)
    again = payouts.batch_draft(asset="USD", actor=shop.fan)
    payouts.batch_approve(batch_id=again.pk, actor=shop.stranger)
    payouts.batch_paid(batch_id=again.pk, reference="bank 42", actor=shop.fan)
    assert ledger.balance(Kind.BANK, "", "USD") == Money("USD", -12_345)
    assert ledger.owed(Kind.ARTIST_PAYABLE, owner, "USD") == Money("USD", 0)
    assert balanced()


@pytest.mark.parametrize("why", ["little", "no_wallet", "negative"])
def test_what_is_not_due_is_not_drafted(shop: Shop, why: str) -> None:
    user = person("referrer", *([] if why == "no_wallet" else [REFERRER]))
    amount = {"little": 1, "no_wallet": COIN, "negative": -COIN}[why]
    earn(str(user.pk), Kind.REFERRAL_PAYABLE, Money("TON", amount))
    with refused("nothing_due"):
        payouts.batch_draft(asset="TON", actor=person("finance"))
    assert not PayoutBatch.objects.exists()
