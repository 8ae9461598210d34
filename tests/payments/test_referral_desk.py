"""Held rewards and campaigns on the desk: who gets in, and what the buttons do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from referrals.models import Attribution, Campaign, FraudFlag
from tests import people

pytestmark = pytest.mark.django_db
ROLES = {"finance": 200, "owner": 200, "support": 200, "moderator": 403, "operator": 403}


@pytest.fixture
def flag() -> FraudFlag:
    later = timezone.now() + timedelta(days=30)
    row = Attribution.objects.create(
        user=people.person("fan"), referrer=people.person("collector"), expires_at=later
    )
    return FraudFlag.objects.create(attribution=row, kind="same_payer", evidence={"people": 2})


@pytest.mark.parametrize(("role", "status"), ROLES.items())
def test_each_role_gets_in_where_it_may(role: str, status: int, flag: FraudFlag) -> None:
    desk = people.desk(people.person(role))
    for name, args in (
        ("fraudflag_changelist", []), ("fraudflag_decide", [flag.pk]), ("campaign_changelist", []),
    ):  # fmt: skip
        assert desk.get(reverse(f"admin:referrals_{name}", args=args)).status_code == status, name
    writes = 200 if role in ("finance", "owner") else 403
    assert desk.get(reverse("admin:referrals_campaign_add")).status_code == writes


def test_finance_decides_a_flag_and_support_cannot(flag: FraudFlag) -> None:
    address = reverse("admin:referrals_fraudflag_decide", args=[flag.pk])
    said = {"fraud": "1", "reason": "one wallet"}
    assert people.desk(people.person("support")).post(address, said).status_code == 403
    flag.refresh_from_db()
    assert flag.state == "open"
    people.desk(people.person("finance")).post(address, said)
    flag.refresh_from_db()
    assert (flag.state, flag.reason) == ("confirmed", "one wallet")


def test_a_campaign_is_planned_and_ended(flag: FraudFlag) -> None:
    desk = people.desk(people.person("finance"))
    said = {
        "name": "Spring", "rate_bps": 5000, "reason": "spring",
        "starts_at_0": "2026-01-01", "starts_at_1": "00:00:00",
        "ends_at_0": "2999-01-01", "ends_at_1": "00:00:00",
    }  # fmt: skip
    made = desk.post(reverse("admin:referrals_campaign_add"), said)
    assert made.status_code == 302, made.content.decode()
    row = Campaign.objects.get()
    desk.post(reverse("admin:referrals_campaign_end", args=[row.pk]), {"reason": "over"})
    row.refresh_from_db()
    assert row.ends_at <= timezone.now()
