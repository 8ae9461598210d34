"""Signing in, the signed-in person, wallets."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import development, selectors, services
from accounts.authentication import person, session
from accounts.browsers import in_words
from accounts.models import Preferences, User, Wallet
from accounts.people import PEOPLE, Person
from core.money import CURRENCIES
from core.ton.addresses import friendly


class AddressField(serializers.CharField):
    """A raw address in the database, the user-friendly form outside."""

    def to_representation(self, value: Any) -> str:
        return friendly(str(value), bounceable=False)


class UserSerializer(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "first_name", "last_name", "username", "photo_url", "language")


class WalletSerializer(serializers.ModelSerializer[Wallet]):
    address = AddressField(read_only=True)

    class Meta:
        model = Wallet
        fields = ("id", "address", "proved_at")


class PreferencesSerializer(serializers.ModelSerializer[Preferences]):
    language = serializers.ChoiceField(
        choices=settings.LANGUAGES, allow_blank=True, help_text="Empty: Telegram's"
    )
    currency = serializers.ChoiceField(choices=CURRENCIES, help_text="Beside the coin's price")

    class Meta:
        model = Preferences
        fields = ("language", "currency", "theme", "shown")


class MeSerializer(UserSerializer):
    preferences = PreferencesSerializer(read_only=True)
    wallets = WalletSerializer(many=True, read_only=True)

    class Meta(UserSerializer.Meta):
        fields = (*UserSerializer.Meta.fields, "preferences", "wallets")  # type: ignore[assignment]


class InitDataInput(serializers.Serializer[Any]):
    init_data = serializers.CharField(max_length=8192, trim_whitespace=False)


class RefreshInput(serializers.Serializer[Any]):
    refresh = serializers.CharField(max_length=200)


class PairSerializer(serializers.Serializer[Any]):
    access = serializers.CharField()
    refresh = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds")


class SignedInSerializer(PairSerializer):
    user = UserSerializer()
    start_param = serializers.CharField()


class NonceSerializer(serializers.Serializer[Any]):
    payload = serializers.CharField()
    expires_at = serializers.DateTimeField()


class AccountInput(serializers.Serializer[Any]):
    """TON Connect's `ton_addr` item."""

    address = serializers.CharField(max_length=80)
    chain = serializers.CharField(max_length=8)
    publicKey = serializers.RegexField(r"^[0-9a-fA-F]{64}$")  # noqa: N815  TON Connect's name
    walletStateInit = serializers.CharField(max_length=20_000)  # noqa: N815  likewise


class DomainInput(serializers.Serializer[Any]):
    lengthBytes = serializers.IntegerField(min_value=1, max_value=255)  # noqa: N815  likewise
    value = serializers.CharField(max_length=255)


class ProofInput(serializers.Serializer[Any]):
    """TON Connect's `ton_proof` item."""

    timestamp = serializers.IntegerField(min_value=0, max_value=2**40)
    domain = DomainInput()
    signature = serializers.CharField(max_length=120)
    payload = serializers.CharField(max_length=128)


class WalletInput(serializers.Serializer[Any]):
    account = AccountInput()
    proof = ProofInput()


class DevInitDataInput(serializers.Serializer[Any]):
    telegram_id = serializers.IntegerField(required=False, min_value=1, max_value=2**52 - 1)
    first_name = serializers.CharField(required=False, max_length=64)
    username = serializers.CharField(required=False, max_length=32)
    start_param = serializers.RegexField(r"^[A-Za-z0-9_-]{0,512}$", required=False, default="")
    language = serializers.CharField(required=False, max_length=16)


class InitDataSerializer(serializers.Serializer[Any]):
    init_data = serializers.CharField()


