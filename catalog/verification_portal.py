"""The same application in the artist portal, where files can be added."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from accounts.web import web_user
from catalog.models import Artist, Verification
from catalog.portal import told
from catalog.selectors import artists_managed
from catalog.services import verification as services
from core.errors import ApplicationError
from core.pages import limited

_PAGE = "portal-verification"


class VerificationForm(forms.Form):
    """Who the artist is, and how we can tell."""

    artist = forms.ModelChoiceField(
        label="Artist page",
        queryset=Artist.objects.none(),
        required=False,
        empty_label="None yet: make one when I am verified",
    )
    name = forms.CharField(label="Artist or band", max_length=120)
    links = forms.CharField(
        label="Links",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One https address a line: your site, your channel, where your music is.",
    )
    proof = forms.CharField(
        label="How can we tell that it is you?",
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="For example: a post on your channel that names Tonality. Only we read this.",
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["artist"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = artists_managed(user).filter(verified_at__isnull=True)


class FileForm(forms.Form):
    """One paper or picture."""

    file = forms.FileField(
        label="Add a file",
        help_text="PDF, PNG or JPEG, at most 4 MB. It is erased when we have decided.",
        widget=forms.FileInput(attrs={"accept": ".pdf,image/png,image/jpeg"}),
    )


@login_required
@require_http_methods(["GET", "POST"])
def verification(request: HttpRequest) -> HttpResponse:
    """GET: where the application stands, and its form. POST: kept, or handed in."""
    user = web_user(request)
    found = Verification.objects.filter(user=user).prefetch_related("files").first()
    current = found if found and found.state in Verification.OPEN else None
    said = _said(current) if current else {}
    form = VerificationForm(request.POST or None, user=user, initial=said)
    if request.method == "POST" and form.is_valid() and _kept(request, user, form):
        return redirect(_PAGE)
    open_ = current is None or current.state in ("draft", "more_info")
    context = {
        "found": found,
        "current": current,
        "form": form,
        "file_form": FileForm(),
        "writable": open_,
    }
    return render(request, "portal/verification.html", context)


def _said(row: Verification) -> dict[str, Any]:
    return {
        "artist": row.artist_id, "name": row.name, "links": "\n".join(row.links),
        "proof": row.proof,
    }  # fmt: skip


def _kept(request: HttpRequest, user: User, form: VerificationForm) -> bool:
    """False when it was refused: the form says why."""
    data = form.cleaned_data
    links = data["links"].splitlines()
    try:
        services.verification_save(
            actor=user, name=data["name"], links=links, proof=data["proof"], artist=data["artist"]
        )
        if "submit" in request.POST:
            services.verification_submit(actor=user)
            messages.success(request, "Handed in. We look at it within a few days.")
        else:
            messages.success(request, "Saved.")
    except ApplicationError as error:
        told(form, error)
        return False
    return True


@login_required
@require_POST
@limited("auth")
def file_add(request: HttpRequest) -> HttpResponse:
    """POST: one more file beside the draft."""
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "Choose a file.")
        return redirect(_PAGE)
    given = form.cleaned_data["file"]
    try:
        services.verification_file_add(
            actor=web_user(request),
            filename=given.name,
            content=given.read(services.MAX_BYTES + 1),
        )
    except ApplicationError as error:
        messages.error(request, error.detail)
    return redirect(_PAGE)


@login_required
@require_POST
def file_remove(request: HttpRequest, file: Any) -> HttpResponse:
    """POST: that file is gone."""
    try:
        services.verification_file_remove(actor=web_user(request), file_id=file)
    except ApplicationError as error:
        messages.error(request, error.detail)
    return redirect(_PAGE)


urlpatterns = [
    path("portal/verification", verification, name=_PAGE),
    path("portal/verification/files", file_add, name="portal-verification-file"),
    path(
        "portal/verification/files/<uuid:file>/remove",
        file_remove,
        name="portal-verification-file-remove",
    ),
]
