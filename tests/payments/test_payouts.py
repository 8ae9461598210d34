"""Payouts: two people, one signature, one number; what was refunded meanwhile is not paid."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from contracts import hub as contract
from core.errors import ApplicationError
from core.models import AuditRecord
from core.money import Money
from core.ton.addresses import raw
from payments import ledger
from payments.ledger import Line
from payments.models import Case, LedgerAccount, LedgerEntry, PayoutBatch
from payments.services import payouts
from payments.services.earnings import payouts_due
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


def test_another_message_under_our_number_is_a_case_and_a_person_releases_the_batch(
    shop: Shop, referrer: str
) -> None:
    batch = approved(shop)
    other = contract.pay_out_body(payout_no=0, entries=[contract.PayoutEntry(STRANGER, COIN, 7)])
    shop.world.send(PAYER, shop.world.hub, COIN, other)
    shop.follow()
    batch.refresh_from_db()
    case = Case.objects.get()
    assert (batch.state, case.kind) == (State.FAILED, Case.Kind.PAYOUT)
    assert case.theirs == other.hash.hex()
    assert ledger.owed(Kind.PAYOUTS_IN_FLIGHT, str(batch.pk)) == Money("TON", 2 * COIN)
    with refused("payout_not_open"):
        payouts.batch_transaction(batch_id=batch.pk)
    payouts.batch_cancel(batch_id=batch.pk, actor=shop.fan, reason="it paid somebody else")
    assert ledger.owed(Kind.REFERRAL_PAYABLE, referrer) == Money("TON", 2 * COIN)
    again = payouts.batch_approve(
        batch_id=payouts.batch_draft(asset="TON", actor=shop.fan).pk, actor=shop.stranger
    )
    assert again.number == 1
    assert balanced()


def test_a_payment_out_of_the_hub_that_we_know_nothing_of_is_a_case(shop: Shop) -> None:
    shop.world.send(STRANGER, shop.world.hub, 5 * COIN)
    body = contract.pay_out_body(payout_no=0, entries=[contract.PayoutEntry(STRANGER, COIN, 7)])
    shop.world.send(PAYER, shop.world.hub, COIN, body)
    for _ in range(2):
        shop.follow()
    assert Case.objects.get().theirs == body.hash.hex()


def test_a_message_that_was_lost_is_signed_again_and_pays_once(shop: Shop, referrer: str) -> None:
    batch = approved(shop)
    assert batch.standing == "Waits for the payer's signature"
    lost = payouts.batch_transaction(batch_id=batch.pk)
    batch.refresh_from_db()
    assert batch.standing == "With the payer's wallet"
    PayoutBatch.objects.update(handed_until=timezone.now() - timedelta(minutes=1))
    batch.refresh_from_db()
    assert "sign it again" in batch.standing
    before = shop.world.sandbox.account(REFERRER).balance
    shop.world.connect(payouts.batch_transaction(batch_id=batch.pk), PAYER)
    shop.world.connect(lost, PAYER)  # it turns up after all
    shop.follow()
    batch.refresh_from_db()
    assert batch.state == State.CONFIRMED
    assert shop.world.sandbox.account(REFERRER).balance == before + 2 * COIN
    with refused("payout_not_open"):
        payouts.batch_transaction(batch_id=batch.pk)


@pytest.mark.parametrize("when", ["before", "after"])
def test_one_line_that_the_bank_returned_is_owed_again(shop: Shop, when: str) -> None:
    owner, other = f"artist:{shop.artist.pk}", f"user:{shop.stranger.pk}"
    earn(owner, Kind.ARTIST_PAYABLE, Money("USD", 12_345))
    earn(other, Kind.ARTIST_PAYABLE, Money("USD", 5_000))
    draft = payouts.batch_draft(asset="USD", actor=person("finance"))
    batch = payouts.batch_approve(batch_id=draft.pk, actor=person("owner"))
    row = batch.payouts.get(owner=other)

    def mark() -> None:
        payouts.batch_paid(batch_id=batch.pk, reference="bank 42", actor=shop.fan)

    if when == "after":
        mark()
    payouts.line_return(payout_id=row.pk, actor=shop.fan, reason="no such account")
    if when == "before":
        mark()
    with refused("payout_not_open"):
        payouts.line_return(payout_id=row.pk, actor=shop.fan, reason="again")
    assert ledger.owed(Kind.ARTIST_PAYABLE, other, "USD") == Money("USD", 5_000)
    assert ledger.owed(Kind.ARTIST_PAYABLE, owner, "USD") == Money("USD", 0)
    assert ledger.balance(Kind.BANK, "", "USD") == Money("USD", -12_345)
    assert ledger.owed(Kind.PAYOUTS_IN_FLIGHT, str(batch.pk), "USD") == Money("USD", 0)
    assert [one.owner for one in payouts_due("USD")] == [other]
    assert balanced()


def test_a_line_on_chain_does_not_come_back_by_a_click(shop: Shop, referrer: str) -> None:
    batch = approved(shop)
    with refused("payout_not_open"):
        payouts.line_return(payout_id=batch.payouts.get().pk, actor=shop.fan, reason="x")
    assert ledger.owed(Kind.REFERRAL_PAYABLE, referrer) == Money("TON", 0)


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
