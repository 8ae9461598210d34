"""What staff set: where each method may be used, who gets which share, prices and rates."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core.models import AuditRecord
from payments.models import ListPrice, MethodSwitch, PaymentMethodPolicy, Rate, ShareRule
from payments.services import policy, pricing, rules
from payments.services.rules import Cell
from tests.payments.conftest import Shop
from tests.payments.test_refunds import refused
from tests.people import pages, person

pytestmark = pytest.mark.django_db
CARD = Cell("web", "nft", "stripe")
WHY = "their incident of today"
ADD = "admin:payments_paymentmethodpolicy_add"
TABLE = "admin:payments_paymentmethodpolicy_changelist"


@pytest.fixture
def finance(db: None) -> User:
    return person("finance")


@pytest.fixture
def desk(finance: User) -> Client:
    return pages(finance)


def allowed(**given: Any) -> bool:
    asked = {"method": "stripe", "context": "web", "asset": "USD", **given}
    return policy.decide(**asked).allowed


# --- policy ---------------------------------------------------------------------------------------


def test_an_override_decides_at_once_and_the_default_returns(finance: User) -> None:
    assert allowed()
    row = rules.policy_cell_set(cell=CARD, allowed=False, reason=WHY, actor=finance)
    assert not allowed()
    rules.policy_cell_clear(cell_id=row.pk, reason="it is over", actor=finance)
    assert allowed()
    told = list(AuditRecord.objects.order_by("id").values_list("action", "reason"))
    assert told == [
        ("payments.policy_cell_set", WHY), ("payments.policy_cell_cleared", "it is over"),
    ]  # fmt: skip


def test_the_narrower_rule_wins_and_amounts_bound_it(finance: User) -> None:
    rules.policy_cell_set(cell=CARD, allowed=False, reason=WHY, actor=finance)
    rules.policy_cell_set(
        cell=Cell("web", "nft", "stripe", "DE", "USD"), allowed=True, reason="agreed with them",
        smallest=500, largest=10_000, actor=finance,
    )  # fmt: skip
    assert not allowed()
    assert allowed(country="DE", amount=500)
    assert allowed(country="DE", amount=10_000)
    assert not allowed(country="DE", amount=499)
    assert not allowed(country="FR", amount=500)


def test_a_default_of_a_country_can_be_overruled_with_a_reason(finance: User) -> None:
    assert not allowed(country="RU")
    cell = Cell("web", "nft", "stripe", "RU")
    rules.policy_cell_set(cell=cell, allowed=True, reason="A contract of ours", actor=finance)
    assert allowed(country="RU")


def test_binance_inside_telegram_is_never_switched_on(finance: User) -> None:
    for goods in PaymentMethodPolicy.Goods.values:
        for country in ("*", "DE"):
            cell = Cell("telegram", goods, "binance", country)
            with pytest.raises(Exception, match=r"Bot terms 7\.4"):
                rules.policy_cell_set(cell=cell, allowed=True, reason="please", actor=finance)
    assert not PaymentMethodPolicy.objects.exists()
    assert not AuditRecord.objects.exists()
    off = Cell("telegram", "nft", "binance")
    rules.policy_cell_set(cell=off, allowed=False, reason="said once more", actor=finance)


@pytest.mark.parametrize(
    ("cell", "more"),
    [
        (Cell("mars", "nft", "stripe"), {}),
        (Cell("web", "cars", "stripe"), {}),
        (Cell("web", "nft", "paypal"), {}),
        (Cell("web", "nft", "stripe", "de"), {}),
        (Cell("web", "nft", "stripe", "Germany"), {}),
        (Cell("web", "nft", "stripe", asset="XTR"), {}),
        (Cell("web", "nft", "stripe"), {"smallest": 1}),
        (Cell("web", "nft", "stripe", asset="USD"), {"smallest": 2, "largest": 1}),
        (Cell("web", "nft", "stripe", asset="USD"), {"smallest": -1}),
    ],
)
def test_a_cell_that_makes_no_sense_is_refused(
    finance: User, cell: Cell, more: dict[str, int]
) -> None:
    with refused("rule_refused"):
        rules.policy_cell_set(cell=cell, allowed=True, reason=WHY, actor=finance, **more)
    assert not PaymentMethodPolicy.objects.exists()


def test_no_cell_without_a_reason(finance: User) -> None:
    with refused("note_required"):
        rules.policy_cell_set(cell=CARD, allowed=True, reason=" ", actor=finance)
    assert not PaymentMethodPolicy.objects.exists()


def test_the_grid_shows_defaults_overrides_and_who_changed_them(desk: Client) -> None:
    before = desk.get(reverse(TABLE)).content.decode()
    assert before.count('<td class="desk-cell') == 30
    assert "desk-cell--ours" not in before
    given = {"context": "web", "goods": "nft", "method": "stripe", "country": "*", "asset": "*",
             "allowed": "no", "reason": WHY}  # fmt: skip
    assert desk.post(reverse(ADD), given).status_code == 302
    after = desk.get(reverse(TABLE)).content.decode()
    assert after.count("desk-cell--ours") == 1
    assert "changed by Finance" in after
    assert WHY in after


def test_a_cell_is_changed_on_its_page_and_stays_that_cell(desk: Client, finance: User) -> None:
    cell = Cell("web", "nft", "stripe", "DE", "USD")
    row = rules.policy_cell_set(cell=cell, allowed=False, reason=WHY, actor=finance, smallest=550)
    page = reverse("admin:payments_paymentmethodpolicy_change", args=[row.pk])
    assert 'value="5.5"' in desk.get(page).content.decode()
    given = {"method": "sbp", "country": "FR", "allowed": "yes", "reason": "again", "largest": "20"}
    assert desk.post(page, given).status_code == 302
    changed = PaymentMethodPolicy.objects.get()
    assert (changed.method, changed.country, changed.allowed) == ("stripe", "DE", True)
    assert (changed.smallest, changed.largest) == (None, 2000)
    clear = reverse("admin:payments_paymentmethodpolicy_clear", args=[row.pk])
    assert "This field is required" in desk.post(clear, {"reason": ""}).content.decode()
    desk.post(clear, {"reason": "enough"})
    assert not PaymentMethodPolicy.objects.exists()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"smallest": "5"}, "Amounts need a currency"),
        ({"asset": "USD", "smallest": "5.555"}, "2 decimals"),
        ({"country": "Q1"}, "two capital letters"),
    ],
)
def test_the_form_says_what_is_wrong(desk: Client, given: dict[str, str], said: str) -> None:
    cell = {"context": "web", "goods": "nft", "method": "stripe", "country": "*", "asset": "*",
            "allowed": "no", "reason": WHY}  # fmt: skip
    assert said in desk.post(reverse(ADD), {**cell, **given}).content.decode()
    assert not PaymentMethodPolicy.objects.exists()


def test_the_desk_answers_who_may_pay_how(desk: Client) -> None:
    page = reverse("admin:payments_paymentmethodpolicy_ask")
    asked = {"context": "web", "goods": "nft", "method": "stripe", "asset": "USD"}
    assert "Yes, it is allowed" in desk.get(page, asked).content.decode()
    told = desk.get(page, {**asked, "country": "RU"}).content.decode()
    assert "No, it is not allowed" in told
    assert "Stripe does not take Russian cards." in told


# --- switches -------------------------------------------------------------------------------------


def test_off_needs_a_reason_and_on_does_not(finance: User) -> None:
    with refused("note_required"):
        rules.method_switch(method="stripe", on=False, reason="", actor=finance)
    assert not MethodSwitch.objects.exists()
    rules.method_switch(method="stripe", on=False, reason=WHY, actor=finance)
    assert not allowed()
    rules.method_switch(method="stripe", on=True, reason="", actor=finance)
    assert allowed()
    with refused("rule_refused"):
        rules.method_switch(method="paypal", on=False, reason=WHY, actor=finance)


def test_every_method_has_its_switch_on_the_page(desk: Client) -> None:
    page = desk.get(reverse("admin:payments_methodswitch_changelist")).content.decode()
    for name in rules.SWITCHES:
        assert f'id="switch-{name}"' in page


# --- shares ---------------------------------------------------------------------------------------


def share(days: int = 1, **given: Any) -> ShareRule:
    starts = timezone.now().date() + timedelta(days=days)
    return ShareRule(
        **{"method": "stripe", "asset": "USD", "kind": "provider_fee", "bps": 290, "fixed": 30,
           "starts_on": starts, "reason": WHY, **given}
    )  # fmt: skip


def test_a_share_starts_on_its_day(finance: User) -> None:
    rules.share_rule_add(rule=share(), actor=finance)
    assert ShareRule.objects.get().bps == 290
    assert AuditRecord.objects.get().action == "payments.share_rule_added"


@pytest.mark.parametrize(
    "wrong",
    [
        {"days": 0},
        {"days": -1},
        {"bps": 10_001},
        {"asset": "RUB"},
        {"method": "paypal"},
        {"kind": "telegram_share", "fixed": 0},
        {"kind": "vat"},  # with a fixed part
    ],
)
def test_a_share_that_makes_no_sense_is_refused(finance: User, wrong: dict[str, Any]) -> None:
    with refused("rule_refused"):
        rules.share_rule_add(rule=share(**wrong), actor=finance)
    assert not ShareRule.objects.exists()


def test_shares_never_take_more_than_the_price_on_any_day(finance: User) -> None:
    """7000 bps from the first day fit; those of the tenth would not fit with them."""
    rules.share_rule_add(
        rule=share(10, method="stars", asset="XTR", fixed=0, bps=6000), actor=finance
    )
    with refused("rule_refused"):
        rules.share_rule_add(
            rule=share(5, method="stars", asset="XTR", kind="telegram_share", fixed=0, bps=4001),
            actor=finance,
        )
    rules.share_rule_add(
        rule=share(5, method="stars", asset="XTR", kind="telegram_share", fixed=0, bps=4000),
        actor=finance,
    )
    with refused("rule_refused"):  # VAT within the price: 100 bps on it are 100 of it, rounded up
        rules.share_rule_add(
            rule=share(20, method="stars", asset="XTR", kind="vat", fixed=0, bps=1), actor=finance
        )
    assert ShareRule.objects.count() == 2


def test_the_form_of_a_share_says_it_too(desk: Client) -> None:
    page = reverse("admin:payments_sharerule_add")
    given = {"method": "stripe", "asset": "USD", "kind": "provider_fee", "bps": "290",
             "fixed": "30", "starts_on": str(timezone.now().date()), "reason": WHY}  # fmt: skip
    assert "A rule starts tomorrow at the earliest" in desk.post(page, given).content.decode()
    tomorrow = str(timezone.now().date() + timedelta(days=1))
    assert desk.post(page, {**given, "starts_on": tomorrow}).status_code == 302
    listed = desk.get(reverse("admin:payments_sharerule_changelist")).content.decode()
    assert "In force today" in listed
    assert "3000" in listed  # Telegram's, from the first day on


# --- prices and rates -----------------------------------------------------------------------------


def test_a_list_price_is_set_in_whole_units(shop: Shop, desk: Client) -> None:
    page = reverse("admin:payments_listprice_add")
    given = {"collection": str(shop.drop().pk), "asset": "USD", "price": "7.50", "reason": WHY}
    assert "decimals" in desk.post(page, {**given, "price": "7.505"}).content.decode()
    assert "above zero" in desk.post(page, {**given, "price": "0"}).content.decode()
    assert not ListPrice.objects.exists()
    assert desk.post(page, given).status_code == 302
    row = ListPrice.objects.get()
    assert row.unit_price == 750
    change = reverse("admin:payments_listprice_change", args=[row.pk])
    assert 'value="7.5"' in desk.get(change).content.decode()
    desk.post(change, {"price": "8", "reason": "dearer"})
    record = AuditRecord.objects.latest("id")
    assert record.action == "payments.list_price_set"
    assert record.before == {"unit_price": 750}
    assert record.after is not None
    assert record.after["unit_price"] == 800


def test_a_rate_told_by_a_person_quotes_until_it_is_old(
    finance: User, desk: Client, settings: Any
) -> None:
    settings.RATES_FIXED = {}
    page = reverse("admin:payments_rate_add")
    assert desk.post(page, {"asset": "USD", "price": "3,05", "reason": WHY}).status_code == 302
    rate = Rate.objects.get()
    assert rate.micros == 305 * 10**6
    now = timezone.now()
    assert pricing.rate_fresh("USD", now) == rate
    assert pricing.rate_fresh("USD", now + timedelta(hours=1)) is None
    for wrong in ("30.5", "0.3", "0", "-1", "three", "1.123456789"):
        with refused("rule_refused"):
            rules.rate_set(asset="USD", price=wrong, reason=WHY, actor=finance)
    assert Rate.objects.count() == 1
    listed = desk.get(reverse("admin:payments_rate_changelist")).content.decode()
    assert "3.05 USD" in listed
    assert desk.get(reverse("admin:payments_rate_change", args=[rate.pk])).status_code == 200
