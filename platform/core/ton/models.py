"""What the follower has read and where it stands. Only the follower writes here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

_ACCOUNT = 68


class ChainCursor(models.Model):
    """One followed account: the last transaction whose effect is committed.

    `synced_*` is the newest masterchain block up to which everything is handled, `head_*` the
    newest one that the sources know; times are the chain's, in unix seconds.
    """

    account = models.CharField(max_length=_ACCOUNT, primary_key=True)
    lt = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    mc_seqno = models.BigIntegerField(default=0)
    synced_utime = models.BigIntegerField(default=0)
    head_seqno = models.BigIntegerField(default=0)
    head_utime = models.BigIntegerField(default=0)
    gap_since = models.DateTimeField(
        null=True, blank=True, help_text="Since when no source continues what we have read"
    )
    gap_reason = models.TextField(blank=True, default="")
    checked_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "followed account"

    def __str__(self) -> str:
        return f"{self.account} at {self.lt}"


class ChainTransaction(models.Model):
    """A transaction of a followed account, raw. `boc` is what was agreed on; the rest is read
    from it. Hashes are lower-case hex, `utime` unix seconds, `value` nano."""

    class State(models.TextChoices):
        RECEIVED = "received", "received"
        HANDLED = "handled", "handled"
        IGNORED = "ignored", "ignored"
        PARKED = "parked", "parked"

    account = models.CharField(max_length=_ACCOUNT)
    lt = models.BigIntegerField()
    hash = models.CharField(max_length=64, unique=True)
    prev_lt = models.BigIntegerField()
    prev_hash = models.CharField(max_length=64)
    utime = models.BigIntegerField()
    mc_seqno = models.BigIntegerField(null=True, blank=True)
    boc = models.BinaryField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.RECEIVED)
    reason = models.TextField(blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    received_at = models.DateTimeField(auto_now_add=True)
    handled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "chain transaction"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["account", "lt"], name="chain_transaction_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["received", "handled", "ignored", "parked"]),
                name="chain_transaction_state",
            ),
            models.CheckConstraint(
                condition=models.Q(lt__gt=models.F("prev_lt")), name="chain_transaction_order"
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["account", "lt"],
                name="chain_transaction_open",
                condition=models.Q(state__in=["received", "parked"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.lt} {self.state}"
