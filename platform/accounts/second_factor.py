"""The pages between a staff password and the desk: set up an authenticator, type its code."""

from __future__ import annotations

import base64
from typing import Any, Final

import django_otp
import segno
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts import services
from accounts.development import second_factor_shown
from accounts.models import User
from accounts.web import web_user
from core.desk.registry import needs_second_factor
from core.errors import ApplicationError
from core.pages import limited

WAITING: Final = "second_factor_device"


class CodeForm(forms.Form):
    code = forms.CharField(
        max_length=32,
        label="Code",
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        ),
    )


def _next(request: HttpRequest) -> str:
    """A page of ours, whatever the address says; the desk's home by default."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if safe else reverse("admin:index")


def _elsewhere(request: HttpRequest) -> HttpResponse | None:
    """Where somebody goes whom these pages do not ask; None for who has to prove himself."""
    user: Any = request.user
    if not user.is_staff:
        return redirect("admin:login")
    owes = needs_second_factor(user) and not user.is_verified()
    return None if owes else redirect(_next(request))


def _page(
    request: HttpRequest, name: str, title: str, status: int = 200, **context: Any
) -> HttpResponse:
    shared = {
        "site_title": admin.site.site_title,
        "site_header": admin.site.site_header,
        "title": title,
        "next": _next(request),
        "has_permission": False,
        "is_nav_sidebar_enabled": False,
    }
    return render(request, f"admin/second_factor/{name}.html", shared | context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("auth")
def code_page(request: HttpRequest) -> HttpResponse:
    """GET, POST /second-factor: a code of the authenticator, or a recovery code."""
    if (away := _elsewhere(request)) is not None:
        return away
    user = User.objects.get(pk=web_user(request).pk)
    if not TOTPDevice.objects.filter(user=user, confirmed=True).exists():
        return redirect(_address("second-factor-enrol", request))
    shown = second_factor_shown(user)
    form = CodeForm(request.POST or None, initial={"code": shown.code if shown else ""})
    if request.method == "POST" and form.is_valid():
        try:
            device = services.second_factor_verify(user=user, code=form.cleaned_data["code"])
        except ApplicationError as refusal:
            form.add_error("code", refusal.detail)
        else:
            _let_in(request, device)
            return redirect(_next(request))
    status = 400 if form.errors else 200
    return _page(
        request, "code", "Second factor", status, form=form, shown=second_factor_shown(user)
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@limited("auth")
def enrol_page(request: HttpRequest) -> HttpResponse:
    """GET, POST /second-factor/enrol: a key as QR code and text, confirmed by its first code."""
    if (away := _elsewhere(request)) is not None:
        return away
    user = User.objects.get(pk=web_user(request).pk)
    form = CodeForm(request.POST or None)
    try:
        device = services.second_factor_begin(user=user, device_id=request.session.get(WAITING))
        if device.pk != request.session.get(WAITING):
            request.session[WAITING] = device.pk
            form = CodeForm()  # what was typed was for another key
        if request.method == "POST" and form.is_valid():
            device, fresh = services.second_factor_confirm(
                user=user, device_id=device.pk, code=form.cleaned_data["code"]
            )
            del request.session[WAITING]
            _let_in(request, device)
            pairs = [f"{one[:5]}-{one[5:]}" for one in fresh]
            return _page(request, "recovery", "Keep these ten codes", codes=pairs)
    except ApplicationError as refusal:
        if refusal.code == "second_factor_enrolled":
            return redirect(_address("second-factor", request))
        form.add_error("code", refusal.detail)
    status = 400 if form.is_bound and form.errors else 200
    key = base64.b32encode(device.bin_key).decode()
    context = {
        "form": form,
        "qr": segno.make(device.config_url, error="m").svg_inline(scale=4, border=2, omitsize=True),
        "key": " ".join(key[place : place + 4] for place in range(0, len(key), 4)),
    }
    return _page(request, "enrol", "Set up your second factor", status, **context)


def _address(name: str, request: HttpRequest) -> str:
    return f"{reverse(name)}?{urlencode({'next': _next(request)})}"


def _let_in(request: HttpRequest, device: Any) -> None:
    """From here on this session counts; under a new key, so that nobody shares it."""
    django_otp.login(request, device)
    request.session.cycle_key()
    if isinstance(device, StaticDevice):
        left = device.token_set.count()
        messages.warning(
            request,
            f"That was a recovery code; {left} are left. Ask another superuser to reset your "
            "second factor when your authenticator is gone.",
        )


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """POST /second-factor/leave: out again, as the desk's own way out is behind this page."""
    logout(request)
    return redirect("admin:login")


urlpatterns = [
    path("second-factor", code_page, name="second-factor"),
    path("second-factor/enrol", enrol_page, name="second-factor-enrol"),
    path("second-factor/leave", leave, name="second-factor-leave"),
]
