"""Batches by which editions that were paid elsewhere are minted: hub.settle, exactly once each."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from core.ids import uuid7
from nft.models import Collection


class Settlement(models.Model):
    """Batch `number` of a hub, for one method. Numbers are in sequence; the chain takes each once.

    What the chain accepted decides what batch n was, not this row: `orders_sha256` and the body
    are compared with it. A new body for the same number is only built when no signed message for
    the old one can be accepted any more (`valid_until` and a margin).
    """

    class State(models.TextChoices):
        BUILT = "built", "Built"
        SIGNING = "signing", "With the signer"
        SENT = "sent", "Sent"
        ACCEPTED = "accepted", "On chain"  # the hub took it; parts answer one by one
        DONE = "done", "Done"  # every part was minted or returned

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    hub = models.CharField(max_length=66)
    number = models.BigIntegerField()
    provider = models.CharField(max_length=16)
    method = models.PositiveSmallIntegerField()  # the hub's number of (provider, asset)
    asset = models.CharField(max_length=8)
    orders_sha256 = models.CharField(max_length=64)
    body = models.BinaryField()  # BoC of the settle message's body
    value = models.BigIntegerField()  # nano to attach
    state = models.CharField(max_length=8, choices=State, default=State.BUILT)
    signer = models.CharField(max_length=16, blank=True)
    tries = models.PositiveIntegerField(default=0)
    valid_until = models.DateTimeField(null=True, blank=True)  # of the last signed message
    message_hash = models.CharField(max_length=64, blank=True)
    error = models.CharField(max_length=200, blank=True)
    hub_hash = models.CharField(max_length=64, blank=True)  # the hub's transaction that took it
    hub_lt = models.BigIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=models.functions.Now(), editable=False)
    sent_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-number",)
        constraints = (
            models.UniqueConstraint(fields=["hub", "number"], name="settlement_number_once"),
            models.UniqueConstraint(
                fields=["hub"],
                condition=Q(state__in=("built", "signing", "sent", "accepted")),
                name="settlement_one_under_way",
            ),
            models.CheckConstraint(
                name="settlement_state_known",
                condition=Q(state__in=("built", "signing", "sent", "accepted", "done")),
            ),
        )

    def __str__(self) -> str:
        return f"settlement {self.number} ({self.state})"


class SettlementPart(models.Model):
    """One collection's share of a batch: what its `mint` message orders."""

    class State(models.TextChoices):
        OPEN = "open", "Open"  # silence proves nothing
        MINTED = "minted", "Minted"
        RETURNED = "returned", "Returned"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    settlement = models.ForeignKey(Settlement, on_delete=models.PROTECT, related_name="parts")
    number = models.PositiveSmallIntegerField()
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="+")
    count = models.PositiveSmallIntegerField()
    gross = models.BigIntegerField()  # minor units of the settlement's asset
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    first_index = models.BigIntegerField(null=True, blank=True)
    hash = models.CharField(max_length=64, blank=True)  # the hub's transaction of the answer
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("settlement", "number")
        constraints = (
            models.UniqueConstraint(fields=["settlement", "number"], name="settlement_part_once"),
            models.CheckConstraint(
                name="settlement_part_state_known",
                condition=Q(state__in=("open", "minted", "returned")),
            ),
        )

    def __str__(self) -> str:
        return f"part {self.number} of {self.settlement_id} ({self.state})"


class SettlementLine(models.Model):
    """Which claim stands where in a part's list of recipients. History: never changed."""

    id = models.BigAutoField(primary_key=True)
    part = models.ForeignKey(SettlementPart, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()  # of the claim's first edition in the list
    claim = models.ForeignKey("payments.ClaimRight", on_delete=models.PROTECT, related_name="lines")
    recipient = models.CharField(max_length=66)
    quantity = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ("part", "position")
        constraints = (
            models.UniqueConstraint(fields=["part", "position"], name="settlement_line_once"),
        )

    def __str__(self) -> str:
        return f"{self.quantity} at {self.position}"
