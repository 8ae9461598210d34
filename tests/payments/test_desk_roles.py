"""Which role may do what with money on the desk; a new page without its row is a hole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from rest_framework.test import APIClient

from core.desk.registry import tiles_for
from deploy.local.sandbox.stripe import StripeSandbox
from payments.models import Case, LedgerEntry, Order, PayoutBatch, Refund, Settlement
from payments.services.settlement import building
from tests.payments.conftest import Shop
from tests.payments.off_chain import refresh
from tests.payments.settlement.test_batches import method_known
from tests.payments.test_off_chain import box, pay, placed, web
from tests.people import pages, person

pytestmark = pytest.mark.django_db
__all__ = ["box", "method_known", "web"]  # fixtures
ROLES = ("finance", "support", "operator", "moderator", "owner", "stranger")

# Page of the admin -> method, and who gets in. What is let in may still be refused by its service.
MATRIX: Mapping[str, tuple[str, set[str]]] = {
    "payments_order_changelist": ("GET", {"finance", "support", "operator", "owner"}),
    "payments_order_story": ("GET", {"finance", "support", "operator", "owner"}),
    "payments_paymentattempt_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_paymentattempt_refund": ("GET", {"finance", "support", "owner"}),
    "payments_refund_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_dispute_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_ledgerentry_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_ledgeraccount_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_claimright_changelist": ("GET", {"finance", "support", "operator", "owner"}),
    "payments_settlement_changelist": ("GET", {"finance", "support", "operator", "owner"}),
    "payments_settlement_sign": ("GET", {"operator", "owner"}),
    "payments_settlement_progress": ("GET", {"operator", "owner"}),
    "payments_settlement_transaction": ("POST", {"operator", "owner"}),
    "payments_payoutbatch_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_payoutbatch_draft": ("POST", {"finance", "owner"}),
    "payments_payoutbatch_sign": ("GET", {"finance", "owner"}),
    "payments_case_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_case_both": ("GET", {"finance", "support", "owner"}),
    "payments_case_progress": ("GET", {"finance", "support", "owner"}),
    "payments_case_run": ("POST", {"finance", "owner"}),
    "payments_paymentmethodpolicy_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_paymentmethodpolicy_add": ("GET", {"finance", "owner"}),
    "payments_paymentmethodpolicy_ask": ("GET", {"finance", "support", "owner"}),
    "payments_methodswitch_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_methodswitch_set": ("POST", {"finance", "owner"}),
    "payments_sharerule_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_sharerule_add": ("GET", {"finance", "owner"}),
    "payments_listprice_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_listprice_add": ("GET", {"finance", "owner"}),
    "payments_rate_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_rate_add": ("GET", {"finance", "owner"}),
    "payments_quote_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_providerhealth_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_receipt_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_statement_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_providerreport_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_providerreport_take": ("POST", {"finance", "owner"}),
    "payments_starsconversion_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_starsconversion_report": ("GET", {"finance", "support", "owner"}),
    "payments_starsconversion_book": ("GET", {"finance", "owner"}),
    "payments_accountingperiod_changelist": ("GET", {"finance", "support", "owner"}),
    "payments_accountingperiod_trial": ("GET", {"finance", "support", "owner"}),
    "payments_accountingperiod_file": ("GET", {"finance", "support", "owner"}),
    "payments_accountingperiod_close": ("POST", {"finance", "owner"}),
    "core_auditrecord_changelist": ("GET", {"finance", "support", "owner"}),
}


@pytest.fixture
def things(shop: Shop, web: APIClient, box: StripeSandbox) -> dict[str, Any]:
    """What the addresses name."""
    order, attempt = placed(web, shop)
    pay(box, attempt)
    refresh(attempt)
    settlement = building.settlement_build()
    case = Case.objects.create(kind="balance", source="stars", key="XTR", seen_at=timezone.now())
    return {
        "payments_order_story": order.pk,
        "payments_paymentattempt_refund": attempt.pk,
        "payments_settlement_sign": settlement,
        "payments_settlement_transaction": settlement,
        "payments_settlement_progress": settlement,
        "payments_payoutbatch_sign": uuid4(),
        "payments_case_both": case.pk,
    }


def status(client: Client, name: str, method: str, things: Mapping[str, Any]) -> int:
    named = things.get(name)
    address = reverse(f"admin:{name}", args=[getattr(named, "pk", named)] if named else [])
    return int(getattr(client, method.lower())(address).status_code)


def test_every_role_gets_in_exactly_where_it_may(things: dict[str, Any]) -> None:
    wrong = []
    for role in ROLES:
        client = pages(person(role))
        for name, (method, allowed) in MATRIX.items():
            with transaction.atomic():
                got = status(client, name, method, things)
                transaction.set_rollback(True)
            refused = got == 403 or (role == "stranger" and got == 302)
            if refused == (role in allowed):
                wrong.append((role, name, got))
    assert wrong == []


def test_every_list_and_form_of_money_has_its_row() -> None:
    """A page that is written by services alone has neither an add form nor a list of its own."""
    named = {
        pattern.name
        for resolver in get_resolver().url_patterns
        if getattr(resolver, "app_name", "") == "admin"
        for room in getattr(resolver, "url_patterns", [])
        for pattern in getattr(room, "url_patterns", [])
        if pattern.name and pattern.name.startswith("payments_")
    }
    own = {name for name in named if not name.endswith(("_add", "_change", "_delete", "_history"))}
    written = {"payments_paymentmethodpolicy_add", "payments_sharerule_add",
               "payments_listprice_add", "payments_rate_add"}  # fmt: skip
    # Pages of one thing that have the same door as a row above, told in its own tests.
    same = {"payments_paymentmethodpolicy_clear", "payments_payoutbatch_file",
            "payments_payoutbatch_transaction", "payments_paymentevent_changelist",
            "payments_payoutbatch_approve", "payments_payoutbatch_return",
            "payments_payoutbatch_goodwill",
            "payments_receipt_file", "payments_statement_file", "payments_providerreport_file",
            "payments_providerreport_post", "payments_providerreport_discard"}  # fmt: skip
    assert (own | written) - same - MATRIX.keys() == set()


@pytest.mark.parametrize("role", ["support", "operator", "moderator"])
def test_actions_on_rows_are_closed_to_who_may_only_look(role: str, things: dict[str, Any]) -> None:
    refund = Refund.objects.create(
        attempt=Order.objects.get().attempts.get(), asset="USD", amount=100, origin="staff",
        reason="staff", acquirer="stripe", needs_second=True, requested_by=person("finance"),
    )  # fmt: skip
    batch = PayoutBatch.objects.create(channel="export", asset="USD", created_by=person("finance"))
    entries = LedgerEntry.objects.count()
    client = pages(person(role))
    for model, action, row in (
        ("refund", "approve", refund), ("refund", "withdraw", refund),
        ("payoutbatch", "approve", batch), ("payoutbatch", "withdraw", batch),
        ("payoutbatch", "mark_paid", batch),
    ):  # fmt: skip
        client.post(
            reverse(f"admin:payments_{model}_changelist"),
            {"action": action, "_selected_action": [str(row.pk)]},
        )
    refund.refresh_from_db()
    batch.refresh_from_db()
    assert (refund.state, batch.state) == ("requested", "draft")
    assert LedgerEntry.objects.count() == entries


def test_the_operator_mints_and_moves_no_money_and_finance_the_other_way(
    things: dict[str, Any],
) -> None:
    operator, finance = person("operator"), person("finance")
    for permission in ("payments.add_refund", "payments.change_refund", "payments.change_order",
                       "payments.change_payoutbatch", "payments.change_methodswitch"):  # fmt: skip
        assert finance.has_perm(permission)
        assert not operator.has_perm(permission), permission
    assert operator.has_perm("payments.change_settlement")
    assert not finance.has_perm("payments.change_settlement")
    assert Settlement.objects.get().state == Settlement.State.BUILT


MONEY_TILES = {
    "Gross of a day", "Refunds of a day", "Open disputes", "Editions paid for, not minted",
    "At the providers", "The hub", "The minter's float", "Ledger imbalance",
}  # fmt: skip


@pytest.mark.parametrize(
    ("role", "seen"),
    [
        ("finance", MONEY_TILES),
        ("owner", MONEY_TILES),
        ("support", MONEY_TILES),
        ("operator", {"Editions paid for, not minted", "The hub", "The minter's float"}),
        ("moderator", set()),
    ],
)
def test_each_role_sees_its_money_at_home(
    role: str, seen: set[str], things: dict[str, Any]
) -> None:
    tiles = {tile.label: tile for tile in tiles_for(person(role))}
    assert MONEY_TILES & tiles.keys() == seen
    assert not [one for one in seen if tiles[one].value == "?"]
