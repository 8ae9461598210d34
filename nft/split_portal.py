"""Shares in the portal: the artist's sheet, a collaborator's own line, and the drop's splitter."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.selectors import wallets_of
from accounts.web import web_user
from catalog.models import Release
from catalog.selectors import release_managed, releases_managed
from contracts.splitter import MAX_PAYEES
from core.errors import ApplicationError
from core.money import Money
from core.pages import wallet_config, wallet_page
from core.ton.addresses import friendly
from core.ton.client import ChainError
from nft.models import Collection, Split, SplitShare
from nft.selectors import split_current
from nft.services import (
    share_confirm,
    share_join,
    split_save,
    splitter_standing,
    splitter_transaction,
)
from nft.services.splits import Part, share_secret
from nft.services.splitting import distribute_message
from nft.signing import shown

_BLANK: Final = 3
AWAY: Final = "The chain does not answer; try again in a moment."


def percent(bps: int) -> str:
    return f"{bps // 100}.{bps % 100:02d}"


class LineForm(forms.Form):
    """A collaborator's line; one without a name and a share is left out."""

    share = forms.UUIDField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(required=False, max_length=80, label="Who")
    percent = forms.DecimalField(
        required=False, min_value=0, max_value=100, decimal_places=2, label="Share, %"
    )

    def part(self) -> Part | None:
        data = self.cleaned_data
        share = data.get("percent")
        if not data.get("name") and not share:
            return None
        return Part(data.get("name") or "", _bps(share), data.get("share"))


class SheetForm(forms.Form):
    """The artist's own share."""

    own = forms.DecimalField(
        min_value=0, max_value=100, decimal_places=2, label="Your share, %", initial=100
    )


Lines = forms.formset_factory(LineForm, extra=_BLANK, max_num=MAX_PAYEES - 1)


def _bps(value: Decimal | None) -> int:
    return int((value or Decimal(0)) * 100)


@login_required
@require_http_methods(["GET", "POST"])
def sheet(request: HttpRequest, release: UUID) -> HttpResponse:
    """The artist's page: who shares, who has said yes, links for those who have not."""
    user = web_user(request)
    found = release_managed(user, release)
    if found is None:
        raise Http404
    split = split_current(found)
    fixed = found.collections.filter(state__in=("prepared", "live")).exists()
    form, lines = _forms(request, split)
    if request.method == "POST" and not fixed and _save(user, found, form, lines):
        return redirect("portal-split", release=found.pk)
    context = {
        "release": found,
        "split": split,
        "fixed": fixed,
        "shares": _lines(split, user),
        "form": form,
        "lines": lines,
    }
    return render(request, "portal/split.html", context)


def _forms(request: HttpRequest, split: Split | None) -> tuple[SheetForm, Any]:
    if request.method == "POST":
        return SheetForm(request.POST), Lines(request.POST, prefix="line")
    first, *rest = split.shares.order_by("position") if split else [None]
    own = {"own": percent(first.bps)} if first else None
    known = [
        {"share": one.pk, "name": one.name, "percent": percent(one.bps)} for one in rest if one
    ]
    return SheetForm(initial=own), Lines(initial=known, prefix="line")


def _save(user: User, release: Release, form: SheetForm, lines: Any) -> bool:
    """True when it is written down; otherwise the form says why not."""
    if not (form.is_valid() and lines.is_valid()):
        return False
    parts = [part for part in (line.part() for line in lines) if part is not None]
    try:
        split_save(
            actor=user, release=release, artist_bps=_bps(form.cleaned_data["own"]), parts=parts
        )
    except ApplicationError as refusal:
        form.add_error(None, refusal.detail)
        return False
    return True


def _lines(split: Split | None, user: User) -> list[dict[str, Any]]:
    if split is None:
        return []
    return [
        {
            "row": one,
            "percent": percent(one.bps),
            "mine": one.user_id == user.pk,
            "wallet": friendly(one.wallet, bounceable=False) if one.wallet else "",
            "link": "" if one.user_id else invitation(one),
        }
        for one in split.shares.order_by("position")
    ]


def invitation(share: SplitShare) -> str:
    """The line's link; whoever opens it first, and signs in, has the line."""
    where = reverse("portal-share-join", args=[share.pk, share_secret(share)])
    return f"{settings.PUBLIC_URL}{where}"


