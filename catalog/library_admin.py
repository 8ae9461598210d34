"""Playlists on the desk: those that others can see, with what lies in them and who changed it.

A private playlist is nobody's business but its members'. Nothing is changed here.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest

from catalog.models import Playlist, PlaylistEdit, PlaylistEntry, PlaylistMember
from core.desk.options import ReadOnlyAdmin


class _Rows(admin.TabularInline[Any, Playlist]):
    extra = 0
    can_delete = False
    show_change_link = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        del request, obj
        return False


class EntryInline(_Rows):
    model = PlaylistEntry
    fields = readonly_fields = ("track", "artist", "added_by", "added_at")
    ordering = ("rank",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlaylistEntry]:
        found: QuerySet[PlaylistEntry] = super().get_queryset(request)
        return found.select_related("track__release__artist", "added_by")

    @admin.display(description="artist")
    def artist(self, entry: PlaylistEntry) -> str:
        return entry.track.release.artist.name


class MemberInline(_Rows):
    model = PlaylistMember
    fields = readonly_fields = ("user", "role", "joined_at")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlaylistMember]:
        found: QuerySet[PlaylistMember] = super().get_queryset(request)
        return found.select_related("user")


@admin.register(Playlist)
class PlaylistAdmin(ReadOnlyAdmin[Playlist]):
    list_display = ("title", "owner", "visibility", "track_count", "member_count", "changed_at")
    list_filter = ("visibility",)
    list_select_related = ("owner",)
    search_fields = ("title", "owner__login", "owner__username", "=id")
    exclude = ("share_token", "cover", "deleted_at")
    date_hierarchy = "created_at"
    ordering = ("-id",)
    inlines = (EntryInline, MemberInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Playlist]:
        found: QuerySet[Playlist] = super().get_queryset(request)
        shown = found.filter(deleted_at__isnull=True).exclude(
            visibility=Playlist.Visibility.PRIVATE
        )
        return shown.annotate(
            tracks_in_all=Count("entries", distinct=True),
            members_in_all=Count("members", distinct=True),
        )

    @admin.display(description="tracks", ordering="tracks_in_all")
    def track_count(self, playlist: Any) -> int:
        return int(playlist.tracks_in_all)

    @admin.display(description="members", ordering="members_in_all")
    def member_count(self, playlist: Any) -> int:
        return int(playlist.members_in_all)


@admin.register(PlaylistEdit)
class PlaylistEditAdmin(ReadOnlyAdmin[PlaylistEdit]):
    list_display = ("at", "playlist", "kind", "user", "track", "member", "place", "value")
    list_filter = ("kind",)
    list_select_related = ("playlist", "user", "track", "member")
    search_fields = ("=playlist__id", "playlist__title", "user__login", "user__username")
    ordering = ("-id",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[PlaylistEdit]:
        found: QuerySet[PlaylistEdit] = super().get_queryset(request)
        return found.exclude(playlist__visibility=Playlist.Visibility.PRIVATE)
