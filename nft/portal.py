"""The artist portal: releases and the one page that puts a release on sale (server-rendered)."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST, require_safe

from accounts.models import User, Wallet
from accounts.web import web_user
from catalog.media.pinned import standing
from catalog.media.selectors import asset_url
from catalog.models import Release
from catalog.plays import track_plays
from catalog.selectors import artists_managed, assets_shown, release_managed, releases_managed
from core.errors import ApplicationError
from core.money import Money
from core.pages import wallet_config, wallet_page
from core.ton.addresses import friendly
from nft.models import Collection, Item
from nft.selectors import split_current
from nft.services import (
    collection_abandon,
    collection_deploy_transaction,
    collection_prepare,
)
from nft.services.deployment import deploy_messages
from nft.signing import shown
from nft.split_portal import splitter_context
from nft.terms import DropTerms

TONES: Final = {"prepared": "state-warn", "live": "state-good", "rejected": "state-bad"}
LABELS: Final = {"prepared": "Waiting for your wallet", "live": "On sale", "rejected": "Rejected"}
ACTIONS: Final = {"prepared": "Deploy", "live": "View"}


def coins(amount: int) -> str:
    """Nano-coins as people read them: "2.5 TON"."""
    return f"{Money(settings.NATIVE_COIN, amount).decimal()} {settings.NATIVE_COIN_LABEL}"


class TermsForm(forms.Form):
    """What an artist decides before a drop exists. Times are UTC."""

    price = forms.CharField(label="Price of one edition", max_length=20)
    max_supply = forms.IntegerField(
        label="Editions",
        min_value=0,
        max_value=1_000_000,
        initial=100,
        help_text="0 makes an open edition: as many as are collected until it ends.",
    )
    max_per_buy = forms.IntegerField(
        label="At most in one purchase", min_value=1, max_value=200, initial=5
    )
    hub_quota = forms.IntegerField(
        label="Kept for buyers without coins",
        min_value=0,
        initial=0,
        help_text="Editions set aside for Stars, cards and SBP. What stays unsold comes back.",
    )
    royalty = forms.DecimalField(
        label="Royalty on resale, %", min_value=0, max_value=50, decimal_places=2, initial=5
    )
    starts_at = forms.DateTimeField(label="Starts (UTC)", required=False, help_text="Empty: now.")
    ends_at = forms.DateTimeField(label="Ends (UTC)", required=False, help_text="Empty: no end.")
    owner = forms.ChoiceField(
        label="Your wallet",
        help_text="It deploys the drop, owns it and, without collaborators, is paid by every sale.",
    )

    def __init__(self, *args: Any, wallets: list[Wallet], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        label = settings.NATIVE_COIN_LABEL
        self.fields["price"].help_text = f"In {label}, for example 2.5"
        self.fields["price"].widget.attrs.update({"inputmode": "decimal", "autocomplete": "off"})
        for name in ("starts_at", "ends_at"):
            self.fields[name].widget = forms.DateTimeInput(attrs={"type": "datetime-local"})
        owner = self.fields["owner"]
        if isinstance(owner, forms.ChoiceField):
            owner.choices = [(w.address, friendly(w.address, bounceable=False)) for w in wallets]

    def clean_price(self) -> int:
        try:
            return Money.parse(settings.NATIVE_COIN, self.cleaned_data["price"]).amount
        except ValueError as error:
            raise ValidationError("An amount such as 2.5, with at most 9 decimals.") from error

    def terms(self) -> DropTerms:
        data = self.cleaned_data
        starts: datetime | None = data["starts_at"]
        return DropTerms(
            owner=data["owner"],
            price=data["price"],
            max_supply=data["max_supply"],
            max_per_buy=data["max_per_buy"],
            hub_quota=data["hub_quota"],
            royalty_bps=int(data["royalty"] * Decimal(100)),
            starts_at=starts or timezone.now().astimezone(UTC),
            ends_at=data["ends_at"],
        )


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """GET /portal/: the artists one publishes for, each release with its drop."""
    user = web_user(request)
    releases = list(releases_managed(user))
    drops = _open_drops([release.pk for release in releases])
    artists = [
        {
            "id": artist.pk,
            "name": artist.name,
            "verified": artist.verified_at is not None,
            "rows": [
                _row(release, drops.get(release.pk))
                for release in releases
                if release.artist_id == artist.pk
            ],
        }
        for artist in artists_managed(user)
    ]
    return render(request, "portal/home.html", {"artists": artists})


def _open_drops(releases: list[UUID]) -> dict[UUID, Collection]:
    """The newest drop of each release that was not abandoned, with its highest edition."""
    last = Item.objects.filter(collection=OuterRef("pk")).order_by("-index").values("index")[:1]
    found = (
        Collection.objects.filter(release__in=releases)
        .exclude(state=Collection.State.ABANDONED)
        .annotate(last_index=Subquery(last))
    )
    return {drop.release_id: drop for drop in found.order_by("created_at")}


def _collected(drop: Collection) -> int:
    last = getattr(drop, "last_index", None)
    return max(drop.minted, 0 if last is None else last + 1)


def _row(release: Release, drop: Collection | None) -> dict[str, Any]:
    state = drop.state if drop else ""
    draft = release.state == Release.State.DRAFT
    return {
        "id": release.pk,
        "draft": draft,
        "title": release.title,
        "genre": release.genre,
        "cover": asset_url(release.cover.cid) if release.cover else "",
        "state": "Draft" if draft else LABELS.get(state, "Not on sale"),
        "tone": TONES.get(state, ""),
        "price": coins(drop.price) if drop else "—",
        "collected": _collected(drop) if drop and state == "live" else "—",
        "action": "Continue" if draft else ACTIONS.get(state, "Put on sale"),
    }


@login_required
@wallet_page
def release(request: HttpRequest, release: UUID) -> HttpResponse:
    """GET: terms form, or the drop as it stands. POST: fix the terms."""
    user = web_user(request)
    found = release_managed(user, release)
    if found is None:
        raise Http404
    if found.state == Release.State.DRAFT:
        return redirect("portal-draft", release=found.pk)
    wallets = list(Wallet.objects.filter(user=user, revoked_at__isnull=True))
    form = TermsForm(request.POST if request.method == "POST" else None, wallets=wallets)
    if request.method == "POST" and form.is_valid() and _prepare(user, found, form):
        return redirect("portal-release", release=found.pk)
    drop = _open_drops([found.pk]).get(found.pk)
    if drop is not None and drop.state == Collection.State.REJECTED and request.GET.get("again"):
        drop = None
    return render(
        request,
        "portal/release.html",
        {
            "release": found,
            "cover": asset_url(found.cover.cid) if found.cover else "",
            "tracks": _tracks(found),
            "wallets": wallets,
            "form": form,
            "split": split_current(found),
            "platform_percent": f"{Decimal(settings.PLATFORM_BPS) / 100:g}%",
            "config": wallet_config(),
            **_drop_context(drop),
        },
    )


def _tracks(release: Release) -> list[dict[str, Any]]:
    tracks = list(release.tracks.select_related("recording"))
    plays = track_plays([track.pk for track in tracks])
    return [
        {
            "title": track.title,
            "length": _length(track.recording.duration_ms),
            "plays": plays.get(track.pk, 0),
        }
        for track in tracks
    ]


def _length(milliseconds: int) -> str:
    minutes, seconds = divmod(round(milliseconds / 1000), 60)
    return f"{minutes}:{seconds:02d}"


def _prepare(user: User, found: Release, form: TermsForm) -> bool:
    """True when the drop is prepared; otherwise the form carries the reason."""
    try:
        collection_prepare(actor=user, release=found, terms=form.terms())
    except ApplicationError as error:
        names = {"royalty_bps": "royalty"}
        for name, texts in error.fields.items():
            known = names.get(name, name)
            for text in texts:
                form.add_error(known if known in form.fields else None, text)
        if not error.fields:
            form.add_error(None, error.detail or error.title)
        return False
    return True


def _drop_context(drop: Collection | None) -> dict[str, Any]:
    if drop is None:
        return {"collection": None}
    messages = deploy_messages(drop) if drop.state == Collection.State.PREPARED else []
    live = drop.state == Collection.State.LIVE and drop.split_id is not None
    waits = drop.state == Collection.State.PREPARED
    return {
        "collection": drop,
        "kept": standing(assets_shown(drop.release)) if waits else None,
        "signed": shown(messages),
        "splitter": splitter_context(drop) if live else None,
        "terms": {
            "price": coins(drop.price),
            "supply": drop.max_supply or "Open edition",
            "collected": _collected(drop),
            "royalty": f"{Decimal(drop.royalty_bps) / 100:g}%",
            "payout": friendly(drop.payout, bounceable=False),
            "address": friendly(drop.address),
            "deploy_cost": coins(sum(one.amount for one in messages)),
        },
    }


def _drop(request: HttpRequest, key: UUID) -> Collection:
    """A drop of an artist that the user publishes for; 404 for any other."""
    managed = releases_managed(web_user(request)).values("pk")
    found = (
        Collection.objects.select_related("release__artist")
        .filter(pk=key, release__in=managed)
        .first()
    )
    if found is None:
        raise Http404
    return found


@login_required
@require_GET
def drop(request: HttpRequest, drop: UUID) -> HttpResponse:
    """The drop's part of the page, asked for again while it waits for the chain."""
    found = _drop(request, drop)
    newest = _open_drops([found.release_id]).get(found.release_id, found)
    return render(request, "portal/drop.html", _drop_context(newest))


@login_required
@require_POST
def drop_transaction(request: HttpRequest, drop: UUID) -> HttpResponse:
    """What the artist's wallet signs (TON Connect's sendTransaction)."""
    try:
        return JsonResponse(collection_deploy_transaction(collection=_drop(request, drop)))
    except ApplicationError as error:
        return JsonResponse(
            error.problem(), status=error.status, content_type="application/problem+json"
        )


@login_required
@require_POST
def drop_abandon(request: HttpRequest, drop: UUID) -> HttpResponse:
    found = _drop(request, drop)
    try:
        collection_abandon(actor=web_user(request), collection=found, reason="by the artist")
    except ApplicationError as error:
        messages.error(request, error.detail)
    return redirect("portal-release", release=found.release_id)


urlpatterns = [
    path("portal/", home, name="portal"),
    path("portal/releases/<uuid:release>", release, name="portal-release"),
    path("portal/drops/<uuid:drop>", drop, name="portal-drop"),
    path("portal/drops/<uuid:drop>/transaction", drop_transaction, name="portal-drop-transaction"),
    path("portal/drops/<uuid:drop>/abandon", drop_abandon, name="portal-drop-abandon"),
]
