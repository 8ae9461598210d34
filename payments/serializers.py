"""Input of the API, and the form of its answers for the OpenAPI schema (see representation)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog.serializers import ReleaseCardSerializer
from contracts.collection import MAX_PER_BUY
from core.api import MoneySerializer
from payments.models import Order, PaymentAttempt
from payments.providers import REGISTRY

_ADDRESS = 80
_METHODS = sorted(REGISTRY)


class AttemptInput(serializers.Serializer[Any]):
    method = serializers.ChoiceField(choices=_METHODS)
    wallet = serializers.CharField(
        max_length=_ADDRESS, required=False, allow_null=True, help_text="Proved; default: last one"
    )


class OrderInput(AttemptInput):
    drop = serializers.UUIDField()
    quantity = serializers.IntegerField(min_value=1, max_value=MAX_PER_BUY)
    recipient = serializers.CharField(
        max_length=_ADDRESS, required=False, allow_null=True, help_text="Default: the wallet"
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


class AttemptSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    method = serializers.ChoiceField(choices=_METHODS)
    state = serializers.ChoiceField(choices=PaymentAttempt.State.choices)
    valid_until = serializers.DateTimeField()
    transaction = TransactionSerializer(allow_null=True)


class OrderItemSerializer(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    edition = serializers.IntegerField()
    address = serializers.CharField()
    owner = serializers.CharField(allow_null=True)


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()


class OrderSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Order.State.choices)
    money_status = serializers.ChoiceField(choices=["unpaid", "partial", "paid", "overpaid"])
    drop = serializers.UUIDField()
    quantity = serializers.IntegerField()
    unit_price = MoneySerializer()
    total = MoneySerializer()
    recipient = serializers.CharField(allow_null=True)
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField()
    attempts = AttemptSerializer(many=True)
    items = OrderItemSerializer(many=True)
    transaction_hash = serializers.CharField(allow_null=True)
    reason = ReasonSerializer(allow_null=True)
    release = ReleaseCardSerializer()


class ReferralSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    link = serializers.CharField()
    earned = MoneySerializer()
