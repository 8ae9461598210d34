"""The JSON of drops and editions, for the OpenAPI schema. Rows are built by the selectors."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from catalog import plays
from catalog.serializers import (
    ReleaseCardSerializer,
    TrackSerializer,
)
from core.api import MoneySerializer
from nft import streaming
from nft.drops import DropState


class SupplySerializer(serializers.Serializer[Any]):
    minted = serializers.IntegerField()
    total = serializers.IntegerField(allow_null=True, help_text="null: open until ends_at")
    reserved = serializers.IntegerField(help_text="Kept for editions that are paid elsewhere")
    left = serializers.IntegerField(allow_null=True)


class DropSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=DropState.choices)
    address = serializers.CharField()
    price = MoneySerializer()
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(allow_null=True)
    supply = SupplySerializer()
    max_per_buy = serializers.IntegerField()
    platform_bps = serializers.IntegerField(help_text="Our share of the price, basis points")
    royalty_bps = serializers.IntegerField(help_text="The artist's share of resales")
    release = ReleaseCardSerializer()


class ReleasePageSerializer(ReleaseCardSerializer):
    description = serializers.CharField(allow_blank=True)
    tracks = TrackSerializer(many=True)


class CostSerializer(serializers.Serializer[Any]):
    """What a buyer attaches: the price and a reserve for the network, the unused rest returns."""

    quantity = serializers.IntegerField()
    attach = MoneySerializer()
    network_reserve = MoneySerializer()


class FloorSerializer(serializers.Serializer[Any]):
    price = MoneySerializer()
    at = serializers.DateTimeField(help_text="When the market was last heard")


class MarketSerializer(serializers.Serializer[Any]):
    """Where editions are sold on: a page of somebody else's."""

    url = serializers.CharField()
    floor = FloorSerializer(allow_null=True)


class DropDetailSerializer(DropSerializer):
    release = ReleasePageSerializer()
    server_time = serializers.DateTimeField()
    cost = CostSerializer()
    market = MarketSerializer(allow_null=True, help_text="null: none is configured")


class ItemSerializer(serializers.Serializer[Any]):
    address = serializers.CharField()
    index = serializers.IntegerField()
    edition = serializers.IntegerField()
    of = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()
    owner = serializers.CharField(allow_null=True, help_text="null: not read from the chain yet")
    acquired_at = serializers.DateTimeField()
    drop = serializers.UUIDField()
    release = ReleaseCardSerializer()


class ItemDetailSerializer(ItemSerializer):
    """An edition with its proof: anyone can compare these with the chain and the bytes."""

    collection = serializers.CharField()
    code_hash = serializers.CharField(help_text="sha256 of the item contract's code cell, hex")
    audio_cid = serializers.CharField(allow_null=True, help_text="of the first track's master")
    audio_sha256 = serializers.CharField(allow_null=True, help_text="of the plain bytes, hex")
    royalty_bps = serializers.IntegerField(help_text="The artist's share of resales")
    market_url = serializers.CharField(allow_null=True, help_text="Where it can be listed")
    tracks = TrackSerializer(many=True)


class ProfileSerializer(serializers.Serializer[Any]):
    """How a file is cut before it is named: a balanced UnixFS tree over raw leaves."""

    name = serializers.CharField()
    chunk = serializers.IntegerField(help_text="Bytes of a leaf")
    width = serializers.IntegerField(help_text="Links of an inner node")


class ProvedFileSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=["metadata", "cover", "preview", "master"])
    title = serializers.CharField(allow_blank=True, help_text="Of the track")
    cid = serializers.CharField()
    url = serializers.CharField(allow_null=True, help_text="null: for holders, or out of the shop")
    size = serializers.IntegerField(help_text="Bytes")
    content_type = serializers.CharField()
    sha256 = serializers.CharField(help_text="Of the plain bytes, hex")
    encrypted = serializers.BooleanField(help_text="The CID names the encrypted bytes")
    profile = ProfileSerializer()


class CertificateSerializer(ItemSerializer):
    """An edition as the chain shows it, and what anybody can recompute."""

    owner_read_at = serializers.DateTimeField(help_text="When the server read the owner")
    owner_live = serializers.BooleanField(help_text="false: the chain does not answer now")
    minted_at = serializers.DateTimeField()
    network = serializers.CharField()
    collection = serializers.CharField()
    code_hash = serializers.CharField(
        allow_null=True, help_text="Of the item's code as it is on chain, hex; null: not read now"
    )
    code_expected = serializers.CharField(help_text="Of the published item contract, hex")
    collection_code_hash = serializers.CharField()
    royalty_bps = serializers.IntegerField()
    files = ProvedFileSerializer(many=True)
    explorer_url = serializers.CharField(allow_null=True)
    market_url = serializers.CharField(allow_null=True)


class CollectorSerializer(serializers.Serializer[Any]):
    """A collector: by name who lets himself be shown, by a shortened wallet who does not."""

    place = serializers.IntegerField()
    name = serializers.CharField(allow_null=True)
    wallet = serializers.CharField(allow_null=True)
    editions = serializers.IntegerField()
    first_edition = serializers.IntegerField(help_text="The lowest number held")


class CollectorsSerializer(serializers.Serializer[Any]):
    collectors = serializers.IntegerField(help_text="How many there are in all")
    results = CollectorSerializer(many=True)
    next = serializers.CharField(allow_null=True)


class StreamSerializer(serializers.Serializer[Any]):
    """A link to what the caller may hear of a track."""

    access = serializers.ChoiceField(choices=["preview", "full"])
    url = serializers.CharField(help_text="Signed path; parts of it may be asked for (Range)")
    expires_at = serializers.DateTimeField()
    content_type = serializers.CharField()
    duration_ms = serializers.IntegerField(help_text="Of the whole track")
    preview_start_ms = serializers.IntegerField(help_text="Where in the track the preview begins")
    reason = serializers.ChoiceField(choices=streaming.Reason.values)
    detail = serializers.CharField(help_text="The reason in words")
    download = serializers.BooleanField(help_text="Whether the master may be downloaded")
    play_token = serializers.CharField(help_text="For POST /tracks/{id}/plays")
    play_after_ms = serializers.IntegerField(help_text="When it may be told, from now on")


class DownloadSerializer(serializers.Serializer[Any]):
    url = serializers.CharField(help_text="Signed path, answered as an attachment")
    expires_at = serializers.DateTimeField()
    filename = serializers.CharField()
    content_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes")


class PlayInputSerializer(serializers.Serializer[Any]):
    play_token = serializers.CharField(max_length=600, help_text="Of the stream's answer")


class PlaySerializer(serializers.Serializer[Any]):
    counted = serializers.BooleanField(help_text="Whether today's play of this listener counts")
    reason = serializers.ChoiceField(choices=plays.Reason.values)
