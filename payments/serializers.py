"""Input of the API, and the form of its answers for the OpenAPI schema (see representation)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.serializers import ReleaseCardSerializer
from contracts.collection import MAX_PER_BUY
from core.api import MoneySerializer
from payments.models import ClaimRight, Order, PaymentAttempt, Receipt, Refund
from payments.providers import REGISTRY
from payments.selectors import MONEY_STATUSES
from payments.services.gifts import NOTE_LENGTH, Gift

_ADDRESS = 80
_METHODS = sorted(REGISTRY)


class AttemptInput(serializers.Serializer[Any]):
    method = serializers.ChoiceField(choices=_METHODS)
    wallet = serializers.CharField(
        max_length=_ADDRESS, required=False, allow_null=True, help_text="Proved; default: last one"
    )
    country = serializers.RegexField(
        r"^[A-Z]{2}$", required=False, help_text="ISO 3166, where the buyer says he is"
    )
    email = serializers.EmailField(
        required=False, help_text="For the receipt, where a method needs one"
    )


class OrderInput(AttemptInput):
    drop = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_PER_BUY)
    recipient = serializers.CharField(
        max_length=_ADDRESS, required=False, allow_null=True, help_text="Default: the wallet"
    )
    gift = serializers.BooleanField(
        required=False, help_text="To be claimed by a link; not with TON"
    )


class ConnectMessageSerializer(serializers.Serializer[Any]):
    address = serializers.CharField()
    amount = serializers.CharField()
    payload = serializers.CharField(required=False)
    stateInit = serializers.CharField(required=False)  # noqa: N815  TON Connect's name


class TransactionSerializer(serializers.Serializer[Any]):
    """TON Connect's sendTransaction parameter."""

    valid_until = serializers.IntegerField()
    network = serializers.CharField()
    messages = ConnectMessageSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of Python, but a name of TON Connect."""
        return {**super().get_fields(), "from": serializers.CharField(required=False)}


class HandoffSerializer(serializers.Serializer[Any]):
    """Where the payer goes: a Telegram invoice to open, or a provider's page."""

    kind = serializers.ChoiceField(choices=["invoice", "redirect"])
    url = serializers.CharField()
    universal_url = serializers.CharField(required=False, help_text="The same for phones")


class RefundSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    amount = MoneySerializer()
    state = serializers.ChoiceField(choices=Refund.State.choices)


class AttemptSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    method = serializers.ChoiceField(choices=_METHODS)
    state = serializers.ChoiceField(choices=PaymentAttempt.State.choices)
    amount = MoneySerializer(help_text="What is asked, in the method's asset")
    valid_until = serializers.DateTimeField()
    transaction = TransactionSerializer(allow_null=True)
    handoff = HandoffSerializer(allow_null=True)
    refunds = RefundSerializer(many=True)


class KeptSerializer(serializers.Serializer[Any]):
    """Editions that are paid for, and kept for their holder until they are minted."""

    state = serializers.ChoiceField(choices=ClaimRight.State.choices)
    hold_until = serializers.DateTimeField(help_text="They are minted after that")
    frozen = serializers.BooleanField(help_text="A dispute is open")
    needs_wallet = serializers.BooleanField(help_text="The holder has to connect a wallet")


class ClaimSerializer(KeptSerializer):
    """The same for the buyer, who may have bought it as a gift."""

    gift_link = serializers.CharField(
        allow_null=True, help_text="For the buyer of a gift, until it is opened"
    )
    gift_until = serializers.DateTimeField(
        allow_null=True, help_text="Unopened by then, the payment goes back"
    )
    gift_note = serializers.CharField(allow_blank=True)
    gift_opened = serializers.BooleanField()


class OrderItemSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    edition = serializers.IntegerField()
    address = serializers.CharField()
    owner = serializers.CharField(allow_null=True)


class ReceiptSerializer(serializers.Serializer[Any]):
    """A numbered paper; `/orders/{order}/receipts/{id}` is its PDF."""

    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=Receipt.Kind.choices)
    number = serializers.CharField()
    amount = MoneySerializer()
    issued_at = serializers.DateTimeField()


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class OrderSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Order.State.choices)
    money_status = serializers.ChoiceField(choices=MONEY_STATUSES)
    drop = serializers.UUIDField()
    quantity = serializers.IntegerField()
    unit_price = MoneySerializer()
    total = MoneySerializer()
    recipient = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    attempts = AttemptSerializer(many=True)
    claim = ClaimSerializer(allow_null=True)
    gift = serializers.BooleanField(help_text="Bought to be opened by a link")
    items = OrderItemSerializer(many=True)
    transaction_hash = serializers.CharField(allow_null=True)
    reason = ReasonSerializer(allow_null=True)
    receipts = ReceiptSerializer(many=True)
    release = ReleaseCardSerializer()


