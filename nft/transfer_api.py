"""Handing an edition on: the message to sign, and following it until the chain shows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from catalog.api import PAGE_PARAMETERS
from core import keyset
from core.api import MoneySerializer, page_of
from core.ton.addresses import friendly
from nft import selectors, services
from nft.drops import coin
from nft.models import Transfer
from nft.serializers import ItemSerializer


class TransferInput(serializers.Serializer[Any]):
    to = serializers.CharField(max_length=80, help_text="The new owner's wallet, any form")


class SigningMessageSerializer(serializers.Serializer[Any]):
    address = serializers.CharField()
    amount = serializers.CharField()
    payload = serializers.CharField()


class SigningSerializer(serializers.Serializer[Any]):
    """TON Connect's sendTransaction parameter."""

    valid_until = serializers.IntegerField()
    network = serializers.CharField()
    messages = SigningMessageSerializer(many=True)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """`from` is a word of Python, but a name of TON Connect."""
        return {**super().get_fields(), "from": serializers.CharField()}


class TransferSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.ChoiceField(choices=Transfer.State.choices)
    outgoing = serializers.BooleanField(help_text="false: it came to a wallet of the caller")
    sender = serializers.CharField()
    recipient = serializers.CharField()
    attached = MoneySerializer(help_text="For fees; what is not used comes back")
    created_at = serializers.DateTimeField()
    valid_until = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
    item = ItemSerializer()
    transaction = SigningSerializer(allow_null=True, help_text="While it waits for the wallet")


class ItemTransferView(APIView):
    """POST /items/{address}/transfer: what the holder's wallet has to sign."""

    throttle_scope = "orders"

    @extend_schema(
        operation_id="items_transfer",
        request=TransferInput,
        responses={
            200: TransferSerializer,
            503: OpenApiResponse(description="chain_unavailable: the holder cannot be seen now"),
        },
        examples=[OpenApiExample("To a friend", value={"to": "UQAb…9fQm"}, request_only=True)],
    )
    def post(self, request: Request, address: str) -> Response:
        """Safe to repeat: while it is open, the same wish gets the same message."""
        item = selectors.item_by_address(address)
        if item is None:
            raise NotFound
        form = TransferInput(data=request.data)
        form.is_valid(raise_exception=True)
        owner = services.transfer_owner(item=item)
        to: str = form.validated_data["to"]
        transfer = services.transfer_open(user=_user(request), item=item, to=to, owner=owner)
        return Response(transfers_json([transfer], _user(request))[0])


class TransferListView(APIView):
    """GET /transfers: editions that the caller handed on, and those that came to him, by us."""

    @extend_schema(
        operation_id="transfers_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of("TransferPage", TransferSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        page = keyset.page(selectors.transfers_of(_user(request)), request)
        rows = transfers_json(page.results, _user(request))
        return Response({"results": rows, "next": page.next})


class TransferView(APIView):
    """GET /transfers/{id}: how it stands; the chain is asked while it is open."""

    @extend_schema(operation_id="transfers_detail", responses=TransferSerializer)
    def get(self, request: Request, transfer: UUID) -> Response:
        found = selectors.transfers_of(_user(request)).filter(pk=transfer).first()
        if found is None:
            raise NotFound
        followed = services.transfer_follow(transfer=found)
        return Response(transfers_json([followed], _user(request))[0])


def transfers_json(transfers: Sequence[Transfer], user: User) -> list[dict[str, Any]]:
    """The JSON of hand-overs with `item` at hand: one more query for all of them."""
    cards = selectors.item_cards([one.item_id for one in transfers])
    return [_json(one, cards[one.item_id], outgoing=one.user_id == user.pk) for one in transfers]


def _json(transfer: Transfer, card: dict[str, Any], *, outgoing: bool) -> dict[str, Any]:
    waits = outgoing and transfer.state == Transfer.State.OPEN
    return {
        "id": transfer.pk,
        "state": transfer.state,
        "outgoing": outgoing,
        "sender": friendly(transfer.sender, bounceable=False),
        "recipient": friendly(transfer.recipient, bounceable=False),
        "attached": coin(transfer.amount),
        "created_at": transfer.created_at,
        "valid_until": transfer.valid_until,
        "finished_at": transfer.finished_at,
        "item": card,
        "transaction": services.transfer_message(transfer) if waits else None,
    }


def _user(request: Request) -> User:
    """Every view here is for who is signed in."""
    return cast("User", request.user)
