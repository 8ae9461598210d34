"""Shapes of the ground's own answers, for the API's schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class CoinSerializer(serializers.Serializer[Any]):
    label = serializers.CharField(help_text="For display only; may change")  # type: ignore[assignment]
    decimals = serializers.IntegerField()


class BotSerializer(serializers.Serializer[Any]):
    username = serializers.CharField()
    app = serializers.CharField()


class ConfigSerializer(serializers.Serializer[Any]):
    network = serializers.CharField(help_text="TON Connect's chain id: -239 or -3")
    coin = CoinSerializer()
    ws_url = serializers.CharField()
    bot = BotSerializer()
    manifest_url = serializers.CharField()
    development = serializers.BooleanField()
    wallets = serializers.ListField(child=serializers.DictField())
