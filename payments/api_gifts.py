"""Gifts by link, and what is kept for the caller until it is minted."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from catalog.api import PAGE_PARAMETERS
from core import keyset
from core.api import page_of
from nft.selectors import release_cards
from payments import errors, representation, selectors
from payments.models import ClaimRight
from payments.serializers import (
    ClaimRowSerializer,
    GiftNoteInput,
    GiftSerializer,
    OrderSerializer,
    ReceivedGiftSerializer,
)
from payments.services import gifts


class GiftView(APIView):
    """A gift by its link."""

    throttle_scope = "gifts"

    def get_permissions(self) -> list[BasePermission]:
        """Everybody may look; to take it one has to be somebody."""
        return [AllowAny() if self.request.method == "GET" else IsAuthenticated()]

    @extend_schema(operation_id="gifts_detail", responses=GiftSerializer)
    def get(self, request: Request, secret: str) -> Response:
        """What it is and from whom; never its price."""
        claim = gifts.gift_find(secret)
        if claim is None:
            raise errors.gift_not_found()
        return Response(_gift_json(request, claim))

    @extend_schema(operation_id="gifts_accept", request=None, responses=GiftSerializer)
    def post(self, request: Request, secret: str) -> Response:
        """Accept it: the first to do so has it, for good. Safe to repeat."""
        gifts.gift_accept(secret=secret, user=_user(request))
        return self.get(request, secret)


class OrderGiftView(APIView):
    """What the giver may do until the gift is opened."""

    throttle_scope = "gifts"

    @extend_schema(
        operation_id="orders_gift_note", request=GiftNoteInput, responses=OrderSerializer
    )
    def post(self, request: Request, order: UUID) -> Response:
        """Words for whom opens it."""
        form = GiftNoteInput(data=request.data)
        form.is_valid(raise_exception=True)
        note: str = form.validated_data["note"]
        gifts.gift_note_set(order_id=order, user=_user(request), note=note)
        return Response(_order_json(request, order))

    @extend_schema(operation_id="orders_gift_cancel", responses=OrderSerializer)
    def delete(self, request: Request, order: UUID) -> Response:
        """Call it back: the payment goes back."""
        gifts.gift_cancel(order_id=order, user=_user(request))
        return Response(_order_json(request, order))


class ClaimListView(APIView):
    """What is kept for the caller: paid for, or opened as a gift, and not minted yet."""

    @extend_schema(
        operation_id="claims_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of("ClaimPage", ClaimRowSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        user_id = _user(request).pk
        page = keyset.page(selectors.claims_of(user_id), request)
        rows = representation.claim_rows(page.results, user_id)
        return Response({"results": rows, "next": page.next})


class GiftListView(APIView):
    """Gifts by link that the caller opened."""

    @extend_schema(
        operation_id="gifts_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of("GiftPage", ReceivedGiftSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        page = keyset.page(selectors.gifts_received(_user(request).pk), request)
        rows = representation.gifts_received(page.results)
        return Response({"results": rows, "next": page.next})


def _user(request: Request) -> User:
    return cast("User", request.user)


def _gift_json(request: Request, claim: ClaimRight) -> dict[str, Any]:
    user_id = getattr(request.user, "pk", None)
    stands = gifts.gift_state(claim, user_id)
    order = selectors.orders().get(pk=claim.order_id)
    card = release_cards([claim.collection_id])[claim.collection_id]
    return representation.gift(claim, stands.value, order, card)


def _order_json(request: Request, order_id: UUID) -> dict[str, Any]:
    order = selectors.order_of(_user(request).pk, order_id)
    if order is None:
        raise errors.order_not_found()
    return representation.orders([order])[0]
