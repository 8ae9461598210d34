"""The way to a badge, every step of it guarded and told in the audit.

draft -> submitted -> in_review -> approved | rejected | more_info
more_info -> submitted;  approved -> revoked;  draft is dropped by who wrote it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from catalog.models import Artist, Verification, VerificationFile
from catalog.permissions import require_manage, require_staff
from catalog.services.artists import artist_create, artist_unverify, artist_verify
from catalog.validation import links_clean
from core import audit
from core.errors import ApplicationError
from core.locks import lock

State = Verification.State
DECIDE: Final = "catalog.decide_verification"
MAX_FILES: Final = 5
MAX_BYTES: Final = 4 * 1024 * 1024
# What each beginning says that it is; anything else is not taken.
KINDS: Final = ((b"%PDF-", "application/pdf"), (b"\x89PNG\r\n\x1a\n", "image/png"),
                (b"\xff\xd8\xff", "image/jpeg"))  # fmt: skip
_STEPS: Final[Mapping[State, frozenset[State]]] = {
    State.DRAFT: frozenset({State.SUBMITTED}),
    State.SUBMITTED: frozenset({State.IN_REVIEW}),
    State.IN_REVIEW: frozenset({State.APPROVED, State.REJECTED, State.MORE_INFO, State.SUBMITTED}),
    State.MORE_INFO: frozenset({State.SUBMITTED}),
    State.APPROVED: frozenset({State.REVOKED}),
    State.REJECTED: frozenset(),
    State.REVOKED: frozenset(),
}
_WRITABLE: Final = (State.DRAFT, State.MORE_INFO)


@transaction.atomic
def verification_save(
    *, actor: User, name: str, links: Sequence[str], proof: str, artist: Artist | None = None
) -> Verification:
    """Keep what the artist has written so far; makes the draft when there is none.

    Raises ApplicationError: not_your_artist (403), verification_closed (409), already_verified
    (409), links_invalid and verification_short (400).
    """
    lock(f"verification:{actor.pk}")
    if artist is not None:
        require_manage(actor, artist)
        if artist.verified_at is not None:
            raise _refused("already_verified", "This artist is verified already.", 409)
    row = Verification.objects.filter(user=actor, state__in=Verification.OPEN).first()
    row = row or Verification(user=actor)
    if row.state not in _WRITABLE:
        raise _refused("verification_closed", "We are looking at it: it cannot be changed.", 409)
    if not name.strip():
        raise _refused("verification_short", "Say which artist or band you are.", field="name")
    cleaned = links_clean([{"label": "Link", "url": one.strip()} for one in links if one.strip()])
    row.name, row.proof, row.artist = name.strip()[:120], proof.strip()[:4000], artist
    row.links = [one["url"] for one in cleaned]
    row.save()
    return row


@transaction.atomic
def verification_file_add(*, actor: User, filename: str, content: bytes) -> VerificationFile:
    """A picture or PDF beside the draft. Raises ApplicationError verification_closed (409),
    file_refused (400).
    """
    row = _own(actor)
    kind = next((name for mark, name in KINDS if content.startswith(mark)), "")
    if not kind or len(content) > MAX_BYTES:
        raise _refused("file_refused", "A PDF, PNG or JPEG of at most 4 MB.", field="file")
    if row.files.count() >= MAX_FILES:
        raise _refused("file_refused", f"At most {MAX_FILES} files.", field="file")
    name = "".join(one for one in filename if one.isprintable() and one not in '/\\"')[-120:]
    return VerificationFile.objects.create(
        verification=row, filename=name or "file", media_type=kind, content=content
    )


@transaction.atomic
def verification_file_remove(*, actor: User, file_id: UUID) -> None:
    """Raises ApplicationError verification_closed (409). Removing what is gone changes nothing."""
    VerificationFile.objects.filter(pk=file_id, verification=_own(actor)).delete()


@transaction.atomic
def verification_submit(*, actor: User) -> Verification:
    """Hand it in. Raises ApplicationError verification_closed (409), verification_short (400)."""
    row = _own(actor)
    if not row.links and not row.files.exists():
        raise _refused(
            "verification_short", "Give a link or a file that shows that it is you.", field="links"
        )
    if len(row.proof) < 20:
        raise _refused("verification_short", "A few words on how we can tell.", field="proof")
    row.submitted_at = timezone.now()
    _move(row, State.SUBMITTED, actor, "")
    return row


@transaction.atomic
def verification_drop(*, actor: User) -> None:
    """Throw one's draft away. Raises ApplicationError verification_closed (409)."""
    row = _own(actor)
    if row.state != State.DRAFT:
        raise _refused("verification_closed", "It was handed in: it stays.", 409)
    row.delete()