class OfferSerializer(serializers.Serializer[Any]):
    """One way to pay for a drop, as the caller may use it here and now."""

    method = serializers.ChoiceField(choices=_METHODS)
    amount = MoneySerializer(help_text="For all editions asked for")
    needs_email = serializers.BooleanField()
    minted_after = serializers.DateTimeField(
        allow_null=True, help_text="Paid now, the editions are kept until then; null: no hold"
    )
    can_give = serializers.BooleanField(help_text="May be a gift by link")


class OffersSerializer(serializers.Serializer[Any]):
    quantity = serializers.IntegerField()
    offers = OfferSerializer(many=True)


class ClaimRowSerializer(KeptSerializer):
    id = serializers.UUIDField()
    quantity = serializers.IntegerField()
    order = serializers.UUIDField(allow_null=True, help_text="null: it was a gift")
    drop = serializers.UUIDField()
    release = ReleaseCardSerializer()


class GiftSerializer(serializers.Serializer[Any]):
    """A gift as who has its link sees it; its price is nobody's business."""

    standing = serializers.ChoiceField(choices=[one.value for one in Gift])
    quantity = serializers.IntegerField()
    giver = serializers.CharField(allow_blank=True, help_text="First name; may be empty")
    note = serializers.CharField(allow_blank=True)
    until = serializers.DateTimeField(allow_null=True)
    claim = KeptSerializer(allow_null=True, help_text="For who has opened it")
    items = OrderItemSerializer(many=True)
    drop = serializers.UUIDField()
    release = ReleaseCardSerializer()


class ReceivedGiftSerializer(serializers.Serializer[Any]):
    """A gift that the caller opened; its price is nobody's business."""

    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=ClaimRight.State.choices)
    quantity = serializers.IntegerField()
    giver = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    drop = serializers.UUIDField()
    release = ReleaseCardSerializer()


class GiftNoteInput(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=NOTE_LENGTH, allow_blank=True)


class CampaignSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    ends_at = serializers.DateTimeField()


class RewardBalanceSerializer(serializers.Serializer[Any]):
    """One asset: earned = held + payable + paid."""

    earned = MoneySerializer()
    held = MoneySerializer(help_text="May still be taken back, or a person looks at it")
    payable = MoneySerializer(help_text="Goes out with the next payout that is large enough")
    paid = MoneySerializer()


class RewardMonthSerializer(serializers.Serializer[Any]):
    month = serializers.DateField(help_text="Its first day")
    earned = MoneySerializer()


class BroughtSerializer(serializers.Serializer[Any]):
    since = serializers.DateTimeField()
    earns_until = serializers.DateTimeField()
    collected = serializers.BooleanField()
    state = serializers.ChoiceField(choices=["counted", "held", "refused"])


class PeopleBroughtSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    collected = serializers.IntegerField(help_text="Of them, who has collected something")
    newest = BroughtSerializer(many=True)


class ReferralSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    link = serializers.CharField()
    earned = MoneySerializer(help_text="Of the native coin, not paid out yet")
    rate_bps = serializers.IntegerField(help_text="Of the platform's part, for an order made now")
    campaign = CampaignSerializer(allow_null=True)
    balances = RewardBalanceSerializer(many=True)
    months = RewardMonthSerializer(many=True)
    people = PeopleBroughtSerializer()


class ReferrerSerializer(serializers.Serializer[Any]):
    place = serializers.IntegerField()
    name = serializers.CharField()
    people = serializers.IntegerField(help_text="Brought, and has collected something")


class ReferrerRowSerializer(ReferrerSerializer):
    you = serializers.BooleanField()


class ReferrersSerializer(serializers.Serializer[Any]):
    days = serializers.IntegerField(help_text="How far back is counted")
    results = ReferrerRowSerializer(many=True)
    you = ReferrerSerializer(allow_null=True, help_text="The caller's own place")


class RateSerializer(serializers.Serializer[Any]):
    currency = serializers.CharField(help_text="ISO 4217")
    price = serializers.CharField(help_text="Of one native coin, as a decimal string")
    at = serializers.DateTimeField(help_text="When it was true")
    stale = serializers.BooleanField(help_text="Too old to buy by: to give an idea, no more")


class RatesSerializer(serializers.Serializer[Any]):
    coin = serializers.CharField()
    rates = RateSerializer(many=True)
