from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from core import audit
from core.models import AuditRecord, AuditSeal
from core.money import Money
from core.tasks import audit_seal


def write(action: str = "nft.drop_paused") -> AuditRecord:
    with transaction.atomic():
        return audit.record(actor="follower", action=action, target=("nft.drop", "7"))


@pytest.mark.django_db(transaction=True)
def test_a_record_outside_a_transaction_is_refused() -> None:
    with pytest.raises(audit.AuditMisuse):
        audit.record(actor=None, action="x.y", target=("x", "1"))
    assert not AuditRecord.objects.exists()


@pytest.mark.django_db
def test_a_record_keeps_before_after_and_reason() -> None:
    audit.record(
        actor="finance",
        action="payments.refund_approved",
        target=("payments.refund", "9"),
        before={"amount": Money("TON", 5)},
        after={"amount": None},
        reason="paid twice",
    )
    kept = AuditRecord.objects.get()
    assert kept.before == {"amount": {"asset": "TON", "amount": "5"}}
    assert (kept.actor_label, kept.target_id, kept.reason) == ("finance", "9", "paid twice")


@pytest.mark.django_db
@pytest.mark.parametrize("table", ["core_auditrecord", "core_auditseal", "core_auditsealed"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET {}={}", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_the_database_refuses_to_change_the_trail(table: str, statement: str) -> None:
    write()
    audit.seal()
    column = {"core_auditrecord": "reason", "core_auditseal": "count"}.get(table, "position")
    with connection.cursor() as cursor:
        cursor.execute(
            "SET CONSTRAINTS ALL IMMEDIATE"
        )  # pending checks would refuse TRUNCATE first
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
            cursor.execute(statement.format(table, column, column))
    assert AuditRecord.objects.count() == 1


@pytest.mark.django_db
def test_seals_bind_every_record_once_in_batches() -> None:
    for number in range(5):
        write(f"x.{number}")
    assert [audit.seal(limit=3), audit.seal(limit=3), audit.seal(limit=3)] == [3, 2, 0]
    assert list(AuditSeal.objects.order_by("number").values_list("number", "count")) == [
        (1, 3),
        (2, 2),
    ]
    assert audit.broken_seals() == []


@pytest.mark.django_db
def test_a_record_changed_behind_the_triggers_breaks_its_seal() -> None:
    first = write()
    audit_seal()
    write()
    audit_seal()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE core_auditrecord SET reason = 'x' WHERE id = %s", [first.pk])
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert audit.broken_seals() == [1]
    with pytest.raises(CommandError, match="broken seals: 1"):
        call_command("audit_verify")


@pytest.mark.django_db
def test_a_seal_removed_behind_the_triggers_is_missed() -> None:
    for _ in range(3):
        write()
        audit.seal()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("DELETE FROM core_auditsealed WHERE seal_id = 2")
        cursor.execute("DELETE FROM core_auditseal WHERE number = 2")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    assert audit.broken_seals() == [3]