@transaction.atomic
def verification_claim(*, verification_id: UUID, actor: User) -> Verification:
    """A member of staff takes it; nobody else decides it then. Raises forbidden (403),
    verification_step (409).
    """
    row = _locked(verification_id, actor)
    row.reviewer = actor
    _move(row, State.IN_REVIEW, actor, "")
    return row


@transaction.atomic
def verification_answer(
    *, verification_id: UUID, state: Verification.State, answer: str, actor: User
) -> Verification:
    """The reviewer's word: approved, rejected, more_info; submitted gives it back to the queue.

    answer: what the artist reads. Approved makes the artist's page if there is none, and says
    that it is verified. Raises ApplicationError forbidden (403), not_your_review (403),
    verification_step (409), answer_required (400).
    """
    row = _locked(verification_id, actor)
    if row.reviewer_id != actor.pk and row.state == State.IN_REVIEW:
        raise _refused("not_your_review", "A colleague has taken this one.", 403)
    if row.user_id == actor.pk:
        raise _refused("not_your_review", "Nobody verifies himself.", 403)
    if state != State.APPROVED and state != State.SUBMITTED and not answer.strip():
        raise _refused("answer_required", "Say why: the artist reads it.", field="answer")
    if state != State.SUBMITTED:
        row.answer = answer.strip()[:1000]
    _move(row, state, actor, answer)
    if state == State.SUBMITTED:
        row.reviewer = None
        row.save(update_fields=["reviewer"])
    if state in (State.APPROVED, State.REJECTED):
        row.files.all().delete()
    if state == State.APPROVED:
        _approve(row, actor)
    return row


@transaction.atomic
def verification_revoke(*, verification_id: UUID, reason: str, actor: User) -> Verification:
    """Take a badge back. Raises ApplicationError forbidden (403), verification_step (409),
    answer_required (400).
    """
    row = _locked(verification_id, actor)
    if not reason.strip():
        raise _refused("answer_required", "Say why: the artist reads it.", field="answer")
    row.answer = reason.strip()[:1000]
    _move(row, State.REVOKED, actor, reason)
    if row.artist is not None:
        artist_unverify(actor=actor, artist=row.artist, reason=reason)
    return row


def _approve(row: Verification, actor: User) -> None:
    if row.artist is None:
        row.artist = artist_create(actor=row.user, name=row.name)
        row.save(update_fields=["artist"])
    artist_verify(actor=actor, artist=row.artist, reason=f"verification {row.pk}")


def _own(actor: User) -> Verification:
    """One's own, while it can be written."""
    found = (
        Verification.objects.select_for_update()
        .filter(user=actor, state__in=Verification.OPEN)
        .first()
    )
    if found is None or found.state not in _WRITABLE:
        raise _refused("verification_closed", "There is nothing to write on now.", 409)
    return found


def _locked(verification_id: UUID, actor: User) -> Verification:
    require_staff(actor, DECIDE)
    row = (
        Verification.objects.select_for_update(of=("self",))
        .select_related("user", "artist")
        .filter(pk=verification_id)
        .first()
    )
    if row is None:
        raise _refused("verification_unknown", "There is no such application.", 404)
    return row


def _move(row: Verification, state: Verification.State, actor: User, reason: str) -> None:
    """Raises ApplicationError verification_step (409)."""
    before = State(row.state)
    if state not in _STEPS[before]:
        text = f"It is {before.label.lower()} by now: look again."
        raise _refused("verification_step", text, 409)
    row.state = state
    if state in (State.APPROVED, State.REJECTED, State.REVOKED):
        row.decided_at = timezone.now()
    row.save()
    audit.record(
        actor=actor,
        action=f"catalog.verification_{state.value}",
        target=row,
        before={"state": before.value},
        after={"state": state.value},
        reason=reason,
    )


def _refused(code: str, text: str, status: int = 400, field: str = "") -> ApplicationError:
    return ApplicationError(
        code, detail=text, status=status, fields={field: [text]} if field else None
    )