def _given(serializer: serializers.BaseSerializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    data: dict[str, Any] = serializer.validated_data
    return data


def _pair(tokens: services.Tokens) -> dict[str, Any]:
    return {
        "access": tokens.access,
        "refresh": tokens.refresh,
        "expires_in": tokens.expires_in,
    }


def _signed_in(tokens: services.Tokens) -> Response:
    opened = tokens.session
    user = UserSerializer(opened.user).data
    return Response({**_pair(tokens), "user": user, "start_param": opened.start_param})


def _me(user: User, preferences: Preferences) -> Response:
    wallets = WalletSerializer(selectors.wallets_of(user), many=True).data
    chosen = PreferencesSerializer(preferences).data
    return Response({**UserSerializer(user).data, "preferences": chosen, "wallets": wallets})


def _device(request: Request) -> str:
    return in_words(request.headers.get("User-Agent", ""))


class _OpenView(APIView):
    """Before there is a token: anybody, but not often."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_scope = "auth"


class TelegramView(_OpenView):
    """Sign in with the Mini App's initData."""

    @extend_schema(request=InitDataInput, responses=SignedInSerializer, operation_id="signIn")
    def post(self, request: Request) -> Response:
        given = _given(InitDataInput(data=request.data))
        return _signed_in(
            services.session_open_by_telegram(init_data=given["init_data"], device=_device(request))
        )


class RefreshView(_OpenView):
    """Turn a refresh token into a new pair; the old one is spent."""

    @extend_schema(request=RefreshInput, responses=PairSerializer, operation_id="refresh")
    def post(self, request: Request) -> Response:
        given = _given(RefreshInput(data=request.data))
        return Response(_pair(services.session_refresh(refresh=given["refresh"])))


class LogoutView(APIView):
    """End this session."""

    @extend_schema(request=None, responses={204: None}, operation_id="signOut")
    def post(self, request: Request) -> Response:
        services.session_revoke(session=session(request), actor=person(request))
        return Response(status=204)


class MeView(APIView):
    """Who is signed in, with the linked wallets."""

    @extend_schema(responses=MeSerializer, operation_id="me")
    def get(self, request: Request) -> Response:
        return _me(person(request), selectors.preferences_of(person(request)))

    @extend_schema(request=PreferencesSerializer, responses=MeSerializer, operation_id="meChange")
    def patch(self, request: Request) -> Response:
        """Choose language, currency, theme, or whether leaderboards name one; all optional."""
        given = _given(PreferencesSerializer(data=request.data, partial=True))
        return _me(person(request), services.preferences_set(user=person(request), choices=given))


class WalletNonceView(APIView):
    """A payload for the wallet to sign (TON Connect's ton_proof)."""

    throttle_scope = "auth"

    @extend_schema(request=None, responses=NonceSerializer, operation_id="walletNonce")
    def post(self, request: Request) -> Response:
        nonce = services.wallet_nonce_issue(session=session(request))
        return Response(NonceSerializer(nonce).data)


class WebNonceView(_OpenView):
    """A payload to sign in with on the web (TON Connect's ton_proof)."""

    @extend_schema(request=None, responses=NonceSerializer, operation_id="webNonce")
    def post(self, request: Request) -> Response:
        del request
        return Response(NonceSerializer(services.web_nonce_issue()).data)


class WebSignInView(_OpenView):
    """A session on the web for whoever holds the wallet."""

    @extend_schema(request=WalletInput, responses=SignedInSerializer, operation_id="webSignIn")
    def post(self, request: Request) -> Response:
        given = _given(WalletInput(data=request.data))
        tokens = services.web_session_open(
            account=given["account"], proof=given["proof"], device=_device(request)
        )
        return _signed_in(tokens)


class WalletsView(APIView):
    """Link the wallet that signed our payload."""

    throttle_scope = "auth"

    @extend_schema(
        request=WalletInput, responses={201: WalletSerializer}, operation_id="walletLink"
    )
    def post(self, request: Request) -> Response:
        given = _given(WalletInput(data=request.data))
        wallet = services.wallet_link(session=session(request), **given)
        return Response(WalletSerializer(wallet).data, status=201)


class WalletView(APIView):
    """Unlink a wallet."""

    @extend_schema(responses={204: None}, operation_id="walletUnlink")
    def delete(self, request: Request, wallet_id: UUID) -> Response:
        services.wallet_unlink(user=person(request), wallet_id=wallet_id)
        return Response(status=204)


class DevInitDataView(_OpenView):
    """Development only: initData for a made-up person."""

    @extend_schema(exclude=True)
    def post(self, request: Request) -> Response:
        development.refuse_outside_development()
        given = _given(DevInitDataInput(data=request.data))
        fan = PEOPLE["fan"]
        person = Person(
            telegram_id=given.get("telegram_id", fan.telegram_id),
            first_name=given.get("first_name", fan.first_name),
            username=given.get("username", fan.username),
            language=given.get("language", fan.language),
        )
        signed = development.init_data_make(person=person, start_param=given["start_param"])
        return Response({"init_data": signed})


@require_GET
@never_cache
def dev_login(request: HttpRequest, name: str) -> HttpResponse:
    """Development only: open the Mini App as a named person, as Telegram would."""
    development.refuse_outside_development()
    person = PEOPLE[name]
    start_param = request.GET.get("startapp", "")
    signed = development.init_data_make(person=person, start_param=start_param)
    return redirect(f"/app/#{development.launch_fragment(signed)}")
