"""The page of a draft: cover, tracks and their files, and the way to publishing.

Every form works without a script; with htmx the part that changed comes back by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.web import web_user
from catalog import services
from catalog.drafts import cover_of, tracks_of, wants_of
from catalog.media.models import Asset, Upload
from catalog.media.services import quota_used, upload_receive
from catalog.media.sizes import size_words
from catalog.models import Release, Track
from catalog.portal import ReleaseForm, told
from catalog.selectors import release_managed
from core.errors import ApplicationError

_Action = Callable[[HttpRequest, Track], None]


class TrackForm(forms.Form):
    """What a track is called. access is missing once it is decided."""

    title = forms.CharField(max_length=120)
    isrc = forms.RegexField(r"^[A-Za-z]{2}-?[A-Za-z0-9]{3}-?\d{2}-?\d{5}$", required=False)
    access = forms.ChoiceField(choices=Asset.Access.choices, required=False)


def _draft(request: HttpRequest, key: UUID) -> Release:
    found = release_managed(web_user(request), key)
    if found is None:
        raise Http404
    return found


def _context(release: Release, problem: str = "") -> dict[str, Any]:
    rows = tracks_of(release)
    wants = wants_of(release, rows)
    return {
        "release": release,
        "rows": rows,
        "wants": wants,
        "publishable": all(want.done for want in wants if want.must),
        "problem": problem,
    }


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, release: UUID) -> HttpResponse:
    """GET: the page. POST: change what the release says."""
    found = _draft(request, release)
    if found.state != Release.State.DRAFT:
        return redirect("portal-release", release=found.pk)
    said = {"title": found.title, "genre": found.genre, "description": found.description}
    form = ReleaseForm(request.POST if request.method == "POST" else None, initial=said)
    if request.method == "POST" and form.is_valid():
        try:
            services.release_update(actor=web_user(request), release=found, **form.cleaned_data)
        except ApplicationError as error:
            told(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("portal-draft", release=found.pk)
    context = {**_context(found), "form": form, "cover": cover_of(found), **_room(found)}
    return render(request, "portal/draft.html", context)


def _room(release: Release) -> dict[str, str]:
    quota = settings.UPLOAD_QUOTA_BYTES
    return {
        "most": size_words(settings.UPLOAD_MAX_BYTES),
        "quota": size_words(quota),
        "left": size_words(max(0, quota - quota_used(release.artist_id))),
    }


@login_required
@require_GET
def tracks(request: HttpRequest, release: UUID) -> HttpResponse:
    """The list of tracks, asked for again when one began to arrive or has arrived."""
    return render(request, "portal/tracks.html", _context(_draft(request, release)))


@login_required
@require_GET
def cover(request: HttpRequest, release: UUID) -> HttpResponse:
    """The cover's part of the page, asked for again while it is looked at."""
    found = _draft(request, release)
    context = {**_context(found), "cover": cover_of(found), "with_wants": True}
    return render(request, "portal/cover.html", context)


@login_required
@require_GET
def track(request: HttpRequest, track: UUID) -> HttpResponse:
    """One track's row, asked for again while it is in the works."""
    return _row(request, _track(request, track))


def _track(request: HttpRequest, key: UUID) -> Track:
    found = Track.objects.select_related("release", "recording").filter(pk=key).first()
    if found is None:
        raise Http404
    _draft(request, found.release_id)
    return found


def _row(request: HttpRequest, found: Track, problem: str = "") -> HttpResponse:
    context = _context(_draft(request, found.release_id), problem)
    row = next((one for one in context["rows"] if one["track"].pk == found.pk), None)
    if row is None:
        raise Http404
    context["count"] = len(context["rows"])
    return render(request, "portal/track.html", {**context, "row": row, "with_wants": True})


def _act(whole: bool) -> Callable[[_Action], Callable[[HttpRequest, UUID], HttpResponse]]:
    """A change of one track; back comes its row, or with `whole` the list."""

    def decorate(action: _Action) -> Callable[[HttpRequest, UUID], HttpResponse]:
        @login_required
        @require_POST
        @wraps(action)
        def view(request: HttpRequest, track: UUID) -> HttpResponse:
            found, problem = _track(request, track), ""
            try:
                action(request, found)
            except ApplicationError as error:
                problem = (
                    error.detail
                    or " ".join(text for texts in error.fields.values() for text in texts)
                    or error.title
                )
            if not getattr(request, "htmx", False):
                if problem:
                    messages.error(request, problem)
                return redirect("portal-draft", release=found.release_id)
            if whole:
                release = _draft(request, found.release_id)
                return render(request, "portal/tracks.html", _context(release, problem))
            return _row(request, found, problem)

        return view

    return decorate


