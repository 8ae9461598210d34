"""Orders and referral earnings of the caller. Somebody else's order is as good as none."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

import structlog
from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.authentication import session
from accounts.models import User
from catalog.answers import json_answer
from catalog.api import PAGE_PARAMETERS
from core import keyset
from core.api import page_of
from core.errors import ApplicationError
from core.idempotency import HEADER, idempotent
from nft.models import Collection
from payments import errors, ledger, referral_report, representation, selectors
from payments.models import LedgerAccount, Receipt
from payments.providers.base import ProviderError
from payments.receipts import file_of
from payments.serializers import (
    AttemptInput,
    OffersSerializer,
    OrderInput,
    OrderSerializer,
    RatesSerializer,
    ReferralSerializer,
    ReferrersSerializer,
)
from payments.services import submitting
from payments.services.offers import offers_of
from payments.services.orders import Buyer, attempt_create, order_create
from payments.services.pricing import rates_shown
from payments.services.quotes import drop_quote
from referrals.selectors import link
from referrals.services import attribution_ensure, code_ensure

log = structlog.get_logger(__name__)
_UNMADE = ("created", "submitting", "unknown")
KEY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, required=True, description="Fresh for each purchase"
)


class OrderListView(APIView):
    """The caller's orders."""

    def get_throttles(self) -> list[Any]:
        """Reading is as free as elsewhere; making orders has a bucket of its own."""
        if self.request.method == "POST":
            self.throttle_scope = "orders"
        return super().get_throttles()

    @extend_schema(
        operation_id="orders_list",
        parameters=PAGE_PARAMETERS,
        responses=page_of("OrderPage", OrderSerializer(many=True)),
    )
    def get(self, request: Request) -> Response:
        """Newest first."""
        page = keyset.page(selectors.orders_of(_user(request).pk), request)
        return Response({"results": representation.orders(page.results), "next": page.next})

    @extend_schema(
        operation_id="orders_create",
        parameters=[KEY],
        request=OrderInput,
        responses={201: OrderSerializer},
    )
    def post(self, request: Request) -> Response:
        """Order editions of a drop; the answer carries the transaction to sign."""
        given = _given(OrderInput(data=request.data))
        # The terms may have to be read from the chain: not inside the transaction. A request
        # that is repeated gets its answer even when the drop could not be quoted any more.
        quote: Collection | ApplicationError
        try:
            quote = drop_quote(drop_id=given.pop("drop"))
        except ApplicationError as refusal:
            quote = refusal
        return _submitted(request, self._create(request, given, quote))

    @idempotent
    def _create(
        self, request: Request, given: dict[str, Any], quote: Collection | ApplicationError
    ) -> Response:
        if isinstance(quote, ApplicationError):
            raise quote
        buyer = _buyer(request, given)
        order, attempt = order_create(buyer=buyer, collection=quote, **given)
        return Response(representation.placed(order, attempt), status=201)


class OfferListView(APIView):
    """Ways to pay for a drop, as the caller's session may use them."""

    throttle_scope = "orders"

    @extend_schema(
        operation_id="drops_offers",
        parameters=[
            OpenApiParameter("quantity", int, description="Editions, 1 when not said"),
        ],
        responses=OffersSerializer,
    )
    def get(self, request: Request, drop: UUID) -> Response:
        """What each would ask now. Inside Telegram only what may be offered there."""
        quoted = drop_quote(drop_id=drop)
        text = request.query_params.get("quantity", "1")
        quantity = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
        if not 1 <= quantity <= quoted.max_per_buy:
            raise errors.too_many(quoted.max_per_buy)
        now = timezone.now()
        found = offers_of(
            collection=quoted,
            unit_price=quoted.price,
            quantity=quantity,
            context=session(request).context,
            now=now,
        )
        offers = [representation.offer(one, now) for one in found]
        return Response({"quantity": quantity, "offers": offers})