@login_required
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, share: UUID, secret: str) -> HttpResponse:
    """GET shows what the link is for and takes nothing; POST takes the line."""
    user = web_user(request)
    row = _share(share)
    if request.method == "POST":
        try:
            share_join(actor=user, share_id=share, secret=secret)
        except ApplicationError as refusal:
            return _refused(request, refusal)
        return redirect("portal-share", share=share)
    if secret != share_secret(row):
        raise Http404
    if row.user_id == user.pk:
        return redirect("portal-share", share=share)
    context = {**_story(row, user), "used": row.user_id is not None}
    return render(request, "portal/share_join.html", context)


@login_required
@wallet_page
def share_page(request: HttpRequest, share: UUID) -> HttpResponse:
    """One's own line: say yes with a wallet; later, share out what the splitter holds."""
    user = web_user(request)
    row = _share(share)
    if row.user_id != user.pk:
        raise Http404
    problem = ""
    if request.method == "POST":
        try:
            _confirm(request, user, share)
        except ApplicationError as refusal:
            problem = refusal.detail
        else:
            return redirect("portal-share", share=share)
        row = _share(share)
    wallets = [
        {"raw": one.address, "shown": friendly(one.address, bounceable=False)}
        for one in wallets_of(user)
        if one.address.startswith("0:")
    ]
    drops = row.split.collections.filter(state=Collection.State.LIVE).select_related("split")
    context = {
        **_story(row, user),
        "wallets": wallets,
        "problem": problem,
        "open": row.split.state in (Split.State.DRAFT, Split.State.CONFIRMED),
        "splitters": [splitter_context(one) for one in drops],
        "config": wallet_config(),
    }
    return render(request, "portal/share.html", context, status=409 if problem else 200)


def _confirm(request: HttpRequest, user: User, share: UUID) -> None:
    version = request.POST.get("version", "")
    share_confirm(
        actor=user,
        share_id=share,
        version=int(version) if version.isdecimal() else 0,
        wallet=request.POST.get("wallet", ""),
    )


def _share(share: UUID) -> SplitShare:
    found = (
        SplitShare.objects.select_related("split__release__artist", "split__release__cover")
        .filter(pk=share)
        .exclude(split__state=Split.State.WITHDRAWN)
        .first()
    )
    if found is None:
        raise Http404
    return found


def _story(share: SplitShare, user: User) -> dict[str, Any]:
    return {
        "share": share,
        "percent": percent(share.bps),
        "split": share.split,
        "release": share.split.release,
        "shares": _lines(share.split, user),
    }


def _refused(request: HttpRequest, refusal: ApplicationError) -> HttpResponse:
    return render(request, "portal/refused.html", {"text": refusal.detail}, status=refusal.status)


def splitter_context(collection: Collection) -> dict[str, Any]:
    """A drop's splitter as its part of a page shows it; what it holds is read from the chain."""
    label = settings.NATIVE_COIN_LABEL
    context: dict[str, Any] = {
        "drop": collection,
        "address": friendly(collection.payout),
        "signed": shown([distribute_message(collection)]),
    }
    try:
        standing = splitter_standing(collection=collection)
    except ChainError:
        return {**context, "trouble": AWAY}
    coin = settings.NATIVE_COIN
    return {
        **context,
        "ready": standing.ready,
        "holds": f"{Money(coin, standing.free).decimal()} {label}",
        "least": f"{Money(coin, standing.least).decimal()} {label}",
    }


@login_required
@require_POST
def distribute(request: HttpRequest, drop: UUID) -> HttpResponse:
    """The transaction that shares it out, for the artist's team and everybody who has a share."""
    user = web_user(request)
    mine = Q(split__shares__user=user) | Q(release__in=releases_managed(user).values("pk"))
    found = (
        Collection.objects.select_related("split")
        .filter(mine, pk=drop, split__isnull=False)
        .first()
    )
    if found is None:
        raise Http404
    try:
        return JsonResponse(splitter_transaction(collection=found))
    except ApplicationError as refusal:
        error = refusal
    except ChainError:
        error = ApplicationError("chain_unavailable", detail=AWAY, status=503)
    return JsonResponse(
        error.problem(), status=error.status, content_type="application/problem+json"
    )


urlpatterns = [
    path("portal/releases/<uuid:release>/split", sheet, name="portal-split"),
    path("portal/shares/<uuid:share>", share_page, name="portal-share"),
    path("portal/shares/<uuid:share>/join/<str:secret>", join, name="portal-share-join"),
    path("portal/drops/<uuid:drop>/distribute", distribute, name="portal-splitter-transaction"),
]
