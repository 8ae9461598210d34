"""What providers say they have paid out to us, and what Stars became when they were exchanged."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import uuid7
from core.money import Money
from payments.models.attempts import PaymentAttempt
from payments.models.refunds import Dispute, Refund


class ProviderReport(models.Model):
    """A provider's settlement report, kept as it was. The same bytes are taken once.

    It is read and shown before anything is posted; a draft can be thrown away.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "To be looked at"
        POSTED = "posted", "Posted"
        DISCARDED = "discarded", "Thrown away"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    source = models.CharField(max_length=16)  # the acquirer
    name = models.CharField(max_length=160)  # of the file
    sha256 = models.CharField(max_length=64)
    body = models.BinaryField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    posted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=["sha256"], condition=~Q(state="discarded"), name="report_file_once"
            ),
            models.CheckConstraint(
                name="report_state_known",
                condition=Q(state__in=("draft", "posted", "discarded")),
            ),
            models.CheckConstraint(
                name="report_posted_whole",
                condition=~Q(state="posted") | Q(posted_by__isnull=False, posted_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.name} of {self.source} ({self.get_state_display().lower()})"


class ProviderReportLine(models.Model):
    """One line of a report. `posted` once it is in the ledger; why: what keeps it out.

    gross: what it did to our balance at the provider; net = gross - fee came to the bank.
    """

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        POSTED = "posted", "Posted"
        UNPLACED = "unplaced", "Cannot be placed"

    id = models.BigAutoField(primary_key=True)
    report = models.ForeignKey(ProviderReport, on_delete=models.PROTECT, related_name="lines")
    source = models.CharField(max_length=16)
    number = models.PositiveIntegerField()  # of the line in the file
    kind = models.CharField(max_length=8)  # of providers.report.LineKind
    key = models.CharField(max_length=160)
    reference = models.CharField(max_length=128, blank=True)
    other = models.CharField(max_length=128, blank=True)
    asset = models.CharField(max_length=8)
    gross = models.BigIntegerField()
    fee = models.BigIntegerField()
    net = models.BigIntegerField()
    day = models.DateField()
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    why = models.CharField(max_length=160, blank=True)
    attempt = models.ForeignKey(
        PaymentAttempt, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    refund = models.ForeignKey(
        Refund, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    dispute = models.ForeignKey(
        Dispute, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ("report", "number")
        constraints = (
            models.UniqueConstraint(fields=["report", "key"], name="report_line_once"),
            models.UniqueConstraint(
                fields=["source", "key"],
                condition=Q(state="posted"),
                name="report_line_posted_once",
            ),
            models.UniqueConstraint(
                fields=["refund"],
                condition=Q(state="posted", kind="refund"),
                name="report_refund_once",
            ),
            models.CheckConstraint(
                name="report_line_adds_up",
                condition=Q(net=models.F("gross") - models.F("fee")),
            ),
            models.CheckConstraint(
                name="report_line_state_known",
                condition=Q(state__in=("waiting", "posted", "unplaced")),
            ),
        )
        indexes = (models.Index(fields=["source", "key"], name="report_line_key"),)

    def __str__(self) -> str:
        return f"line {self.number}: {self.kind} {self.reference or self.other}"

    def money(self, name: str) -> Money:
        """gross, fee or net."""
        return Money(self.asset, getattr(self, name))


class StarsConversion(models.Model):
    """Stars that were withdrawn through Fragment, and what came for them. Append-only.

    face_micros: what a buyer pays for one Star, in millionths of the received asset's minor unit.
    provisional: Telegram's share of these Stars by the rule of the day; share: the real one, so
    that the rest at face value is what arrived. All three in Stars.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    stars = models.BigIntegerField()
    asset = models.CharField(max_length=8)
    received = models.BigIntegerField()
    face_micros = models.BigIntegerField()
    rule_bps = models.PositiveIntegerField()
    provisional = models.BigIntegerField()
    share = models.BigIntegerField()
    happened_on = models.DateField()
    reference = models.CharField(max_length=128, unique=True)  # Fragment's, or the transaction
    note = models.CharField(max_length=300, blank=True)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    posted_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="conversion_sane",
                condition=Q(
                    stars__gt=0, received__gt=0, face_micros__gt=0, provisional__gte=0,
                    rule_bps__lte=10_000, share__lte=models.F("stars"),
                ),
            ),
            models.CheckConstraint(name="conversion_reference_given", condition=~Q(reference="")),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.stars} Stars for {self.money}"

    @property
    def money(self) -> Money:
        return Money(self.asset, self.received)