@_act(whole=False)
def track_update(request: HttpRequest, found: Track) -> None:
    form = TrackForm(request.POST)
    if not form.is_valid():
        name = next(iter(form.errors))
        words = {
            "isrc": "An ISRC has two letters, three letters or digits, and seven digits.",
            "title": "A track has a title of at most 120 letters.",
        }
        raise ApplicationError("invalid", detail=words.get(name, "Choose who hears all of it."))
    data = form.cleaned_data
    access = Asset.Access(data["access"]) if data["access"] else None
    services.track_update(
        actor=web_user(request), track=found, title=data["title"], isrc=data["isrc"], access=access
    )


@_act(whole=True)
def track_move(request: HttpRequest, found: Track) -> None:
    text = request.POST.get("position", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 5):
        raise ApplicationError("invalid", detail="A position is a number.")
    services.track_move(actor=web_user(request), track=found, position=int(text))


@_act(whole=True)
def track_remove(request: HttpRequest, found: Track) -> None:
    services.track_remove(actor=web_user(request), track=found)


@_act(whole=False)
def track_preview(request: HttpRequest, found: Track) -> None:
    text = request.POST.get("start_ms", "")
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise ApplicationError("invalid", detail="Choose where the preview begins.")
    services.track_preview_move(actor=web_user(request), track=found, start_ms=int(text))


@_act(whole=False)
def track_retry(request: HttpRequest, found: Track) -> None:
    services.track_retry(actor=web_user(request), track=found)


@login_required
@require_POST
def file(request: HttpRequest, release: UUID) -> HttpResponse:
    """One file by a plain form, for browsers without a script: it cannot be paused or resumed."""
    found = _draft(request, release)
    sent = request.FILES.get("file")
    if sent is None:
        messages.error(request, "Choose a file first.")
    else:
        try:
            _take(request, found, sent)
        except ApplicationError as error:
            messages.error(request, error.detail or error.title)
    return redirect(reverse("portal-draft", args=[found.pk]))


def _take(request: HttpRequest, found: Release, sent: UploadedFile[Any]) -> None:
    said: dict[str, Any] = {
        "actor": web_user(request),
        "release": found,
        "filename": sent.name or "",
        "length": sent.size or 0,
    }
    if request.POST.get("purpose") == Upload.Purpose.COVER:
        upload = services.cover_upload_begin(**said)
    else:
        key = request.POST.get("access", "")
        access = Asset.Access(key) if key in Asset.Access.values else Asset.Access.HOLDERS
        upload = services.track_upload_begin(access=access, **said)
    upload_receive(upload=upload, offset=0, data=sent)


@login_required
@require_POST
def publish(request: HttpRequest, release: UUID) -> HttpResponse:
    """From now on it stays as it is; what is missing is said."""
    found = _draft(request, release)
    try:
        services.release_publish(actor=web_user(request), release=found)
    except ApplicationError as error:
        messages.error(request, error.detail or error.title)
        return redirect("portal-draft", release=found.pk)
    messages.success(request, f"{found.title} is published. Now set its terms.")
    return redirect("portal-release", release=found.pk)


urlpatterns = [
    path("portal/releases/<uuid:release>/draft", draft, name="portal-draft"),
    path("portal/releases/<uuid:release>/tracks", tracks, name="portal-draft-tracks"),
    path("portal/releases/<uuid:release>/cover", cover, name="portal-draft-cover"),
    path("portal/releases/<uuid:release>/file", file, name="portal-draft-file"),
    path("portal/releases/<uuid:release>/publish", publish, name="portal-draft-publish"),
    path("portal/tracks/<uuid:track>", track, name="portal-track"),
    path("portal/tracks/<uuid:track>/about", track_update, name="portal-track-update"),
    path("portal/tracks/<uuid:track>/move", track_move, name="portal-track-move"),
    path("portal/tracks/<uuid:track>/remove", track_remove, name="portal-track-remove"),
    path("portal/tracks/<uuid:track>/preview", track_preview, name="portal-track-preview"),
    path("portal/tracks/<uuid:track>/retry", track_retry, name="portal-track-retry"),
]
