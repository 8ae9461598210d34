"""Drops on chain: one collection contract per release, its editions, and who holds them.

Amounts are nano-coins (1e-9), shares are basis points, addresses raw text "0:<64 hex>".
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalog.models import Release
from core.ids import random_u63, uuid7


class Split(models.Model):
    """Who shares the artist's part of a release, and how much of it each gets.

    Every change makes another version and takes all confirmations back. Confirmed by everybody it
    may be deployed; from the moment a drop is prepared with it nothing in it changes any more.
    """

    class State(models.TextChoices):
        DRAFT = "draft", "Waits for confirmations"
        CONFIRMED = "confirmed", "Confirmed by everybody"
        FROZEN = "frozen", "Fixed in a drop"
        WITHDRAWN = "withdrawn", "Withdrawn"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="splits")
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    threshold = models.BigIntegerField(default=10**9)  # nano: the splitter shares nothing below it
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField()
    frozen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=["release", "version"], name="split_version_once"),
            models.UniqueConstraint(
                fields=["release"],
                condition=Q(state__in=("draft", "confirmed")),
                name="split_one_open_per_release",
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "confirmed", "frozen", "withdrawn")),
                name="split_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="frozen") | Q(frozen_at__isnull=False), name="split_frozen_since"
            ),
        )

    def __str__(self) -> str:
        return f"Split {self.version} of {self.release} ({self.state})"


class SplitShare(models.Model):
    """One line of a split: whose it is, and how much. Basis points; a split's lines make 10 000.

    The artist's own line has no link: it is the owner's of the artist. A collaborator is only a
    name until somebody opens the line's link, once, and signs in; from then on it is his.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    split = models.ForeignKey(Split, on_delete=models.CASCADE, related_name="shares")
    position = models.PositiveSmallIntegerField()  # 0: the artist
    name = models.CharField(max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="split_shares",
    )
    bps = models.PositiveIntegerField()
    wallet = models.CharField(max_length=66, blank=True)  # raw, from the confirmation on
    confirmed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("split", "position")
        constraints = (
            models.UniqueConstraint(fields=["split", "position"], name="split_share_place"),
            models.UniqueConstraint(fields=["split", "user"], name="split_share_once"),
            models.CheckConstraint(
                condition=Q(bps__gte=1, bps__lte=10_000), name="split_share_in_range"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | (Q(user__isnull=False) & ~Q(wallet="")),
                name="split_share_confirmed_whole",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}: {self.bps} bps"


class Collection(models.Model):
    """A release as a limited edition (collection.fc). The address is known before deployment."""

    class State(models.TextChoices):
        PREPARED = "prepared", "Prepared"  # terms fixed, waiting for the artist's wallet
        LIVE = "live", "Live"  # found on chain with our code and these terms
        REJECTED = "rejected", "Rejected"  # something else lives at the address
        ABANDONED = "abandoned", "Abandoned"  # terms withdrawn before deployment

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="collections")
    chain_id = models.BigIntegerField(unique=True, default=random_u63)  # release_id:u64 on chain
    address = models.CharField(max_length=66, unique=True)
    owner = models.CharField(max_length=66)
    payout = models.CharField(max_length=66)
    hub = models.CharField(max_length=66)
    # Who shares the artist's part. With one, `payout` is its splitter's address, for good.
    split = models.ForeignKey(
        Split, null=True, blank=True, on_delete=models.PROTECT, related_name="collections"
    )
    code_hash = models.CharField(max_length=64)
    content = models.BinaryField()  # BoC of the contract's content cell, as hashed into the address
    state_init = models.BinaryField()  # BoC of the StateInit that gives the address
    deploy_body = models.BinaryField(default=bytes)  # BoC of the deploy message
    platform_bps = models.PositiveIntegerField()
    royalty_bps = models.PositiveIntegerField()
    state = models.CharField(max_length=16, choices=State, default=State.PREPARED)
    limited = models.BooleanField(default=True)  # a supply was set at deployment: names say "of N"
    payout_fixed = models.BooleanField(default=False)
    rejected_reason = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    checked_at = models.DateTimeField(null=True, blank=True)  # last look for it on chain
    live_at = models.DateTimeField(null=True, blank=True)

    # Sale terms as last read from the chain (get_sale_data); the artist may change some of them.
    price = models.BigIntegerField()
    max_supply = models.BigIntegerField()  # 0: open until ends_at
    max_per_buy = models.PositiveIntegerField()
    hub_quota = models.BigIntegerField(default=0)
    hub_minted = models.BigIntegerField(default=0)
    minted = models.BigIntegerField(default=0)  # next_item_index as read from the chain
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    paused = models.BooleanField(default=False)
    terms_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["state", "-starts_at", "-id"], name="collection_list"),
            models.Index(fields=["state", "terms_read_at"], name="collection_terms_age"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=["prepared", "live", "rejected", "abandoned"]),
                name="collection_state_known",
            ),
            models.CheckConstraint(
                condition=Q(platform_bps__lte=10_000) & Q(royalty_bps__lt=10_000),
                name="collection_shares_in_range",
            ),
            models.CheckConstraint(
                condition=Q(max_supply=0) | Q(minted__lte=F("max_supply")),
                name="collection_not_oversold",
            ),
            models.CheckConstraint(
                condition=Q(price__gte=0, hub_minted__gte=0, hub_quota__gte=F("hub_minted")),
                name="collection_counts_in_range",
            ),
            models.CheckConstraint(
                condition=~Q(state="live") | Q(live_at__isnull=False),
                name="collection_live_since",
            ),
            models.UniqueConstraint(
                fields=["release"],
                condition=Q(state__in=["prepared", "live"]),
                name="collection_one_open_per_release",
            ),
        )

    def __str__(self) -> str:
        return f"{self.release} ({self.state})"


