"""What a referral earns, when it is held, and what a decision does to the money."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from accounts.models import Preferences, User
from accounts.services import account_erase
from core.errors import ApplicationError
from core.models import AuditRecord
from payments import ledger, privacy
from payments.models import LedgerAccount, Order
from payments.services import fraud, rewards
from payments.services.earnings import payable
from referrals.models import Attribution, Campaign, FraudFlag
from referrals.services import campaign_end, campaign_plan, terms_at
from tests import people
from tests.payments.conftest import REFERRER, Shop, person
from tests.payments.test_payouts import refused

pytestmark = pytest.mark.django_db
Kind = LedgerAccount.Kind
State = FraudFlag.State


def brought(user: User, by: User) -> Attribution:
    later = timezone.now() + timedelta(days=30)
    return Attribution.objects.create(user=user, referrer=by, start_param="", expires_at=later)


@pytest.fixture
def referrer(shop: Shop) -> User:
    return person("referrer", REFERRER)


@pytest.fixture
def sold(shop: Shop, referrer: User) -> Order:
    """The referred fan has bought one edition with coins."""
    brought(shop.fan, referrer)
    order = shop.order(shop.drop())
    shop.pay(order)
    shop.follow()
    order.refresh_from_db()
    assert order.state == Order.State.FULFILLED
    return order


def owed(user: User) -> int:
    return ledger.owed(Kind.REFERRAL_PAYABLE, str(user.pk)).amount


def free(user: User) -> int:
    return payable(Kind.REFERRAL_PAYABLE, str(user.pk), "TON").amount


def flag_of(order: Order, kind: str = "same_payer") -> FraudFlag:
    who = Attribution.objects.get(user=order.user)
    return FraudFlag.objects.create(attribution=who, kind=kind, evidence={"people": 2})


# --- campaigns ----------------------------------------------------------------------------------


def plan(rate: int = 5000, **changes: Any) -> Campaign:
    now = timezone.now()
    said = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(days=1), **changes}
    return campaign_plan(
        name="Spring", rate_bps=rate, reason="spring", actor=people.person("finance"), **said
    )


def test_an_order_keeps_the_rate_of_its_moment(
    shop: Shop, referrer: User, settings: LazySettings
) -> None:
    brought(shop.fan, referrer)
    drop = shop.drop()
    before = shop.order(drop)
    campaign = plan()
    during = shop.order(drop)
    campaign_end(campaign_id=campaign.pk, reason="over", actor=people.person("finance"))
    after = shop.order(drop)
    standing = settings.REFERRAL_BPS
    assert [one.referral_bps for one in (before, during, after)] == [standing, 5000, standing]
    during.refresh_from_db()
    assert during.referral_bps == 5000


def test_of_two_campaigns_the_better_one_counts(shop: Shop, referrer: User) -> None:
    brought(shop.fan, referrer)
    plan(3000)
    plan(6000)
    terms = terms_at(user_id=shop.fan.pk)
    assert terms is not None
    assert terms.rate_bps == 6000


@pytest.mark.parametrize(
    "changes", [{"rate": 100}, {"rate": 10_001}, {"ends_at": timezone.now() - timedelta(days=1)}]
)
def test_a_campaign_that_cannot_be_is_refused(changes: dict[str, Any], db: None) -> None:
    with refused("campaign_refused"):
        plan(**changes)
    assert not Campaign.objects.exists()


def test_only_finance_plans_campaigns(db: None) -> None:
    now = timezone.now()
    with refused("not_allowed"):
        campaign_plan(
            name="x", rate_bps=5000, reason="x", actor=people.person("moderator"),
            starts_at=now, ends_at=now + timedelta(days=1),
        )  # fmt: skip
    assert not Campaign.objects.exists()


# --- held, let go, taken back -------------------------------------------------------------------


def test_a_flag_holds_the_reward_and_no_more(sold: Order, referrer: User) -> None:
    reward = owed(referrer)
    assert reward > 0
    assert free(referrer) == reward
    flag_of(sold)
    assert (owed(referrer), free(referrer)) == (reward, 0)


def test_cleared_it_is_let_go_without_an_entry(sold: Order, referrer: User) -> None:
    flag, reward = flag_of(sold), owed(referrer)
    entries = sold.entries.count()
    rewards.flag_decide(
        flag_id=flag.pk, state=State.CLEARED, reason="a couple", actor=people.person("finance")
    )
    assert (free(referrer), sold.entries.count()) == (reward, entries)
    assert AuditRecord.objects.filter(action="referrals.flag_cleared", reason="a couple").exists()


def test_fraud_goes_back_to_the_platform_once_and_earns_nothing_more(
    shop: Shop, sold: Order, referrer: User
) -> None:
    flag, reward = flag_of(sold), owed(referrer)
    revenue = ledger.owed(Kind.PLATFORM_REVENUE, "").amount
    finance = people.person("finance")
    for _ in range(2):
        rewards.flag_decide(
            flag_id=flag.pk, state=State.CONFIRMED, reason="one wallet", actor=finance
        )
    assert rewards.rewards_watch() == 0
    assert (owed(referrer), free(referrer)) == (0, 0)
    assert ledger.owed(Kind.PLATFORM_REVENUE, "").amount == revenue + reward
    assert ledger.imbalance() == {"TON": 0}
    assert shop.order(shop.drop()).referrer_id is None


def test_a_sale_that_was_under_way_is_taken_back_too(
    shop: Shop, sold: Order, referrer: User
) -> None:
    late = shop.order(shop.drop())
    rewards.flag_decide(
        flag_id=flag_of(sold).pk, state=State.CONFIRMED, reason="x", actor=people.person("finance")
    )
    shop.pay(late)
    shop.follow()
    assert owed(referrer) > 0
    assert free(referrer) == 0
    assert rewards.rewards_watch() == 1
    assert owed(referrer) == 0


def test_a_decision_may_be_turned_round(sold: Order, referrer: User) -> None:
    flag, reward, finance = flag_of(sold), owed(referrer), people.person("finance")
    for state, left in ((State.CONFIRMED, 0), (State.CLEARED, reward), (State.CONFIRMED, 0)):
        rewards.flag_decide(flag_id=flag.pk, state=state, reason="looked again", actor=finance)
        assert owed(referrer) == left


@pytest.mark.parametrize(("who", "reason", "code"), [
    ("moderator", "x", "not_allowed"), ("finance", " ", "note_required"),
])  # fmt: skip
def test_a_decision_needs_the_role_and_a_reason(
    sold: Order, referrer: User, who: str, reason: str, code: str
) -> None:
    flag, reward = flag_of(sold), owed(referrer)
    with refused(code):
        rewards.flag_decide(
            flag_id=flag.pk, state=State.CONFIRMED, reason=reason, actor=people.person(who)
        )
    flag.refresh_from_db()
    assert (flag.state, owed(referrer)) == (State.OPEN, reward)


# --- what is found ------------------------------------------------------------------------------


def kinds() -> set[str]:
    return set(FraudFlag.objects.values_list("kind", flat=True))


def test_an_honest_sale_is_not_flagged(sold: Order) -> None:
    assert fraud.flags_find() == 0


def test_a_wallet_that_both_have_proved_is_flagged_once(sold: Order, referrer: User) -> None:
    referrer.wallets.create(
        address=sold.buyer, public_key="00" * 32, proved_at=timezone.now(),
        revoked_at=timezone.now(), revoked_reason="moved",
    )  # fmt: skip
    assert fraud.flags_find() == 1
    assert kinds() == {"self_wallet"}
    assert fraud.flags_find() == 0


def test_two_people_and_one_payer_are_flagged(shop: Shop, sold: Order, referrer: User) -> None:
    friend = person("friend")
    brought(friend, referrer)
    other = shop.order(shop.drop())
    Order.objects.filter(pk=other.pk).update(
        user=friend, referrer=referrer, buyer=sold.buyer, state=Order.State.PAID
    )
    assert fraud.flags_find() == 2
    assert kinds() == {"same_payer"}


def test_a_chain_that_comes_back_is_a_ring(shop: Shop, sold: Order, referrer: User) -> None:
    brought(referrer, shop.fan)
    fraud.flags_find()
    assert kinds() == {"ring"}


def test_many_fresh_accounts_and_crowds_are_flagged(shop: Shop, referrer: User) -> None:
    drop = shop.drop()
    for number in range(fraud.CROWD):
        brought(person(f"crowd {number}"), referrer)
    for number in range(fraud.FARM):
        order = shop.order(drop)
        user = User.objects.get(login=f"crowd {number}")
        Order.objects.filter(pk=order.pk).update(user=user, referrer=referrer, state="paid")
    assert fraud.flags_find() == fraud.CROWD + fraud.FARM
    assert kinds() == {"velocity", "fresh"}


# --- what is told -------------------------------------------------------------------------------


def test_a_referrer_reads_what_is_earned_and_held_and_nobodys_name(
    sold: Order, referrer: User
) -> None:
    flag_of(sold)
    said = people.api(referrer).get(reverse("referral-me")).json()
    reward = {"asset": "TON", "amount": str(owed(referrer))}
    nothing = {"asset": "TON", "amount": "0"}
    assert said["balances"] == [
        {"earned": reward, "held": reward, "payable": nothing, "paid": nothing}
    ]
    assert [one["earned"] for one in said["months"]] == [reward]
    assert said["people"]["count"] == said["people"]["collected"] == 1
    (friend,) = said["people"]["newest"]
    assert (friend["collected"], friend["state"]) == (True, "held")
    assert "fan" not in str(said["people"]).lower()


def test_leaders_are_those_who_want_to_be_shown(sold: Order, referrer: User) -> None:
    cache.clear()
    client, address = people.api(referrer), reverse("referral-leaders")
    referrer.first_name = "Rae"
    referrer.save()
    said = client.get(address).json()
    assert said["results"] == [{"place": 1, "name": "Rae", "people": 1, "you": True}]
    assert said["you"] == {"place": 1, "name": "Rae", "people": 1}
    Preferences.objects.create(user=referrer, shown=False)
    cache.clear()
    assert client.get(address).json()["results"] == []


# --- leaving ------------------------------------------------------------------------------------


def test_an_open_order_and_a_payout_that_is_due_keep_the_account(
    shop: Shop, sold: Order, referrer: User, settings: LazySettings
) -> None:
    shop.order(shop.drop())
    assert {one.code for one in privacy.open_money(shop.fan.pk)} == {"open_order"}
    settings.PAYOUT_MINIMUM = {"TON": owed(referrer)}
    assert {one.code for one in privacy.open_money(referrer.pk)} == {"payout_due"}
    with pytest.raises(ApplicationError, match="account_open"):
        account_erase(user_id=referrer.pk)
    assert User.objects.get(pk=referrer.pk).is_active


def test_who_leaves_stays_in_the_books_without_a_name(shop: Shop, sold: Order) -> None:
    Order.objects.filter(pk=sold.pk).update(email="fan@example.org", country="DE")
    before = sold.entries.count()
    account_erase(user_id=shop.fan.pk)
    sold.refresh_from_db()
    assert (sold.email, sold.country, sold.entries.count()) == ("", "", before)
    assert sold.user is not None
    assert (sold.user.is_active, sold.user.first_name, sold.user.telegram_id) == (False, "", None)


def test_a_referrer_who_left_earns_nothing_more(shop: Shop, referrer: User) -> None:
    brought(shop.fan, referrer)
    account_erase(user_id=referrer.pk)
    assert terms_at(user_id=shop.fan.pk) is None
    assert shop.order(shop.drop()).referrer_id is None
