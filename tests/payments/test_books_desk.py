"""The books on the desk: reports are looked at before they are posted, months close by two."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from core.models import AuditRecord
from payments.models import AccountingPeriod, Case, PaymentAttempt, ProviderReport
from payments.services import exports
from payments.services.exports import Span
from tests.payments.conftest import Shop
from tests.payments.test_desk import act, audited, second
from tests.payments.test_off_chain import ASKED, box, web
from tests.payments.test_periods import LAST, close, move
from tests.payments.test_provider_reports import FEE, charge, paid, stripe, sums
from tests.people import pages, person

pytestmark = pytest.mark.django_db
__all__ = ["box", "paid", "second", "web"]  # fixtures
TAKE = "admin:payments_providerreport_take"
LIST = "admin:payments_providerreport_changelist"


@pytest.fixture
def finance() -> Client:
    return pages(person("finance"))


@pytest.fixture
def moderator() -> Client:
    return pages(person("moderator"))


def upload(client: Client, body: bytes, source: str = "stripe") -> Any:
    file = SimpleUploadedFile("october.csv", body, "text/csv")
    return client.post(reverse(TAKE), {"source": source, "file": file}, follow=True)


def test_finance_looks_at_a_report_and_posts_it(
    shop: Shop, paid: PaymentAttempt, finance: Client
) -> None:
    page = upload(finance, stripe(charge(paid, FEE + 4), ("t2", "refund", -5, 0, "pi_9", "re_9")))
    text = page.content.decode()
    assert "7.58" in text
    assert "0.04" in text
    assert "We know of no such refund." in text
    assert "Post 1 line" in text
    assert sums() == {"clearing": ASKED}
    row = ProviderReport.objects.get()
    told = finance.post(reverse("admin:payments_providerreport_post", args=[row.pk]), follow=True)
    assert "1 open case" in told.content.decode()
    assert sums()["bank"] == ASKED - FEE - 4
    assert Case.objects.get().kind == "report"
    assert [one for one in audited() if "report" in one] == [
        "payments.report_taken", "payments.report_posted",
    ]  # fmt: skip
    file = finance.get(reverse("admin:payments_providerreport_file", args=[row.pk]))
    assert file.content == bytes(row.body)


def test_a_refused_file_is_told_with_its_line(
    shop: Shop, paid: PaymentAttempt, finance: Client
) -> None:
    text = upload(finance, stripe(charge(paid), ("t2", "gift", 1, 0, "pi", ""))).content.decode()
    assert "Nothing was taken. Line 3: unknown reporting_category" in text
    assert "Nothing was taken" in upload(finance, b"").content.decode()
    assert "Select a valid choice" in upload(finance, b"x", "paypal").content.decode()
    assert not ProviderReport.objects.exists()


def test_a_draft_is_thrown_away(shop: Shop, paid: PaymentAttempt, finance: Client) -> None:
    upload(finance, stripe(charge(paid)))
    row = ProviderReport.objects.get()
    finance.post(reverse("admin:payments_providerreport_discard", args=[row.pk]))
    row.refresh_from_db()
    assert row.state == "discarded"
    page = finance.get(
        reverse("admin:payments_providerreport_change", args=[row.pk])
    ).content.decode()
    assert "Post 1 line" not in page
    assert sums() == {"clearing": ASKED}


def test_a_moderator_gets_nowhere_near_a_report(
    shop: Shop, paid: PaymentAttempt, finance: Client, moderator: Client
) -> None:
    upload(finance, stripe(charge(paid)))
    row = ProviderReport.objects.get()
    assert upload(moderator, stripe(charge(paid))).status_code == 403
    for name in ("change", "file"):
        address = reverse(f"admin:payments_providerreport_{name}", args=[row.pk])
        assert moderator.get(address).status_code == 403
    for name in ("post", "discard"):
        address = reverse(f"admin:payments_providerreport_{name}", args=[row.pk])
        assert moderator.post(address).status_code == 403
        assert finance.get(address).status_code == 405
    row.refresh_from_db()
    assert row.state == "draft"


def test_one_asks_to_close_and_another_confirms(finance: Client, second: Client) -> None:
    move(LAST)
    page = finance.get(reverse("admin:payments_accountingperiod_changelist")).content.decode()
    assert f"Ask to close {LAST:%B %Y}" in page
    ask = reverse("admin:payments_accountingperiod_close")
    finance.post(ask, {"month": f"{LAST:%Y-%m}"})
    finance.post(ask, {"month": "nonsense"})
    period = AccountingPeriod.objects.get()
    act(finance, "accountingperiod", "confirm", period)
    period.refresh_from_db()
    assert period.state == "requested"
    act(second, "accountingperiod", "confirm", period)
    period.refresh_from_db()
    assert period.state == "closed"
    act(second, "accountingperiod", "withdraw", period)
    period.refresh_from_db()
    assert period.state == "closed"


def test_the_trial_balance_and_the_files_are_saved_from_the_desk(finance: Client) -> None:
    move(LAST, 12_345)
    close(LAST)
    month = {"month": f"{LAST:%Y-%m}"}
    page = finance.get(reverse("admin:payments_accountingperiod_trial"), month).content.decode()
    assert "123.45" in page
    assert "These are the stored balances" in page
    file = finance.get(
        reverse("admin:payments_accountingperiod_file"), {**month, "what": "entries"}
    )
    body = b"".join(file.streaming_content).decode()  # type: ignore[attr-defined]
    assert body == "".join(exports.entries_csv(Span.month(LAST)))
    assert AuditRecord.objects.filter(action="payments.books_exported").count() == 1


def test_a_moderator_neither_closes_nor_exports(moderator: Client) -> None:
    move(LAST)
    for name in ("trial", "file", "changelist"):
        address = reverse(f"admin:payments_accountingperiod_{name}")
        assert moderator.get(address).status_code == 403
    ask = reverse("admin:payments_accountingperiod_close")
    assert moderator.post(ask, {"month": f"{LAST:%Y-%m}"}).status_code == 403
    assert not AccountingPeriod.objects.exists()


def test_the_home_page_names_the_reports(finance: Client, moderator: Client) -> None:
    page = finance.get(reverse("admin:index")).content.decode()
    assert "Stars: gross, Telegram" in page
    assert reverse("admin:payments_accountingperiod_trial") in page
    assert "Stars: gross, Telegram" not in moderator.get(reverse("admin:index")).content.decode()
