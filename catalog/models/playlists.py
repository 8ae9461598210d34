"""Playlists: who made them, what lies in them in which order, who may change them, and who did."""

from __future__ import annotations

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from catalog.media.models import Asset
from catalog.models.releases import Track
from core.ids import uuid7


class Playlist(models.Model):
    """Tracks that somebody has put in order.

    Private: for its members. Unlisted: also for whoever has its link, which carries the share
    token and not the id. Public: for everyone, by id or link. A deleted one stays as an empty
    row, because its log stays.
    """

    class Visibility(models.TextChoices):
        PRIVATE = "private", "Private"
        UNLISTED = "unlisted", "By link"
        PUBLIC = "public", "Public"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="playlists"
    )
    title = models.CharField(max_length=100)
    description = models.TextField(max_length=500, blank=True)
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PRIVATE)
    share_token = models.UUIDField(default=uuid4, unique=True, editable=False)
    # One of its releases' covers; none: a mosaic of the first four.
    cover = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    version = models.BigIntegerField(default=1)  # grows with every change
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(visibility__in=["private", "unlisted", "public"]),
                name="playlist_visibility_known",
            ),
            models.CheckConstraint(
                condition=~Q(title="") | Q(deleted_at__isnull=False), name="playlist_has_title"
            ),
        )
        indexes = (
            models.Index(fields=("owner", "-id"), name="playlist_of_owner"),
            models.Index(
                fields=("-id",),
                name="playlist_public",
                condition=Q(visibility="public", deleted_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.title or "deleted"


class PlaylistEntry(models.Model):
    """A track's place in a playlist. Ranks are compared byte by byte; see catalog.ranks."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    playlist = models.ForeignKey(Playlist, on_delete=models.PROTECT, related_name="entries")
    track = models.ForeignKey(Track, on_delete=models.PROTECT, related_name="+")
    rank = models.CharField(max_length=64, db_collation="C")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("rank",)
        constraints = (
            models.UniqueConstraint(fields=("playlist", "track"), name="playlist_track_once"),
            # Checked at the end, so that all ranks of a playlist can be given anew.
            models.UniqueConstraint(
                fields=("playlist", "rank"),
                name="playlist_rank_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=~Q(rank=""), name="playlist_rank_given"),
        )

    def __str__(self) -> str:
        return f"{self.track_id} at {self.rank}"


class PlaylistMember(models.Model):
    """Somebody who sees a playlist whoever else may; editors also change what lies in it."""

    class Role(models.TextChoices):
        VIEWER = "viewer", "May see it"
        EDITOR = "editor", "May change what is in it"
        OWNER = "owner", "Owner"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    playlist = models.ForeignKey(Playlist, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="playlist_memberships"
    )
    role = models.CharField(max_length=8, choices=Role)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("playlist", "user"), name="playlist_member_once"),
            models.UniqueConstraint(
                fields=("playlist",), name="playlist_one_owner", condition=Q(role="owner")
            ),
            models.CheckConstraint(
                condition=Q(role__in=["viewer", "editor", "owner"]), name="playlist_role_known"
            ),
        )

    def __str__(self) -> str:
        return f"{self.user_id}: {self.role}"


class PlaylistInvitation(models.Model):
    """A link that makes whoever opens it a member, until it expires or is called back."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    playlist = models.ForeignKey(Playlist, on_delete=models.PROTECT, related_name="invitations")
    # sha256 of the link's secret, in hex: who reads the database cannot join.
    token_hash = models.CharField(max_length=64, unique=True)
    role = models.CharField(max_length=8, choices=PlaylistMember.Role)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(role__in=["viewer", "editor"]), name="playlist_invitation_role_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="playlist_invitation_has_time"
            ),
            models.UniqueConstraint(
                fields=("playlist",),
                name="playlist_one_invitation",
                condition=Q(revoked_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return f"{self.role} of {self.playlist_id}"


class PlaylistEdit(models.Model):
    """Who did what to a playlist, and when. Append-only.

    It holds no words that people wrote: a row that can never be erased has none to erase.
    """

    class Kind(models.TextChoices):
        CREATED = "created", "Created"
        RENAMED = "renamed", "Renamed"
        DESCRIBED = "described", "Described anew"
        COVERED = "covered", "Got another cover"
        OPENED = "opened", "Opened to others, or closed"
        SHARED = "shared", "Got a new link"
        ADDED = "added", "Track added"
        REMOVED = "removed", "Track removed"
        MOVED = "moved", "Track moved"
        INVITED = "invited", "Invitation made"
        UNINVITED = "uninvited", "Invitation called back"
        JOINED = "joined", "Joined"
        LEFT = "left", "Left, or was sent away"
        ROLE = "role", "Got another role"
        DELETED = "deleted", "Deleted"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    playlist = models.ForeignKey(Playlist, on_delete=models.PROTECT, related_name="edits")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    track = models.ForeignKey(Track, null=True, on_delete=models.PROTECT, related_name="+")
    # Whom joined, left and role were about; the place, from 1, of moved; what opened and role set.
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    place = models.PositiveSmallIntegerField(null=True)
    value = models.CharField(max_length=8, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "created", "renamed", "described", "covered", "opened", "shared", "added",
                        "removed", "moved", "invited", "uninvited", "joined", "left", "role",
                        "deleted",
                    ]
                ),
                name="playlist_edit_kind_known",
            ),
        )  # fmt: skip
        indexes = (models.Index(fields=("playlist", "-id"), name="playlist_log"),)

    def __str__(self) -> str:
        return f"{self.kind} by {self.user_id}"
