"""Recordings on the desk: where each stands, why one failed, and "try again"."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from catalog.media import services
from catalog.media.models import Recording, Step
from core.desk.options import ReadOnlyAdmin
from core.errors import ApplicationError

REASON = "by staff, from the list"


class StepInline(admin.TabularInline[Step, Recording]):
    model = Step
    extra = 0
    can_delete = False
    fields = readonly_fields = ("name", "state", "attempts", "started_at", "took", "error")

    @admin.display(description="took")
    def took(self, step: Step) -> str:
        if step.started_at is None or step.ended_at is None:
            return "-"
        return f"{(step.ended_at - step.started_at).total_seconds():.1f} s"

    def has_add_permission(self, request: HttpRequest, obj: Recording | None = None) -> bool:
        del request, obj
        return False


@admin.register(Recording)
class RecordingAdmin(ReadOnlyAdmin[Recording]):
    list_display = ("id", "file", "state", "reason", "length", "codec", "loudness", "created_at")
    list_filter = ("state", "access", "codec", "reason")
    list_select_related = ("upload",)
    search_fields = ("=id", "=artist", "upload__filename")
    # Neither the key nor the peaks are anything to look at.
    exclude = ("key", "waveform")
    ordering = ("-id",)
    show_full_result_count = False
    inlines = (StepInline,)
    actions = ("again",)

    @admin.display(description="file")
    def file(self, recording: Recording) -> str:
        return recording.upload.filename if recording.upload else "-"

    @admin.display(description="length", ordering="duration_ms")
    def length(self, recording: Recording) -> str:
        minutes, seconds = divmod(round(recording.duration_ms / 1000), 60)
        return f"{minutes}:{seconds:02d}" if recording.duration_ms else "-"

    @admin.action(description="Try again what failed", permissions=["retry"])
    def again(self, request: HttpRequest, rows: QuerySet[Recording]) -> None:
        actor: Any = request.user
        done = 0
        for recording in rows:
            try:
                services.recording_retry(actor=actor, recording=recording, reason=REASON)
            except ApplicationError:
                continue
            done += 1
        self.message_user(request, f"{done} of {len(rows)} tried again.", messages.INFO)

    def has_retry_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("media.change_recording")
