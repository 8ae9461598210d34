"""The desk's queue of artists who want to be verified: taken by one person, answered, private."""

from __future__ import annotations

from typing import Any, Final, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from accounts.models import User
from catalog.models import Verification, VerificationFile
from catalog.services import verification as services
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError

State = Verification.State
_REVIEW: Final = "admin:catalog_verification_review"
_DONE: Final = {
    "claim": "It is yours now.",
    State.APPROVED: "Verified: the badge is on the page.",
    State.REJECTED: "Not verified. The artist reads why.",
    State.MORE_INFO: "Asked. It comes back to the queue with the answer.",
    State.SUBMITTED: "Back in the queue, for a colleague.",
    State.REVOKED: "The badge is gone. The artist reads why.",
}


class AnswerForm(forms.Form):
    answer = forms.CharField(
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="The artist reads this. Needed for everything but a yes",
    )


@admin.register(Verification)
class VerificationAdmin(ReadOnlyAdmin[Verification]):
    """Evidence is shown to those who decide, and to nobody else on the desk."""

    list_display = ("submitted_at", "who", "state", "reviewer", "decided_at")
    list_display_links = None
    list_filter = ("state",)
    list_select_related = ("reviewer",)
    search_fields = ("name",)
    ordering = ("-submitted_at", "-id")
    fields = ("name", "state", "reviewer", "submitted_at", "decided_at")
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).exclude(state=State.DRAFT).defer("proof", "links")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<uuid:key>/review/", view(self.review), name="catalog_verification_review"),
            path("files/<uuid:key>/", view(self.file), name="catalog_verification_file"),
            *super().get_urls(),
        ]

    @admin.display(description="artist", ordering="name")
    def who(self, row: Verification) -> str:
        return format_html('<a href="{}">{}</a>', reverse(_REVIEW, args=[row.pk]), row.name)

    def review(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """GET: what the artist says. POST: the next step."""
        if not request.user.has_perm(services.DECIDE):
            raise PermissionDenied
        rows = Verification.objects.exclude(state=State.DRAFT).select_related(
            "user", "artist", "reviewer"
        )
        row = get_object_or_404(rows, pk=key)
        form = AnswerForm(request.POST or None)
        if request.method == "POST" and form.is_valid() and _stepped(request, row, form):
            return redirect(_REVIEW, key)
        mine = row.state == State.IN_REVIEW and row.reviewer_id == request.user.pk
        context = {
            **self.admin_site.each_context(request),
            "title": row.name,
            "row": row,
            "files": row.files.defer("content"),
            "earlier": Verification.objects.filter(user=row.user)
            .exclude(pk=row.pk)
            .exclude(state=State.DRAFT),
            "form": form,
            "mine": mine,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/verification.html", context)

    def file(self, request: HttpRequest, key: UUID) -> HttpResponse:
        """A file of the evidence, to be saved: it is never shown under our origin."""
        if not request.user.has_perm(services.DECIDE):
            raise PermissionDenied
        found = get_object_or_404(VerificationFile, pk=key)
        response = HttpResponse(bytes(found.content), content_type="application/octet-stream")
        name = found.filename.encode("ascii", "replace").decode()
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        response["Cache-Control"] = "no-store"
        return response


def _stepped(request: HttpRequest, row: Verification, form: AnswerForm) -> bool:
    step, actor = request.POST.get("step", ""), cast("User", request.user)
    answer = form.cleaned_data["answer"]
    try:
        if step == "claim":
            services.verification_claim(verification_id=row.pk, actor=actor)
        elif step == State.REVOKED:
            services.verification_revoke(verification_id=row.pk, reason=answer, actor=actor)
        elif step in _DONE:
            services.verification_answer(
                verification_id=row.pk, state=State(step), answer=answer, actor=actor
            )
        else:
            return False
    except ApplicationError as refusal:
        form.add_error("answer" if "answer" in refusal.fields else None, refusal.detail)
        return False
    messages.success(request, _DONE[step])
    return True