class Item(models.Model):
    """One edition: an item contract. Edition number = index + 1."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    collection = models.ForeignKey(Collection, on_delete=models.PROTECT, related_name="items")
    index = models.BigIntegerField()
    address = models.CharField(max_length=66, unique=True)
    # The chain decides who owns it; this is what we last read there, and when.
    owner = models.CharField(max_length=66)
    owner_read_at = models.DateTimeField()
    acquired_at = models.DateTimeField()  # first seen in this owner's hands
    minted_at = models.DateTimeField()

    class Meta:
        indexes = (
            models.Index(fields=["owner", "-acquired_at", "-id"], name="item_owner_list"),
            models.Index(fields=["owner_read_at"], name="item_owner_age"),
        )
        constraints = (
            models.UniqueConstraint(fields=["collection", "index"], name="item_index_once"),
        )

    def __str__(self) -> str:
        return f"No. {self.index + 1} of {self.collection_id}"


class Transfer(models.Model):
    """A holder means to hand his edition to another wallet; the chain tells whether he did.

    The row decides nothing: whoever owns the item may move it without us. sender, recipient: raw.
    amount: nano, attached for fees; what is not used comes back to the sender.
    """

    class State(models.TextChoices):
        OPEN = "open", "Waits for the wallet"
        DONE = "done", "In the other wallet"
        ELSEWHERE = "elsewhere", "Went to another wallet"
        EXPIRED = "expired", "Not signed in time"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="transfers")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        related_name="edition_transfers",
    )
    query_id = models.BigIntegerField(unique=True, default=random_u63)
    sender = models.CharField(max_length=66)
    recipient = models.CharField(max_length=66)
    amount = models.BigIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    created_at = models.DateTimeField()
    valid_until = models.DateTimeField()  # the wallet sends nothing that is signed later
    looked_at = models.DateTimeField()  # when the chain was last asked about it
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=["user", "-id"], name="transfer_of_user"),
            models.Index(fields=["recipient", "-id"], name="transfer_to_wallet"),
            models.Index(fields=["looked_at"], condition=Q(state="open"), name="transfer_open_age"),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(state__in=("open", "done", "elsewhere", "expired")),
                name="transfer_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state="open", finished_at__isnull=True)
                | (~Q(state="open") & Q(finished_at__isnull=False)),
                name="transfer_finished_since",
            ),
            models.CheckConstraint(
                condition=~Q(sender=F("recipient")), name="transfer_to_somebody_else"
            ),
            models.UniqueConstraint(
                fields=["item", "sender", "recipient"],
                condition=Q(state="open"),
                name="transfer_open_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id} to {self.recipient} ({self.state})"
