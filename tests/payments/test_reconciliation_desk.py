"""Comparing on the desk: one run at a time, told as it goes; a case shows both sides."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.models import AuditRecord
from core.outbox.models import OutboxEvent
from deploy.local.sandbox.telegram import TelegramSandbox
from payments import tasks
from payments.case_words import words
from payments.models import Case, ReconciliationRun
from payments.services import reconciliation, reconciliation_runs
from tests.payments.conftest import Shop
from tests.payments.races import together
from tests.payments.test_reconciliation import bot
from tests.payments.test_refunds import refused
from tests.people import pages, person

pytestmark = pytest.mark.django_db
LIST = "admin:payments_case_changelist"
RUN = "admin:payments_case_run"
State = ReconciliationRun.State
__all__ = ["bot"]  # fixture


@pytest.fixture
def finance(db: None) -> Client:
    return pages(person("finance"))


def promised() -> list[Any]:
    return list(
        OutboxEvent.objects.filter(topic="payments.reconciliation_run").values_list(
            "payload", flat=True
        )
    )


def test_a_press_asks_the_worker_which_tells_how_far_it_is(
    shop: Shop, bot: TelegramSandbox, finance: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot.act_plant(amount=50)
    assert finance.post(reverse(RUN)).status_code == 302
    run = ReconciliationRun.objects.get()
    assert promised() == [{"run_id": str(run.pk)}]
    page = finance.get(reverse(LIST)).content.decode()
    assert "Waits for the worker" in page
    assert "data-desk-again" in page
    assert AuditRecord.objects.latest("id").action == "payments.reconciliation_asked"

    seen = []
    told = reconciliation.reconcile

    def watched(**given: Any) -> Any:
        """Between two sides the row says how far it is."""
        tell = given["tell"]

        def tell_and_look(*words_: Any) -> None:
            tell(*words_)
            seen.append([one["state"] for one in ReconciliationRun.objects.get().sides])

        return told(tell=tell_and_look)

    monkeypatch.setattr(reconciliation, "reconcile", watched)
    reconciliation_runs.run_perform(run_id=run.pk)
    assert seen[0] == ["asking", "waiting", "waiting"]
    assert seen[1] == ["done", "waiting", "waiting"]
    run.refresh_from_db()
    assert run.state == State.DONE
    assert run.sides == [
        {"name": "stars", "state": "done", "found": 2},
        {"name": "chain", "state": "done", "found": 0},
        {"name": "ledger", "state": "done", "found": 0},
    ]
    after = finance.get(reverse("admin:payments_case_progress")).content.decode()
    assert "2 differences open." in after
    assert "data-desk-again" not in after


def test_a_side_that_is_away_is_told_so(shop: Shop, bot: TelegramSandbox, finance: Client) -> None:
    shop.world.silent = True
    run = reconciliation_runs.run_request(actor=person("finance"))
    assert run is not None
    reconciliation_runs.run_perform(run_id=run.pk)
    assert "did not answer" in finance.get(reverse(LIST)).content.decode()


def test_one_run_at_a_time_until_it_is_silent_for_long(shop: Shop, bot: TelegramSandbox) -> None:
    finance = person("finance")
    first = reconciliation_runs.run_request(actor=finance)
    assert first is not None
    with refused("reconciliation_under_way"):
        reconciliation_runs.run_request(actor=finance)
    assert not tasks.reconcile()
    assert ReconciliationRun.objects.count() == len(promised()) == 1
    old = timezone.now() - reconciliation_runs.SILENT - timedelta(seconds=1)
    ReconciliationRun.objects.update(asked_at=old)
    assert tasks.reconcile()
    first.refresh_from_db()
    assert first.state == State.GIVEN_UP
    reconciliation_runs.run_perform(run_id=first.pk)  # its late promise does nothing
    first.refresh_from_db()
    assert first.state == State.GIVEN_UP


@pytest.mark.django_db(transaction=True)
def test_two_people_who_press_at_once_get_one_run(shop: Shop, bot: TelegramSandbox) -> None:
    finance = person("finance")
    together(*[lambda: reconciliation_runs.run_request(actor=finance)] * 3)
    assert ReconciliationRun.objects.count() == 1


@pytest.mark.parametrize("who", ["support", "moderator", "operator"])
def test_who_may_not_settle_does_not_run(shop: Shop, who: str) -> None:
    assert pages(person(who)).post(reverse(RUN)).status_code == 403
    with refused("not_allowed"):
        reconciliation_runs.run_request(actor=person(who))
    assert not ReconciliationRun.objects.exists()


@pytest.mark.parametrize("kind", Case.Kind.values)
def test_a_case_shows_both_sides_what_it_means_and_what_to_do(
    shop: Shop, finance: Client, kind: str
) -> None:
    case = Case.objects.create(
        kind=kind, source="stars", key="k1", ours="10 XTR", theirs="11 XTR", seen_at=timezone.now()
    )
    page = finance.get(reverse("admin:payments_case_both", args=[case.pk])).content.decode()
    said = words(kind)
    assert said.means != said.do != words("nothing").do
    for text in ("10 XTR", "11 XTR", "What it means", "What to do", case.get_kind_display()):
        assert text in page.replace("&#x27;", "'"), text


def test_a_case_is_closed_with_a_note_by_who_may(shop: Shop, finance: Client) -> None:
    case = Case.objects.create(
        kind="balance", source="stars", key="XTR", ours="0", theirs="1", seen_at=timezone.now()
    )
    page = reverse("admin:payments_case_both", args=[case.pk])
    assert "Close the case" not in pages(person("support")).get(page).content.decode()
    assert pages(person("support")).post(page, {"note": "mine"}).status_code == 403
    finance.post(page, {"note": ""})
    case.refresh_from_db()
    assert case.closed_at is None
    finance.post(page, {"note": "a fee of theirs, booked"})
    case.refresh_from_db()
    assert (case.note, case.closed_by) == ("a fee of theirs, booked", person("finance"))
    assert AuditRecord.objects.latest("id").reason == "a fee of theirs, booked"
