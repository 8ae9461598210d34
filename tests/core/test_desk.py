"""The desk's frame: tiles with their tables, the palette's pages, and a trail that can be read."""

from __future__ import annotations

import re

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core import audit
from core.admin import changed
from core.desk import registry
from core.desk.charts import HEIGHT, bars
from core.models import AuditRecord
from tests.people import pages, person

pytestmark = pytest.mark.django_db
LIST = "admin:core_auditrecord_changelist"


@pytest.fixture
def owner() -> Client:
    return pages(User.objects.create_superuser("owner", "correct horse battery staple"))


def write(actor: object, action: str, key: str, reason: str = "", **values: object) -> AuditRecord:
    with transaction.atomic():
        return audit.record(
            actor=actor,  # type: ignore[arg-type]
            action=action,
            target=("payments.refund", key),
            before={"state": "requested", "amount": 5},
            after={"state": "approved", "amount": 5, **values},
            reason=reason,
        )


def actors(client: Client, **query: str) -> list[str]:
    page = client.get(reverse(LIST), query).content.decode()
    return re.findall(r'<td class="field-who">.*?>([^<]*)</a>', page)


def test_bars_are_whole_numbers_and_none_is_lost() -> None:
    chart = bars([("a", 0), ("b", 1), ("c", 1000), ("d", 500)])
    assert [bar.height for bar in chart.bars] == [0, 1, HEIGHT, HEIGHT // 2]
    assert all(bar.y + bar.height == HEIGHT for bar in chart.bars)
    assert bars([]).bars == []


def test_a_tile_has_its_chart_and_the_table_behind_it(
    owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "_entries", [])
    registry.tile("Sales")(lambda: registry.Reading(3, points=[("Mon", 1), ("Tue", 2)]))
    page = owner.get(reverse("admin:index")).content.decode()
    assert page.count("<rect ") == 2
    assert '<th scope="row">Mon</th><td>1</td>' in page
    assert 'aria-label="Sales: 2 bars, from Mon to Tue; the highest is 2"' in page


def test_the_palette_leads_only_where_one_may_go(owner: Client) -> None:
    def found(client: Client) -> set[str]:
        page = client.get(reverse("admin:index"))
        return {one["label"] for one in page.context["desk_places"]}

    everything = found(owner)
    assert {"Audit log", "Refunds", "Reconciliation", "Method switches"} <= everything
    assert "Refunds" in found(pages(person("finance")))
    moderator = found(pages(person("moderator")))
    assert not {"Refunds", "Audit log", "Settlements"} & moderator
    for one in owner.get(reverse("admin:index")).context["desk_places"]:
        assert owner.get(one["url"]).status_code == 200, one


def test_nobody_gets_the_palette_before_he_is_in() -> None:
    assert "desk-places" not in Client().get(reverse("admin:login")).content.decode()


def test_the_trail_is_filtered_by_who_what_and_which(owner: Client) -> None:
    finance = person("finance")
    write(finance, "payments.refund_approved", "1")
    write(finance, "payments.order_closed", "2")
    write("follower", "nft.drop_paused", "3")
    assert actors(owner) == ["follower", "Finance", "Finance"]
    assert actors(owner, who=str(finance.pk)) == ["Finance", "Finance"]
    assert actors(owner, who="-") == ["follower"]
    assert actors(owner, what="payments.order_closed") == ["Finance"]
    assert actors(owner, room="nft") == ["follower"]
    assert actors(owner, target_type__exact="payments.refund", target_id__exact="2") == ["Finance"]


def test_a_record_says_before_after_and_why(owner: Client) -> None:
    row = write(person("finance"), "payments.refund_approved", "1", "the fan asked", note="x")
    listed = owner.get(reverse(LIST)).content.decode()
    assert "Refund approved" in listed
    assert "state: requested → approved; note: x" in listed
    page = owner.get(reverse("admin:core_auditrecord_change", args=[row.pk])).content.decode()
    assert '<tr class="desk-differs"><th scope="row">state</th><td>requested</td>' in page
    assert "the fan asked" in page
    assert [one["name"] for one in changed(row) if not one["differs"]] == ["amount"]


def test_the_trail_is_for_those_who_may_read_it() -> None:
    assert pages(person("finance")).get(reverse(LIST)).status_code == 200
    for name in ("moderator", "operator"):
        assert pages(person(name)).get(reverse(LIST)).status_code == 403
