"""Artists, releases and tracks on the desk: to look at, and to moderate through the services."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from catalog import library_admin, services, verification_admin
from catalog.media.selectors import asset_url
from catalog.media.thumbnails import thumbnail
from catalog.models import Artist, PlayCount, Release, Track
from core.desk.options import ReadOnlyAdmin

__all__ = ["library_admin", "verification_admin"]  # register their own pages
REASON = "by staff, from the list"


@admin.register(Artist)
class ArtistAdmin(ReadOnlyAdmin[Artist]):
    list_display = ("face", "name", "slug", "owner", "verified", "status", "created_at")
    list_display_links = ("name",)
    list_filter = ("status", ("verified_at", admin.EmptyFieldListFilter))
    list_select_related = ("owner", "picture")
    search_fields = ("name", "slug", "owner__login", "owner__username")
    readonly_fields = ("face",)
    ordering = ("-id",)
    actions = ("verify", "unverify", "hide", "show")

    @admin.display(description="picture")
    def face(self, artist: Artist) -> SafeString | str:
        return thumbnail(artist.picture)

    @admin.display(boolean=True, ordering="verified_at")
    def verified(self, artist: Artist) -> bool:
        return artist.verified_at is not None

    @admin.action(description="Verify these artists", permissions=["verify"])
    def verify(self, request: HttpRequest, rows: QuerySet[Artist]) -> None:
        done = [
            services.artist_verify(actor=_staff(request), artist=one, reason=REASON) for one in rows
        ]
        _tell(self, request, sum(done), "verified")

    @admin.action(description="Take verification back", permissions=["verify"])
    def unverify(self, request: HttpRequest, rows: QuerySet[Artist]) -> None:
        done = [
            services.artist_unverify(actor=_staff(request), artist=one, reason=REASON)
            for one in rows
        ]
        _tell(self, request, sum(done), "no longer verified")

    @admin.action(description="Hide from the shop", permissions=["moderate"])
    def hide(self, request: HttpRequest, rows: QuerySet[Artist]) -> None:
        self._status(request, rows, Artist.Status.HIDDEN)

    @admin.action(description="Show in the shop", permissions=["moderate"])
    def show(self, request: HttpRequest, rows: QuerySet[Artist]) -> None:
        self._status(request, rows, Artist.Status.ACTIVE)

    def _status(self, request: HttpRequest, rows: QuerySet[Artist], status: Artist.Status) -> None:
        done = [
            services.artist_status_set(
                actor=_staff(request), artist=one, status=status, reason=REASON
            )
            for one in rows
        ]
        _tell(self, request, sum(done), status.label.lower())

    def has_verify_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.verify_artist")

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.change_artist")


class TrackInline(admin.TabularInline[Track, Release]):
    model = Track
    extra = 0
    can_delete = False
    fields = readonly_fields = ("position", "title", "length", "isrc", "heard", "listen")

    @admin.display(description="length")
    def length(self, track: Track) -> str:
        return _minutes(track)

    @admin.display(description="preview")
    def listen(self, track: Track) -> SafeString | str:
        return _player(track)

    def has_add_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        del request, obj
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Track]:
        found: QuerySet[Track] = super().get_queryset(request)
        return found.select_related("recording__preview", "play_count")

    @admin.display(description="plays")
    def heard(self, track: Track) -> int:
        return _plays(track)


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin[Release]):
    list_display = ("art", "title", "artist", "genre", "track_count", "state", "published_at")
    list_display_links = ("title",)
    list_filter = ("state", "genre")
    list_select_related = ("artist", "cover")
    search_fields = ("title", "slug", "artist__name", "artist__slug")
    readonly_fields = ("art", "metadata_link")
    date_hierarchy = "published_at"
    ordering = ("-id",)
    inlines = (TrackInline,)
    actions = ("withdraw",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Release]:
        found: QuerySet[Release] = super().get_queryset(request)
        return found.annotate(tracks_in_all=Count("tracks"))

    @admin.display(description="cover")
    def art(self, release: Release) -> SafeString | str:
        return thumbnail(release.cover)

    @admin.display(description="tracks", ordering="tracks_in_all")
    def track_count(self, release: Any) -> int:
        return int(release.tracks_in_all)

    @admin.display(description="metadata (JSON)")
    def metadata_link(self, release: Release) -> SafeString | str:
        if release.metadata is None:
            return "-"
        return format_html('<a href="{0}">{0}</a>', asset_url(release.metadata.cid))

    @admin.action(description="Withdraw from the shop", permissions=["moderate"])
    def withdraw(self, request: HttpRequest, rows: QuerySet[Release]) -> None:
        for release in rows:
            services.release_withdraw(actor=_staff(request), release=release, reason=REASON)
        _tell(self, request, len(rows), "withdrawn")

    def has_moderate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("catalog.change_artist")


@admin.register(Track)
class TrackAdmin(ReadOnlyAdmin[Track]):
    list_display = ("title", "release", "artist", "position", "length", "isrc", "heard", "listen")
    list_filter = ("release__genre",)
    list_select_related = ("release__artist", "recording__preview", "play_count")
    search_fields = ("title", "=isrc", "release__title", "release__artist__name")
    readonly_fields = ("listen",)
    ordering = ("-id",)

    @admin.display(ordering="release__artist__name")
    def artist(self, track: Track) -> str:
        return track.release.artist.name

    @admin.display(description="length", ordering="recording__duration_ms")
    def length(self, track: Track) -> str:
        return _minutes(track)

    @admin.display(description="plays", ordering="play_count__plays")
    def heard(self, track: Track) -> int:
        return _plays(track)

    @admin.display(description="preview")
    def listen(self, track: Track) -> SafeString | str:
        return _player(track)


def _plays(track: Track) -> int:
    """0 for one that has never been heard: it has no row of its own."""
    count: PlayCount | None = getattr(track, "play_count", None)
    return count.plays if count else 0


def _minutes(track: Track) -> str:
    minutes, seconds = divmod(round(track.recording.duration_ms / 1000), 60)
    return f"{minutes}:{seconds:02d}"


def _player(track: Track) -> SafeString | str:
    preview = track.recording.preview
    if preview is None:
        return "-"
    return format_html('<audio src="{}" controls preload="none"></audio>', asset_url(preview.cid))


def _staff(request: HttpRequest) -> Any:
    return request.user


def _tell(page: admin.ModelAdmin[Any], request: HttpRequest, count: int, what: str) -> None:
    names: type[Model] = page.model
    plural = names._meta.verbose_name_plural  # noqa: SLF001  Django's public API
    page.message_user(request, f"{count} {plural} {what}.", messages.INFO)
