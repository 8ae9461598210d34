"""Who shares a playlist: members, the invitation, the link, the log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import User
from catalog import services
from catalog.answers import json_answer
from catalog.api import PAGE_PARAMETERS
from catalog.library_api import user_of
from catalog.library_serializers import (
    EditSerializer,
    InvitationSerializer,
    InvitedSerializer,
    MembersSerializer,
    PlaylistDetailSerializer,
    RoleInput,
)
from catalog.models import PlaylistInvitation
from catalog.playlists import (
    Seen,
    edit_json,
    edits_of,
    members_of,
    playlist_cards,
    playlist_forbidden,
    playlist_joined,
    playlist_page,
    playlist_seen,
    role_of,
)
from catalog.services.members import invitation_find, invitation_of, invitation_secret
from core import keyset
from core.api import page_of


class MemberListView(APIView):
    """GET /playlists/{id}/members: who shares it; for members alone."""

    @extend_schema(operation_id="playlists_members", responses=MembersSerializer)
    def get(self, request: Request, playlist: UUID) -> HttpResponse:
        return json_answer(request, _members(request, playlist), private=True)


class MemberView(APIView):
    """Somebody who shares a playlist."""

    throttle_scope = "library"

    @extend_schema(
        operation_id="playlists_member_role", request=RoleInput, responses=MembersSerializer
    )
    def patch(self, request: Request, playlist: UUID, member: UUID) -> Response:
        """What they may do; by the owner."""
        role = _role(request)
        services.member_role_set(user=user_of(request), playlist=playlist, member=member, role=role)
        return Response(_members(request, playlist))

    @extend_schema(operation_id="playlists_member_remove", responses={204: None})
    def delete(self, request: Request, playlist: UUID, member: UUID) -> Response:
        """The owner sends somebody away; everybody may go themselves."""
        services.member_remove(user=user_of(request), playlist=playlist, member=member)
        return Response(status=status.HTTP_204_NO_CONTENT)


class InvitationView(APIView):
    """The open invitation to a playlist: one link at a time, for its owner alone."""

    throttle_scope = "library"

    @extend_schema(operation_id="playlists_invitation", responses=InvitationSerializer)
    def get(self, request: Request, playlist: UUID) -> Response:
        """404 when there is none."""
        seen = playlist_joined(playlist, user_of(request))
        if seen.role != services.Role.OWNER:
            raise playlist_forbidden("Only its owner may do this.")
        found = invitation_of(seen.playlist)
        if found is None:
            raise NotFound
        return Response(_invitation(found))

    @extend_schema(
        operation_id="playlists_invite", request=RoleInput, responses=InvitationSerializer
    )
    def put(self, request: Request, playlist: UUID) -> Response:
        """The one that is open to this role, or a new one in its place; good for seven days."""
        made = services.invitation_make(
            user=user_of(request), playlist=playlist, role=_role(request)
        )
        return Response(_invitation(made))

    @extend_schema(operation_id="playlists_uninvite", responses={204: None})
    def delete(self, request: Request, playlist: UUID) -> Response:
        """The link leads nowhere from now on. Safe to repeat."""
        services.invitation_revoke(user=user_of(request), playlist=playlist)
        return Response(status=status.HTTP_204_NO_CONTENT)


class LinkView(APIView):
    """The link of a playlist."""

    throttle_scope = "library"

    @extend_schema(
        operation_id="playlists_relink", request=None, responses=PlaylistDetailSerializer
    )
    def post(self, request: Request, playlist: UUID) -> Response:
        """Another one; the one before leads nowhere from now on. By the owner."""
        services.playlist_relink(user=user_of(request), playlist=playlist)
        return Response(playlist_page(playlist_seen(playlist, user_of(request))))


class LogView(APIView):
    """GET /playlists/{id}/log: who did what, last first; for members alone."""

    @extend_schema(
        operation_id="playlists_log",
        parameters=PAGE_PARAMETERS,
        responses=page_of("PlaylistLogPage", EditSerializer(many=True)),
    )
    def get(self, request: Request, playlist: UUID) -> HttpResponse:
        seen = playlist_joined(playlist, user_of(request))
        page = keyset.page(edits_of(seen.playlist), request)
        results = [edit_json(edit, seen) for edit in page.results]
        return json_answer(request, {"results": results, "next": page.next}, private=True)


class InvitedView(APIView):
    """An invitation by its link."""

    throttle_scope = "gifts"  # links that nobody may guess, as theirs are

    def get_permissions(self) -> list[BasePermission]:
        """Everybody may look; to join one has to be somebody."""
        return [AllowAny() if self.request.method == "GET" else IsAuthenticated()]

    @extend_schema(operation_id="invitations_detail", responses=InvitedSerializer)
    def get(self, request: Request, token: str) -> Response:
        """To which playlist, whose, and to do what."""
        found = invitation_find(token)
        who = request.user if isinstance(request.user, User) else None
        seen = Seen(found.playlist, role_of(found.playlist, who))
        (card,) = playlist_cards([Seen(found.playlist, seen.role or found.role)])
        named = {name: card[name] for name in ("title", "owner", "covers", "tracks")}
        answer = {"playlist": found.playlist_id, "role": found.role, "joined": bool(seen.role)}
        return Response(named | answer)

    @extend_schema(
        operation_id="invitations_accept", request=None, responses=PlaylistDetailSerializer
    )
    def post(self, request: Request, token: str) -> Response:
        """Join. Safe to repeat."""
        seen = services.invitation_accept(user=user_of(request), secret=token)
        return Response(playlist_page(playlist_seen(seen.playlist.pk, user_of(request))))


def _members(request: Request, playlist: UUID) -> dict[str, Any]:
    user = user_of(request)
    rows = members_of(playlist_joined(playlist, user))
    results = [{**row, "you": row.pop("user") == user.pk} for row in rows]
    return {"results": results}


def _invitation(found: PlaylistInvitation) -> dict[str, Any]:
    return {
        "token": invitation_secret(found),
        "role": found.role,
        "expires_at": found.expires_at,
    }


def _role(request: Request) -> str:
    form = RoleInput(data=request.data)
    form.is_valid(raise_exception=True)
    role: str = form.validated_data["role"]
    return role