class OrderDetailView(APIView):
    """One order of the caller's."""

    @extend_schema(operation_id="orders_detail", responses=OrderSerializer)
    def get(self, request: Request, order: UUID) -> Response:
        return Response(_order_json(request, order))


class AttemptListView(APIView):
    """Other attempts to pay an order of the caller's."""

    throttle_scope = "orders"

    @extend_schema(
        operation_id="attempts_create",
        parameters=[KEY],
        request=AttemptInput,
        responses={201: OrderSerializer},
    )
    def post(self, request: Request, order: UUID) -> Response:
        """The earlier attempt is given up; the price stays."""
        return _submitted(request, self._create(request, order))

    @idempotent
    def _create(self, request: Request, order: UUID) -> Response:
        given = _given(AttemptInput(data=request.data))
        attempt_create(buyer=_buyer(request, given), order_id=order, method=given["method"])
        return Response(_order_json(request, order), status=201)


class ReceiptView(APIView):
    """A receipt or credit note of one of the caller's orders."""

    @extend_schema(
        operation_id="receipts_detail",
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, order: UUID, receipt: UUID) -> HttpResponse:
        """As PDF, the same bytes always."""
        mine = Receipt.objects.filter(order__user_id=_user(request).pk, order_id=order)
        found = mine.filter(pk=receipt).first()
        if found is None:
            raise errors.order_not_found()
        return file_of(found)


class ReferralView(APIView):
    """The caller's referral code, link and what it has earned."""

    @extend_schema(operation_id="referrals_me", responses=ReferralSerializer)
    def get(self, request: Request) -> Response:
        user_id = _user(request).pk
        attribution_ensure(user_id=user_id)
        code = code_ensure(user_id=user_id).code
        earned = ledger.owed(LedgerAccount.Kind.REFERRAL_PAYABLE, str(user_id))
        said = {**referral_report.terms(), **referral_report.earnings(user_id)}
        brought = referral_report.people(user_id)
        return Response(
            {"code": code, "link": link(code), "earned": earned, **said, "people": brought}
        )


class ReferralLeadersView(APIView):
    """Who brings the most people."""

    @extend_schema(operation_id="referrals_leaders", responses=ReferrersSerializer)
    def get(self, request: Request) -> Response:
        """Of the last thirty days, without those who do not want to be shown."""
        return Response(referral_report.leaders(_user(request)))


class RatesView(APIView):
    """What one native coin costs, to show prices in a currency that people think in."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(operation_id="rates", responses=RatesSerializer)
    def get(self, request: Request) -> HttpResponse:
        """The newest of each currency with its age; none that is older than a day."""
        return json_answer(request, rates_shown())


def _user(request: Request) -> User:
    """Every view here is for who is signed in."""
    return cast("User", request.user)


def _buyer(request: Request, given: dict[str, Any]) -> Buyer:
    """Takes what concerns the buyer out of the input. The context is the session's alone."""
    return Buyer(
        user=_user(request),
        context=session(request).context,
        country=given.pop("country", ""),
        email=given.pop("email", ""),
        wallet=given.pop("wallet", None),
    )


def _submitted(request: Request, response: Response) -> Response:
    """The order is made and committed; an attempt outside the chain is now made at its provider.

    A repeated request gets what the order is by now. When the provider does not answer the order
    is told with its attempt `unknown`: it goes on by itself.
    """
    waiting = [one for one in response.data["attempts"] if one["state"] in _UNMADE]
    if not waiting:
        return response
    for one in waiting:
        try:
            submitting.attempt_submit(attempt_id=UUID(str(one["id"])))
        except ProviderError as error:
            log.info("attempt_unknown", attempt_id=str(one["id"]), code=error.code)
    return Response(_order_json(request, UUID(str(response.data["id"]))), response.status_code)


def _given(serializer: Any) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _order_json(request: Request, order_id: UUID) -> dict[str, Any]:
    order = selectors.order_of(_user(request).pk, order_id)
    if order is None:
        raise errors.order_not_found()
    return representation.orders([order])[0]
