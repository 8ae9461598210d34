"""The artist portal's beginnings: an artist page, and a release that is only a title yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.web import web_user
from catalog import services
from catalog.media.selectors import asset_url
from catalog.models import Artist, Release
from catalog.selectors import artists_managed
from core.errors import ApplicationError
from core.pages import limited

_LINKS: Final = 4  # lines on the form; one that is used makes room for another
_TITLE: Final = "At most 100 bytes: it stands on chain."
PICTURES: Final = "image/jpeg,image/png,image/webp"


class ArtistForm(forms.Form):
    """What an artist page says."""

    name = forms.CharField(label="Artist or band", max_length=120)
    bio = forms.CharField(
        label="About",
        max_length=4000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="A few lines that somebody reads who has never heard you.",
    )
    picture = forms.FileField(
        label="Picture",
        required=False,
        help_text="JPEG, PNG or WebP, at least 300 pixels a side; its middle square is kept.",
        widget=forms.FileInput(attrs={"accept": PICTURES}),
    )


class LinkForm(forms.Form):
    """One link; an empty line is left out."""

    label = forms.CharField(label="Called", max_length=40, required=False)
    url = forms.CharField(label="Address", max_length=500, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if bool(data.get("label")) != bool(data.get("url")):
            raise forms.ValidationError("A link has a name and an address, or neither.")
        return data


Links = forms.formset_factory(LinkForm, extra=_LINKS, max_num=10)


class ReleaseForm(forms.Form):
    """What a release is called."""

    title = forms.CharField(label="Title", max_length=120, help_text=_TITLE)
    genre = forms.CharField(label="Genre", max_length=40, required=False)
    description = forms.CharField(
        label="Description",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Stands beside the music, and in the metadata of every edition.",
    )


def told(form: forms.Form, error: ApplicationError) -> None:
    """Put a refusal beside the fields that it is about."""
    for name, texts in error.fields.items():
        for text in texts:
            form.add_error(name if name in form.fields else None, text)
    if not error.fields:
        form.add_error(None, error.detail or error.title)


@login_required
@require_http_methods(["GET", "POST"])
@limited("auth")
def artist_new(request: HttpRequest) -> HttpResponse:
    """GET /portal/artists/new: the form. POST: the page is made, and its first release is next."""
    return _artist(request, None)


@login_required
@require_http_methods(["GET", "POST"])
def artist(request: HttpRequest, artist: UUID) -> HttpResponse:
    """GET: what the page says, to be changed. POST: changed."""
    return _artist(request, _managed(request, artist))


def _managed(request: HttpRequest, key: UUID) -> Artist:
    found = artists_managed(web_user(request)).filter(pk=key).first()
    if found is None:
        raise Http404
    return found


def _artist(request: HttpRequest, found: Artist | None) -> HttpResponse:
    user = web_user(request)
    data = request.POST if request.method == "POST" else None
    files = request.FILES if request.method == "POST" else None
    said = {"name": found.name, "bio": found.bio} if found else {}
    form = ArtistForm(data, files, initial=said)
    links = Links(data, prefix="link", initial=found.links if found else [])
    if data is not None and form.is_valid() and links.is_valid():
        saved = _saved(user, found, form, links)
        if saved is not None:
            messages.success(request, "Saved." if found else f"{saved.name} has a page now.")
            return redirect("portal-artist", saved.pk) if found else redirect("portal")
    context = {
        "artist": found,
        "picture": asset_url(found.picture.cid) if found and found.picture else "",
        "form": form,
        "links": links,
    }
    return render(request, "portal/artist.html", context)


def _saved(user: User, found: Artist | None, form: ArtistForm, links: Any) -> Artist | None:
    """None when it was refused: the form says why."""
    data = form.cleaned_data
    said = {"name": data["name"], "bio": data["bio"], "links": _lines(links.cleaned_data)}
    try:
        if found is None:
            found = services.artist_create(actor=user, **said)
        else:
            found = services.artist_update(actor=user, artist=found, **said)
    except ApplicationError as error:
        told(form, error)
        return None
    if data["picture"]:
        try:
            services.artist_picture_set(actor=user, artist=found, data=data["picture"])
        except ApplicationError as error:
            form.add_error("picture", error.detail)
            return None
    return found


def _lines(lines: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    return [{"label": one["label"], "url": one["url"]} for one in lines if one.get("url")]


@login_required
@require_http_methods(["GET", "POST"])
def release_new(request: HttpRequest, artist: UUID) -> HttpResponse:
    """GET: the form of a release that is only a title yet. POST: its draft."""
    found = _managed(request, artist)
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        made = _created(web_user(request), found, form)
        if made is not None:
            return redirect("portal-draft", release=made.pk)
    return render(request, "portal/release_new.html", {"artist": found, "form": form})


def _created(user: User, found: Artist, form: ReleaseForm) -> Release | None:
    try:
        return services.release_create(actor=user, artist=found, **form.cleaned_data)
    except ApplicationError as error:
        told(form, error)
        return None


urlpatterns = [
    path("portal/artists/new", artist_new, name="portal-artist-new"),
    path("portal/artists/<uuid:artist>", artist, name="portal-artist"),
    path("portal/artists/<uuid:artist>/releases/new", release_new, name="portal-release-new"),
]
